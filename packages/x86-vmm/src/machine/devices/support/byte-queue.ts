/** A bounded first-in first-out of bytes: the buffer of a keyboard, a mouse, a serial line. */
export class ByteQueue {
  readonly #bytes: Uint8Array;
  #head = 0;
  #length = 0;

  constructor(readonly capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  get free(): number {
    return this.capacity - this.#length;
  }

  /** False: full, the byte was not taken. */
  push(byte: number): boolean {
    if (this.#length === this.capacity) return false;
    this.#bytes[(this.#head + this.#length) % this.capacity] = byte;
    this.#length++;
    return true;
  }

  /** The oldest byte, removed. Undefined: empty. */
  shift(): number | undefined {
    if (this.#length === 0) return undefined;
    const byte = this.#bytes[this.#head];
    this.#head = (this.#head + 1) % this.capacity;
    this.#length--;
    return byte;
  }

  clear(): void {
    this.#head = 0;
    this.#length = 0;
  }

  save(): Uint8Array {
    return Uint8Array.from({ length: this.#length }, (_, i) => this.#bytes[(this.#head + i) % this.capacity]!);
  }

  /** Bytes beyond the capacity are dropped. */
  restore(bytes: Uint8Array): void {
    this.clear();
    for (const byte of bytes) this.push(byte);
  }
}
