import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '@millwright/assembler';

/** Assembles one flat binary from its main source's text and the files it includes, by name. */
export type Assemble = (source: string, includes: ReadonlyMap<string, string>) => Uint8Array;

/** The project's own assembler: what the build uses, so that it needs nothing from the machine. */
export const assembleWithOurs: Assemble = (source, includes) => {
  const include = (name: string): { file: string; text: string } => {
    const text = includes.get(name);
    if (text === undefined) throw new Error(`there is no file ${name}`);
    return { file: name, text };
  };
  return assemble(source, { file: 'main.asm', include }).bytes;
};

/** Debian's nasm: what our own assembler is compared with. */
export const assembleWithNasm: Assemble = (source, includes) => {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-line3-'));
  try {
    for (const [name, text] of includes) writeFileSync(join(folder, name), text);
    const main = join(folder, 'main.asm');
    const output = join(folder, 'main.bin');
    writeFileSync(main, source);
    execFileSync('nasm', ['-f', 'bin', '-I', `${folder}/`, '-o', output, main], { stdio: ['ignore', 'inherit', 'inherit'] });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
