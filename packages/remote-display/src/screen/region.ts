/** A rectangle in pixels of the screen; `x`, `y` is its first pixel. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The part of `rectangle` that lies on a screen, or `undefined` when nothing does (also for NaN and fractions out of range). */
export function clipToScreen(rectangle: Rectangle, widthPx: number, heightPx: number): Rectangle | undefined {
  const left = Math.max(0, Math.floor(rectangle.x));
  const top = Math.max(0, Math.floor(rectangle.y));
  const right = Math.min(widthPx, Math.ceil(rectangle.x + rectangle.widthPx));
  const bottom = Math.min(heightPx, Math.ceil(rectangle.y + rectangle.heightPx));
  if (!(right > left && bottom > top)) return undefined;
  return { x: left, y: top, widthPx: right - left, heightPx: bottom - top };
}

export function intersect(a: Rectangle, b: Rectangle): Rectangle | undefined {
  const left = Math.max(a.x, b.x);
  const top = Math.max(a.y, b.y);
  const right = Math.min(a.x + a.widthPx, b.x + b.widthPx);
  const bottom = Math.min(a.y + a.heightPx, b.y + b.heightPx);
  if (right <= left || bottom <= top) return undefined;
  return { x: left, y: top, widthPx: right - left, heightPx: bottom - top };
}
