import { MAX_PALETTE } from '../../protocol/tile-ids.js';
import { RGB_MASK } from '../../screen/frame.js';
import type { Tile, TileColors } from './tile.js';

/** Collects the distinct colours of a tile; stops at the first one too many. Runs of one colour cost one comparison a pixel. */
export function colorsOf(tile: Tile): TileColors {
  const palette: number[] = [];
  let last = -1;
  for (let y = 0; y < tile.height; y++) {
    const row = tile.start + y * tile.stride;
    for (let x = 0; x < tile.width; x++) {
      const color = tile.pixels[row + x]! & RGB_MASK;
      if (color === last) continue;
      last = color;
      if (palette.includes(color)) continue;
      if (palette.length === MAX_PALETTE) return { palette: [] };
      palette.push(color);
    }
  }
  return { palette };
}
