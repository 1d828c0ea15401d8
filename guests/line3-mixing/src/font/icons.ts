import { type Mask, rasterizeShape } from './rasterize.js';

/*
 * The panel's symbols as coverage masks, in the order of their codes from 32 on; asm/panel-symbols.asm names the codes.
 */

type Shape = (x: number, y: number) => boolean;

/** True inside the polygon (even-odd rule). */
const polygon =
  (...points: readonly (readonly [number, number])[]): Shape =>
  (x, y) => {
    let inside = false;
    points.forEach(([x1, y1], index) => {
      const [x0, y0] = points.at(index - 1)!;
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) inside = !inside;
    });
    return inside;
  };
const circle =
  (cx: number, cy: number, radius: number): Shape =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) < radius;
const either =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    shapes.some((shape) => shape(x, y));
const without =
  (shape: Shape, hole: Shape): Shape =>
  (x, y) =>
    shape(x, y) && !hole(x, y);
const box =
  (x0: number, y0: number, x1: number, y1: number): Shape =>
  (x, y) =>
    x >= x0 && x < x1 && y >= y0 && y < y1;

/** A valve as P&IDs draw it: two triangles tip to tip, an actuator's dome on a stem above. `inset` makes the fill smaller than the outline. */
const valve = (inset: number): Shape =>
  either(
    polygon([inset, 9 + inset * 1.7], [17 - inset * 0.4, 18], [inset, 27 - inset * 1.7]),
    polygon([32 - inset, 9 + inset * 1.7], [15 + inset * 0.4, 18], [32 - inset, 27 - inset * 1.7]),
    inset === 0 ? box(15, 8, 17, 18) : box(0, 0, 0, 0),
    without(circle(16, 9, 8 - inset), box(0, 9 - inset * 0.9, 40, 40)),
  );

export const ICONS: readonly Mask[] = [
  rasterizeShape(32, 28, valve(0)), // 32 valve, outline
  rasterizeShape(32, 28, valve(1.6)), // 33 valve, fill
  rasterizeShape(32, 32, circle(16, 16, 16)), // 34 pump, outline
  rasterizeShape(32, 32, circle(16, 16, 14.4)), // 35 pump, fill
  rasterizeShape(32, 32, polygon([9.5, 7], [26, 16], [9.5, 25])), // 36 pump, direction
  rasterizeShape(12, 14, polygon([1, 1], [11.5, 7], [1, 13])), // 37 play
  rasterizeShape(12, 12, box(1, 1, 11, 11)), // 38 stop
  rasterizeShape(14, 12, polygon([1, 6], [3, 4], [5.5, 6.6], [11.4, 1], [13.2, 3], [5.5, 10.6])), // 39 done
  rasterizeShape(16, 16, box(1, 1, 15, 15)), // 40 alarm priority 1: square
  rasterizeShape(16, 16, polygon([8, 1], [15.5, 15], [0.5, 15])), // 41 alarm priority 2: triangle
  rasterizeShape(16, 16, polygon([8, 0.5], [15.5, 8], [8, 15.5], [0.5, 8])), // 42 alarm priority 3: diamond
  rasterizeShape(12, 12, circle(6, 6, 5.6)), // 43 lamp
  rasterizeShape(12, 12, without(circle(6, 6, 5.6), circle(6, 6, 4))), // 44 lamp, unlit
  rasterizeShape(9, 12, polygon([0.5, 0.5], [8.5, 6], [0.5, 11.5])), // 45 pointer to a scale, from the left
  rasterizeShape(9, 12, polygon([8.5, 0.5], [0.5, 6], [8.5, 11.5])), // 46 pointer to a scale, from the right
  rasterizeShape(12, 8, polygon([0, 0], [3, 0], [8, 4], [3, 8], [0, 8], [5, 4])), // 47 flow to the right
  rasterizeShape(44, 44, circle(22, 22, 22)), // 48 motor, outline
  rasterizeShape(44, 44, circle(22, 22, 20.2)), // 49 motor, fill
];
