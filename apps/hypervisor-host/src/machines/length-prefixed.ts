import type { Socket } from 'node:net';

const PREFIX_BYTES = 4;

/** Splits a byte stream into messages that stand behind a u32 little-endian length; a longer message destroys the socket. */
export class LengthPrefixedReader {
  #held: Buffer[] = [];
  #bytes = 0;

  constructor(
    private readonly socket: Socket,
    private readonly maxBytes: number,
    private readonly message: (bytes: Uint8Array) => void,
  ) {}

  add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#held.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes >= PREFIX_BYTES) {
      const all = this.#joined();
      const length = all.readUInt32LE(0);
      if (length > this.maxBytes) {
        this.socket.destroy();
        return;
      }
      if (all.length < PREFIX_BYTES + length) return;
      this.#held = [all.subarray(PREFIX_BYTES + length)];
      this.#bytes = all.length - PREFIX_BYTES - length;
      this.message(all.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
    }
  }

  #joined(): Buffer {
    if (this.#held.length > 1) this.#held = [Buffer.concat(this.#held)];
    return this.#held[0]!;
  }
}

/** Writes one message; its bytes are not copied. Returns false while the socket's buffer is full. */
export function writeMessage(socket: Socket, bytes: Uint8Array): boolean {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(bytes.length, 0);
  socket.cork();
  socket.write(prefix);
  const roomy = socket.write(bytes);
  socket.uncork();
  return roomy;
}
