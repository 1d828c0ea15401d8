import { line3RegisterMap } from '@millwright/line3-mixing';
import { encodeOpening } from '@millwright/remote-display/protocol';
import { WebSocket } from 'ws';
import type { BrokerClient } from './broker-client.js';

type BitName = (typeof line3RegisterMap.discreteInputs)[number]['name'];
type WordName = (typeof line3RegisterMap.inputRegisters)[number]['name'];

const ANSWER_MS = 2_000;
const ATTEMPTS = 5;

/** A Modbus RTU master on the panel's COM1, through the product's own serial WebSocket with a ticket of its own. */
export class Line3Modbus {
  #received = Buffer.alloc(0);
  #notify: () => void = () => {};

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (piece: Buffer) => {
      this.#received = Buffer.concat([this.#received, piece]);
      this.#notify();
    });
    socket.on('error', () => {});
  }

  static async open(origin: string, client: BrokerClient, machineId: string): Promise<Line3Modbus> {
    const { ticket, url } = await client.call('requestTicket', { id: machineId }, { purpose: 'serial', port: 0 });
    const socket = new WebSocket(new URL(url, origin.replace(/^http/, 'ws')), { perMessageDeflate: false });
    const master = new Line3Modbus(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('close', (code, reason) => reject(new Error(`serial line closed: ${code} ${String(reason)}`)));
    });
    socket.send(encodeOpening(ticket));
    return master;
  }

  close(): void {
    this.socket.terminate();
  }

  /** Function 2. */
  async discrete(name: BitName): Promise<boolean> {
    const { address } = line3RegisterMap.discreteInputs.find((each) => each.name === name)!;
    return (await this.#ask(2, address, 1))[0] === 1;
  }

  /** Function 4. */
  async input(name: WordName): Promise<number> {
    const { address } = line3RegisterMap.inputRegisters.find((each) => each.name === name)!;
    return (await this.#ask(4, address, 1)).readUInt16BE(0);
  }

  /** Function 3. */
  async holding(address: number): Promise<number> {
    return (await this.#ask(3, address, 1)).readUInt16BE(0);
  }

  /** Function 6. */
  async writeHolding(address: number, value: number): Promise<void> {
    await this.#ask(6, address, value);
  }

  /** Function 5. */
  async writeCoil(address: number, value: boolean): Promise<void> {
    await this.#ask(5, address, value ? 0xff00 : 0);
  }

  /** Data bytes of the answer; a lost frame is asked for again, as masters do. */
  async #ask(fn: number, first: number, second: number): Promise<Buffer> {
    const request = Buffer.alloc(8);
    request.set([line3RegisterMap.slaveAddress, fn]);
    request.writeUInt16BE(first, 2);
    request.writeUInt16BE(second, 4);
    request.writeUInt16LE(crc16(request.subarray(0, 6)), 6);
    for (let attempt = 1; ; attempt++) {
      this.#received = Buffer.alloc(0);
      this.socket.send(request);
      const answer = await this.#answer(fn);
      if (answer) return answer;
      if (attempt === ATTEMPTS)
        throw new Error(`no Modbus answer to function ${fn} at ${first}; received ${this.#received.toString('hex')}`);
    }
  }

  async #answer(fn: number): Promise<Buffer | undefined> {
    const deadline = Date.now() + ANSWER_MS;
    for (;;) {
      const bytes = this.#received;
      const start = bytes.indexOf(Buffer.from([line3RegisterMap.slaveAddress, fn]));
      const length = start < 0 ? Number.POSITIVE_INFINITY : fn <= 4 ? 5 + (bytes[start + 2] ?? 255) : 8;
      if (start >= 0 && bytes.length >= start + length) {
        const frame = bytes.subarray(start, start + length);
        if (crc16(frame.subarray(0, -2)) === frame.readUInt16LE(length - 2)) return frame.subarray(fn <= 4 ? 3 : 2, -2);
      }
      const left = deadline - Date.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#notify = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Modbus over Serial Line, §6.2.2: polynomial A001h, start FFFFh. */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
