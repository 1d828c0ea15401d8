import { TILE_ENCODING } from '../../protocol/tile-ids.js';
import type { TileEncoder } from './tile.js';

/** Raw tile: `u24` per pixel, 0xRRGGBB, row by row. Photographs and gradients; the frame's deflate does the rest. */
export const rawTileEncoder: TileEncoder = {
  id: TILE_ENCODING.raw,
  lossless: true,
  estimate: (tile) => tile.width * tile.height * 3,
  encode(tile, _colors, out) {
    for (let y = 0; y < tile.height; y++) {
      const row = tile.start + y * tile.stride;
      for (let x = 0; x < tile.width; x++) out.u24(tile.pixels[row + x]!);
    }
  },
};
