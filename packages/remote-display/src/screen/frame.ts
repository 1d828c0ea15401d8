import type { Rectangle } from './region.js';

/** The colour bits of a pixel 0xffRRGGBB; the top byte is not compared with a peer and not sent. */
export const RGB_MASK = 0xff_ffff;

/** A picture: 0xffRRGGBB, row by row, stride = width. */
export class Frame {
  readonly pixels: Uint32Array;

  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
  ) {
    this.pixels = new Uint32Array(widthPx * heightPx).fill(0xff00_0000);
  }

  /** Takes over the pixels of `area` from a picture of the same size. */
  copyFrom(source: Uint32Array, area: Rectangle): void {
    for (let y = area.y; y < area.y + area.heightPx; y++) {
      const start = y * this.widthPx + area.x;
      this.pixels.set(source.subarray(start, start + area.widthPx), start);
    }
  }

  /** Moves pixels inside the picture; source and destination may overlap (memmove). */
  move(sourceX: number, sourceY: number, to: Rectangle): void {
    moveWithin(this.pixels, this.widthPx, sourceX, sourceY, to);
  }
}

/** Copies a rectangle inside a picture of `stride` pixels a row as if through a buffer of its own. */
export function moveWithin(pixels: Uint32Array, stride: number, sourceX: number, sourceY: number, to: Rectangle): void {
  const upwards = to.y > sourceY;
  for (let i = 0; i < to.heightPx; i++) {
    const row = upwards ? to.heightPx - 1 - i : i;
    const from = (sourceY + row) * stride + sourceX;
    pixels.copyWithin((to.y + row) * stride + to.x, from, from + to.widthPx);
  }
}
