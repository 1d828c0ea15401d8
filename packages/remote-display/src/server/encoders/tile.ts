import type { MessageWriter } from '../../protocol/message-writer.js';
import type { Frame } from '../../screen/frame.js';
import type { Rectangle } from '../../screen/region.js';

/** A part of the picture to encode, at most 64x64 pixels: pixel (x, y) is `pixels[start + y * stride + x]`. */
export interface Tile {
  readonly pixels: Uint32Array;
  readonly start: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

export function tileOf(frame: Frame, area: Rectangle): Tile {
  return {
    pixels: frame.pixels,
    start: area.y * frame.widthPx + area.x,
    stride: frame.widthPx,
    width: area.widthPx,
    height: area.heightPx,
  };
}

/** What a single pass over the tile learned; shared by all encoders so that nobody counts twice. */
export interface TileColors {
  /** Distinct colours, 0xRRGGBB, in order of first appearance; empty when there are more than a palette holds. */
  readonly palette: readonly number[];
}

export interface TileEncoder {
  /** Goes on the wire before the tile; never reused for another meaning. */
  readonly id: number;
  readonly lossless: boolean;
  /** Bytes this encoder would emit, or `undefined` if it cannot express the tile. Must be cheap. */
  estimate(tile: Tile, colors: TileColors): number | undefined;
  encode(tile: Tile, colors: TileColors, out: MessageWriter): void;
}
