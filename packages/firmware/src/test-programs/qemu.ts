/*
 * Debian's QEMU with our BIOS, driven by QMP over its standard streams, for the tests. The BIOS sees
 * a board that is not ours; what works on both fits neither alone.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why the QEMU tests cannot run here; undefined when they can. */
export function missingTool(): string | undefined {
  for (const [tool, flag] of [
    ['qemu-system-i386', '--version'],
    ['nasm', '-v'],
  ] as const) {
    try {
      execFileSync(tool, [flag], { stdio: 'ignore' });
    } catch {
      return `${tool} is not installed`;
    }
  }
  return undefined;
}

const POLL_MS = 250;
const TEXT_CELLS = 80 * 25;

export class Qemu {
  readonly folder: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;
  #pending: ((answer: unknown) => void)[] = [];
  #buffered = '';

  /** `files` are written into a fresh folder; `{folder}` in `args` stands for it. */
  constructor(bios: Uint8Array, files: Readonly<Record<string, Uint8Array>>, args: readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'millwright-qemu-'));
    writeFileSync(join(this.folder, 'bios.bin'), bios);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(this.folder, name), bytes);
    this.#process = spawn('qemu-system-i386', [
      '-bios',
      join(this.folder, 'bios.bin'),
      '-display',
      'none',
      '-net',
      'none',
      '-qmp',
      'stdio',
      '-no-reboot',
      '-debugcon',
      `file:${join(this.folder, 'debug.txt')}`,
      '-device',
      'isa-debug-exit,iobase=0xf4,iosize=4',
      ...args.map((arg) => arg.replaceAll('{folder}', this.folder)),
    ]);
    this.#process.stdin.on('error', () => undefined); /* it may have left through port F4h */
    this.#exited = new Promise((resolve) => this.#process.on('exit', resolve));
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    void this.#command('qmp_capabilities');
  }

  /** What the guest wrote to port E9h so far. */
  debugText(): string {
    const path = join(this.folder, 'debug.txt');
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  }

  /** Exit status once the guest ended the machine, undefined after `timeoutMs`. */
  async waitForExit(timeoutMs: number): Promise<number | undefined> {
    const timeout = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), timeoutMs).unref());
    return (await Promise.race([this.#exited, timeout])) ?? undefined;
  }

  /** Bytes of physical memory. */
  async memory(address: number, length: number): Promise<Uint8Array> {
    const path = join(this.folder, 'memory.bin');
    await this.#command('pmemsave', { val: address, size: length, filename: path });
    return new Uint8Array(readFileSync(path));
  }

  /** The 80x25 text screen, without attributes. */
  async screenText(): Promise<string> {
    const cells = await this.memory(0xb8000, TEXT_CELLS * 2);
    let text = '';
    for (let i = 0; i < TEXT_CELLS; i++) {
      const code = cells[2 * i]!;
      text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ' ';
      if (i % 80 === 79) text += '\n';
    }
    return text;
  }

  /** Waits until the text screen contains `text`; answers the last screen either way. */
  async waitForScreen(text: string, timeoutMs: number): Promise<string> {
    const end = Date.now() + timeoutMs;
    let screen = '';
    while (Date.now() < end) {
      screen = await this.screenText();
      if (screen.includes(text)) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return screen;
  }

  /** Presses keys by QEMU's names, chords joined with '-'. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const chord = key.split('-').map((data) => ({ type: 'qcode', data }));
      await this.#command('send-key', { keys: chord });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** The power button of ACPI. */
  async powerButton(): Promise<void> {
    await this.#command('system_powerdown');
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL');
    await this.#exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(execute: string, args?: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.#pending.push(resolve);
      this.#process.stdin.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  }

  #receive(text: string): void {
    this.#buffered += text;
    for (let end = this.#buffered.indexOf('\n'); end >= 0; end = this.#buffered.indexOf('\n')) {
      const message = JSON.parse(this.#buffered.slice(0, end)) as { return?: unknown; error?: unknown };
      this.#buffered = this.#buffered.slice(end + 1);
      if ('return' in message || 'error' in message) this.#pending.shift()?.(message.return ?? message.error);
    }
  }
}
