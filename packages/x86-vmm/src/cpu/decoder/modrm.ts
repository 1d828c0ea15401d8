import { SegmentIndex } from '../state.js';
import { type Cursor, fetch8, fetch16, fetch32, type MemoryPlace } from './code-cursor.js';

/** SDM Vol. 2A table 2-1: base and index registers of the 16-bit forms by ModRM.rm. */
const BASE_16 = [3, 3, 5, 5, 6, 7, 5, 3];
const INDEX_16 = [6, 7, 6, 7, -1, -1, -1, -1];
const ESP = 4;
const EBP = 5;

/** Memory operand of a ModR/M byte with mod < 3, its SIB byte and displacement included (SDM Vol. 2A 2.1.5, tables 2-1 to 2-3). */
export function readModRM(c: Cursor, modRM: number): MemoryPlace {
  return c.addressSize === 16 ? read16(c, modRM) : read32(c, modRM);
}

function read16(c: Cursor, modRM: number): MemoryPlace {
  const mod = modRM >> 6;
  const rm = modRM & 7;
  let base = BASE_16[rm]!;
  const index = INDEX_16[rm]!;
  let displacement = 0;
  if (mod === 0 && rm === 6) {
    base = -1;
    displacement = fetch16(c);
  } else if (mod === 1) displacement = (fetch8(c) << 24) >> 24;
  else if (mod === 2) displacement = (fetch16(c) << 16) >> 16;
  return { base, index, scale: 0, displacement, segment: segmentFor(c, base === EBP) };
}

function read32(c: Cursor, modRM: number): MemoryPlace {
  const mod = modRM >> 6;
  let base = modRM & 7;
  let index = -1;
  let scale = 0;
  let displacement = 0;
  const hasSib = base === ESP;
  if (hasSib) {
    const sib = fetch8(c);
    scale = sib >> 6;
    index = ((sib >> 3) & 7) | ((c.rex & 2) << 2);
    if (index === ESP) index = -1;
    base = sib & 7;
  }
  if (mod === 0 && base === EBP) {
    base = -1;
    displacement = fetch32(c);
  } else {
    base |= (c.rex & 1) << 3;
    if (mod === 1) displacement = (fetch8(c) << 24) >> 24;
    else if (mod === 2) displacement = fetch32(c);
  }
  if (index < 0) scale = 0;
  return { base, index, scale, displacement, segment: segmentFor(c, base === EBP || base === ESP) };
}

function segmentFor(c: Cursor, isStack: boolean): number {
  if (c.segmentOverride >= 0) return c.segmentOverride;
  return isStack ? SegmentIndex.SS : SegmentIndex.DS;
}
