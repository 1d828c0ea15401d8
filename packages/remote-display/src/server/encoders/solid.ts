import { TILE_ENCODING } from '../../protocol/tile-ids.js';
import type { TileEncoder } from './tile.js';

/** Solid tile: `u24` colour, 0xRRGGBB. */
export const solidTileEncoder: TileEncoder = {
  id: TILE_ENCODING.solid,
  lossless: true,
  estimate: (_tile, { palette }) => (palette.length === 1 ? 3 : undefined),
  encode(_tile, { palette }, out) {
    out.u24(palette[0]!);
  },
};
