import type { MessageWriter } from '../../protocol/message-writer.js';
import { bitsPerIndex, MAX_PALETTE, TILE_ENCODING } from '../../protocol/tile-ids.js';
import { RGB_MASK } from '../../screen/frame.js';
import type { Tile, TileEncoder } from './tile.js';

/**
 * Palette tile: up to 16 colours, then one index per pixel, packed most significant bit first.
 *
 *   u8      n, number of colours, 2..16
 *   u24[n]  colours, 0xRRGGBB
 *   u8[]    rows of 1, 2 or 4 bits a pixel; each row is padded to a whole byte, as in RFC 6143 §7.7.5 (TRLE)
 *
 * Good for text and HMI screens; a tile of one colour is left to the solid encoder.
 */
export const paletteTileEncoder: TileEncoder = {
  id: TILE_ENCODING.palette,
  lossless: true,

  estimate(tile, { palette }) {
    if (palette.length < 2 || palette.length > MAX_PALETTE) return undefined;
    return 1 + palette.length * 3 + Math.ceil((tile.width * bitsPerIndex(palette.length)) / 8) * tile.height;
  },

  encode(tile, { palette }, out) {
    out.u8(palette.length);
    for (const color of palette) out.u24(color);
    writeIndices(tile, palette, out);
  },
};

function writeIndices(tile: Tile, palette: readonly number[], out: MessageWriter): void {
  const bits = bitsPerIndex(palette.length);
  let lastColor = palette[0]!;
  let lastIndex = 0;
  for (let y = 0; y < tile.height; y++) {
    const row = tile.start + y * tile.stride;
    let byte = 0;
    let used = 0;
    for (let x = 0; x < tile.width; x++) {
      const color = tile.pixels[row + x]! & RGB_MASK;
      if (color !== lastColor) {
        lastColor = color;
        lastIndex = palette.indexOf(color);
      }
      byte = (byte << bits) | lastIndex;
      used += bits;
      if (used === 8) {
        out.u8(byte);
        byte = used = 0;
      }
    }
    if (used > 0) out.u8(byte << (8 - used));
  }
}
