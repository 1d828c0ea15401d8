import type { MessageReader } from '../../protocol/message-reader.js';

/** Where a tile goes: pixel (x, y) of it is `pixels[start + y * stride + x]`. The caller has checked that it lies on the screen. */
export interface TilePlace {
  /** 0xffBBGGRR: the bytes R, G, B, 255 of an ImageData on a little-endian machine. */
  readonly pixels: Uint32Array;
  readonly start: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** Counterpart of a TileEncoder. Reads exactly one tile or throws MalformedMessage. */
export interface TileDecoder {
  readonly id: number;
  decode(from: MessageReader, into: TilePlace): void;
}

/** 0xRRGGBB → a pixel of an ImageData. */
export function pixelOf(color: number): number {
  return (0xff00_0000 | ((color & 0xff) << 16) | (color & 0xff00) | (color >>> 16)) >>> 0;
}
