import type { LocalCounts } from '../interpreter/values.js';

/* The locals of a region's function. */

/** Local 0: the record to go on at, when the region is left; 0: the block at `target`. */
export const RECORD = 0;
/** Locals of the other types have their place before the i32 ones, whose number is not known beforehand: temporaries of one instruction, and XMM0..XMM7. */
export const MOST: LocalCounts = { i32: 0, i64: 16, f32: 12, f64: 12, v128: 24 };
export const FIRST: LocalCounts = { i32: 0, i64: 1, f32: 17, f64: 29, v128: 49 };
export const FIRST_XMM = 41;
const FIRST_I32 = 73;
/** Index of a general register's local: first register + SDM number. */
export const FIRST_REGISTER = FIRST_I32;
export const Local = {
  flagA: FIRST_I32 + 8,
  flagB: FIRST_I32 + 9,
  flagResult: FIRST_I32 + 10,
  flagRule: FIRST_I32 + 11,
  /** Instructions completed since the counters in memory were brought up to date. */
  done: FIRST_I32 + 12,
  /** CODE_BASE for the record left to. */
  codeBase: FIRST_I32 + 13,
  /** Offset in CS to go on at when RECORD is 0. */
  target: FIRST_I32 + 14,
  epoch: FIRST_I32 + 15,
  /** Result of the flags' base while an INC or DEC stands over it. */
  baseResult: FIRST_I32 + 16,
  /** CF and OF, 0 or 1, while a rotation or multiplication stands over the other flags. */
  overCarry: FIRST_I32 + 17,
  overOverflow: FIRST_I32 + 18,
  /** Linear address of the block that leads to `target`; 0: the target is known. */
  site: FIRST_I32 + 19,
  /** `isFloatDefault` of the state, in regions with XMM registers. */
  isFloatDefault: FIRST_I32 + 20,
} as const;
export const FIRST_TEMPORARY = FIRST_I32 + 21;
