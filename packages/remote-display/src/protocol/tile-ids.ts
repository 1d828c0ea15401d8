/** Encoding of a tile on the wire; a number is never reused for another meaning (docs/protocol/remote-display.md §5). */
export const TILE_ENCODING = { solid: 1, palette: 2, raw: 3 } as const;

/** Set in the tile's first byte when the tile is smaller than its place on the grid: `u8 x | u8 y | u8 width-1 | u8 height-1` follow. */
export const TILE_PART = 0x80;

/** Most colours of a palette tile. */
export const MAX_PALETTE = 16;

/** Bits of one index of a palette tile. */
export function bitsPerIndex(colors: number): 1 | 2 | 4 {
  return colors <= 2 ? 1 : colors <= 4 ? 2 : 4;
}
