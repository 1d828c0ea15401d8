import { MalformedMessage } from '../../protocol/message-reader.js';

/*
 * DEFLATE decompression of one whole buffer, RFC 1951. Names are the RFC's.
 *
 * Written here because DecompressionStream is asynchronous (a frame would wait for several turns of the
 * event loop and could overtake nothing) and does not bound its output. The caller names the exact length
 * of the result, so a hostile stream can neither grow a buffer nor run on.
 */

/** Base length and extra bits of length codes 257..285 (§3.2.5). */
const LENGTH_BASE = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
/** Base distance and extra bits of distance codes 0..29 (§3.2.5). */
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
  24577,
];
const DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** Order in which the lengths of the code length code are sent (§3.2.7). */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MAX_BITS = 15;
const END_OF_BLOCK = 256;

/**
 * A Huffman code as a lookup table: the next `bits` bits (least significant first) give
 * `length << 16 | symbol`; 0 marks bits that begin no code.
 */
interface HuffmanCode {
  readonly table: Uint32Array;
  readonly bits: number;
}

/** Builds the table from code lengths (§3.2.2). @throws MalformedMessage when more codes are claimed than exist. */
function huffmanCode(lengths: Uint8Array): HuffmanCode {
  const count = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) count[length]!++;
  count[0] = 0;
  let bits = MAX_BITS;
  while (bits > 1 && count[bits] === 0) bits--;
  const next = new Uint16Array(MAX_BITS + 2);
  let code = 0;
  for (let length = 1; length <= MAX_BITS; length++) {
    code = (code + count[length - 1]!) << 1;
    next[length] = code;
    if (code + count[length]! > 1 << length) throw new MalformedMessage('deflate: over-subscribed code');
  }
  const table = new Uint32Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const entry = (length << 16) | symbol;
    for (let i = reverseBits(next[length]!++, length); i < table.length; i += 1 << length) table[i] = entry;
  }
  return { table, bits };
}

function reverseBits(value: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= ((value >> i) & 1) << (length - 1 - i);
  return reversed;
}

const FIXED_LITERALS = huffmanCode(new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280));
const FIXED_DISTANCES = huffmanCode(new Uint8Array(30).fill(5));

class BitReader {
  #at = 0;
  #held = 0;
  #heldBits = 0;

  constructor(private readonly data: Uint8Array) {}

  /** The next `count` bits, at most 16, as a number. */
  take(count: number): number {
    this.#fill(count);
    if (this.#heldBits < count) throw this.#short();
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#heldBits -= count;
    return value;
  }

  symbol(code: HuffmanCode): number {
    this.#fill(code.bits);
    const entry = code.table[this.#held & ((1 << code.bits) - 1)]!;
    const length = entry >>> 16;
    if (length === 0) throw new MalformedMessage('deflate: bits that begin no code', this.#at);
    if (length > this.#heldBits) throw this.#short();
    this.#held >>>= length;
    this.#heldBits -= length;
    return entry & 0xffff;
  }

  /** Skips to a byte border and returns `length` bytes from there. */
  stored(): Uint8Array {
    this.#at -= this.#heldBits >> 3;
    this.#held = this.#heldBits = 0;
    if (this.#at + 4 > this.data.length) throw this.#short();
    const length = this.data[this.#at]! | (this.data[this.#at + 1]! << 8);
    const check = this.data[this.#at + 2]! | (this.data[this.#at + 3]! << 8);
    if ((length ^ check) !== 0xffff) throw new MalformedMessage('deflate: stored length and its complement differ', this.#at);
    this.#at += 4;
    if (this.#at + length > this.data.length) throw this.#short();
    const bytes = this.data.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** True when fewer than 8 bits are left: what remains is padding. */
  get isAtEnd(): boolean {
    return this.#at - (this.#heldBits >> 3) >= this.data.length;
  }

  get offset(): number {
    return this.#at;
  }

  #fill(count: number): void {
    while (this.#heldBits < count && this.#at < this.data.length) {
      this.#held |= this.data[this.#at++]! << this.#heldBits;
      this.#heldBits += 8;
    }
  }

  #short(): MalformedMessage {
    return new MalformedMessage('deflate: stream ends early', this.#at);
  }
}

/** Inflates `data` into exactly `length` bytes. @throws MalformedMessage for anything else. */
export function inflate(data: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  const bits = new BitReader(data);
  let at = 0;
  let isFinal = false;
  while (!isFinal) {
    isFinal = bits.take(1) === 1;
    switch (bits.take(2)) {
      case 0: {
        const stored = bits.stored();
        if (at + stored.length > length) throw tooLong(bits);
        out.set(stored, at);
        at += stored.length;
        break;
      }
      case 1:
        at = inflateBlock(bits, FIXED_LITERALS, FIXED_DISTANCES, out, at);
        break;
      case 2: {
        const [literals, distances] = readCodes(bits);
        at = inflateBlock(bits, literals, distances, out, at);
        break;
      }
      default:
        throw new MalformedMessage('deflate: reserved block type', bits.offset);
    }
  }
  if (at !== length) throw new MalformedMessage(`deflate: ${at} bytes where ${length} were announced`, bits.offset);
  if (!bits.isAtEnd) throw new MalformedMessage('deflate: bytes after the last block', bits.offset);
  return out;
}

function inflateBlock(bits: BitReader, literals: HuffmanCode, distances: HuffmanCode, out: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const symbol = bits.symbol(literals);
    if (symbol < END_OF_BLOCK) {
      if (at === out.length) throw tooLong(bits);
      out[at++] = symbol;
      continue;
    }
    if (symbol === END_OF_BLOCK) return at;
    const lengthIndex = symbol - 257;
    if (lengthIndex >= LENGTH_BASE.length) throw new MalformedMessage('deflate: reserved length code', bits.offset);
    const length = LENGTH_BASE[lengthIndex]! + bits.take(LENGTH_EXTRA[lengthIndex]!);
    const distanceIndex = bits.symbol(distances);
    const distance = (DISTANCE_BASE[distanceIndex] ?? Number.POSITIVE_INFINITY) + bits.take(DISTANCE_EXTRA[distanceIndex] ?? 0);
    if (distance > at) throw new MalformedMessage('deflate: distance before the start', bits.offset);
    if (at + length > out.length) throw tooLong(bits);
    if (distance >= length) out.copyWithin(at, at - distance, at - distance + length);
    else if (distance === 1) out.fill(out[at - 1]!, at, at + length);
    else for (let i = 0; i < length; i++) out[at + i] = out[at + i - distance]!;
    at += length;
  }
}

/** The codes of a dynamic block (§3.2.7). */
function readCodes(bits: BitReader): [literals: HuffmanCode, distances: HuffmanCode] {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const orderCount = bits.take(4) + 4;
  const orderLengths = new Uint8Array(19);
  for (let i = 0; i < orderCount; i++) orderLengths[CODE_LENGTH_ORDER[i]!] = bits.take(3);
  const lengthCode = huffmanCode(orderLengths);
  const lengths = new Uint8Array(literalCount + distanceCount);
  for (let i = 0; i < lengths.length; ) {
    const symbol = bits.symbol(lengthCode);
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    if (symbol === 16 && i === 0) throw new MalformedMessage('deflate: repeat of nothing', bits.offset);
    const value = symbol === 16 ? lengths[i - 1]! : 0;
    const repeat = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (i + repeat > lengths.length) throw new MalformedMessage('deflate: too many code lengths', bits.offset);
    lengths.fill(value, i, i + repeat);
    i += repeat;
  }
  return [huffmanCode(lengths.subarray(0, literalCount)), huffmanCode(lengths.subarray(literalCount))];
}

function tooLong(bits: BitReader): MalformedMessage {
  return new MalformedMessage('deflate: longer than announced', bits.offset);
}
