import { encodeOpening } from '@millwright/remote-display/protocol';
import { type RawData, WebSocket } from 'ws';
import type { CommandError } from '../command-error.js';
import { endOf } from '../display/display-session.js';

const ANSWER_MS = 10_000;
/** Above this much unsent the source is asked to wait: a UART at 9600 baud takes a kilobyte a second. */
const HIGH_WATER_BYTES = 64 * 1024;

/** A serial port of a machine: bytes both ways, nothing added or taken. */
export class SerialLine {
  #end: CommandError | undefined;
  #isOver = false;
  #receive: ((bytes: Uint8Array) => void) | undefined;
  #closed: () => void = () => {};
  readonly #early: Uint8Array[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: RawData) => this.#take(data as Buffer));
    socket.on('error', () => socket.terminate());
    socket.on('close', (code: number, reason: Buffer) => {
      this.#isOver = true;
      if (code !== 1000) this.#end ??= endOf(code, reason.toString());
      this.#closed();
    });
  }

  static async open(url: string, ticket: string): Promise<SerialLine> {
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: ANSWER_MS, followRedirects: false });
    socket.binaryType = 'nodebuffer';
    const line = new SerialLine(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.send(encodeOpening(ticket));
    return line;
  }

  /** Why the line was cut; undefined while it is open or after an orderly end. */
  get end(): CommandError | undefined {
    return this.#end;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What arrived before is handed over at once, in order. */
  listen(receive: (bytes: Uint8Array) => void, closed: () => void): void {
    this.#receive = receive;
    this.#closed = closed;
    for (const bytes of this.#early.splice(0)) receive(bytes);
    if (this.#isOver) closed();
  }

  /** Resolves when there is room for more. */
  send(bytes: Uint8Array): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN || bytes.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.send(bytes, () => resolve());
      if (this.socket.bufferedAmount < HIGH_WATER_BYTES) resolve();
    });
  }

  pause(): void {
    this.socket.pause();
  }
  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.close(1000);
    setTimeout(() => this.socket.terminate(), 1_000).unref();
  }

  #take(bytes: Buffer): void {
    if (this.#receive) this.#receive(bytes);
    else this.#early.push(bytes);
  }
}
