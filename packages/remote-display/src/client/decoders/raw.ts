import { TILE_ENCODING } from '../../protocol/tile-ids.js';
import type { TileDecoder } from './tile.js';

/** Raw tile: `u24` per pixel, row by row. */
export const rawTileDecoder: TileDecoder = {
  id: TILE_ENCODING.raw,
  decode(from, into) {
    const bytes = from.bytes(into.width * into.height * 3);
    let at = 0;
    for (let y = 0; y < into.height; y++) {
      const row = into.start + y * into.stride;
      for (let x = 0; x < into.width; x++, at += 3) {
        into.pixels[row + x] = (0xff00_0000 | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!) >>> 0;
      }
    }
  },
};
