import { MalformedMessage, MessageReader } from '../protocol/message-reader.js';
import { MessageWriter } from '../protocol/message-writer.js';

/** PIXEL_FORMAT, RFC 6143 §7.4. */
export interface PixelFormat {
  readonly bitsPerPixel: 8 | 16 | 32;
  readonly depth: number;
  readonly bigEndian: boolean;
  readonly trueColor: boolean;
  readonly redMax: number;
  readonly greenMax: number;
  readonly blueMax: number;
  readonly redShift: number;
  readonly greenShift: number;
  readonly blueShift: number;
}

export const PIXEL_FORMAT_BYTES = 16;

/** What the server offers: our own pixels. */
export const NATIVE_FORMAT: PixelFormat = {
  bitsPerPixel: 32,
  depth: 24,
  bigEndian: false,
  trueColor: true,
  redMax: 255,
  greenMax: 255,
  blueMax: 255,
  redShift: 16,
  greenShift: 8,
  blueShift: 0,
};

export function writePixelFormat(format: PixelFormat, out: MessageWriter): void {
  out.u8(format.bitsPerPixel).u8(format.depth).flag(format.bigEndian).flag(format.trueColor);
  out.u16(format.redMax).u16(format.greenMax).u16(format.blueMax);
  out.u8(format.redShift).u8(format.greenShift).u8(format.blueShift).u24(0);
}

/** @throws MalformedMessage for sizes and shifts that no pixel can have. */
export function readPixelFormat(bytes: Uint8Array): PixelFormat {
  const from = new MessageReader(bytes);
  const bitsPerPixel = from.u8();
  const depth = from.u8();
  const bigEndian = from.u8() !== 0;
  const trueColor = from.u8() !== 0;
  const [redMax, greenMax, blueMax] = [from.u16(), from.u16(), from.u16()];
  const [redShift, greenShift, blueShift] = [from.u8(), from.u8(), from.u8()];
  if (bitsPerPixel !== 8 && bitsPerPixel !== 16 && bitsPerPixel !== 32) throw new MalformedMessage(`${bitsPerPixel} bits per pixel`);
  if (!trueColor && bitsPerPixel !== 8) throw new MalformedMessage('colour map with more than 8 bits per pixel');
  if (trueColor) {
    for (const [max, shift] of [
      [redMax, redShift],
      [greenMax, greenShift],
      [blueMax, blueShift],
    ] as const) {
      const bits = 32 - Math.clz32(max);
      if (max === 0 || (max & (max + 1)) !== 0 || shift + bits > bitsPerPixel)
        throw new MalformedMessage(`colour maximum ${max} at bit ${shift}`);
    }
  }
  return { bitsPerPixel, depth, bigEndian, trueColor, redMax, greenMax, blueMax, redShift, greenShift, blueShift };
}

/** Entries of the colour map that an 8-bit client gets: 3 bits of red and green, 2 of blue, spread over 16 bits. */
export function colorMapEntries(): { readonly red: number; readonly green: number; readonly blue: number }[] {
  return Array.from({ length: 256 }, (_, i) => ({
    red: Math.round(((i >> 5) * 0xffff) / 7),
    green: Math.round((((i >> 2) & 7) * 0xffff) / 7),
    blue: Math.round(((i & 3) * 0xffff) / 3),
  }));
}

/** Turns our pixels (0xRRGGBB, top byte ignored) into a client's. */
export class PixelConverter {
  readonly format: PixelFormat;
  readonly bytesPerPixel: number;
  /** ZRLE's CPIXEL, RFC 6143 §7.7.5: three bytes when all colour bits of a 32-bit pixel lie in three of them. */
  readonly cpixelBytes: number;
  /** First of the three bytes within the pixel as sent. */
  readonly #cpixelOffset: number;
  readonly #red: Uint32Array;
  readonly #green: Uint32Array;
  readonly #blue: Uint32Array;

  constructor(format: PixelFormat) {
    this.format = format;
    this.bytesPerPixel = format.bitsPerPixel / 8;
    // A colour map client gets the fixed map above, which is true colour 3-3-2 under another name.
    const [redMax, greenMax, blueMax] = format.trueColor ? [format.redMax, format.greenMax, format.blueMax] : [7, 7, 3];
    const [redShift, greenShift, blueShift] = format.trueColor ? [format.redShift, format.greenShift, format.blueShift] : [5, 2, 0];
    this.#red = scaleTable(redMax, redShift);
    this.#green = scaleTable(greenMax, greenShift);
    this.#blue = scaleTable(blueMax, blueShift);
    const bits = ((redMax << redShift) | (greenMax << greenShift) | (blueMax << blueShift)) >>> 0;
    const isCompact = format.trueColor && format.bitsPerPixel === 32 && format.depth <= 24;
    const fitsLow = isCompact && bits <= 0xff_ffff;
    const fitsHigh = isCompact && (bits & 0xff) === 0;
    this.cpixelBytes = fitsLow || fitsHigh ? 3 : this.bytesPerPixel;
    this.#cpixelOffset = this.cpixelBytes === 3 && fitsLow === format.bigEndian ? 1 : 0;
  }

  /** The pixel value; its bytes follow by the format's order. */
  value(pixel: number): number {
    return (this.#red[(pixel >>> 16) & 0xff]! | this.#green[(pixel >>> 8) & 0xff]! | this.#blue[pixel & 0xff]!) >>> 0;
  }

  /** Writes one PIXEL at `at`. */
  put(pixel: number, into: Uint8Array, at: number): void {
    const value = this.value(pixel);
    const last = this.bytesPerPixel - 1;
    for (let i = 0; i <= last; i++) into[at + i] = value >>> (8 * (this.format.bigEndian ? last - i : i));
  }

  /** Writes one CPIXEL at `at`. */
  putCompact(pixel: number, into: Uint8Array, at: number): void {
    if (this.cpixelBytes === this.bytesPerPixel) return this.put(pixel, into, at);
    const value = this.value(pixel);
    for (let i = 0; i < 3; i++) {
      const byte = i + this.#cpixelOffset;
      into[at + i] = value >>> (8 * (this.format.bigEndian ? 3 - byte : byte));
    }
  }
}

/** 8-bit component → its bits at their place; rounded, so that 255 is the maximum and a wider client gets more bits. */
function scaleTable(max: number, shift: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, value) => (Math.round((value * max) / 255) << shift) >>> 0);
}
