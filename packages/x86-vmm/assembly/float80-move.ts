/*
 * Loads, stores, constants and stack moves: FLD, FILD, FBLD, FST(P), FIST(P), FBSTP, FXCH, FCMOVcc, FLDcons, FCHS, FABS, FFREE, FINCSTP, FDECSTP.
 * A store kernel takes what is in memory now and returns what shall be there after it: the same when an unmasked exception stops the store.
 */
import { quickExchange, quickPush, quickPushRegister, quickStore, signExponentOfF32, signExponentOfF64, significandOfF32, significandOfF64 } from './float80-fast';
import { loadF32, loadF64, loadInteger64 } from './float80-load';
import {
  BIAS, C1, DE, FPU_CONTROL, FPU_EMPTY, FPU_STATUS, Fpu, IE, INTEGER_BIT, Left, OE, PE, QUIET_BIT, RC, RC_CHOP, RC_DOWN, RC_NEAREST, RC_UP, Result, Right, SF, UE,
  address, control, finish, finishPush, indefinite, invalid, isEmpty, loadLeft, loadRight, note, physical, pop, pushOverflows, raise, setResult,
  stackUnderflow, storeRegister,
} from './float80-state';
import { DENORMAL, INFINITY_, QNAN, SNAN, UNSUPPORTED, ZERO, classify, quietRight, roundsUp } from './float80-round';
import { roundToInteger, roundToIntegerOverflowed } from './float80-integer';
import { SCRATCH } from './state.generated';

function pushRight(): void {
  if (!pushOverflows()) {
    if (Right.e == 0x7fff && classify(Right.e, Right.m) == SNAN) {
      raise(IE);
      quietRight();
    } else setResult(Right.s, Right.e, Right.m);
  }
  if (Right.wasDenormal && (Fpu.raised & IE) == 0) return pushDenormal();
  finishPush();
}
/** A denormal is loaded even when DE is unmasked: only ES tells. */
function pushDenormal(): void {
  finishPush();
  raise(DE);
  note(0);
}
export function fldF32(bits: u32): void {
  const signExponent = signExponentOfF32(bits);
  if (signExponent != 0 && quickPush(signExponent, significandOfF32(bits))) return;
  Fpu.raised = 0;
  loadF32(bits);
  pushRight();
}
export function fldF64(bits: u64): void {
  const signExponent = signExponentOfF64(bits);
  if (signExponent != 0 && quickPush(signExponent, significandOfF64(bits))) return;
  Fpu.raised = 0;
  loadF64(bits);
  pushRight();
}
export function fldF80(significand: u64, signExponent: u32): void {
  Fpu.raised = 0;
  if (!pushOverflows()) setResult((signExponent >> 15) & 1, signExponent & 0x7fff, significand);
  finishPush();
}
export function fildInteger(value: i64): void {
  Fpu.raised = 0;
  loadInteger64(value);
  if (!pushOverflows()) setResult(Right.s, Right.e, Right.m);
  finishPush();
}
export function fld(i: i32): void {
  if (quickPushRegister(i)) return;
  Fpu.raised = 0;
  // An empty source comes before a taken destination.
  if (!loadLeft(i)) stackUnderflow();
  else if (!pushOverflows()) setResult(Left.s, Left.e, Left.m);
  finishPush();
}
/** Packed decimal: 18 digits in nine bytes, then the sign in bit 7 of the tenth. Digits above 9 count as their value, as in hardware. */
export function fbld(low: u64, high: u32): void {
  Fpu.raised = 0;
  if (!pushOverflows()) {
    let magnitude: u64 = ((high >> 4) & 15) * 10 + (high & 15);
    for (let shift = 60; shift >= 0; shift -= 4) magnitude = magnitude * 10 + ((low >> shift) & 15);
    loadInteger64(<i64>magnitude);
    setResult((high >> 15) & 1, Right.e, Right.m);
  }
  finishPush();
}

/*
 * Constants, SDM Vol. 1 section 8.3.4: 64 bits rounded as rounding control says. `low` is what follows the significand.
 */
function pushConstant(e: i32, m: u64, roundsUpNearest: bool): void {
  Fpu.raised = 0;
  if (!pushOverflows()) {
    const mode = control() & RC;
    let value = m;
    if (mode == RC_UP || (mode == RC_NEAREST && roundsUpNearest)) value++;
    setResult(0, e, value);
  }
  finishPush();
}
function pushExact(e: i32, m: u64): void {
  Fpu.raised = 0;
  if (!pushOverflows()) setResult(0, e, m);
  finishPush();
}
export function fld1(): void {
  pushExact(BIAS, INTEGER_BIT);
}
export function fldz(): void {
  pushExact(0, 0);
}
// Truncated to 64 bits; whether nearest is one above.
export function fldl2t(): void {
  pushConstant(0x4000, 0xd49a_784b_cd1b_8afe, false);
}
export function fldl2e(): void {
  pushConstant(0x3fff, 0xb8aa_3b29_5c17_f0bb, true);
}
export function fldpi(): void {
  pushConstant(0x4000, 0xc90f_daa2_2168_c234, true);
}
export function fldlg2(): void {
  pushConstant(0x3ffd, 0x9a20_9a84_fbcf_f798, true);
}
export function fldln2(): void {
  pushConstant(0x3ffe, 0xb172_17f7_d1cf_79ab, true);
}

/** A register whose contents do not matter: moves between registers carry any bits. */
export function fst(i: i32, pops: i32): void {
  if (quickStore(i, pops)) return;
  Fpu.raised = 0;
  if (loadLeft(0)) setResult(Left.s, Left.e, Left.m);
  else stackUnderflow();
  finish(i, pops);
}
/** FSTPNCE: as FSTP, but an empty ST(0) is popped without a stack fault and stores nothing. */
export function fstpnce(i: i32): void {
  if (!isEmpty(physical(0))) return fst(i, 1);
  Fpu.raised = 0;
  note(0);
  pop(1);
}
export function fxch(i: i32): void {
  if (quickExchange(i)) return;
  Fpu.raised = 0;
  const first = loadLeft(0);
  const second = loadRight(i);
  if (!first || !second) raise(IE | SF);
  if (!note(0)) return;
  const a = physical(0);
  const b = physical(i);
  if (first) setResult(Left.s, Left.e, Left.m);
  else indefinite();
  storeRegister(b);
  if (second) setResult(Right.s, Right.e, Right.m);
  else indefinite();
  storeRegister(a);
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(((<u32>1) << a) | ((<u32>1) << b)));
}
/** FCMOVcc: the stack is checked whether the condition holds or not. */
export function fcmov(i: i32, condition: i32): void {
  Fpu.raised = 0;
  const first = loadLeft(0);
  const second = loadRight(i);
  if (first && second) {
    // C1 stays as it is.
    if (condition == 0) return;
    setResult(Right.s, Right.e, Right.m);
    return storeRegister(physical(0));
  }
  stackUnderflow();
  finish(0, 0);
}
export function fchs(): void {
  Fpu.raised = 0;
  if (loadLeft(0)) setResult(Left.s ^ 1, Left.e, Left.m);
  else stackUnderflow();
  finish(0, 0);
}
export function fabs(): void {
  Fpu.raised = 0;
  if (loadLeft(0)) setResult(0, Left.e, Left.m);
  else stackUnderflow();
  finish(0, 0);
}
export function ffree(i: i32, pops: i32): void {
  store<u32>(FPU_STATUS, load<u32>(FPU_STATUS) & ~C1);
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) | ((<u32>1) << physical(i)));
  pop(pops);
}
/** FINCSTP (1) and FDECSTP (-1): tags stay, C1 is cleared. */
export function fturn(by: i32): void {
  const word = load<u32>(FPU_STATUS);
  store<u32>(FPU_STATUS, (word & ~(<u32>0x3800 | C1)) | ((((word >> 11) + by) & 7) << 11));
}

/**
 * ST(0) in a format of `bits` significand bits and exponents up to `top`. Leaves sign, biased exponent and fraction (without integer bit)
 * in Result; false when an unmasked exception stops the store.
 */
function narrow(bits: i32, top: i32): bool {
  const kind = classify(Left.e, Left.m);
  Result.s = Left.s;
  const drop = 64 - bits;
  const mask = ((<u64>1) << (bits - 1)) - 1;
  if (kind >= QNAN) {
    if (kind == UNSUPPORTED) {
      invalid();
      Left.m = Result.m;
    } else if (kind == SNAN) raise(IE);
    Result.e = top;
    Result.m = ((Left.m | QUIET_BIT) >> drop) & mask;
    return true;
  }
  if (kind == INFINITY_) {
    Result.e = top;
    Result.m = 0;
    return true;
  }
  if (kind == ZERO) {
    Result.e = 0;
    Result.m = 0;
    return true;
  }
  const masks = control();
  const mode = masks & RC;
  let m = Left.m;
  let e = (Left.e == 0 ? 1 : Left.e) - BIAS + (top >> 1);
  if (kind == DENORMAL) {
    const shift = <i32>clz(m);
    m <<= shift;
    e -= shift;
  }
  const unit = (<u64>1) << drop;
  let fraction = m << bits;
  let kept = (m >> drop) << drop;
  let up = roundsUp(mode, Left.s, kept & unit, fraction);
  let rounded = kept + (up ? unit : 0);
  let exponent = e;
  if (rounded < kept) {
    rounded = INTEGER_BIT;
    exponent++;
  }
  if (exponent >= top) {
    if ((masks & OE) == 0) {
      raise(OE);
      return false;
    }
    raise(OE | PE);
    if (mode == RC_NEAREST || (mode == RC_UP && Left.s == 0) || (mode == RC_DOWN && Left.s != 0)) {
      raise(C1);
      Result.e = top;
      Result.m = 0;
    } else {
      Result.e = top - 1;
      Result.m = mask;
    }
    return true;
  }
  if (e < 1) {
    const tiny = exponent < 1;
    if (tiny && (masks & UE) == 0) {
      raise(UE);
      return false;
    }
    const shift = 1 - e;
    const sticky: u64 = shift < 64 ? <u64>(m << (64 - shift) != 0) : 1;
    m = shift < 64 ? m >> shift : 0;
    fraction = (m << bits) | sticky;
    kept = (m >> drop) << drop;
    up = roundsUp(mode, Left.s, kept & unit, fraction);
    rounded = kept + (up ? unit : 0);
    if (fraction != 0 && tiny) raise(UE);
    exponent = (rounded & INTEGER_BIT) != 0 ? 1 : 0;
  }
  if (fraction != 0) raise(PE);
  if (up) raise(C1);
  Result.e = exponent;
  Result.m = (rounded >> drop) & mask;
  return true;
}
function narrowTop(bits: i32, top: i32): bool {
  Fpu.raised = 0;
  let written = true;
  if (loadLeft(0)) written = narrow(bits, top);
  else {
    stackUnderflow();
    Result.e = top;
    Result.m = (<u64>1) << (bits - 2);
  }
  return note(0) && written;
}
export function fstF32(old: u32, pops: i32): u32 {
  if (!narrowTop(24, 0xff)) return old;
  const bits = (Result.s << 31) | (<u32>Result.e << 23) | <u32>Result.m;
  pop(pops);
  return bits;
}
export function fstF64(old: u64, pops: i32): u64 {
  if (!narrowTop(53, 0x7ff)) return old;
  const bits = (<u64>Result.s << 63) | (<u64>Result.e << 52) | Result.m;
  pop(pops);
  return bits;
}
/** FSTP m80: returns the significand, leaves sign and exponent in SCRATCH. */
export function fstpF80(old: u64, oldSignExponent: u32): u64 {
  Fpu.raised = 0;
  if (loadLeft(0)) setResult(Left.s, Left.e, Left.m);
  else stackUnderflow();
  if (!note(0)) {
    store<u32>(SCRATCH, oldSignExponent);
    return old;
  }
  pop(1);
  store<u32>(SCRATCH, (Result.s << 15) | Result.e);
  return Result.m;
}

/** ST(0) as an integer in -limit-1..limit (two's complement), rounded as `mode` says, or the most negative one with IE. */
function integerTop(limit: u64, mode: u32): i64 {
  const smallest = <i64>(~limit);
  Fpu.raised = 0;
  if (!loadLeft(0)) {
    raise(IE | SF);
    return smallest;
  }
  const kind = classify(Left.e, Left.m);
  if (kind >= INFINITY_) {
    raise(IE);
    return smallest;
  }
  if (kind == ZERO) return 0;
  const magnitude = roundToInteger(mode);
  if (roundToIntegerOverflowed() || magnitude > limit + <u64>Left.s) {
    Fpu.raised = IE;
    return smallest;
  }
  return Left.s != 0 ? 0 - <i64>magnitude : <i64>magnitude;
}
export function fistI16(old: u32, pops: i32): u32 {
  const value = integerTop(0x7fff, control() & RC);
  if (!note(0)) return old;
  pop(pops);
  return <u32>value & 0xffff;
}
export function fistI32(old: u32, pops: i32): u32 {
  const value = integerTop(0x7fff_ffff, control() & RC);
  if (!note(0)) return old;
  pop(pops);
  return <u32>value;
}
export function fistpI64(old: u64): u64 {
  const value = integerTop(0x7fff_ffff_ffff_ffff, control() & RC);
  if (!note(0)) return old;
  pop(1);
  return <u64>value;
}
export function fisttpI16(old: u32): u32 {
  const value = integerTop(0x7fff, RC_CHOP);
  if (!note(0)) return old;
  pop(1);
  return <u32>value & 0xffff;
}
export function fisttpI32(old: u32): u32 {
  const value = integerTop(0x7fff_ffff, RC_CHOP);
  if (!note(0)) return old;
  pop(1);
  return <u32>value;
}
export function fisttpI64(old: u64): u64 {
  const value = integerTop(0x7fff_ffff_ffff_ffff, RC_CHOP);
  if (!note(0)) return old;
  pop(1);
  return <u64>value;
}
/** FBSTP: returns the low 16 digits, leaves the last two and the sign in SCRATCH. */
export function fbstp(old: u64, oldHigh: u32): u64 {
  let low: u64 = 0xc000_0000_0000_0000;
  let high: u32 = 0xffff;
  const magnitude = decimalTop();
  if (!note(0)) {
    store<u32>(SCRATCH, oldHigh);
    return old;
  }
  if ((Fpu.raised & IE) == 0) {
    let rest = magnitude;
    low = 0;
    for (let shift = 0; shift < 64; shift += 4) {
      low |= (rest % 10) << shift;
      rest /= 10;
    }
    high = <u32>((rest % 10) | ((rest / 10) << 4)) | (Left.s << 15);
  }
  pop(1);
  store<u32>(SCRATCH, high);
  return low;
}
function decimalTop(): u64 {
  Fpu.raised = 0;
  if (!loadLeft(0)) {
    raise(IE | SF);
    return 0;
  }
  const kind = classify(Left.e, Left.m);
  if (kind >= INFINITY_) {
    raise(IE);
    return 0;
  }
  if (kind == ZERO) return 0;
  const magnitude = roundToInteger(control() & RC);
  if (roundToIntegerOverflowed() || magnitude > 999_999_999_999_999_999) Fpu.raised = IE;
  return magnitude;
}
