import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MW = fileURLToPath(new URL('../../apps/command-line/bin/mw.mjs', import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
  readonly bytes: Buffer;
}

/** Runs the real `mw` in a process of its own. */
export function runMw(env: Readonly<Record<string, string>>, words: readonly string[], input: string | Uint8Array = ''): Promise<Ran> {
  const child = spawn(process.execPath, [MW, ...words], { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' });
  const pieces: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => {
    err += String(piece);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on('close', (status) => {
      const bytes = Buffer.concat(pieces);
      resolve({ status, out: bytes.toString(), err, bytes });
    });
  });
}
