import type { Glyph } from './glyphs.js';

/** An 8-bit coverage mask, row by row. `top` is its first row relative to the top of a capital letter; `advance` is the pen's way. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly advance: number;
  readonly alpha: Uint8Array;
}

export interface Pen {
  /** Pixels per grid unit. */
  readonly scale: number;
  /** Stroke width in pixels. */
  readonly weight: number;
  /** Pixels between two letters beyond their strokes. */
  readonly spacing: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}
type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

const CORNER_RADIUS: Readonly<Record<string, number>> = { o: 2.2, c: 1.3 };
const CURVE_STEPS = 8;

/** Draws one glyph with a pen; strokes on whole grid lines fall on whole pixels. */
export function rasterizeGlyph([width, strokes]: Glyph, pen: Pen): Mask {
  const scaled = (value: number): number => (Number.isInteger(value) ? Math.round(value * pen.scale) : value * pen.scale);
  // A pen of an even width runs between two pixels, one of an odd width on a pixel's middle.
  const middle = Math.round(pen.weight) % 2 === 1 ? 0.5 : 1;
  const left = Math.ceil(pen.weight);
  const segments =
    strokes === '' ? [] : strokes.split(';').flatMap((stroke) => flatten(readStroke(stroke, scaled, pen.scale, left + middle, middle)));
  const columns = scaled(width) + 2 * left + 2;
  const first = -Math.ceil(2 * pen.scale) - left;
  const rows = Math.ceil(13 * pen.scale) + 2 * left - first;
  const alpha = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      alpha[row * columns + column] = Math.round(255 * coverage(segments, column + 0.5, row + first + 0.5, pen.weight));
    }
  }
  return trimmed(alpha, columns, rows, first, left, scaled(width) + Math.round(pen.weight) + pen.spacing);
}

function readStroke(
  stroke: string,
  scaled: (value: number) => number,
  scale: number,
  left: number,
  top: number,
): { points: Point[]; closed: boolean } {
  const words = stroke.trim().split(/\s+/);
  const closed = words.at(-1) === 'z';
  const points = (closed ? words.slice(0, -1) : words).map((word) => {
    const [, x, y, corner = ''] = /^(-?[\d.]+),(-?[\d.]+)([oc]?)$/.exec(word) ?? [];
    if (x === undefined) throw new Error(`"${word}" is not a point`);
    return { x: scaled(Number(x)) + left, y: scaled(Number(y)) + top, radius: (CORNER_RADIUS[corner] ?? 0) * scale };
  });
  return { points, closed };
}

/** Straight pieces of a stroke, its round corners as short ones. */
function flatten({ points, closed }: { points: Point[]; closed: boolean }): Segment[] {
  const path: [number, number][] = [];
  points.forEach((point, index) => {
    const before = points[index - 1] ?? (closed ? points.at(-1) : undefined);
    const after = points[index + 1] ?? (closed ? points[0] : undefined);
    if (point.radius === 0 || !before || !after) {
      path.push([point.x, point.y]);
      return;
    }
    const [x0, y0] = towards(point, before);
    const [x2, y2] = towards(point, after);
    for (let i = 0; i <= CURVE_STEPS; i++) {
      const t = i / CURVE_STEPS;
      path.push([(1 - t) ** 2 * x0 + 2 * t * (1 - t) * point.x + t * t * x2, (1 - t) ** 2 * y0 + 2 * t * (1 - t) * point.y + t * t * y2]);
    }
  });
  if (closed) path.push(path[0]!);
  if (path.length === 1) path.push(path[0]!);
  return path.slice(1).map(([x, y], index) => [path[index]![0], path[index]![1], x, y]);
}

/** The point on the way to a neighbour where a corner's curve begins: at most half the way. */
function towards(from: Point, to: Point): readonly [number, number] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = Math.min(from.radius, length / 2) / (length || 1);
  return [from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part];
}

function coverage(segments: readonly Segment[], x: number, y: number, weight: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const [x0, y0, x1, y1] of segments) {
    const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const t = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared));
    const dot = squared === 0 && segments.length > 0 ? 0.15 * weight : 0;
    nearest = Math.min(nearest, Math.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)) - dot);
  }
  return Math.min(1, Math.max(0, weight / 2 - nearest + 0.5));
}

/** Cuts empty rows and the unused columns to the right; the left margin becomes one pixel of side bearing. */
function trimmed(alpha: Uint8Array, columns: number, rows: number, first: number, left: number, advance: number): Mask {
  const start = left - 1;
  const used = Array.from({ length: rows }, (_, row) => alpha.subarray(row * columns, (row + 1) * columns).some((value) => value > 8));
  const top = used.indexOf(true);
  if (top < 0) return { width: 0, height: 0, top: 0, advance, alpha: new Uint8Array() };
  const bottom = used.lastIndexOf(true) + 1;
  let end = columns;
  while (
    end > start + 1 &&
    Array.from({ length: bottom - top }, (_, row) => alpha[(top + row) * columns + end - 1]!).every((value) => value <= 8)
  )
    end--;
  const width = end - start;
  const cut = new Uint8Array(width * (bottom - top));
  for (let row = top; row < bottom; row++) cut.set(alpha.subarray(row * columns + start, row * columns + end), (row - top) * width);
  return { width, height: bottom - top, top: top + first, advance, alpha: cut };
}

/** A mask of any shape, by 64 samples a pixel. */
export function rasterizeShape(width: number, height: number, inside: (x: number, y: number) => boolean): Mask {
  const alpha = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let hits = 0;
      for (let sample = 0; sample < 64; sample++) {
        if (inside(column + ((sample & 7) + 0.5) / 8, row + ((sample >> 3) + 0.5) / 8)) hits++;
      }
      alpha[row * width + column] = Math.round((hits * 255) / 64);
    }
  }
  return { width, height, top: 0, advance: width, alpha };
}
