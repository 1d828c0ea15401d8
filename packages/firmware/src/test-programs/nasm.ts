import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The same as `assemble`, by Debian's nasm: the second opinion. */
export function assembleWithNasm(source: string, includeFolders: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-nasm-'));
  try {
    const output = join(folder, 'out.bin');
    const search = [dirname(source), ...includeFolders].flatMap((path) => ['-I', `${path}/`]);
    execFileSync('nasm', ['-f', 'bin', ...search, '-o', output, source], { stdio: ['ignore', 'inherit', 'inherit'] });
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
