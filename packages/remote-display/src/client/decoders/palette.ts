import { bitsPerIndex, MAX_PALETTE, TILE_ENCODING } from '../../protocol/tile-ids.js';
import { pixelOf, type TileDecoder } from './tile.js';

/** Palette tile: `u8 n | u24[n] colours | rows of packed indices`, most significant bit first. */
export const paletteTileDecoder: TileDecoder = {
  id: TILE_ENCODING.palette,
  decode(from, into) {
    const count = from.u8();
    if (count < 2 || count > MAX_PALETTE) throw from.malformed(`palette of ${count} colours`);
    const palette = new Uint32Array(count);
    for (let i = 0; i < count; i++) palette[i] = pixelOf(from.u24());
    const bits = bitsPerIndex(count);
    const mask = (1 << bits) - 1;
    const bytesPerRow = Math.ceil((into.width * bits) / 8);
    const rows = from.bytes(bytesPerRow * into.height);
    for (let y = 0; y < into.height; y++) {
      const row = into.start + y * into.stride;
      for (let x = 0; x < into.width; x++) {
        const bit = x * bits;
        const index = (rows[y * bytesPerRow + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
        if (index >= count) throw from.malformed(`index ${index} in a palette of ${count}`);
        into.pixels[row + x] = palette[index]!;
      }
    }
  },
};
