/** Appends big-endian numbers to one growing buffer; `take` hands the bytes out and starts anew. */
export class MessageWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u16(value: number): this {
    this.#reserve(2);
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
    return this;
  }

  u24(value: number): this {
    this.#reserve(3);
    this.#bytes[this.#length++] = value >>> 16;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#bytes[this.#length++] = value >>> 24;
    this.#bytes[this.#length++] = value >>> 16;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** Unsigned LEB128 of an integer below 2^32. */
  varint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.u8((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    return this.u8(rest);
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** UTF-8 with a varint length; cut at a character border when it is longer than `limitBytes`. */
  text(value: string, limitBytes: number): this {
    let bytes = UTF8.encode(value);
    if (bytes.length > limitBytes) {
      let end = limitBytes;
      while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
      bytes = bytes.subarray(0, end);
    }
    return this.varint(bytes.length).bytes(bytes);
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** The bytes written so far as a copy of their own; the writer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const out = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return out;
  }

  /** A view of the bytes written so far: valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const UTF8 = new TextEncoder();
