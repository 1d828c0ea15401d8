/* F2XM1, FYL2X and FYL2XP1. SDM Vol. 2A. */
import {
  BIAS, Fpu, INTEGER_BIT, Left, PC_EXTENDED, PE, RC, Result, Right, UE, ZE, control, finish, invalid, loadLeft, loadRight, raise, setResult, stackUnderflow, stopped,
} from './float80-state';
import { INFINITY_, QNAN, UNSUPPORTED, ZERO, classify, normalizeLeft, normalizeRight, noteDenormals, propagate, round } from './float80-round';
import { oneOperand } from './float80-integer';
import { EXPONENTIAL, HYPERBOLIC_TANGENT, Number128, divideFloat, floatToFixed, multiplyFloat, normalize, oneWith, series } from './float80-polynomial';
import { Wide, multiply } from './float80-wide';

const LN2_HIGH: u64 = 0xb172_17f7_d1cf_79ab;
const LN2_LOW: u64 = 0xc9e3_b398_03f2_f6af;
const LOG2E_HIGH: u64 = 0xb8aa_3b29_5c17_f0bb;
const LOG2E_LOW: u64 = 0xbe87_fed0_691d_3e89;
/** Significand of the square root of 2, rounded up: where a logarithm's argument is halved. */
const ROOT2: u64 = 0xb504_f333_f9de_6485;

/** Transcendental results are inexact and rounded at 64 bits whatever precision control says. */
export function roundInexact(s: u32, e: i32, h: u64, l: u64): void {
  round(s, e + BIAS, h, l | 1, (control() & RC) | PC_EXTENDED);
}

export function f2xm1(): void {
  Fpu.raised = 0;
  if (!loadLeft(0)) stackUnderflow();
  else {
    const kind = oneOperand();
    if (kind == ZERO) setResult(Left.s, 0, 0);
    else if (kind == INFINITY_) {
      if (Left.s != 0) setResult(1, BIAS, INTEGER_BIT);
      else setResult(0, 0x7fff, INTEGER_BIT);
    } else if (kind != UNSUPPORTED) exponential();
  }
  finish(0, 0);
}
/** 2^x - 1 = y (1 + y/2! + y^2/3! ...) with y = x ln 2. */
function exponential(): void {
  normalizeLeft();
  const e = Left.e - BIAS;
  const s = Left.s;
  if (e >= 0) {
    // 1 and -1 have exact results; beyond, the result is undefined and the source stays. PE is set all the same, as in hardware.
    raise(PE);
    if (e > 0 || Left.m != INTEGER_BIT) return setResult(s, Left.e, Left.m);
    return setResult(s, s != 0 ? BIAS - 1 : BIAS, INTEGER_BIT);
  }
  multiplyFloat(e, Left.m, 0, -1, LN2_HIGH, LN2_LOW);
  const ye = Number128.e;
  const yh = Number128.h;
  const yl = Number128.l;
  floatToFixed(ye, yh, yl);
  const fh = Number128.h;
  const fl = Number128.l;
  series(EXPONENTIAL, fh, fl, s != 0);
  oneWith(fh, fl, s != 0);
  multiplyFloat(ye, yh, yl, Number128.e, Number128.h, Number128.l);
  roundInexact(s, Number128.e, Number128.h, Number128.l);
}

/** A logarithm to base 2 on its way: integer part, sign and float of the fraction (`isZero`: exactly the integer). */
class Logarithm {
  static whole: i32 = 0;
  static s: u32 = 0;
  static e: i32 = 0;
  static h: u64 = 0;
  static l: u64 = 0;
  static isZero: bool = false;
}

/** log2 of m = h.l x 2^(whole - 127): 2/ln 2 artanh((m - 1)/(m + 1)) with m between the roots of 1/2 and 2. */
function logarithm(whole: i32, h: u64, l: u64): void {
  Logarithm.isZero = false;
  if (h >= ROOT2) {
    Logarithm.whole = whole + 1;
    Logarithm.s = 1;
    // m/2: numerator 1 - m/2, denominator 1 + m/2.
    Number128.l = 0 - l;
    Number128.h = 0 - h - <u64>(l != 0);
    Number128.e = -1;
    normalize();
    return arc(0, INTEGER_BIT | (h >> 1), (h << 63) | (l >> 1));
  }
  Logarithm.whole = whole;
  Logarithm.s = 0;
  const over = h ^ INTEGER_BIT;
  if ((over | l) == 0) {
    Logarithm.isZero = true;
    return;
  }
  Number128.h = over;
  Number128.l = l;
  Number128.e = 0;
  normalize();
  arc(1, INTEGER_BIT | (over >> 1), (over << 63) | (l >> 1));
}
/** Logarithm's fraction from the numerator in Number128 and the denominator given. */
function arc(de: i32, dh: u64, dl: u64): void {
  divideFloat(Number128.e, Number128.h, Number128.l, de, dh, dl);
  const te = Number128.e;
  const th = Number128.h;
  const tl = Number128.l;
  multiplyFloat(te, th, tl, te, th, tl);
  floatToFixed(Number128.e, Number128.h, Number128.l);
  const uh = Number128.h;
  const ul = Number128.l;
  series(HYPERBOLIC_TANGENT, uh, ul, false);
  oneWith(uh, ul, false);
  multiplyFloat(te, th, tl, Number128.e, Number128.h, Number128.l);
  multiplyFloat(Number128.e, Number128.h, Number128.l, 1, LOG2E_HIGH, LOG2E_LOW);
  Logarithm.e = Number128.e;
  Logarithm.h = Number128.h;
  Logarithm.l = Number128.l;
}

/** Right (not zero, normalised, finite) times the logarithm into Result. */
function timesLogarithm(): void {
  const whole = Logarithm.whole;
  let s = Logarithm.s;
  if (Logarithm.isZero) {
    if (whole == 0) return setResult(Right.s, 0, 0);
    // PE even where the product is exact, as in hardware.
    raise(PE);
    const n: u64 = whole < 0 ? <u64>(-whole) : <u64>whole;
    const shift = <i32>clz(n);
    let low = multiply(n << shift, Right.m);
    let high = Wide.high;
    let e = Right.e + 64 - shift;
    if ((high & INTEGER_BIT) == 0) {
      high = (high << 1) | (low >> 63);
      low <<= 1;
      e--;
    }
    round(Right.s ^ <u32>(whole < 0), e, high, low, (control() & RC) | PC_EXTENDED);
    if (Result.e == 0) raise(UE);
    return;
  }
  let e = Logarithm.e;
  let h = Logarithm.h;
  let l = Logarithm.l;
  if (whole != 0) {
    // |whole| + or - a fraction of at most one half.
    floatToFixed(e, h, l);
    let n: u64 = whole < 0 ? <u64>(-whole) : <u64>whole;
    h = Number128.h;
    l = Number128.l;
    if ((s != 0) != (whole < 0)) {
      l = 0 - l;
      h = 0 - h - <u64>(l != 0);
      n--;
    }
    s = <u32>(whole < 0);
    if (n == 0) {
      Number128.h = h;
      Number128.l = l;
      Number128.e = -1;
      normalize();
      e = Number128.e;
      h = Number128.h;
      l = Number128.l;
    } else {
      const shift = <i32>clz(n);
      l = (l >> (64 - shift)) | (h << shift);
      h = (n << shift) | (h >> (64 - shift));
      e = 63 - shift;
    }
  }
  multiplyFloat(e, h, l, Right.e - BIAS, Right.m, 0);
  roundInexact(s ^ Right.s, Number128.e, Number128.h, Number128.l);
}

/** ST(1) <- ST(1) x log2 ST(0), pop. */
export function fyl2x(): void {
  Fpu.raised = 0;
  const left = loadLeft(0);
  const right = loadRight(1);
  if (!left || !right) stackUnderflow();
  else yLog2x();
  finish(1, 1);
}
function yLog2x(): void {
  const x = classify(Left.e, Left.m);
  const y = classify(Right.e, Right.m);
  if (x >= QNAN || y >= QNAN) return propagate(x, y);
  if (Left.s != 0 && x != ZERO) return invalid();
  if (x == ZERO) {
    if (y == ZERO) return invalid();
    if (y != INFINITY_) raise(ZE);
    return setResult(Right.s ^ 1, 0x7fff, INTEGER_BIT);
  }
  if (x == INFINITY_) {
    if (y == ZERO) return invalid();
    noteDenormals(x, y);
    return setResult(Right.s, 0x7fff, INTEGER_BIT);
  }
  const isOne = Left.e == BIAS && Left.m == INTEGER_BIT;
  if (isOne && y == INFINITY_) return invalid();
  noteDenormals(x, y);
  if (stopped()) return;
  const negative = <u32>(Left.e < BIAS);
  if (y == INFINITY_) return setResult(Right.s ^ negative, 0x7fff, INTEGER_BIT);
  if (y == ZERO) return setResult(Right.s ^ negative, 0, 0);
  normalizeLeft();
  normalizeRight();
  logarithm(Left.e - BIAS, Left.m, 0);
  timesLogarithm();
}

/** ST(1) <- ST(1) x log2(ST(0) + 1), pop. */
export function fyl2xp1(): void {
  Fpu.raised = 0;
  const left = loadLeft(0);
  const right = loadRight(1);
  if (!left || !right) stackUnderflow();
  else yLog2xPlus1();
  finish(1, 1);
}
function yLog2xPlus1(): void {
  const x = classify(Left.e, Left.m);
  const y = classify(Right.e, Right.m);
  if (x >= QNAN || y >= QNAN) return propagate(x, y);
  if (x == INFINITY_) {
    if (Left.s != 0 || y == ZERO) return invalid();
    noteDenormals(x, y);
    return setResult(Right.s, 0x7fff, INTEGER_BIT);
  }
  if (x == ZERO && y == INFINITY_) return invalid();
  noteDenormals(x, y);
  if (stopped()) return;
  const s = Left.s ^ Right.s;
  if (y == INFINITY_) return setResult(s, 0x7fff, INTEGER_BIT);
  if (x == ZERO || y == ZERO) return setResult(s, 0, 0);
  // x <= -1 has no logarithm; undefined in the manual, hardware answers x.
  if (Left.s != 0 && Left.e >= BIAS) {
    raise(PE);
    return setResult(Left.s, Left.e, Left.m);
  }
  normalizeLeft();
  normalizeRight();
  onePlus();
  timesLogarithm();
}
/** log2(1 + Left), Left > -1 and normalised. */
function onePlus(): void {
  const e = Left.e - BIAS;
  const m = Left.m;
  if (e < -2) {
    // Small: x/(2 + x) keeps all of x's bits.
    Logarithm.whole = 0;
    Logarithm.isZero = false;
    Logarithm.s = Left.s;
    floatToFixed(e - 2, m, 0);
    let dh = Number128.h;
    let dl = Number128.l;
    let de = 1;
    // An x too small to show leaves 2 as it is.
    if (Left.s == 0 || (dh | dl) == 0) dh |= INTEGER_BIT;
    else {
      dl = 0 - dl;
      dh = INTEGER_BIT - dh - <u64>(dl != 0);
      dh = (dh << 1) | (dl >> 63);
      dl <<= 1;
      de = 0;
    }
    Number128.e = e;
    Number128.h = m;
    Number128.l = 0;
    return arc(de, dh, dl);
  }
  if (e < 0) {
    // 1 + x or 1 - |x| in fixed point with one integer bit.
    floatToFixed(e - 1, m, 0);
    if (Left.s == 0) return logarithm(0, INTEGER_BIT + Number128.h, Number128.l);
    const l = 0 - Number128.l;
    Number128.h = INTEGER_BIT - Number128.h - <u64>(l != 0);
    Number128.l = l;
    Number128.e = 0;
    normalize();
    return logarithm(Number128.e, Number128.h, Number128.l);
  }
  if (e > 126) return logarithm(e, m, 0);
  // x >= 1: one is added below its integer bit.
  floatToFixed(-1 - e, INTEGER_BIT, 0);
  const h = m + Number128.h;
  const l = Number128.l;
  if (h < m) return logarithm(e + 1, INTEGER_BIT | (h >> 1), (l >> 1) | (h << 63));
  logarithm(e, h, l);
}
