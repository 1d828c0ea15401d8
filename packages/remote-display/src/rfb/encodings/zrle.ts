import { MessageWriter } from '../../protocol/message-writer.js';
import { type Frame, RGB_MASK } from '../../screen/frame.js';
import type { Rectangle } from '../../screen/region.js';
import type { PixelConverter } from '../pixel-format.js';

/*
 * The tiles of ZRLE before compression, RFC 6143 §7.7.6: 64x64, left to right and top to bottom.
 *
 * Subencodings used: 0 raw, 1 solid, 2..16 packed palette, 128 plain RLE.
 * Left out: palette RLE (130..255), which zlib makes nearly superfluous after a packed palette.
 */

const ZRLE_TILE_PX = 64;
const SUBENCODING = { raw: 0, solid: 1, plainRle: 128 } as const;
const MAX_PACKED = 16;

/** The uncompressed tile data of `area`; the session's zlib stream compresses it. */
export function encodeZrleTiles(frame: Frame, area: Rectangle, pixels: PixelConverter): Uint8Array {
  const out = new MessageWriter(4096);
  for (let y = area.y; y < area.y + area.heightPx; y += ZRLE_TILE_PX) {
    for (let x = area.x; x < area.x + area.widthPx; x += ZRLE_TILE_PX) {
      const widthPx = Math.min(ZRLE_TILE_PX, area.x + area.widthPx - x);
      const heightPx = Math.min(ZRLE_TILE_PX, area.y + area.heightPx - y);
      writeTile(frame, { x, y, widthPx, heightPx }, pixels, out);
    }
  }
  return out.take();
}

function writeTile(frame: Frame, tile: Rectangle, pixels: PixelConverter, out: MessageWriter): void {
  const cpixel = new Uint8Array(4);
  const put = (color: number) => {
    pixels.putCompact(color, cpixel, 0);
    out.bytes(cpixel.subarray(0, pixels.cpixelBytes));
  };
  const { palette, runs } = survey(frame, tile);
  const count = tile.widthPx * tile.heightPx;
  if (palette.length === 1) {
    out.u8(SUBENCODING.solid);
    return put(palette[0]!);
  }
  if (palette.length > 0) {
    out.u8(palette.length);
    for (const color of palette) put(color);
    return writePacked(frame, tile, palette, out);
  }
  if (runs * (pixels.cpixelBytes + 1) < count * pixels.cpixelBytes) {
    out.u8(SUBENCODING.plainRle);
    return writeRuns(frame, tile, put, out);
  }
  out.u8(SUBENCODING.raw);
  for (let y = tile.y; y < tile.y + tile.heightPx; y++) {
    for (let x = tile.x; x < tile.x + tile.widthPx; x++) put(frame.pixels[y * frame.widthPx + x]!);
  }
}

/** Colours (empty when more than 16) and number of runs. */
function survey(frame: Frame, tile: Rectangle): { palette: number[]; runs: number } {
  let palette: number[] = [];
  let isFull = false;
  let runs = 0;
  let last = -1;
  for (let y = tile.y; y < tile.y + tile.heightPx; y++) {
    for (let x = tile.x; x < tile.x + tile.widthPx; x++) {
      const color = frame.pixels[y * frame.widthPx + x]! & RGB_MASK;
      if (color === last) continue;
      last = color;
      runs++;
      if (isFull || palette.includes(color)) continue;
      if (palette.length === MAX_PACKED) isFull = true;
      else palette.push(color);
    }
  }
  if (isFull) palette = [];
  return { palette, runs };
}

/** 1, 2 or 4 bits a pixel, most significant first, each row padded to a byte. */
function writePacked(frame: Frame, tile: Rectangle, palette: readonly number[], out: MessageWriter): void {
  const bits = palette.length <= 2 ? 1 : palette.length <= 4 ? 2 : 4;
  for (let y = tile.y; y < tile.y + tile.heightPx; y++) {
    let byte = 0;
    let used = 0;
    for (let x = tile.x; x < tile.x + tile.widthPx; x++) {
      byte = (byte << bits) | palette.indexOf(frame.pixels[y * frame.widthPx + x]! & RGB_MASK);
      used += bits;
      if (used === 8) {
        out.u8(byte);
        byte = used = 0;
      }
    }
    if (used > 0) out.u8(byte << (8 - used));
  }
}

/** Runs may cross rows; a length is written as its value minus one in bytes of 255. */
function writeRuns(frame: Frame, tile: Rectangle, put: (color: number) => void, out: MessageWriter): void {
  let color = -1;
  let length = 0;
  const flush = () => {
    if (length === 0) return;
    put(color);
    let rest = length - 1;
    for (; rest >= 255; rest -= 255) out.u8(255);
    out.u8(rest);
  };
  for (let y = tile.y; y < tile.y + tile.heightPx; y++) {
    for (let x = tile.x; x < tile.x + tile.widthPx; x++) {
      const next = frame.pixels[y * frame.widthPx + x]! & RGB_MASK;
      if (next === color) length++;
      else {
        flush();
        color = next;
        length = 1;
      }
    }
  }
  flush();
}
