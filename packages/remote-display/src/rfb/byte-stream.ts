/** What the RFB server needs of a Node duplex stream (a socket): bytes come, bytes go, it ends. */
export interface ByteStream {
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'drain', listener: () => void): unknown;
  write(bytes: Uint8Array): unknown;
  destroy(): unknown;
  readonly writableLength: number;
}

/**
 * Bytes that have arrived and were not yet taken. RFB messages have no length in front: a reader asks for
 * bytes, and when they are not there yet the message is tried again from its start when more has come.
 */
export class Inbox {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  push(bytes: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    const joined = new Uint8Array(rest.length + bytes.length);
    joined.set(rest);
    joined.set(bytes, rest.length);
    this.#bytes = joined;
    this.#at = 0;
  }

  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** The byte at `offset` from here, without taking it; `undefined` when it has not arrived. */
  peek(offset: number): number | undefined {
    return this.#bytes[this.#at + offset];
  }

  /** Takes `length` bytes, or nothing when they have not all arrived. */
  take(length: number): Uint8Array | undefined {
    if (this.length < length) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}
