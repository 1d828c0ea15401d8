import { MAX_COPIES, TILE_PX } from '../protocol/limits.js';
import { CELL_PX, type Damage } from './damage.js';
import type { Rectangle } from './region.js';

/*
 * Finds vertical scrolling: rows of the new picture that stood elsewhere in the picture before.
 *
 * The damage's bounds are cut into strips as wide as a tile. In each strip every row of the old picture is
 * hashed; rows of the new one vote for the distance to their only equal (rows that occur twice are struck
 * out, or repeated content would drown the vote). The winner is checked pixel by pixel, so a hash collision
 * costs a copy at most, never a wrong pixel.
 *
 * Left out: horizontal and diagonal motion, more than one distance in a frame (the codec of the next version).
 */

/** A piece of the picture before that stands elsewhere now. Copies apply in order, each as through a buffer of its own. */
export interface Copy {
  readonly sourceX: number;
  readonly sourceY: number;
  readonly to: Rectangle;
}

/** Less damage than this is cheaper to encode than to search: 32 cells are 8,192 pixels. */
const MIN_CELLS = 32;
/** Rows that must agree before a copy pays for its 12 bytes and the search. */
const MIN_ROWS = 16;
/** Votes needed before the winner is checked; a still picture with a few equal rows has fewer. */
const MIN_VOTES = 24;

/** Copies that explain part of `damage`; `[]` when nothing moved. Takes the cells that copies explain whole out of `damage`. */
export function findVerticalMotion(damage: Damage, now: Uint32Array, before: Uint32Array): Copy[] {
  if (damage.cellCount() < MIN_CELLS) return [];
  const bounds = damage.bounds();
  if (!bounds || bounds.heightPx < 2 * MIN_ROWS) return [];
  const strips = stripsOf(bounds);
  const distance = voteForDistance(strips, now, before, damage.widthPx);
  if (distance === 0) return [];
  const copies = joinStrips(
    strips.map((strip) => matchingRuns(strip, distance, now, before, damage)),
    distance,
  );
  copies.sort((a, b) => (distance < 0 ? a.to.y - b.to.y : b.to.y - a.to.y));
  for (const copy of copies) removeExplained(damage, copy.to);
  return copies;
}

function stripsOf(bounds: Rectangle): Rectangle[] {
  const strips: Rectangle[] = [];
  for (let x = bounds.x; x < bounds.x + bounds.widthPx; ) {
    const end = Math.min(bounds.x + bounds.widthPx, (Math.floor(x / TILE_PX) + 1) * TILE_PX);
    strips.push({ x, y: bounds.y, widthPx: end - x, heightPx: bounds.heightPx });
    x = end;
  }
  return strips;
}

/** The distance (new row minus old row) most rows moved by, or 0. */
function voteForDistance(strips: readonly Rectangle[], now: Uint32Array, before: Uint32Array, stride: number): number {
  const votes = new Map<number, number>();
  for (const strip of strips) {
    const rowOf = new Map<number, number>();
    for (let y = strip.y; y < strip.y + strip.heightPx; y++) {
      const hash = hashRow(before, y * stride + strip.x, strip.widthPx);
      rowOf.set(hash, rowOf.has(hash) ? TWICE : y);
    }
    for (let y = strip.y; y < strip.y + strip.heightPx; y++) {
      const old = rowOf.get(hashRow(now, y * stride + strip.x, strip.widthPx));
      if (old !== undefined && old !== TWICE && old !== y) votes.set(y - old, (votes.get(y - old) ?? 0) + 1);
    }
  }
  let best = 0;
  let most = MIN_VOTES - 1;
  for (const [distance, count] of votes) {
    if (count > most) {
      best = distance;
      most = count;
    }
  }
  return best;
}

const TWICE = -1;

/** FNV-1a over whole pixels: collisions are caught by the comparison that follows. */
function hashRow(pixels: Uint32Array, start: number, length: number): number {
  let hash = 0x811c_9dc5;
  for (let i = start; i < start + length; i++) hash = Math.imul(hash ^ pixels[i]!, 0x0100_0193);
  return hash;
}

/** Runs of at least MIN_ROWS rows that equal the old rows `distance` away and hold some damage. */
function matchingRuns(strip: Rectangle, distance: number, now: Uint32Array, before: Uint32Array, damage: Damage): Rectangle[] {
  const stride = damage.widthPx;
  // Rows may come from outside the damage: what scrolled out of a still part of the screen.
  const first = Math.max(strip.y, distance);
  const end = Math.min(strip.y + strip.heightPx, damage.heightPx + distance);
  const runs: Rectangle[] = [];
  let start = first;
  for (let y = first; y <= end; y++) {
    if (y < end && rowsEqual(now, y * stride + strip.x, before, (y - distance) * stride + strip.x, strip.widthPx)) continue;
    const run = { x: strip.x, y: start, widthPx: strip.widthPx, heightPx: y - start };
    if (run.heightPx >= MIN_ROWS && touches(damage, run)) runs.push(run);
    start = y + 1;
  }
  return runs;
}

function rowsEqual(a: Uint32Array, atA: number, b: Uint32Array, atB: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

function touches(damage: Damage, area: Rectangle): boolean {
  for (let cellY = area.y >> 4; cellY <= (area.y + area.heightPx - 1) >> 4; cellY++) {
    for (let cellX = area.x >> 4; cellX <= (area.x + area.widthPx - 1) >> 4; cellX++) if (damage.hasCell(cellX, cellY)) return true;
  }
  return false;
}

/** Equal runs of neighbouring strips become one copy; never more than MAX_COPIES. */
function joinStrips(runsOfStrips: readonly (readonly Rectangle[])[], distance: number): Copy[] {
  const joined: Rectangle[] = [];
  const open = new Map<string, number>();
  for (const runs of runsOfStrips) {
    for (const run of runs) {
      const key = `${run.y}+${run.heightPx}@${run.x}`;
      const at = open.get(key);
      const left = at === undefined ? undefined : joined[at];
      if (at !== undefined && left) joined[at] = { ...left, widthPx: left.widthPx + run.widthPx };
      else joined.push(run);
      open.set(`${run.y}+${run.heightPx}@${run.x + run.widthPx}`, at ?? joined.length - 1);
    }
  }
  return joined.slice(0, MAX_COPIES).map((to) => ({ sourceX: to.x, sourceY: to.y - distance, to }));
}

/** Cells that lie whole inside a copied area are explained by it; cells at its edge stay damaged. */
function removeExplained(damage: Damage, area: Rectangle): void {
  const right = area.x + area.widthPx;
  const bottom = area.y + area.heightPx;
  const firstX = Math.ceil(area.x / CELL_PX);
  const firstY = Math.ceil(area.y / CELL_PX);
  for (let cellY = firstY; cellY * CELL_PX < bottom; cellY++) {
    if (Math.min((cellY + 1) * CELL_PX, damage.heightPx) > bottom) break;
    for (let cellX = firstX; cellX * CELL_PX < right; cellX++) {
      if (Math.min((cellX + 1) * CELL_PX, damage.widthPx) > right) break;
      damage.removeCell(cellX, cellY);
    }
  }
}
