import { MAX_COPIES, TILE_PX } from '../protocol/limits.js';
import { MessageReader } from '../protocol/message-reader.js';
import type { FrameMessage } from '../protocol/server-messages.js';
import { TILE_PART } from '../protocol/tile-ids.js';
import { inflate } from './decoders/inflate.js';
import { paletteTileDecoder } from './decoders/palette.js';
import { rawTileDecoder } from './decoders/raw.js';
import { solidTileDecoder } from './decoders/solid.js';
import type { TileDecoder } from './decoders/tile.js';

const DECODERS: readonly TileDecoder[] = [solidTileDecoder, paletteTileDecoder, rawTileDecoder];
const DECODER_OF = new Map(DECODERS.map((decoder) => [decoder.id, decoder]));

/** Bounds of what a frame changed, in pixels; empty when `right <= left`. */
export interface DirtyBounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The client's copy of the screen. Pure: bytes in, pixels out; painting is the renderer's. */
export class FrameDecoder {
  #widthPx = 0;
  #heightPx = 0;
  #pixels = new Uint32Array(0);
  #left = 0;
  #top = 0;
  #right = 0;
  #bottom = 0;

  get widthPx(): number {
    return this.#widthPx;
  }
  get heightPx(): number {
    return this.#heightPx;
  }

  /** Bytes R, G, B, 255 per pixel, row by row. */
  get pixels(): Uint32Array<ArrayBuffer> {
    return this.#pixels;
  }

  /** A new size blackens the picture; the same size keeps it. Returns whether it changed. */
  resize(widthPx: number, heightPx: number): boolean {
    if (widthPx === this.#widthPx && heightPx === this.#heightPx) return false;
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
    this.#pixels = new Uint32Array(widthPx * heightPx).fill(0xff00_0000);
    return true;
  }

  /** Applies a frame. @throws MalformedMessage; the picture is then void and a new session is needed. */
  decode(message: FrameMessage): DirtyBounds {
    const body = message.inflatedBytes === undefined ? message.body : inflate(message.body, message.inflatedBytes);
    const from = new MessageReader(body);
    this.#left = this.#widthPx;
    this.#top = this.#heightPx;
    this.#right = this.#bottom = 0;
    const copies = from.count(MAX_COPIES);
    for (let i = 0; i < copies; i++) this.#copy(from);
    this.#tiles(from);
    from.end();
    return { left: this.#left, top: this.#top, right: this.#right, bottom: this.#bottom };
  }

  #copy(from: MessageReader): void {
    const [sourceX, sourceY, x, y, width, height] = [from.u16(), from.u16(), from.u16(), from.u16(), from.u16(), from.u16()];
    const fits = (atX: number, atY: number) => atX + width <= this.#widthPx && atY + height <= this.#heightPx;
    if (width === 0 || height === 0 || !fits(sourceX, sourceY) || !fits(x, y)) throw from.malformed('copy outside the screen');
    const stride = this.#widthPx;
    // Rows in the order that never overwrites one still to be read.
    for (let i = 0; i < height; i++) {
      const row = y > sourceY ? height - 1 - i : i;
      const start = (sourceY + row) * stride + sourceX;
      this.#pixels.copyWithin((y + row) * stride + x, start, start + width);
    }
    this.#touch(x, y, width, height);
  }

  #tiles(from: MessageReader): void {
    const tilesX = Math.ceil(this.#widthPx / TILE_PX);
    const total = tilesX * Math.ceil(this.#heightPx / TILE_PX);
    const count = from.count(total);
    let next = 0;
    for (let i = 0; i < count; i++) {
      const index = next + from.varint();
      if (index >= total) throw from.malformed(`tile ${index} of ${total}`);
      next = index + 1;
      this.#tile(from, (index % tilesX) * TILE_PX, Math.floor(index / tilesX) * TILE_PX);
    }
  }

  #tile(from: MessageReader, tileX: number, tileY: number): void {
    const kind = from.u8();
    const decoder = DECODER_OF.get(kind & ~TILE_PART);
    if (!decoder) throw from.malformed(`tile encoding ${kind}`);
    const isPart = (kind & TILE_PART) !== 0;
    const x = tileX + (isPart ? from.u8() : 0);
    const y = tileY + (isPart ? from.u8() : 0);
    const tileRight = Math.min(tileX + TILE_PX, this.#widthPx);
    const tileBottom = Math.min(tileY + TILE_PX, this.#heightPx);
    const width = isPart ? from.u8() + 1 : tileRight - x;
    const height = isPart ? from.u8() + 1 : tileBottom - y;
    if (x + width > tileRight || y + height > tileBottom) throw from.malformed('part outside its tile');
    decoder.decode(from, { pixels: this.#pixels, start: y * this.#widthPx + x, stride: this.#widthPx, width, height });
    this.#touch(x, y, width, height);
  }

  #touch(x: number, y: number, width: number, height: number): void {
    this.#left = Math.min(this.#left, x);
    this.#top = Math.min(this.#top, y);
    this.#right = Math.max(this.#right, x + width);
    this.#bottom = Math.max(this.#bottom, y + height);
  }
}
