import { PNG } from 'pngjs';

/** PNG of a frame of 0xffRRGGBB pixels, rows `widthPx` apart, scaled down by whole pixels to at most `maxWidthPx`. */
export function encodePng(frame: Uint32Array, widthPx: number, heightPx: number, maxWidthPx = widthPx): Buffer {
  const step = Math.max(1, Math.ceil(widthPx / maxWidthPx));
  const width = Math.max(1, Math.floor(widthPx / step));
  const height = Math.max(1, Math.floor(heightPx / step));
  const png = new PNG({ width, height, colorType: 2 });
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = average(frame, widthPx, x * step, y * step, step);
      png.data[at++] = color >>> 16;
      png.data[at++] = (color >>> 8) & 255;
      png.data[at++] = color & 255;
      png.data[at++] = 255;
    }
  }
  return PNG.sync.write(png, { colorType: 2 });
}

/** Mean colour of a `step` x `step` block. */
function average(frame: Uint32Array, stride: number, left: number, top: number, step: number): number {
  if (step === 1) return frame[top * stride + left]! & 0xff_ffff;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = top; y < top + step; y++) {
    for (let x = left; x < left + step; x++) {
      const pixel = frame[y * stride + x]!;
      red += (pixel >>> 16) & 255;
      green += (pixel >>> 8) & 255;
      blue += pixel & 255;
    }
  }
  const count = step * step;
  return ((red / count) << 16) | ((green / count) << 8) | (blue / count);
}
