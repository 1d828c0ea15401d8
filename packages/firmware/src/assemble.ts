import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assemble as assembleText, type Include } from '@millwright/assembler';

/**
 * Assembles one flat binary with our own assembler.
 *
 * @param source path of the main file; its folder is searched for includes first
 * @param includeFolders further folders for `%include`
 */
export function assemble(source: string, includeFolders: readonly string[]): Uint8Array {
  const include: Include = (name, from) => {
    for (const folder of [dirname(source), dirname(from), ...includeFolders]) {
      const file = join(folder, name);
      const text = readIfThere(file);
      if (text !== undefined) return { file, text };
    }
    throw new Error(`there is no file ${name} in the include folders`);
  };
  return assembleText(readFileSync(source, 'utf8'), { file: source, include }).bytes;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
