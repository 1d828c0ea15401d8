/** The peer broke the protocol. The session logs it with the offset and closes; it never repairs. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  constructor(
    message: string,
    /** Offset in the message or stream at which it went wrong, where known. */
    readonly offset = 0,
  ) {
    super(`${message} (at offset ${offset})`);
  }
}

/** Reads a message that has already arrived whole; every length is checked before it is used. Big-endian. */
export class MessageReader {
  #at = 0;
  readonly #data: Uint8Array;
  readonly #view: DataView;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#data.byteLength - this.#at;
  }

  get offset(): number {
    return this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }
  u24(): number {
    const at = this.#take(3);
    return (this.#data[at]! << 16) | (this.#data[at + 1]! << 8) | this.#data[at + 2]!;
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** Unsigned LEB128, at most 5 bytes and 32 bits; the shortest form only, so that every value has one spelling. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (value > 0xffff_ffff || (byte === 0 && i > 0)) break;
        return value;
      }
    }
    throw this.malformed('number is not a shortest varint of 32 bits');
  }

  /** A varint length that counts things of at least one byte each; refused when it exceeds `limit`. */
  count(limit: number): number {
    const value = this.varint();
    if (value > limit) throw this.malformed(`count ${value} is over the limit of ${limit}`);
    return value;
  }

  /** A view, not a copy: valid until the socket's buffer is reused. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#data.subarray(at, at + length);
  }

  /** UTF-8 text with a varint length in bytes. */
  text(limitBytes: number): string {
    const bytes = this.bytes(this.count(limitBytes));
    try {
      return UTF8.decode(bytes);
    } catch {
      throw this.malformed('text is not UTF-8');
    }
  }

  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw this.malformed(`flag is ${value}`);
    return value === 1;
  }

  /** Called when a message has been read: bytes left over mean that the peers disagree about its layout. */
  end(): void {
    if (this.left > 0) throw this.malformed(`${this.left} bytes too many`);
  }

  malformed(message: string): MalformedMessage {
    return new MalformedMessage(message, this.#at);
  }

  #take(length: number): number {
    if (length > this.left) throw this.malformed(`needs ${length} bytes, has ${this.left}`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
