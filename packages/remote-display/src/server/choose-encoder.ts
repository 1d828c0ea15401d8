import { paletteTileEncoder } from './encoders/palette.js';
import { rawTileEncoder } from './encoders/raw.js';
import { solidTileEncoder } from './encoders/solid.js';
import type { Tile, TileColors, TileEncoder } from './encoders/tile.js';

const ENCODERS: readonly TileEncoder[] = [solidTileEncoder, paletteTileEncoder, rawTileEncoder];

/** The encoder that promises the fewest bytes; raw can express every tile. */
export function chooseEncoder(tile: Tile, colors: TileColors): TileEncoder {
  let best: TileEncoder = rawTileEncoder;
  let fewest = Number.POSITIVE_INFINITY;
  for (const encoder of ENCODERS) {
    const bytes = encoder.estimate(tile, colors);
    if (bytes !== undefined && bytes < fewest) {
      best = encoder;
      fewest = bytes;
    }
  }
  return best;
}
