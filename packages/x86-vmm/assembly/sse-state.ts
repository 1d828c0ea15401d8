/*
 * SSE numbers taken apart and put together, and the end of every SSE floating-point instruction: which exceptions it raises, whether they are
 * masked. SDM Vol. 1 sections 4.8, 4.9, 10.2.3 (MXCSR) and 11.5. Single and double share the code: `P` is the precision, 24 or 53.
 */
import { CR, FAULT, FAULT_ERROR, MXCSR } from './state.generated';

/** MXCSR: exception flags, their masks 7 bits higher, modes. */
export const IE: u32 = 0x01;
export const DE: u32 = 0x02;
export const ZE: u32 = 0x04;
export const OE: u32 = 0x08;
export const UE: u32 = 0x10;
export const PE: u32 = 0x20;
const EXCEPTIONS: u32 = 0x3f;
const DAZ: u32 = 0x40;
const MASKS: u32 = 7;
export const RC: u32 = 0x6000;
export const RC_NEAREST: u32 = 0;
export const RC_DOWN: u32 = 0x2000;
export const RC_UP: u32 = 0x4000;
export const RC_CHOP: u32 = 0x6000;
const FZ: u32 = 0x8000;

const VECTOR_UD: u32 = 6;
const VECTOR_XM: u32 = 19;
const CR4_OSXMMEXCPT: u32 = 0x400;

export const TOP: u64 = 0x8000_0000_0000_0000;

export const ZERO: u32 = 0;
export const NORMAL: u32 = 1;
export const DENORMAL: u32 = 2;
export const INFINITY_: u32 = 3;
export const QNAN: u32 = 4;
export const SNAN: u32 = 5;

/** The instruction in progress: MXCSR, and exceptions found before computing and after (of all lanes). */
export class Sse {
  static control: u32 = 0;
  static before: u32 = 0;
  static after: u32 = 0;
}
/** An operand: (-1)^s x m x 2^(e - 63) with the top bit of m set, for what is neither zero, infinity nor NaN. */
export class Left {
  static kind: u32 = 0;
  static s: u32 = 0;
  static e: i32 = 0;
  static m: u64 = 0;
}
export class Right {
  static kind: u32 = 0;
  static s: u32 = 0;
  static e: i32 = 0;
  static m: u64 = 0;
}

export function begin(): void {
  Sse.control = load<u32>(MXCSR);
  Sse.before = 0;
  Sse.after = 0;
}
/** Flags into MXCSR; an unmasked one is noted as a fault. Exceptions found before computing keep those of the results from being looked for. */
export function end(): void {
  const unmasked = ~(Sse.control >> MASKS);
  let flags = Sse.before;
  if ((flags & unmasked) == 0) flags |= Sse.after;
  if (flags == 0) return;
  store<u32>(MXCSR, Sse.control | flags);
  if ((flags & unmasked & EXCEPTIONS) == 0) return;
  store<u32>(FAULT_ERROR, -1);
  store<u32>(FAULT, ((load<u32>(CR + 4 * 8) & CR4_OSXMMEXCPT) != 0 ? VECTOR_XM : VECTOR_UD) + 1);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function isMasked(exception: u32): bool {
  return (Sse.control & (exception << MASKS)) != 0;
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function fractionBits(P: i32): u64 {
  return P - 1;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function exponentBits(P: i32): u64 {
  return P == 24 ? 8 : 11;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function bias(P: i32): i32 {
  return P == 24 ? 127 : 1023;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function signed(s: u32, P: i32): u64 {
  return <u64>s << (fractionBits(P) + exponentBits(P));
}
export function infinity(s: u32, P: i32): u64 {
  return signed(s, P) | ((((<u64>1) << exponentBits(P)) - 1) << fractionBits(P));
}
/** The real indefinite: the masked response to an invalid operation. */
export function indefinite(P: i32): u64 {
  return infinity(1, P) | quietBit(P);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function quietBit(P: i32): u64 {
  return <u64>1 << (P - 2);
}

/** DAZ: a denormal is a zero of its sign. */
export function flushed(raw: u64, P: i32): u64 {
  if ((Sse.control & DAZ) == 0) return raw;
  const exponent = (raw >> fractionBits(P)) & (((<u64>1) << exponentBits(P)) - 1);
  return exponent == 0 ? raw & signed(1, P) : raw;
}

export function unpackLeft(bits: u64, P: i32): void {
  const raw = flushed(bits, P);
  const f = fractionBits(P);
  const highest = (<i32>1 << <i32>exponentBits(P)) - 1;
  const exponent = <i32>(raw >> f) & highest;
  const fraction = raw & ((<u64>1 << f) - 1);
  Left.s = <u32>(raw >> (f + exponentBits(P))) & 1;
  if (exponent == highest) {
    Left.kind = fraction == 0 ? INFINITY_ : (fraction & quietBit(P)) != 0 ? QNAN : SNAN;
  } else if (exponent != 0) {
    Left.kind = NORMAL;
    Left.e = exponent - bias(P);
    Left.m = (fraction | (<u64>1 << f)) << (64 - P);
  } else if (fraction == 0) {
    Left.kind = ZERO;
  } else {
    Left.kind = DENORMAL;
    const shift = <i32>clz(fraction);
    Left.m = fraction << shift;
    Left.e = 64 - shift - bias(P) - <i32>f;
  }
}
export function unpackRight(bits: u64, P: i32): void {
  const s = Left.s;
  const e = Left.e;
  const m = Left.m;
  const kind = Left.kind;
  unpackLeft(bits, P);
  Right.kind = Left.kind;
  Right.s = Left.s;
  Right.e = Left.e;
  Right.m = Left.m;
  Left.kind = kind;
  Left.s = s;
  Left.e = e;
  Left.m = m;
}

/** Whether `fraction` (of a unit, 64 bits) rounds the magnitude up. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function roundsUp(mode: u32, s: u32, odd: bool, fraction: u64): bool {
  if (mode == RC_NEAREST) return fraction > TOP || (fraction == TOP && odd);
  if (mode == RC_CHOP) return false;
  return fraction != 0 && (mode == RC_DOWN) == (s != 0);
}

/** (-1)^s x high.low x 2^(e - 63) rounded to P bits; `high` has its top bit set, `low` may be sticky. Raises OE, UE, PE. Tiny is what is below the normal numbers after rounding. */
export function round(s: u32, e: i32, high: u64, low: u64, P: i32): u64 {
  const drop = <u64>(64 - P);
  const mode = Sse.control & RC;
  const lowest = 1 - bias(P);
  const unit = <u64>1 << drop;
  let fraction = (high << (64 - drop)) | <u64>(low != 0);
  let m = high & ~(unit - 1);
  let exponent = e;
  if (roundsUp(mode, s, (high & unit) != 0, fraction)) {
    m += unit;
    if (m == 0) {
      m = TOP;
      exponent++;
    }
  }
  if (exponent > bias(P)) {
    if (!isMasked(OE)) {
      Sse.after |= OE | (fraction != 0 ? PE : 0);
      return 0;
    }
    Sse.after |= OE | PE;
    const isInfinite = mode == RC_NEAREST || (mode == RC_UP && s == 0) || (mode == RC_DOWN && s != 0);
    return infinity(s, P) - <u64>!isInfinite;
  }
  if (exponent < lowest) {
    if (!isMasked(UE)) {
      Sse.after |= UE | (fraction != 0 ? PE : 0);
      return 0;
    }
    if ((Sse.control & FZ) != 0) {
      Sse.after |= UE | PE;
      return signed(s, P);
    }
  }
  if (e < lowest) {
    // The rounding position stays where it is for the lowest exponent; the value moves below it.
    const shift = lowest - e;
    let kept: u64 = 0;
    let rest: u64 = 0;
    if (shift < 64) {
      kept = high >> shift;
      rest = (high << (64 - shift)) | <u64>(low != 0);
    } else rest = shift == 64 ? high | <u64>(low != 0) : 1;
    fraction = (kept << (64 - drop)) | <u64>(rest != 0);
    let digits = kept >> drop;
    if (roundsUp(mode, s, (digits & 1) != 0, fraction)) digits++;
    if (fraction != 0) Sse.after |= exponent < lowest ? UE | PE : PE;
    // A carry makes the lowest normal number.
    return signed(s, P) | digits;
  }
  if (fraction != 0) Sse.after |= PE;
  return signed(s, P) | (<u64>(exponent + bias(P)) << fractionBits(P)) | ((m << 1) >> (drop + 1));
}
