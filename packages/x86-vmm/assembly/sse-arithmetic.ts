/*
 * ADD, SUB, MUL, DIV, SQRT, MIN, MAX, CMP and (U)COMI of singles and doubles, exact in every mode of MXCSR (SDM Vol. 1 section 11.5, Vol. 2).
 * Generated code comes here when its own arithmetic could change a flag or MXCSR is not what it is by default.
 */
import { Wide, divide, multiply, squareRoot } from './float80-wide';
import {
  DE, DENORMAL, IE, INFINITY_, Left, QNAN, RC, RC_DOWN, Right, SNAN, Sse, TOP, ZE, ZERO, begin, end, flushed, indefinite,
  infinity, quietBit, round, signed, unpackLeft, unpackRight,
} from './sse-state';

/** Operations of `sseArithmetic*`; COMPARE plus CMPPS's predicate makes a mask, ADD_SUBTRACT subtracts in even lanes. */
const ADD: u32 = 0;
const SUBTRACT: u32 = 1;
const MULTIPLY: u32 = 2;
const DIVIDE: u32 = 3;
const ROOT: u32 = 4;
const MINIMUM: u32 = 5;
const MAXIMUM: u32 = 6;
const COMPARE: u32 = 8;
const ADD_SUBTRACT: u32 = 16;

function invalid(P: i32): u64 {
  Sse.before |= IE;
  return indefinite(P);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function noteDenormals(): void {
  if (Left.kind == DENORMAL || Right.kind == DENORMAL) Sse.before |= DE;
}

/** Left + Right, neither NaN. */
function sum(P: i32): u64 {
  if (Left.kind == INFINITY_ && Right.kind == INFINITY_ && Left.s != Right.s) return invalid(P);
  noteDenormals();
  if (Left.kind == INFINITY_) return infinity(Left.s, P);
  if (Right.kind == INFINITY_) return infinity(Right.s, P);
  if (Right.kind == ZERO) {
    if (Left.kind != ZERO) return round(Left.s, Left.e, Left.m, 0, P);
    return signed(Left.s == Right.s ? Left.s : <u32>((Sse.control & RC) == RC_DOWN), P);
  }
  if (Left.kind == ZERO) return round(Right.s, Right.e, Right.m, 0, P);

  let s = Left.s;
  let e = Left.e;
  let high = Left.m;
  let other = Right.m;
  let d = e - Right.e;
  const isSum = s == Right.s;
  if (d < 0 || (d == 0 && high < other)) {
    s = Right.s;
    d = -d;
    e = Right.e;
    other = high;
    high = Right.m;
  }
  let low: u64 = 0;
  if (d != 0) {
    if (d < 64) {
      low = other << (64 - d);
      other >>= d;
    } else {
      low = 1;
      other = 0;
    }
  }
  if (isSum) {
    const total = high + other;
    if (total < high) return round(s, e + 1, (total >> 1) | TOP, (total << 63) | (low >> 1) | (low & 1), P);
    return round(s, e, total, low, P);
  }
  high = high - other - <u64>(low != 0);
  low = 0 - low;
  if (high == 0) {
    if (low == 0) return signed(<u32>((Sse.control & RC) == RC_DOWN), P);
    const shift = <i32>clz(low);
    return round(s, e - 64 - shift, low << shift, 0, P);
  }
  const shift = <i32>clz(high);
  if (shift != 0) {
    high = (high << shift) | (low >> (64 - shift));
    low <<= shift;
  }
  return round(s, e - shift, high, low, P);
}

function product(P: i32): u64 {
  const s = Left.s ^ Right.s;
  if ((Left.kind == INFINITY_ && Right.kind == ZERO) || (Left.kind == ZERO && Right.kind == INFINITY_)) return invalid(P);
  noteDenormals();
  if (Left.kind == INFINITY_ || Right.kind == INFINITY_) return infinity(s, P);
  if (Left.kind == ZERO || Right.kind == ZERO) return signed(s, P);
  let low = multiply(Left.m, Right.m);
  let high = Wide.high;
  let e = Left.e + Right.e + 1;
  if ((high & TOP) == 0) {
    high = (high << 1) | (low >> 63);
    low <<= 1;
    e--;
  }
  return round(s, e, high, low, P);
}

function quotient(P: i32): u64 {
  const s = Left.s ^ Right.s;
  if (Left.kind == Right.kind && (Left.kind == INFINITY_ || Left.kind == ZERO)) return invalid(P);
  if (Right.kind == ZERO && Left.kind != INFINITY_) {
    Sse.before |= ZE;
    return infinity(s, P);
  }
  noteDenormals();
  if (Left.kind == INFINITY_) return infinity(s, P);
  if (Right.kind == INFINITY_ || Left.kind == ZERO) return signed(s, P);
  // Dividend below divisor, so that the quotient has its top bit or the next.
  let e = Left.e - Right.e;
  let high = Left.m;
  let low: u64 = 0;
  if (high >= Right.m) {
    low = high << 63;
    high >>= 1;
  } else e--;
  const q = divide(high, low, Right.m);
  return round(s, e, q, <u64>(Wide.high != 0), P);
}

function root(P: i32): u64 {
  if (Left.kind == ZERO) return signed(Left.s, P);
  if (Left.s != 0) return invalid(P);
  if (Left.kind == INFINITY_) return infinity(0, P);
  if (Left.kind == DENORMAL) Sse.before |= DE;
  const odd = Left.e & 1;
  const s = odd != 0 ? squareRoot(Left.m, 0) : squareRoot(Left.m >> 1, Left.m << 63);
  return round(0, Left.e >> 1, s, <u64>((Wide.high | Wide.low) != 0), P);
}

/** -1, 0, 1 of two numbers that are not NaN, denormals flushed already where DAZ is set. */
function order(a: u64, b: u64, P: i32): i32 {
  const sign = signed(1, P);
  const x = (a & sign) != 0 ? 0 - <i64>(a & ~sign) : <i64>a;
  const y = (b & sign) != 0 ? 0 - <i64>(b & ~sign) : <i64>b;
  return x < y ? -1 : <i32>(x > y);
}

/** Raises what a comparison raises. `isQuiet`: QNaNs are no invalid operands. Returns whether the two can be compared. */
function comparable(isQuiet: bool): bool {
  const highest = Left.kind > Right.kind ? Left.kind : Right.kind;
  if (highest >= QNAN) {
    if (!isQuiet || highest == SNAN) Sse.before |= IE;
    return false;
  }
  noteDenormals();
  return true;
}

/** EQ, LT, LE, UNORD, NEQ, NLT, NLE, ORD (SDM Vol. 2A CMPPD, table 3-1). */
function holds(predicate: u32, a: u64, b: u64, P: i32): bool {
  const positive = predicate & 3;
  const isQuiet = positive == 0 || positive == 3;
  let answer: bool;
  if (!comparable(isQuiet)) answer = positive == 3;
  else {
    const sense = order(flushed(a, P), flushed(b, P), P);
    answer = positive == 0 ? sense == 0 : positive == 1 ? sense < 0 : positive == 2 ? sense <= 0 : false;
  }
  return answer != (predicate > 3);
}

function compute(operation: u32, a: u64, b: u64, P: i32): u64 {
  unpackLeft(a, P);
  unpackRight(b, P);
  if (operation >= COMPARE) return holds(operation - COMPARE, a, b, P) ? (P == 24 ? 0xffff_ffff : ~(<u64>0)) : 0;
  if (operation >= MINIMUM) {
    const first = flushed(a, P);
    const second = flushed(b, P);
    // A NaN or two zeros: the second operand.
    if (!comparable(false)) return second;
    const sense = order(first, second, P);
    return (operation == MINIMUM ? sense < 0 : sense > 0) ? first : second;
  }
  if (operation == ROOT) {
    if (Left.kind >= QNAN) {
      if (Left.kind == SNAN) Sse.before |= IE;
      return a | quietBit(P);
    }
    return root(P);
  }
  if (Left.kind >= QNAN || Right.kind >= QNAN) {
    if (Left.kind == SNAN || Right.kind == SNAN) Sse.before |= IE;
    return (Left.kind >= QNAN ? a : b) | quietBit(P);
  }
  if (operation == SUBTRACT) Right.s ^= 1;
  if (operation <= SUBTRACT) return sum(P);
  return operation == MULTIPLY ? product(P) : quotient(P);
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function laneOperation(operation: u32, lane: u32): u32 {
  return operation == ADD_SUBTRACT ? ((lane & 1) ^ 1) : operation;
}

export function sseArithmetic32(operation: u32, a: f32, b: f32): f32 {
  begin();
  const result = <u32>compute(operation, reinterpret<u32>(a), reinterpret<u32>(b), 24);
  end();
  return reinterpret<f32>(result);
}
export function sseArithmetic64(operation: u32, a: f64, b: f64): f64 {
  begin();
  const result = compute(operation, reinterpret<u64>(a), reinterpret<u64>(b), 53);
  end();
  return reinterpret<f64>(result);
}
export function sseArithmetic32x4(operation: u32, a: v128, b: v128): v128 {
  begin();
  let result = a;
  result = i32x4.replace_lane(result, 0, <u32>compute(laneOperation(operation, 0), <u32>i32x4.extract_lane(a, 0), <u32>i32x4.extract_lane(b, 0), 24));
  result = i32x4.replace_lane(result, 1, <u32>compute(laneOperation(operation, 1), <u32>i32x4.extract_lane(a, 1), <u32>i32x4.extract_lane(b, 1), 24));
  result = i32x4.replace_lane(result, 2, <u32>compute(laneOperation(operation, 2), <u32>i32x4.extract_lane(a, 2), <u32>i32x4.extract_lane(b, 2), 24));
  result = i32x4.replace_lane(result, 3, <u32>compute(laneOperation(operation, 3), <u32>i32x4.extract_lane(a, 3), <u32>i32x4.extract_lane(b, 3), 24));
  end();
  return result;
}
export function sseArithmetic64x2(operation: u32, a: v128, b: v128): v128 {
  begin();
  let result = a;
  result = i64x2.replace_lane(result, 0, compute(laneOperation(operation, 0), i64x2.extract_lane(a, 0), i64x2.extract_lane(b, 0), 53));
  result = i64x2.replace_lane(result, 1, compute(laneOperation(operation, 1), i64x2.extract_lane(a, 1), i64x2.extract_lane(b, 1), 53));
  end();
  return result;
}

/** ZF, PF, CF of COMIS and UCOMIS: all for unordered. */
function compareFlags(a: u64, b: u64, isQuiet: bool, P: i32): u32 {
  begin();
  unpackLeft(a, P);
  unpackRight(b, P);
  let flags: u32 = 0x45;
  if (comparable(isQuiet)) {
    const sense = order(flushed(a, P), flushed(b, P), P);
    flags = sense < 0 ? 0x01 : sense == 0 ? 0x40 : 0;
  }
  end();
  return flags;
}
export function sseCompare32(a: f32, b: f32, isQuiet: u32): u32 {
  return compareFlags(reinterpret<u32>(a), reinterpret<u32>(b), isQuiet != 0, 24);
}
export function sseCompare64(a: f64, b: f64, isQuiet: u32): u32 {
  return compareFlags(reinterpret<u64>(a), reinterpret<u64>(b), isQuiet != 0, 53);
}
