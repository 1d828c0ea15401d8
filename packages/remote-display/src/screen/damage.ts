import { TILE_PX } from '../protocol/limits.js';
import type { Rectangle } from './region.js';

/** Side of a damage cell in pixels; a tile has 4x4 of them, one bit each. */
export const CELL_PX = 16;
const CELLS_PER_TILE_SIDE = TILE_PX / CELL_PX;

/**
 * Which parts of a screen have changed: one 16-bit mask per 64x64 tile, one bit per 16x16 cell (bit
 * `4*row + column`). Union and test cost one operation a tile, whatever the damage.
 */
export class Damage {
  readonly tilesX: number;
  readonly tilesY: number;
  readonly masks: Uint16Array;

  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
  ) {
    this.tilesX = Math.ceil(widthPx / TILE_PX);
    this.tilesY = Math.ceil(heightPx / TILE_PX);
    this.masks = new Uint16Array(this.tilesX * this.tilesY);
  }

  get isEmpty(): boolean {
    for (let i = 0; i < this.masks.length; i++) if (this.masks[i] !== 0) return false;
    return true;
  }

  /** Marks every cell that `area` (inside the screen) touches. */
  add(area: Rectangle): void {
    const lastX = (area.x + area.widthPx - 1) >> 4;
    const lastY = (area.y + area.heightPx - 1) >> 4;
    for (let cellY = area.y >> 4; cellY <= lastY; cellY++) {
      for (let cellX = area.x >> 4; cellX <= lastX; cellX++) this.addCell(cellX, cellY);
    }
  }

  /** Unmarks every cell that `area` touches. */
  remove(area: Rectangle): void {
    const lastX = (area.x + area.widthPx - 1) >> 4;
    const lastY = (area.y + area.heightPx - 1) >> 4;
    for (let cellY = area.y >> 4; cellY <= lastY; cellY++) {
      for (let cellX = area.x >> 4; cellX <= lastX; cellX++) this.removeCell(cellX, cellY);
    }
  }

  addCell(cellX: number, cellY: number): void {
    const tile = (cellY >> 2) * this.tilesX + (cellX >> 2);
    this.masks[tile] = this.masks[tile]! | cellBit(cellX, cellY);
  }

  removeCell(cellX: number, cellY: number): void {
    const tile = (cellY >> 2) * this.tilesX + (cellX >> 2);
    this.masks[tile] = this.masks[tile]! & ~cellBit(cellX, cellY);
  }

  hasCell(cellX: number, cellY: number): boolean {
    return (this.masks[(cellY >> 2) * this.tilesX + (cellX >> 2)]! & cellBit(cellX, cellY)) !== 0;
  }

  addAll(): void {
    this.add({ x: 0, y: 0, widthPx: this.widthPx, heightPx: this.heightPx });
  }

  /** Union with the damage of the same screen. */
  union(other: Damage): void {
    for (let i = 0; i < this.masks.length; i++) this.masks[i] = this.masks[i]! | other.masks[i]!;
  }

  clear(): void {
    this.masks.fill(0);
  }

  /** The damaged cells that `area` touches. */
  within(area: Rectangle): Damage {
    const part = new Damage(this.widthPx, this.heightPx);
    if (area.widthPx === 0 || area.heightPx === 0) return part;
    part.add(area);
    for (let i = 0; i < part.masks.length; i++) part.masks[i] = part.masks[i]! & this.masks[i]!;
    return part;
  }

  clone(): Damage {
    const copy = new Damage(this.widthPx, this.heightPx);
    copy.masks.set(this.masks);
    return copy;
  }

  equals(other: Damage): boolean {
    if (this.masks.length !== other.masks.length) return false;
    for (let i = 0; i < this.masks.length; i++) if (this.masks[i] !== other.masks[i]) return false;
    return true;
  }

  /** The damaged part of tile `index` as one rectangle (bounds of its cells, clipped to the screen), or `undefined`. */
  tileBounds(index: number): Rectangle | undefined {
    const mask = this.masks[index]!;
    if (mask === 0) return undefined;
    let top = CELLS_PER_TILE_SIDE;
    let bottom = -1;
    let columns = 0;
    for (let row = 0; row < CELLS_PER_TILE_SIDE; row++) {
      const bits = (mask >> (4 * row)) & 0xf;
      if (bits === 0) continue;
      if (top > row) top = row;
      bottom = row;
      columns |= bits;
    }
    const left = 31 - Math.clz32(columns & -columns);
    const right = 31 - Math.clz32(columns);
    const x = (index % this.tilesX) * TILE_PX + left * CELL_PX;
    const y = Math.floor(index / this.tilesX) * TILE_PX + top * CELL_PX;
    return {
      x,
      y,
      widthPx: Math.min(this.widthPx, x + (right - left + 1) * CELL_PX) - x,
      heightPx: Math.min(this.heightPx, y + (bottom - top + 1) * CELL_PX) - y,
    };
  }

  /** Bounds of the whole damage, or `undefined` when there is none. */
  bounds(): Rectangle | undefined {
    let [left, top, right, bottom] = [this.widthPx, this.heightPx, 0, 0];
    for (let i = 0; i < this.masks.length; i++) {
      const tile = this.tileBounds(i);
      if (!tile) continue;
      left = Math.min(left, tile.x);
      top = Math.min(top, tile.y);
      right = Math.max(right, tile.x + tile.widthPx);
      bottom = Math.max(bottom, tile.y + tile.heightPx);
    }
    return right > left ? { x: left, y: top, widthPx: right - left, heightPx: bottom - top } : undefined;
  }

  /** Number of damaged cells, as a measure of how much there is to encode. */
  cellCount(): number {
    let count = 0;
    for (let mask of this.masks) for (; mask !== 0; mask &= mask - 1) count++;
    return count;
  }

  /** Damage as rectangles: the tiles' bounds, joined along a row where they have equal top and height. */
  rectangles(): Rectangle[] {
    const joined: Rectangle[] = [];
    for (let i = 0; i < this.masks.length; i++) {
      const next = this.tileBounds(i);
      if (!next) continue;
      const last = joined.at(-1);
      if (last && last.y === next.y && last.heightPx === next.heightPx && last.x + last.widthPx === next.x) {
        joined[joined.length - 1] = { ...last, widthPx: last.widthPx + next.widthPx };
      } else joined.push(next);
    }
    return joined;
  }
}

function cellBit(cellX: number, cellY: number): number {
  return 1 << ((cellY & 3) * 4 + (cellX & 3));
}
