import { CELL_PX, type Damage } from './damage.js';
import type { Rectangle } from './region.js';

/**
 * Adds to `damage` the 16x16 cells inside `area` in which two pictures of the same size differ. Reported damage
 * is often whole scan lines (one 4-KiB page is one line of 1024 pixels); this finds what really changed, and
 * looks at nothing outside `area`.
 */
export function addDifference(damage: Damage, now: Uint32Array, before: Uint32Array, area: Rectangle): void {
  const stride = damage.widthPx;
  const right = area.x + area.widthPx;
  const bottom = area.y + area.heightPx;
  for (let y = area.y; y < bottom; y++) {
    const cellY = y >> 4;
    const row = y * stride;
    for (let x = area.x; x < right; ) {
      const cellX = x >> 4;
      const end = Math.min(right, (cellX + 1) * CELL_PX);
      if (!damage.hasCell(cellX, cellY)) {
        let i = row + x;
        const stop = row + end;
        while (i < stop && now[i] === before[i]) i++;
        if (i < stop) damage.addCell(cellX, cellY);
      }
      x = end;
    }
  }
}
