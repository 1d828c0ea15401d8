/*
 * The usual case of the frequent instructions, without the operands' way through globals: normal numbers, all exceptions masked, round to
 * nearest in extended precision, no stack fault. Each function does the whole instruction and answers true, or has touched nothing and
 * answers false: then the general kernel does it. The arithmetic is that of float80-arithmetic.ts and float80-round.ts.
 */
import { BIAS, C1, FPU_CONTROL, FPU_EMPTY, FPU_STATUS, INTEGER_BIT, PE, address } from './float80-state';
import { multiplyHigh, shiftedOut, shiftedRight } from './float80-wide';

/** Masks, rounding and precision control of the control word, and what they are by default (FNINIT). */
const MODES: u32 = 0x0f3f;
const DEFAULT_MODES: u32 = 0x033f;
const TOP: u32 = 0x3800;

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function isDefault(): bool {
  return (load<u32>(FPU_CONTROL) & MODES) == DEFAULT_MODES;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function isNormal(e: u32, m: u64): bool {
  return (m & INTEGER_BIT) != 0 && e - 1 < 0x7ffe;
}

/** Rounds, stores to the register at `at`, sets C1 and PE, and takes `pops` (0 or 1) registers off the stack. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function conclude(at: usize, s: u32, exponent: u32, significand: u64, low: u64, pops: u32): bool {
  if (exponent - 1 >= 0x7ffd) return false;
  let e = exponent;
  let m = significand;
  const word = load<u32>(FPU_STATUS);
  let next = word & ~C1;
  if (low != 0) {
    next |= PE;
    if (low > INTEGER_BIT || (low == INTEGER_BIT && (m & 1) != 0)) {
      next |= C1;
      m++;
      if (m == 0) {
        m = INTEGER_BIT;
        e++;
      }
    }
  }
  store<u64>(at, m);
  store<u16>(at, <u16>((s << 15) | e), 8);
  if (pops != 0) {
    const top = (word >> 11) & 7;
    store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) | (1 << top));
    next = (next & ~TOP) | (((top + 1) & 7) << 11);
  }
  if (next != word) store<u32>(FPU_STATUS, next);
  return true;
}

/** The register at `at` becomes itself + or - (`negate`) the number given; `reverse`: the number minus itself. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function quickSum(at: usize, signExponent: u32, significand: u64, negate: u32, reverse: u32, pops: u32): bool {
  const left = <u32>load<u16>(at, 8);
  let high = load<u64>(at);
  let other = significand;
  let e = left & 0x7fff;
  let otherE = signExponent & 0x7fff;
  if (!isDefault() || !isNormal(e, high) || !isNormal(otherE, other)) return false;
  let s = (left >> 15) ^ reverse;
  const isSum = s == ((signExponent >> 15) ^ negate ^ reverse);
  if (e < otherE || (e == otherE && high < other)) {
    const smallE = e;
    const small = high;
    e = otherE;
    high = other;
    otherE = smallE;
    other = small;
    if (!isSum) s ^= 1;
  }
  const d = e - otherE;
  let low = shiftedOut(other, d);
  other = shiftedRight(other, d);
  if (isSum) {
    const sum = high + other;
    if (sum >= high) return conclude(at, s, e, sum, low, pops);
    return conclude(at, s, e + 1, (sum >> 1) | INTEGER_BIT, (sum << 63) | (low >> 1) | (low & 1), pops);
  }
  high = high - other - <u64>(low != 0);
  low = 0 - low;
  if (high == 0) return false;
  const shift = <u32>clz(high);
  if (shift == 0) return conclude(at, s, e, high, low, pops);
  return conclude(at, s, e - shift, (high << shift) | (low >> (64 - shift)), low << shift, pops);
}

/** The register at `at` becomes itself times the number given. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function quickProduct(at: usize, signExponent: u32, significand: u64, pops: u32): bool {
  const left = <u32>load<u16>(at, 8);
  const a = load<u64>(at);
  const leftE = left & 0x7fff;
  const rightE = signExponent & 0x7fff;
  if (!isDefault() || !isNormal(leftE, a) || !isNormal(rightE, significand)) return false;
  let high = multiplyHigh(a, significand);
  let low = a * significand;
  let e = leftE + rightE - <u32>(BIAS - 1);
  if ((high & INTEGER_BIT) == 0) {
    high = (high << 1) | (low >> 63);
    low <<= 1;
    e--;
  }
  // A result below the smallest or above the largest exponent wraps to one that `conclude` refuses.
  return conclude(at, (left ^ signExponent) >> 15, e, high, low, pops);
}

/** Pushes a number that raises nothing. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function quickPush(signExponent: u32, significand: u64): bool {
  const word = load<u32>(FPU_STATUS);
  const empty = load<u32>(FPU_EMPTY);
  const top = ((word >> 11) - 1) & 7;
  if (((empty >> top) & 1) == 0) return false;
  const at = address(top);
  store<u64>(at, significand);
  store<u16>(at, <u16>signExponent, 8);
  store<u32>(FPU_EMPTY, empty & ~(1 << top));
  store<u32>(FPU_STATUS, (word & ~(TOP | C1)) | (top << 11));
  return true;
}
/** ST(i) is pushed. */
export function quickPushRegister(i: u32): bool {
  const from = ((load<u32>(FPU_STATUS) >> 11) + i) & 7;
  if (((load<u32>(FPU_EMPTY) >> from) & 1) != 0) return false;
  return quickPush(<u32>load<u16>(address(from), 8), load<u64>(address(from)));
}
/** ST(i) <- ST(0), then `pops` (0 or 1) registers are taken off the stack. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function quickStore(i: u32, pops: u32): bool {
  const word = load<u32>(FPU_STATUS);
  let empty = load<u32>(FPU_EMPTY);
  const top = (word >> 11) & 7;
  if (((empty >> top) & 1) != 0) return false;
  const to = (top + i) & 7;
  const m = load<u64>(address(top));
  const signExponent = load<u16>(address(top), 8);
  store<u64>(address(to), m);
  store<u16>(address(to), signExponent, 8);
  empty &= ~(1 << to);
  let next = word & ~C1;
  if (pops != 0) {
    empty |= 1 << top;
    next = (next & ~TOP) | (((top + 1) & 7) << 11);
  }
  store<u32>(FPU_EMPTY, empty);
  if (next != word) store<u32>(FPU_STATUS, next);
  return true;
}
/** ST(0) and ST(i) change places. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function quickExchange(i: u32): bool {
  const word = load<u32>(FPU_STATUS);
  const top = (word >> 11) & 7;
  const other = (top + i) & 7;
  const empty = load<u32>(FPU_EMPTY);
  if ((((empty >> top) | (empty >> other)) & 1) != 0) return false;
  const a = address(top);
  const b = address(other);
  const m = load<u64>(a);
  const signExponent = load<u16>(a, 8);
  store<u64>(a, load<u64>(b));
  store<u16>(a, load<u16>(b, 8), 8);
  store<u64>(b, m);
  store<u16>(b, signExponent, 8);
  if ((word & C1) != 0) store<u32>(FPU_STATUS, word & ~C1);
  return true;
}

/** A single as sign and exponent of the extended format; 0 unless it is normal. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function signExponentOfF32(bits: u32): u32 {
  const e = (bits >> 23) & 0xff;
  return e - 1 < 0xfe ? ((bits >> 31) << 15) | (e + <u32>(BIAS - 0x7f)) : 0;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function significandOfF32(bits: u32): u64 {
  return INTEGER_BIT | (<u64>bits << 40);
}
/** A double as sign and exponent of the extended format; 0 unless it is normal. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function signExponentOfF64(bits: u64): u32 {
  const e = <u32>(bits >> 52) & 0x7ff;
  return e - 1 < 0x7fe ? (<u32>(bits >> 63) << 15) | (e + <u32>(BIAS - 0x3ff)) : 0;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function significandOfF64(bits: u64): u64 {
  return INTEGER_BIT | (bits << 11);
}
