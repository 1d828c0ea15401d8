import { deflateRawSync } from 'node:zlib';
import { TILE_PX } from '../protocol/limits.js';
import { MessageWriter } from '../protocol/message-writer.js';
import { TILE_PART } from '../protocol/tile-ids.js';
import type { Damage } from '../screen/damage.js';
import type { Frame } from '../screen/frame.js';
import type { Copy } from '../screen/motion.js';
import { chooseEncoder } from './choose-encoder.js';
import { colorsOf } from './encoders/colors.js';
import { tileOf } from './encoders/tile.js';

/** A frame body, ready for any number of viewers. */
export interface FrameBody {
  readonly body: Uint8Array;
  /** Set when `body` is deflated. */
  readonly inflatedBytes?: number;
}

/** Shorter bodies are sent as they are: deflate saves nothing there and costs two buffers. */
const MIN_DEFLATE_BYTES = 96;

/**
 * Encodes the damaged parts of `frame`, preceded by `copies` inside the picture that the viewer has.
 *
 *   varint copies, then each: u16 sourceX | sourceY | x | y | width | height
 *   varint tiles,  then each: varint skipped | u8 encoding (+ TILE_PART: u8 x | y | width-1 | height-1) | data
 */
export function encodeFrameBody(frame: Frame, damage: Damage, copies: readonly Copy[], mayDeflate: boolean): FrameBody {
  const out = new MessageWriter(4096);
  out.varint(copies.length);
  for (const { sourceX, sourceY, to } of copies) {
    out.u16(sourceX).u16(sourceY).u16(to.x).u16(to.y).u16(to.widthPx).u16(to.heightPx);
  }
  writeTiles(frame, damage, out);
  if (!mayDeflate || out.length < MIN_DEFLATE_BYTES) return { body: out.take() };
  const deflated = deflateRawSync(out.view(), { level: 1 });
  if (deflated.length >= out.length) return { body: out.take() };
  return { body: deflated, inflatedBytes: out.length };
}

function writeTiles(frame: Frame, damage: Damage, out: MessageWriter): void {
  let count = 0;
  for (const mask of damage.masks) if (mask !== 0) count++;
  out.varint(count);
  let next = 0;
  for (let index = 0; index < damage.masks.length; index++) {
    const area = damage.tileBounds(index);
    if (!area) continue;
    out.varint(index - next);
    next = index + 1;
    const tileX = (index % damage.tilesX) * TILE_PX;
    const tileY = Math.floor(index / damage.tilesX) * TILE_PX;
    const whole =
      area.x === tileX &&
      area.y === tileY &&
      area.widthPx === Math.min(TILE_PX, frame.widthPx - tileX) &&
      area.heightPx === Math.min(TILE_PX, frame.heightPx - tileY);
    const tile = tileOf(frame, area);
    const colors = colorsOf(tile);
    const encoder = chooseEncoder(tile, colors);
    out.u8(encoder.id | (whole ? 0 : TILE_PART));
    if (!whole)
      out
        .u8(area.x - tileX)
        .u8(area.y - tileY)
        .u8(area.widthPx - 1)
        .u8(area.heightPx - 1);
    encoder.encode(tile, colors, out);
  }
}
