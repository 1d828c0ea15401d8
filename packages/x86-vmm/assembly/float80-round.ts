/*
 * Classes of operands, NaN propagation and the one place where an exact or sticky-exact value becomes an 80-bit result.
 * SDM Vol. 1 sections 4.8 (formats, rounding), 4.9 (exceptions) and 8.5.
 */
import {
  BIAS_ADJUSTMENT, C1, DE, FPU_CONTROL, Fpu, IE, INTEGER_BIT, Left, OE, PE, QUIET_BIT, RC, RC_CHOP, RC_DOWN, RC_NEAREST, RC_UP, Result, Right, UE,
  invalid, raise, setResult,
} from './float80-state';

export const ZERO: u32 = 0;
export const NORMAL: u32 = 1;
/** Denormal or pseudo-denormal. */
export const DENORMAL: u32 = 2;
export const INFINITY_: u32 = 3;
export const QNAN: u32 = 4;
export const SNAN: u32 = 5;
/** Pseudo-infinity, pseudo-NaN, unnormal: invalid operands since the 387. */
export const UNSUPPORTED: u32 = 6;

export function classify(e: i32, m: u64): u32 {
  if (e == 0) return m == 0 ? ZERO : DENORMAL;
  if ((m & INTEGER_BIT) == 0) return UNSUPPORTED;
  if (e != 0x7fff) return NORMAL;
  if (m == INTEGER_BIT) return INFINITY_;
  return (m & QUIET_BIT) != 0 ? QNAN : SNAN;
}

/** Neither operand is special: exponent 1..7FFEh and integer bit set in both. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function bothNormal(): bool {
  return (Left.m & Right.m & INTEGER_BIT) != 0 && <u32>(Left.e - 1) < 0x7ffe && <u32>(Right.e - 1) < 0x7ffe && !Right.wasDenormal;
}

/** NaN result of one NaN operand: quieted. */
export function quietLeft(): void {
  setResult(Left.s, 0x7fff, Left.m | QUIET_BIT);
}
export function quietRight(): void {
  setResult(Right.s, 0x7fff, Right.m | QUIET_BIT);
}
/**
 * Two operands of which one is a NaN or unsupported. Table 4-7: an SNaN with a QNaN gives the QNaN; two of a kind give the larger
 * significand, of equal ones the positive.
 */
export function propagate(left: u32, right: u32): void {
  if (left == UNSUPPORTED || right == UNSUPPORTED) return invalid();
  if (left == SNAN || right == SNAN) raise(IE);
  if (left < QNAN) return quietRight();
  if (right < QNAN) return quietLeft();
  if (left != right) {
    if (left == QNAN) quietLeft();
    else quietRight();
    return;
  }
  if (Left.m > Right.m || (Left.m == Right.m && Left.s < Right.s)) quietLeft();
  else quietRight();
}

/** Makes a denormal's significand normalised (exponent then below 1) for computing. */
export function normalizeLeft(): void {
  const shift = <i32>clz(Left.m);
  Left.e = (Left.e == 0 ? 1 : Left.e) - shift;
  Left.m <<= shift;
}
export function normalizeRight(): void {
  const shift = <i32>clz(Right.m);
  Right.e = (Right.e == 0 ? 1 : Right.e) - shift;
  Right.m <<= shift;
}
/** Raises DE where an operand is a denormal. */
export function noteDenormals(left: u32, right: u32): void {
  if (left == DENORMAL || right == DENORMAL || Right.wasDenormal) raise(DE);
}

/** Whether `fraction` (of a unit, 64 bits) rounds the magnitude up. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function roundsUp(mode: u32, sign: u32, odd: u64, fraction: u64): bool {
  if (mode == RC_NEAREST) return fraction > INTEGER_BIT || (fraction == INTEGER_BIT && odd != 0);
  if (mode == RC_CHOP) return false;
  return fraction != 0 && (mode == RC_DOWN) == (sign != 0);
}

/**
 * Rounds (-1)^s x high.low x 2^(e - 16383 - 63) into `Result`; `high` has its integer bit, `low` may carry a sticky bit. Precision and
 * rounding control are `word`'s. Raises OE, UE, PE, and C1 when the magnitude was rounded up.
 */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function round(s: u32, e: i32, high: u64, low: u64, word: u32): void {
  if ((word & 0x0f00) == 0x0300 && <u32>(e - 1) < 0x7ffd) {
    Result.s = s;
    if (low != 0) {
      raise(PE);
      if (low > INTEGER_BIT || (low == INTEGER_BIT && (high & 1) != 0)) {
        raise(C1);
        high++;
        if (high == 0) {
          high = INTEGER_BIT;
          e++;
        }
      }
    }
    Result.e = e;
    Result.m = high;
  } else roundAnywhere(s, e, high, low, word);
}

export function roundAnywhere(s: u32, e: i32, high: u64, low: u64, word: u32): void {
  const precision = word & 0x0300;
  // Bits below the rounding position. 01b is reserved and behaves as extended.
  const drop: i32 = precision == 0x0200 ? 11 : precision == 0 ? 40 : 0;
  const mode = word & RC;
  const masks = load<u32>(FPU_CONTROL);
  Result.s = s;

  let kept = high;
  let fraction = low;
  if (drop != 0) {
    fraction = (high << (64 - drop)) | <u64>(low != 0);
    kept = (high >> drop) << drop;
  }
  const unit = <u64>1 << drop;
  let up = roundsUp(mode, s, kept & unit, fraction);
  let m = kept;
  let exponent = e;
  if (up) {
    m += unit;
    if (m == 0) {
      m = INTEGER_BIT;
      exponent++;
    }
  }

  if (exponent >= 0x7fff) {
    if ((masks & OE) == 0) {
      raise(OE);
      exponent -= BIAS_ADJUSTMENT;
    } else {
      raise(OE | PE);
      Result.e = 0x7fff;
      Result.m = INTEGER_BIT;
      if (mode == RC_NEAREST || (mode == RC_UP && s == 0) || (mode == RC_DOWN && s != 0)) raise(C1);
      else {
        Result.e = 0x7ffe;
        Result.m = ~(<u64>0) << drop;
      }
      return;
    }
  } else if (e < 1) {
    const tiny = exponent < 1;
    if (tiny && (masks & UE) == 0) {
      raise(UE);
      exponent += BIAS_ADJUSTMENT;
    } else {
      // The result is a denormal: the rounding position stays where it is in the register, the value moves below it.
      const shift = 1 - e;
      let h: u64 = 0;
      let l: u64 = 0;
      if (shift < 64) {
        h = high >> shift;
        l = (high << (64 - shift)) | (low >> shift) | <u64>(low << (64 - shift) != 0);
      } else if (shift == 64) l = high | <u64>(low != 0);
      else if (shift < 128) l = (high >> (shift - 64)) | <u64>(((high << (128 - shift)) | low) != 0);
      else l = 1;
      kept = h;
      fraction = l;
      if (drop != 0) {
        fraction = (h << (64 - drop)) | <u64>(l != 0);
        kept = (h >> drop) << drop;
      }
      up = roundsUp(mode, s, kept & unit, fraction);
      m = kept + (up ? unit : 0);
      if (fraction != 0) raise(tiny ? UE : 0);
      exponent = (m & INTEGER_BIT) != 0 ? 1 : 0;
    }
  }
  if (fraction != 0) raise(PE);
  if (up) raise(C1);
  Result.e = exponent;
  Result.m = m;
}
