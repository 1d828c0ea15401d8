import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** X events as XTEST fakes them. */
const X_EVENT = { keyPress: 2, keyRelease: 3, buttonPress: 4, buttonRelease: 5, motion: 6 } as const;

/**
 * An X server of our own (Xvfb) whose screen is a file we can read (XWD format), and whose keyboard and mouse
 * we can play through the XTEST extension. Speaks the little of the X protocol that this needs.
 */
export class XDisplay {
  private constructor(
    readonly name: string,
    private readonly server: ChildProcess,
    private readonly folder: string,
    private readonly socket: Socket,
    private readonly xtestOpcode: number,
    private readonly root: number,
  ) {}

  static async start(width: number, height: number): Promise<XDisplay> {
    const folder = await mkdtemp(join(tmpdir(), 'xvfb-'));
    const server = spawn(
      'Xvfb',
      ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-fbdir', folder, '-ac', '-nolisten', 'tcp'],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      },
    );
    const number = await new Promise<string>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
      server.stdio[3]!.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
    });
    const socket = createConnection(`/tmp/.X11-unix/X${number}`);
    const setup = Buffer.alloc(12);
    setup.write('l');
    setup.writeUInt16LE(11, 2);
    socket.write(setup);
    const reply = await readReply(socket, (header) => 8 + 4 * header.readUInt16LE(6));
    const vendorBytes = reply.readUInt16LE(24);
    const formats = reply[29]!;
    const root = reply.readUInt32LE(40 + Math.ceil(vendorBytes / 4) * 4 + formats * 8);
    const query = Buffer.alloc(16);
    query[0] = 98;
    query.writeUInt16LE(4, 2);
    query.writeUInt16LE(5, 4);
    query.write('XTEST', 8);
    socket.write(query);
    const extension = await readReply(socket, () => 32);
    return new XDisplay(`:${number}`, server, folder, socket, extension[9]!, root);
  }

  /** The screen as 0xRRGGBB, row by row. */
  async pixels(): Promise<{ width: number; height: number; at(x: number, y: number): number }> {
    const file = await readFile(join(this.folder, 'Xvfb_screen0'));
    const [headerBytes, width, height, byteOrder, bytesPerLine, colors] = [0, 4, 5, 7, 12, 19].map((field) => file.readUInt32BE(4 * field));
    const start = headerBytes! + colors! * 12;
    return {
      width: width!,
      height: height!,
      at: (x, y) => {
        const offset = start + y * bytesPerLine! + 4 * x;
        return (byteOrder === 0 ? file.readUInt32LE(offset) : file.readUInt32BE(offset)) & 0xffffff;
      },
    };
  }

  /** `code` is an X key code (evdev code plus 8). */
  key(code: number, down: boolean): void {
    this.#fake(down ? X_EVENT.keyPress : X_EVENT.keyRelease, code);
  }

  button(button: number, down: boolean): void {
    this.#fake(down ? X_EVENT.buttonPress : X_EVENT.buttonRelease, button);
  }

  move(x: number, y: number): void {
    this.#fake(X_EVENT.motion, 0, x, y);
  }

  /** Gives the keyboard to the topmost window, which a window manager would do. */
  async focusTopWindow(): Promise<void> {
    const query = Buffer.alloc(8);
    query[0] = 15;
    query.writeUInt16LE(2, 2);
    query.writeUInt32LE(this.root, 4);
    const reply = readReply(this.socket, (header) => 32 + 4 * header.readUInt32LE(4));
    this.socket.write(query);
    const tree = await reply;
    const top = tree.readUInt32LE(32 + 4 * (tree.readUInt16LE(16) - 1));
    const focus = Buffer.alloc(12);
    focus[0] = 42;
    focus[1] = 1;
    focus.writeUInt16LE(3, 2);
    focus.writeUInt32LE(top, 4);
    this.socket.write(focus);
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    this.server.removeAllListeners('exit');
    if (this.server.exitCode === null) {
      this.server.kill();
      await new Promise((resolve) => this.server.once('exit', resolve));
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  #fake(event: number, detail: number, x = 0, y = 0): void {
    const request = Buffer.alloc(36);
    request[0] = this.xtestOpcode;
    request[1] = 2;
    request.writeUInt16LE(9, 2);
    request[4] = event;
    request[5] = detail;
    request.writeUInt32LE(event === X_EVENT.motion ? this.root : 0, 12);
    request.writeInt16LE(x, 24);
    request.writeInt16LE(y, 26);
    this.socket.write(request);
  }
}

function readReply(socket: Socket, length: (header: Buffer) => number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const collect = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      // Events are 32 bytes and may come before the reply.
      while (bytes.length >= 32 && bytes[0]! > 1) bytes = bytes.subarray(32);
      if (bytes.length < 8 || bytes.length < length(bytes)) return;
      socket.off('data', collect);
      socket.off('error', reject);
      resolve(bytes);
    };
    socket.on('data', collect);
    socket.once('error', reject);
  });
}
