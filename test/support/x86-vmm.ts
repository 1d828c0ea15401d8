import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const X86_VMM = fileURLToPath(new URL('../../apps/hypervisor-host/bin/x86-vmm.mjs', import.meta.url));

/** The real `x86-vmm` in a process of its own, with its terminal in pipes. */
export class VmmProcess {
  out = '';
  err = '';
  /** The exit status. */
  readonly status: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(words: readonly string[]) {
    this.#child = spawn(process.execPath, [X86_VMM, ...words], { stdio: 'pipe' });
    this.#child.stdout!.on('data', (piece: Buffer) => {
      this.out += piece.toString('latin1');
    });
    this.#child.stderr!.on('data', (piece: Buffer) => {
      this.err += String(piece);
    });
    this.#child.stdin!.on('error', () => {});
    this.status = new Promise((resolve) => this.#child.on('close', resolve));
  }

  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}

/** Runs it to its end. */
export async function runVmm(
  ...words: readonly string[]
): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }> {
  const vmm = new VmmProcess(words);
  const status = await vmm.status;
  return { status, out: vmm.out, err: vmm.err };
}
