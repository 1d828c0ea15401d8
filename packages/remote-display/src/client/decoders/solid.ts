import { TILE_ENCODING } from '../../protocol/tile-ids.js';
import { pixelOf, type TileDecoder } from './tile.js';

/** Solid tile: `u24` colour. */
export const solidTileDecoder: TileDecoder = {
  id: TILE_ENCODING.solid,
  decode(from, into) {
    const pixel = pixelOf(from.u24());
    for (let y = 0; y < into.height; y++) {
      const row = into.start + y * into.stride;
      into.pixels.fill(pixel, row, row + into.width);
    }
  },
};
