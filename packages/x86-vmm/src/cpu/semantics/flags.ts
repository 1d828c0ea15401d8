import { FLAG_CARRIES, FLAG_RESULT } from '../state.js';

/*
 * OSZAPC between instructions. Two words, chosen so that an arithmetic instruction stores two cheap values and a condition is a few
 * branch-free operations on them:
 *
 *   FLAG_RESULT   the result, sign-extended to 32 bits:  ZF = (result == 0)
 *   FLAG_CARRIES  carries (borrows) out of the result's bits, the two top ones moved to the top:
 *                 bit 31  CF                       bit 3   AF (carry out of bit 3)
 *                 bit 30  CF xor OF                bit 16  inverts SF = result's bit 31
 *                                                  bit 8   inverts PF = even parity of result's bits 7..0
 *
 * The inverting bits are needed only by flags that did not come from a result (POPF, SAHF, FCOMI). Everything else in EFLAGS is in
 * EFLAGS_SYSTEM. Emission for generated code: interpreter/flag-values.ts.
 */
export const Carries = { CF: 31, CF_XOR_OF: 30, SF_INVERTED: 16, PF_INVERTED: 8, AF: 3 } as const;

export const Eflags = {
  CF: 0x001,
  PF: 0x004,
  AF: 0x010,
  ZF: 0x040,
  SF: 0x080,
  TF: 0x100,
  IF: 0x200,
  DF: 0x400,
  OF: 0x800,
  AC: 0x4_0000,
} as const;

/** OSZAPC of the state as EFLAGS bits. */
export function readArithmeticFlags(i32: Int32Array): number {
  const result = i32[FLAG_RESULT >> 2]!;
  const carries = i32[FLAG_CARRIES >> 2]!;
  let parity = (result ^ (carries >>> Carries.PF_INVERTED)) & 0xff;
  parity ^= parity >> 4;
  return (
    (carries >>> 31) |
    (((0x9669 >> (parity & 15)) & 1) << 2) |
    ((carries & 8) << 1) |
    (result === 0 ? Eflags.ZF : 0) |
    (((result ^ (carries << 15)) >>> 31) << 7) |
    (((carries ^ (carries << 1)) >>> 31) << 11)
  );
}

/** Sets OSZAPC from EFLAGS bits; the others are ignored. */
export function writeArithmeticFlags(i32: Int32Array, eflags: number): void {
  const cf = eflags & 1;
  const zf = (eflags >> 6) & 1;
  i32[FLAG_RESULT >> 2] = zf ^ 1;
  i32[FLAG_CARRIES >> 2] =
    (cf << 31) |
    ((cf ^ ((eflags >> 11) & 1)) << 30) |
    (((eflags >> 7) & 1) << 16) |
    ((((eflags >> 2) & 1) ^ zf) << 8) |
    ((eflags & Eflags.AF) >> 1);
}
