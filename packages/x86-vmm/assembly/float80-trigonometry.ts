/*
 * FSIN, FCOS, FSINCOS, FPTAN and FPATAN. SDM Vol. 2A; Vol. 1 section 8.3.8: arguments are reduced by a pi of 66 bits, exactly; from 2^63
 * on the instruction sets C2 and changes nothing else.
 */
import {
  BIAS, C1, C2, FPU_EMPTY, FPU_STATUS, Fpu, IE, INTEGER_BIT, Left, Result, Right, SF, finish, indefinite, invalid, isEmpty,
  loadLeft, loadRight, note, physical, raise, setResult, stackUnderflow, stopped, storeRegister,
} from './float80-state';
import { INFINITY_, QNAN, UNSUPPORTED, ZERO, classify, normalizeLeft, normalizeRight, noteDenormals, propagate } from './float80-round';
import { oneOperand } from './float80-integer';
import { roundInexact } from './float80-logarithm';
import {
  ARCTANGENT_EIGHTHS, COSINE, HYPERBOLIC_TANGENT, Number128, SINE, divideFloat, floatToFixed, multiplyFloat, normalize, oneWith, series,
} from './float80-polynomial';

/** pi/2 of 66 bits times 2^65: 3243F6A88 85A308D3h as high 2 bits and low 64. */
const HALF_PI_HIGH: u64 = 3;
const HALF_PI_LOW: u64 = 0x243f_6a88_85a3_08d3;
/** pi and pi/2 times 2^126 for arctangents. */
const PI_HIGH: u64 = 0xc90f_daa2_2168_c234;
const PI_LOW: u64 = 0xc4c6_628b_80dc_1cd1;
const PI_2_HIGH: u64 = 0x6487_ed51_10b4_611a;
const PI_2_LOW: u64 = 0x6263_3145_c06e_0e69;

/** The reduced argument: sign and float of a rest of at most pi/4, and the quadrant it is counted from; sines and cosines of the rest. */
class Angle {
  static quadrant: i32 = 0;
  static s: u32 = 0;
  static e: i32 = 0;
  static h: u64 = 0;
  static l: u64 = 0;
}
class Sine {
  static e: i32 = 0;
  static h: u64 = 0;
  static l: u64 = 0;
}
class Cosine {
  static e: i32 = 0;
  static h: u64 = 0;
  static l: u64 = 0;
}

/** |Left| (normalised, below 2^63) to Angle. */
function reduce(): void {
  const e = Left.e - BIAS;
  Angle.quadrant = 0;
  Angle.s = 0;
  // Below pi/4 (C90F...h x 2^-1) nothing is to be done.
  if (e < -1 || (e == -1 && Left.m < 0xc90f_daa2_2168_c234)) {
    Angle.e = e;
    Angle.h = Left.m;
    Angle.l = 0;
    return;
  }
  // In units of 2^-65: rest <- rest x 2 mod pi/2, once for each bit of the argument below its significand's last.
  let high: u64 = 0;
  let low = Left.m;
  let quotient = 0;
  for (let i = -2; i < e; i++) {
    high = (high << 1) | (low >> 63);
    low <<= 1;
    quotient <<= 1;
    if (high > HALF_PI_HIGH || (high == HALF_PI_HIGH && low >= HALF_PI_LOW)) {
      high = high - HALF_PI_HIGH - <u64>(low < HALF_PI_LOW);
      low -= HALF_PI_LOW;
      quotient |= 1;
    }
  }
  const twiceHigh = (high << 1) | (low >> 63);
  const twiceLow = low << 1;
  if (twiceHigh > HALF_PI_HIGH || (twiceHigh == HALF_PI_HIGH && twiceLow > HALF_PI_LOW)) {
    high = HALF_PI_HIGH - high - <u64>(HALF_PI_LOW < low);
    low = HALF_PI_LOW - low;
    Angle.s = 1;
    quotient++;
  }
  Angle.quadrant = quotient & 3;
  // 2^-65 is the last bit: h.l x 2^(62 - 127).
  Number128.h = high;
  Number128.l = low;
  Number128.e = 62;
  normalize();
  Angle.e = Number128.e;
  Angle.h = Number128.h;
  Angle.l = Number128.l;
}
/** Sine and cosine of Angle's rest (without its sign). */
function sineAndCosine(): void {
  multiplyFloat(Angle.e, Angle.h, Angle.l, Angle.e, Angle.h, Angle.l);
  floatToFixed(Number128.e, Number128.h, Number128.l);
  const uh = Number128.h;
  const ul = Number128.l;
  series(SINE, uh, ul, true);
  oneWith(uh, ul, true);
  multiplyFloat(Angle.e, Angle.h, Angle.l, Number128.e, Number128.h, Number128.l);
  Sine.e = Number128.e;
  Sine.h = Number128.h;
  Sine.l = Number128.l;
  series(COSINE, uh, ul, true);
  oneWith(uh, ul, true);
  Cosine.e = Number128.e;
  Cosine.h = Number128.h;
  Cosine.l = Number128.l;
}
/** Sine of the whole argument into Result. */
function giveSine(): void {
  const quadrant = Angle.quadrant;
  if ((quadrant & 1) != 0) roundInexact(Left.s ^ <u32>(quadrant == 3), Cosine.e, Cosine.h, Cosine.l);
  else roundInexact(Left.s ^ Angle.s ^ <u32>(quadrant == 2), Sine.e, Sine.h, Sine.l);
}
function giveCosine(): void {
  const quadrant = Angle.quadrant;
  if ((quadrant & 1) != 0) roundInexact(Angle.s ^ <u32>(quadrant == 1), Sine.e, Sine.h, Sine.l);
  else roundInexact(<u32>(quadrant == 2), Cosine.e, Cosine.h, Cosine.l);
}
function giveTangent(): void {
  if ((Angle.quadrant & 1) != 0) {
    divideFloat(Cosine.e, Cosine.h, Cosine.l, Sine.e, Sine.h, Sine.l);
    roundInexact(Left.s ^ Angle.s ^ 1, Number128.e, Number128.h, Number128.l);
  } else if (Angle.e < -40) {
    // Above the rest by less than is seen.
    roundInexact(Left.s ^ Angle.s, Angle.e, Angle.h, Angle.l);
  } else {
    divideFloat(Sine.e, Sine.h, Sine.l, Cosine.e, Cosine.h, Cosine.l);
    roundInexact(Left.s ^ Angle.s, Number128.e, Number128.h, Number128.l);
  }
}

const SIN: u32 = 0;
const COS: u32 = 1;
const BOTH: u32 = 2;
const TAN: u32 = 3;
/** Outcomes of `circular`. */
const DONE: u32 = 0;
const OUT_OF_RANGE: u32 = 1;
const FAILED: u32 = 2;

/** The function of Left into Result; with two results the cosine is left for `giveCosine`. */
function circular(operation: u32): u32 {
  const kind = oneOperand();
  if (kind == UNSUPPORTED) return FAILED;
  if (kind == INFINITY_) {
    invalid();
    return FAILED;
  }
  if (kind == ZERO) {
    if (operation == COS) setResult(0, BIAS, INTEGER_BIT);
    else setResult(Left.s, 0, 0);
    return DONE;
  }
  if (Left.e >= BIAS + 63) return OUT_OF_RANGE;
  normalizeLeft();
  reduce();
  sineAndCosine();
  if (operation == COS) giveCosine();
  else if (operation == TAN) giveTangent();
  else giveSine();
  return DONE;
}

function single(operation: u32): void {
  Fpu.raised = 0;
  if (!loadLeft(0)) {
    stackUnderflow();
  } else if (circular(operation) == OUT_OF_RANGE) {
    raise(C2);
    note(C2);
    return;
  }
  if (!note(C2)) return;
  const register = physical(0);
  storeRegister(register);
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(<u32>1 << register));
}
export function fsin(): void {
  single(SIN);
}
export function fcos(): void {
  single(COS);
}
export function fsincos(): void {
  pair(BOTH);
}
export function fptan(): void {
  pair(TAN);
}
/** Two results: the first replaces ST(0), the second (cosine, or 1 after the tangent) is pushed. */
function pair(operation: u32): void {
  Fpu.raised = 0;
  if (!loadLeft(0)) stackUnderflow();
  else if (!isEmpty(physical(-1))) raise(IE | SF | C1);
  if ((Fpu.raised & IE) != 0) {
    if (!note(C2)) return;
    indefinite();
    return both(Result.s, Result.e, Result.m);
  }
  const isZero = Left.e == 0 && Left.m == 0;
  const outcome = circular(operation);
  if (outcome == OUT_OF_RANGE) {
    raise(C2);
    note(C2);
    return;
  }
  const s = Result.s;
  const e = Result.e;
  const m = Result.m;
  if (outcome == DONE) {
    if (operation == TAN || isZero) setResult(0, BIAS, INTEGER_BIT);
    else {
      // C1 tells of the last rounding.
      Fpu.raised &= ~C1;
      giveCosine();
    }
  }
  if (!note(C2)) return;
  both(s, e, m);
}
/** Writes the arguments to ST(0), then pushes Result. */
function both(s: u32, e: i32, m: u64): void {
  const ps = Result.s;
  const pe = Result.e;
  const pm = Result.m;
  const word = load<u32>(FPU_STATUS);
  const old = (word >> 11) & 7;
  const top = (old - 1) & 7;
  setResult(s, e, m);
  storeRegister(old);
  setResult(ps, pe, pm);
  storeRegister(top);
  store<u32>(FPU_STATUS, (word & ~(<u32>0x3800)) | (top << 11));
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(((<u32>1) << old) | ((<u32>1) << top)));
}

/** ST(1) <- arctangent of ST(1) / ST(0) in the quadrant of the point (ST(0), ST(1)), pop. */
export function fpatan(): void {
  Fpu.raised = 0;
  const left = loadLeft(0);
  const right = loadRight(1);
  if (!left || !right) stackUnderflow();
  else arctangent();
  finish(1, 1);
}
/** h.l x 2^-126, inexact, into Result. */
function giveAngle(s: u32, h: u64, l: u64): void {
  Number128.h = h;
  Number128.l = l;
  Number128.e = 1;
  normalize();
  roundInexact(s, Number128.e, Number128.h, Number128.l);
}
function arctangent(): void {
  const x = classify(Left.e, Left.m);
  const y = classify(Right.e, Right.m);
  if (x >= QNAN || y >= QNAN) return propagate(x, y);
  noteDenormals(x, y);
  if (stopped()) return;
  const s = Right.s;
  const back = Left.s != 0;
  if (y == INFINITY_) {
    if (x != INFINITY_) return giveAngle(s, PI_2_HIGH, PI_2_LOW);
    // pi/4 and 3 pi/4.
    const quarterHigh = PI_2_HIGH >> 1;
    const quarterLow = (PI_2_LOW >> 1) | (PI_2_HIGH << 63);
    if (!back) return giveAngle(s, quarterHigh, quarterLow);
    const low = PI_2_LOW + quarterLow;
    return giveAngle(s, PI_2_HIGH + quarterHigh + <u64>(low < quarterLow), low);
  }
  if (y == ZERO || x == INFINITY_) {
    if (back) return giveAngle(s, PI_HIGH, PI_LOW);
    return setResult(s, 0, 0);
  }
  if (x == ZERO) return giveAngle(s, PI_2_HIGH, PI_2_LOW);
  normalizeLeft();
  normalizeRight();

  // Smaller over larger, so that the quotient is at most 1.
  const steep = Right.e > Left.e || (Right.e == Left.e && Right.m > Left.m);
  const n = steep ? Left.m : Right.m;
  const d = steep ? Right.m : Left.m;
  const apart = steep ? Right.e - Left.e : Left.e - Right.e;
  // The nearest eighth; which one is taken changes the work, not the result.
  let eighths = 0;
  if (apart < 6) eighths = <i32>(8.0 * (<f64>(n >> apart) / <f64>d) + 0.5);
  let rs: u32 = 0;
  let isZero = false;
  if (eighths == 0) divideFloat(-apart, n, 0, 0, d, 0);
  else {
    // (8 n - k d) / (8 d + k n), both in units of 2^-123 so that they fit.
    const nh = n >> (apart + 4);
    const nl = n << (60 - apart);
    const dh = d >> 4;
    const dl = d << 60;
    const k = <u64>eighths;
    // k x value: the products stay below 2^128.
    const kdl = multiplyLow(dl, k);
    const kdh = dh * k + Carry.value;
    const knl = multiplyLow(nl, k);
    const knh = nh * k + Carry.value;
    const n8l = nl << 3;
    const n8h = (nh << 3) | (nl >> 61);
    const d8l = dl << 3;
    const d8h = (dh << 3) | (dl >> 61);
    let ah = n8h - kdh - <u64>(n8l < kdl);
    let al = n8l - kdl;
    if (<i64>ah < 0) {
      rs = 1;
      al = 0 - al;
      ah = 0 - ah - <u64>(al != 0);
    }
    if ((ah | al) == 0) isZero = true;
    else {
      const bl = d8l + knl;
      Number128.h = d8h + knh + <u64>(bl < knl);
      Number128.l = bl;
      Number128.e = 0;
      normalize();
      const be = Number128.e;
      const bh = Number128.h;
      const bll = Number128.l;
      Number128.h = ah;
      Number128.l = al;
      Number128.e = 0;
      normalize();
      divideFloat(Number128.e, Number128.h, Number128.l, be, bh, bll);
    }
  }
  let th: u64 = 0;
  let tl: u64 = 0;
  if (!isZero) {
    const re = Number128.e;
    const rh = Number128.h;
    const rl = Number128.l;
    multiplyFloat(re, rh, rl, re, rh, rl);
    floatToFixed(Number128.e, Number128.h, Number128.l);
    const uh = Number128.h;
    const ul = Number128.l;
    series(HYPERBOLIC_TANGENT, uh, ul, true);
    oneWith(uh, ul, true);
    multiplyFloat(re, rh, rl, Number128.e, Number128.h, Number128.l);
    if (eighths == 0 && !steep && !back) return roundInexact(s, Number128.e, Number128.h, Number128.l);
    // To units of 2^-126.
    floatToFixed(Number128.e - 2, Number128.h, Number128.l);
    th = Number128.h;
    tl = Number128.l;
  }
  const at = changetype<usize>(ARCTANGENT_EIGHTHS) + (<usize>eighths << 4);
  const bh = load<u64>(at);
  const bl = load<u64>(at, 8);
  if (rs != 0) {
    th = bh - th - <u64>(bl < tl);
    tl = bl - tl;
  } else {
    const low = tl + bl;
    th = th + bh + <u64>(low < tl);
    tl = low;
  }
  if (steep) {
    th = PI_2_HIGH - th - <u64>(PI_2_LOW < tl);
    tl = PI_2_LOW - tl;
  }
  if (back) {
    th = PI_HIGH - th - <u64>(PI_LOW < tl);
    tl = PI_LOW - tl;
  }
  giveAngle(s, th, tl);
}
class Carry {
  static value: u64 = 0;
}
/** Low word of a x k for a small k; what overflows in `Carry`. */
function multiplyLow(a: u64, k: u64): u64 {
  Carry.value = ((a >> 32) * k + (((a & 0xffff_ffff) * k) >> 32)) >> 32;
  return a * k;
}
