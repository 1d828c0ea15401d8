import type { Frame } from '../../screen/frame.js';
import type { Rectangle } from '../../screen/region.js';
import type { PixelConverter } from '../pixel-format.js';

/** Raw encoding, RFC 6143 §7.7.1: pixels row by row. */
export function encodeRaw(frame: Frame, area: Rectangle, pixels: PixelConverter): Uint8Array {
  const out = new Uint8Array(area.widthPx * area.heightPx * pixels.bytesPerPixel);
  let at = 0;
  for (let y = area.y; y < area.y + area.heightPx; y++) {
    const row = y * frame.widthPx;
    for (let x = area.x; x < area.x + area.widthPx; x++, at += pixels.bytesPerPixel) pixels.put(frame.pixels[row + x]!, out, at);
  }
  return out;
}
