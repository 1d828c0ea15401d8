import { readFile, writeFile } from 'node:fs/promises';
import { CommandError, ExitStatus } from './exit-status.js';

/** Reads a register file in the published JSON form (docs/x86-vmm-state.schema.json). @throws CommandError */
export async function readBareState(path: string): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CommandError(ExitStatus.imageRefused, `--cpu-state ${path}: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandError(ExitStatus.imageRefused, `--cpu-state ${path}: expected a JSON object of registers`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Writes the state to a file, or to standard output when no file is named. */
export async function writeBareState(path: string | undefined, state: Readonly<Record<string, unknown>>): Promise<void> {
  const text = `${JSON.stringify(state, null, 2)}\n`;
  if (path === undefined) process.stdout.write(text);
  else await writeFile(path, text);
}
