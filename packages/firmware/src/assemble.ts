import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Assembles one flat binary. The only place that knows which assembler is used: Debian's nasm until
 * packages/assembler takes these sources; both must then give the same bytes.
 *
 * @param source path of the main file; its folder is searched for includes first
 * @param includeFolders further folders for `%include`
 */
export function assemble(source: string, includeFolders: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-firmware-'));
  try {
    const output = join(folder, 'out.bin');
    const search = [dirname(source), ...includeFolders].flatMap((path) => ['-I', `${path}/`]);
    try {
      execFileSync('nasm', ['-f', 'bin', ...search, '-o', output, source], { stdio: ['ignore', 'inherit', 'inherit'] });
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw new Error(isMissing ? 'nasm is not installed: apt-get install nasm' : `nasm refused ${source}`, { cause: error });
    }
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
