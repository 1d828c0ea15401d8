/* FRNDINT, FSCALE, FXTRACT, FPREM and FPREM1, and rounding to integers for the integer stores. SDM Vol. 2A. */
import {
  BIAS, BIAS_ADJUSTMENT, C0, C1, C2, C3, Fpu, IE, INTEGER_BIT, Left, OE, PC_EXTENDED, PE, RC, Result, Right, SF, ZE, control, finish, indefinite, invalid,
  isEmpty, loadLeft, loadRight, note, physical, pop, raise, setResult, stackUnderflow, stopped, storeRegister, UE,
} from './float80-state';
import {
  DENORMAL, INFINITY_, NORMAL, QNAN, SNAN, UNSUPPORTED, ZERO, classify, normalizeLeft, normalizeRight, noteDenormals, propagate, quietLeft, round, roundsUp,
} from './float80-round';
import { FPU_EMPTY, FPU_STATUS } from './float80-state';

class Integer {
  static overflowed: bool = false;
}
export function roundToIntegerOverflowed(): bool {
  return Integer.overflowed;
}
/** |Left| (finite, not zero) rounded to an integer below 2^64; raises PE and C1. */
export function roundToInteger(mode: u32): u64 {
  const e = (Left.e == 0 ? 1 : Left.e) - BIAS;
  Integer.overflowed = e > 63;
  if (e >= 63) return Left.m;
  let whole: u64 = 0;
  let fraction: u64 = 1;
  if (e >= 0) {
    whole = Left.m >> (63 - e);
    fraction = Left.m << (e + 1);
  } else if (e == -1) fraction = Left.m;
  if (fraction != 0) {
    raise(PE);
    if (roundsUp(mode, Left.s, whole & 1, fraction)) {
      raise(C1);
      whole++;
    }
  }
  return whole;
}

/** One operand: NaN or unsupported handled, denormal noted. Returns the kind, or UNSUPPORTED when the result is already there. */
export function oneOperand(): u32 {
  const kind = classify(Left.e, Left.m);
  if (kind == UNSUPPORTED) invalid();
  else if (kind == SNAN) {
    raise(IE);
    quietLeft();
  } else if (kind == QNAN) quietLeft();
  else {
    Right.wasDenormal = false;
    noteDenormals(kind, NORMAL);
    if (!stopped()) return kind;
  }
  return UNSUPPORTED;
}

export function frndint(): void {
  Fpu.raised = 0;
  if (!loadLeft(0)) stackUnderflow();
  else {
    const kind = oneOperand();
    if (kind == ZERO || kind == INFINITY_ || (kind != UNSUPPORTED && Left.e >= BIAS + 63)) setResult(Left.s, Left.e, Left.m);
    else if (kind != UNSUPPORTED) {
      const whole = roundToInteger(control() & RC);
      if (whole == 0) setResult(Left.s, 0, 0);
      else {
        const shift = <i32>clz(whole);
        setResult(Left.s, BIAS + 63 - shift, whole << shift);
      }
    }
  }
  finish(0, 0);
}

/** ST(0) x 2^(ST(1) truncated). */
export function fscale(): void {
  Fpu.raised = 0;
  const left = loadLeft(0);
  const right = loadRight(1);
  if (!left || !right) stackUnderflow();
  else scale();
  finish(0, 0);
}
function scale(): void {
  const left = classify(Left.e, Left.m);
  const right = classify(Right.e, Right.m);
  if (left >= QNAN || right >= QNAN) return propagate(left, right);
  if (right == INFINITY_ && ((left == INFINITY_ && Right.s != 0) || (left == ZERO && Right.s == 0))) return invalid();
  noteDenormals(left, right);
  if (stopped()) return;
  if (left == INFINITY_ || left == ZERO) return setResult(Left.s, Left.e, Left.m);
  if (right == INFINITY_) {
    if (Right.s != 0) setResult(Left.s, 0, 0);
    else setResult(Left.s, 0x7fff, INTEGER_BIT);
    return;
  }
  const s = Left.s;
  // Beyond +-2^16 every result over- or underflows all the same.
  let by = 0;
  const power = (Right.e == 0 ? 1 : Right.e) - BIAS;
  if (power >= 16) by = 0x10000;
  else if (power >= 0) by = <i32>(Right.m >> (63 - power));
  if (Right.s != 0) by = -by;
  normalizeLeft();
  const e = Left.e + by;
  // Unmasked responses whose adjusted exponent still does not fit (SDM Vol. 1 section 8.5.4, "massive" over- and underflow).
  if (e - BIAS_ADJUSTMENT >= 0x7fff && (control() & OE) == 0) {
    raise(OE | PE | C1);
    return setResult(s, 0x7fff, INTEGER_BIT);
  }
  if (e + BIAS_ADJUSTMENT < 1 && (control() & UE) == 0) {
    raise(UE | PE);
    return setResult(s, 0, 0);
  }
  round(s, e, Left.m, 0, (control() & RC) | PC_EXTENDED);
}

/** Exponent to ST(0), then the significand is pushed. */
export function fxtract(): void {
  Fpu.raised = 0;
  const available = loadLeft(0);
  if (!available) raise(IE | SF);
  else if (!isEmpty(physical(-1))) {
    raise(IE | SF | C1);
  }
  if ((Fpu.raised & IE) != 0) {
    if (!note(0)) return;
    indefinite();
    return extracted(Result.s, Result.e, Result.m);
  }
  const kind = oneOperand();
  if (kind == UNSUPPORTED) {
    if (note(0)) extracted(Result.s, Result.e, Result.m);
    return;
  }
  if (kind == ZERO) {
    raise(ZE);
    if (!note(0)) return;
    setResult(1, 0x7fff, INTEGER_BIT);
    return extracted(Left.s, 0, 0);
  }
  note(0);
  if (kind == INFINITY_) {
    setResult(0, 0x7fff, INTEGER_BIT);
    return extracted(Left.s, 0x7fff, INTEGER_BIT);
  }
  normalizeLeft();
  const power = Left.e - BIAS;
  const magnitude: u64 = power < 0 ? <u64>(-power) : <u64>power;
  if (magnitude == 0) setResult(0, 0, 0);
  else {
    const shift = <i32>clz(magnitude);
    setResult(<u32>(power < 0), BIAS + 63 - shift, magnitude << shift);
  }
  extracted(Left.s, BIAS, Left.m);
}
/** Result is the exponent for ST(0); the arguments are what is pushed. */
function extracted(s: u32, e: i32, m: u64): void {
  const word = load<u32>(FPU_STATUS);
  const old = (word >> 11) & 7;
  const top = (old - 1) & 7;
  storeRegister(old);
  setResult(s, e, m);
  storeRegister(top);
  store<u32>(FPU_STATUS, (word & ~(<u32>0x3800)) | (top << 11));
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(((<u32>1) << old) | ((<u32>1) << top)));
}

export function fprem(): void {
  remainder(false);
}
export function fprem1(): void {
  remainder(true);
}
/** `nearest`: FPREM1, the quotient rounds to nearest even; else FPREM, it is truncated. */
function remainder(nearest: bool): void {
  Fpu.raised = 0;
  const left = loadLeft(0);
  const right = loadRight(1);
  let codes: u32 = 0;
  let done = false;
  if (!left || !right) stackUnderflow();
  else {
    const a = classify(Left.e, Left.m);
    const b = classify(Right.e, Right.m);
    if (a >= QNAN || b >= QNAN) propagate(a, b);
    else if (a == INFINITY_ || b == ZERO) invalid();
    else {
      noteDenormals(a, b);
      if (!stopped()) {
        done = true;
        if (a == ZERO) setResult(Left.s, 0, 0);
        else {
          normalizeLeft();
          if (b == INFINITY_) round(Left.s, Left.e, Left.m, 0, (control() & RC) | PC_EXTENDED);
          else {
            normalizeRight();
            codes = reduce(nearest);
          }
        }
      }
    }
  }
  raise(codes);
  // C2 is cleared even when there is no result.
  if (!note(done ? C0 | C2 | C3 : C2)) return;
  const register = physical(0);
  storeRegister(register);
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(<u32>1 << register));
}

/** Left mod Right into Result; condition codes: C2 when the reduction is partial, else the quotient's low bits in C0, C3, C1. */
function reduce(nearest: bool): u32 {
  const d = Left.e - Right.e;
  const divisor = Right.m;
  let rest = Left.m;
  let s = Left.s;
  let quotient: u64 = 0;
  // Exact at 64-bit precision, so rounding only sees a result below the normal range.
  const word = (control() & RC) | PC_EXTENDED;
  if (d < -1 || (d == -1 && !nearest)) {
    round(s, Left.e, rest, 0, word);
    return 0;
  }
  let steps = d;
  let partial = false;
  if (d >= 64) {
    steps = (d & 31) | 32;
    partial = true;
  }
  let e = Right.e;
  let carry = false;
  if (d == -1) {
    // Less than the divisor already: only FPREM1's rounding is left, at the dividend's exponent.
    e = Left.e;
    carry = true;
  } else {
    if (rest >= divisor) {
      rest -= divisor;
      quotient = 1;
    }
    for (let i = 0; i < steps; i++) {
      const over = (rest & INTEGER_BIT) != 0;
      rest <<= 1;
      quotient <<= 1;
      if (over || rest >= divisor) {
        rest -= divisor;
        quotient |= 1;
      }
    }
  }
  if (partial) e += d - steps;
  else if (nearest) {
    // Against half the divisor; at d = -1 `rest` stands one place lower, so half the divisor is `divisor` itself.
    let above = false;
    let half = false;
    if (carry) {
      above = rest > divisor;
      half = rest == divisor;
    } else {
      const missing = divisor - rest;
      above = rest > missing;
      half = rest == missing;
    }
    if (above || (half && (quotient & 1) != 0)) {
      // divisor - rest, with the other sign.
      if (carry) {
        // 2 x divisor - rest at the dividend's exponent; rest >= divisor, so it fits.
        rest = divisor - (rest - divisor);
      } else rest = divisor - rest;
      s ^= 1;
      quotient++;
    }
  }
  if (rest == 0) setResult(Left.s, 0, 0);
  else {
    const shift = <i32>clz(rest);
    round(s, e - shift, rest << shift, 0, word);
  }
  if (partial) return C2;
  return <u32>((quotient & 4) != 0 ? C0 : 0) | ((quotient & 2) != 0 ? C3 : 0) | ((quotient & 1) != 0 ? C1 : 0);
}
