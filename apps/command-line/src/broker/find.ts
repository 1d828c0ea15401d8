import { CommandError } from '../command-error.js';

/** Something people call by its name or by its id. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * The one thing that is meant: its id, its name, or its name in other letter case when that is unambiguous.
 * @throws CommandError naming what there is
 */
export function findNamed<T extends Named>(kind: string, items: readonly T[], wanted: string, listCommand: string): T {
  const exact = items.filter(({ id, name }) => id === wanted || name === wanted);
  const [found, second] = exact.length > 0 ? exact : items.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (found && !second) return found;
  if (found) {
    const ids = (exact.length > 0 ? exact : [found, second!]).map(({ id }) => id).join(', ');
    throw new CommandError(`Several ${kind}s are called ${wanted}. Give the id instead: ${ids}.`);
  }
  throw new CommandError(`There is no ${kind} ${wanted}. ${listCommand} shows them.`, 1, `${kind}.missing`);
}
