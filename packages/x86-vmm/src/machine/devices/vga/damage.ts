import { MAX_HEIGHT_PX, type Rectangle } from '../../../bus/screen.js';

/** The damaged part of each scan line, and the few rectangles that cover it. */
export class LineDamage {
  readonly from = new Int16Array(MAX_HEIGHT_PX);
  /** One past the last damaged dot; `from >= to`: the line is clean. */
  readonly to = new Int16Array(MAX_HEIGHT_PX);

  clear(): void {
    this.from.fill(0x7fff);
    this.to.fill(0);
  }

  mark(y: number, from: number, to: number): void {
    if (from < this.from[y]!) this.from[y] = from;
    if (to > this.to[y]!) this.to[y] = to;
  }

  /**
   * Rectangles that cover the damage of the first `height` lines. Neighbouring lines share one unless that would more than
   * double its area: a rectangle may hold clean dots, whose pixels in the frame are right anyway.
   */
  rectangles(height: number): Rectangle[] {
    const found: Rectangle[] = [];
    let top = -1;
    let from = 0;
    let to = 0;
    let area = 0;
    for (let y = 0; y <= height; y++) {
      const clean = y === height || this.from[y]! >= this.to[y]!;
      if (top >= 0) {
        const left = clean ? from : Math.min(from, this.from[y]!);
        const right = clean ? to : Math.max(to, this.to[y]!);
        const joined = area + (clean ? 0 : this.to[y]! - this.from[y]!);
        if (!clean && (right - left) * (y + 1 - top) <= 2 * joined) {
          from = left;
          to = right;
          area = joined;
          continue;
        }
        found.push({ x: from, y: top, width: to - from, height: y - top });
        top = -1;
      }
      if (clean) continue;
      top = y;
      from = this.from[y]!;
      to = this.to[y]!;
      area = to - from;
    }
    return found;
  }
}
