import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why there is no NASM to compare with, or undefined. */
export function nasmMissing(): string | undefined {
  const { status } = spawnSync('nasm', ['-v']);
  return status === 0 ? undefined : 'nasm is not installed';
}

/** What NASM makes of each line: its bytes in hex, or its error. All lines are assembled in one file, in two runs when some are refused. */
export function nasmLines(bits: 16 | 32, lines: readonly string[]): (string | Error)[] {
  const folder = mkdtempSync(join(tmpdir(), 'nasm-'));
  try {
    const errors = new Map<number, Error>();
    for (;;) {
      const source = lines.map((line, index) => (errors.has(index) ? '' : line));
      const { status, stderr } = nasm(folder, bits, source);
      if (status === 0)
        return listed(readFileSync(join(folder, 'lines.lst'), 'latin1'), lines.length).map((bytes, index) => errors.get(index) ?? bytes);
      const before = errors.size;
      for (const [, line, what] of stderr.matchAll(/:(\d+): error: (.*)/g)) errors.set(Number(line) - 3, new Error(what));
      if (errors.size === before) throw new Error(`nasm: ${stderr.slice(0, 400)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nasm(folder: string, bits: 16 | 32, lines: readonly string[]): { status: number | null; stderr: string } {
  writeFileSync(join(folder, 'lines.asm'), [`bits ${bits}`, 'org 0x100', ...lines, ''].join('\n'));
  const { status, stderr } = spawnSync('nasm', ['-w-all', '-f', 'bin', '-l', 'lines.lst', '-o', 'lines.bin', 'lines.asm'], {
    cwd: folder,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    timeout: 120_000,
  });
  return { status, stderr };
}

/** Bytes by source line from a listing: `number offset hex source`, hex continued on lines that repeat the number and end in `-`. */
function listed(text: string, count: number): string[] {
  const bytes = Array.from({ length: count }, () => '');
  for (const row of text.split('\n')) {
    const match = /^ *(\d+) [0-9A-F]{8} ([0-9A-F[\]()]+)-?( |$)/.exec(row);
    if (match) bytes[Number(match[1]) - 3] += match[2]!.replace(/[[\]()]/g, '').toLowerCase();
  }
  return bytes;
}
