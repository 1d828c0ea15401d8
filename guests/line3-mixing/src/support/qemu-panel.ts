import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScreenPoint } from '../screen-map.js';

/** Why tests with QEMU cannot run here, or undefined when they can. */
export function qemuMissing(): string | undefined {
  try {
    execFileSync('qemu-system-i386', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'qemu-system-i386 is not installed (apt-get install qemu-system-x86)';
  }
}

/** A picture of the screen. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB. */
  pixel(point: ScreenPoint): number;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is true; @throws after `timeoutMs`, with the last answer. */
export async function until<T>(what: string, ask: () => Promise<T>, isRight: (answer: T) => boolean, timeoutMs = 30_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what}: still ${String(answer)} after ${timeoutMs} ms`);
    await sleep(100);
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Our panel in Debian's QEMU, driven through QMP. */
export class QemuPanel {
  readonly #waiters: ((answer: { return?: unknown; error?: { desc: string } }) => void)[] = [];
  #text = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly qmp: Socket,
    readonly serialPort: number,
  ) {
    qmp.on('data', (data) => this.#take(data.toString()));
  }

  /** Boots an image as a hard disk, with `-boot a` among the arguments as a diskette. */
  static async start(image: Uint8Array, arguments_: readonly string[] = []): Promise<QemuPanel> {
    const folder = mkdtempSync(join(tmpdir(), 'line3-'));
    const file = join(folder, 'line3.img');
    writeFileSync(file, image);
    const serialPort = await freePort();
    const socket = join(folder, 'qmp');
    const standard = ['-machine', 'pc,accel=tcg,vmport=on', '-m', '32', '-vga', 'std', '-display', 'none', '-nodefaults', '-net', 'none'];
    const disk = arguments_.includes('-boot') ? ',if=floppy' : '';
    const serial = ['-serial', `tcp:127.0.0.1:${serialPort},server,nowait`, '-qmp', `unix:${socket},server,nowait`];
    const process = spawn('qemu-system-i386', [...standard, '-drive', `file=${file},format=raw${disk}`, ...serial, ...arguments_], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (let attempt = 0; ; attempt++) {
      try {
        const panel = new QemuPanel(process, folder, await connected(socket), serialPort);
        await panel.command('qmp_capabilities');
        return panel;
      } catch (error) {
        if (attempt > 100) throw error;
        await sleep(100);
      }
    }
  }

  /** The guest has switched the machine off. */
  get hasEnded(): boolean {
    return this.process.exitCode !== null;
  }

  async stop(): Promise<void> {
    const ended = this.hasEnded ? undefined : new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await ended;
    this.qmp.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  command(execute: string, arguments_: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiters.push(({ error, return: value }) => (error ? reject(new Error(error.desc)) : resolve(value)));
      this.qmp.write(`${JSON.stringify({ execute, arguments: arguments_ })}\n`);
    });
  }

  async picture(): Promise<Picture> {
    const filename = join(this.folder, 'screen.ppm');
    await this.command('screendump', { filename });
    const bytes = readFileSync(filename);
    const [head, width, height] = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.toString('latin1', 0, 40)) ?? [];
    if (head === undefined) throw new Error('the screendump is no PPM');
    const columns = Number(width);
    const pixel = ({ x, y }: ScreenPoint): number => bytes.readUIntBE(head.length + 3 * (y * columns + x), 3);
    return { width: columns, height: Number(height), pixel };
  }

  /** QEMU's key names, one after the other. */
  async keys(...names: readonly string[]): Promise<void> {
    for (const data of names) {
      await this.command('send-key', { keys: [{ type: 'qcode', data }], 'hold-time': 40 });
      await sleep(120);
    }
  }

  async moveTo({ x, y }: ScreenPoint): Promise<void> {
    const axis = (name: string, value: number, size: number): object => ({
      type: 'abs',
      data: { axis: name, value: Math.round((value * 0x7fff) / (size - 1)) },
    });
    await this.command('input-send-event', { events: [axis('x', x, 1024), axis('y', y, 768)] });
  }

  async moveBy(x: number, y: number): Promise<void> {
    const axis = (name: string, value: number): object => ({ type: 'rel', data: { axis: name, value } });
    for (let steps = Math.max(1, Math.ceil(Math.max(Math.abs(x), Math.abs(y)) / 100)), sent = { x: 0, y: 0 }, i = 1; i <= steps; i++) {
      const to = { x: Math.round((x * i) / steps), y: Math.round((y * i) / steps) };
      await this.command('input-send-event', { events: [axis('x', to.x - sent.x), axis('y', to.y - sent.y)] });
      sent = to;
      await sleep(30);
    }
  }

  async press(): Promise<void> {
    for (const down of [true, false]) {
      await sleep(60);
      await this.command('input-send-event', { events: [{ type: 'btn', data: { button: 'left', down } }] });
    }
    await sleep(60);
  }

  #take(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const message = JSON.parse(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 1);
      if ('return' in message || 'error' in message) this.#waiters.shift()?.(message);
    }
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
