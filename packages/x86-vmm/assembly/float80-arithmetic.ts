/*
 * FADD, FSUB, FSUBR, FMUL, FDIV, FDIVR and FSQRT in all operand forms (SDM Vol. 2A). Exact to the last bit: integer significands, one rounding.
 */
import { quickProduct, quickSum, signExponentOfF32, signExponentOfF64, significandOfF32, significandOfF64 } from './float80-fast';
import { loadF32, loadF64, loadInteger } from './float80-load';
import {
  BIAS, FPU_EMPTY, Fpu, IE, INTEGER_BIT, Left, RC, RC_DOWN, Right, ZE, address, control, finish, indefinite, invalid, isEmpty, loadLeft, loadRight, physical,
  raise, setResult, stackUnderflow, stopped, swapOperands,
} from './float80-state';
import {
  DENORMAL, INFINITY_, NORMAL, QNAN, ZERO, bothNormal, classify, normalizeLeft, normalizeRight, noteDenormals, propagate, quietLeft, round,
} from './float80-round';
import { Wide, divide, multiply, shiftedOut, shiftedRight, squareRoot } from './float80-wide';

const ADD: u32 = 0;
const MULTIPLY: u32 = 1;
const SUBTRACT: u32 = 4;
const REVERSE_SUBTRACT: u32 = 5;
const DIVIDE: u32 = 6;
const REVERSE_DIVIDE: u32 = 7;

/** Left + Right of non-zero, normalised operands. */
function addMagnitudes(): void {
  let e = Left.e;
  let high = Left.m;
  let other = Right.m;
  let d = e - Right.e;
  if (d < 0) {
    d = -d;
    e = Right.e;
    other = high;
    high = Right.m;
  }
  let low = shiftedOut(other, d);
  other = shiftedRight(other, d);
  const sum = high + other;
  if (sum < high) {
    round(Left.s, e + 1, (sum >> 1) | INTEGER_BIT, (sum << 63) | (low >> 1) | (low & 1), control());
  } else round(Left.s, e, sum, low, control());
}

/** Left - Right where Right's sign has been taken as Left's. */
function subtractMagnitudes(): void {
  let s = Left.s;
  let e = Left.e;
  let high = Left.m;
  let other = Right.m;
  let d = e - Right.e;
  if (d < 0 || (d == 0 && high < other)) {
    d = -d;
    e = Right.e;
    other = high;
    high = Right.m;
    s ^= 1;
  }
  let low = shiftedOut(other, d);
  other = shiftedRight(other, d);
  high = high - other - <u64>(low != 0);
  low = 0 - low;
  if (high == 0) {
    if (low == 0) return setResult(<u32>((control() & RC) == RC_DOWN), 0, 0);
    // Only when the exponents differ by at most one: the rest is one exact bit.
    high = low;
    low = 0;
    e -= 64;
  }
  const shift = <i32>clz(high);
  if (shift != 0) {
    high = (high << shift) | (low >> (64 - shift));
    low <<= shift;
    e -= shift;
  }
  round(s, e, high, low, control());
}

function add(negate: u32): void {
  if (bothNormal()) {
    if (Left.s == (Right.s ^ negate)) addMagnitudes();
    else subtractMagnitudes();
    return;
  }
  const left = classify(Left.e, Left.m);
  const right = classify(Right.e, Right.m);
  if (left >= QNAN || right >= QNAN) return propagate(left, right);
  Right.s ^= negate;
  if (left == INFINITY_ && right == INFINITY_ && Left.s != Right.s) return invalid();
  noteDenormals(left, right);
  if (stopped()) return;
  if (left == INFINITY_) return setResult(Left.s, 0x7fff, INTEGER_BIT);
  if (right == INFINITY_) return setResult(Right.s, 0x7fff, INTEGER_BIT);
  if (left == ZERO && right == ZERO) {
    return setResult(Left.s == Right.s ? Left.s : <u32>((control() & RC) == RC_DOWN), 0, 0);
  }
  if (left == ZERO) {
    normalizeRight();
    return round(Right.s, Right.e, Right.m, 0, control());
  }
  normalizeLeft();
  if (right == ZERO) return round(Left.s, Left.e, Left.m, 0, control());
  normalizeRight();
  if (Left.s == Right.s) addMagnitudes();
  else subtractMagnitudes();
}

function multiplyMagnitudes(): void {
  let low = multiply(Left.m, Right.m);
  let high = Wide.high;
  let e = Left.e + Right.e - (BIAS - 1);
  if ((high & INTEGER_BIT) == 0) {
    high = (high << 1) | (low >> 63);
    low <<= 1;
    e--;
  }
  round(Left.s ^ Right.s, e, high, low, control());
}

function multiplyOperands(): void {
  if (bothNormal()) return multiplyMagnitudes();
  const left = classify(Left.e, Left.m);
  const right = classify(Right.e, Right.m);
  if (left >= QNAN || right >= QNAN) return propagate(left, right);
  if ((left == INFINITY_ && right == ZERO) || (left == ZERO && right == INFINITY_)) return invalid();
  noteDenormals(left, right);
  if (stopped()) return;
  const s = Left.s ^ Right.s;
  if (left == INFINITY_ || right == INFINITY_) return setResult(s, 0x7fff, INTEGER_BIT);
  if (left == ZERO || right == ZERO) return setResult(s, 0, 0);
  normalizeLeft();
  normalizeRight();
  multiplyMagnitudes();
}

function divideMagnitudes(): void {
  let e = Left.e - Right.e + BIAS;
  const d = Right.m;
  let q: u64 = 0;
  if (Left.m < d) {
    e--;
    q = divide(Left.m, 0, d);
  } else {
    q = divide(Left.m >> 1, Left.m << 63, d);
  }
  const r = Wide.high;
  // Where the remainder lies against half the divisor is all that rounding asks.
  let low: u64 = 0;
  if (r != 0) {
    const rest = d - r;
    low = r == rest ? INTEGER_BIT : r > rest ? INTEGER_BIT | 1 : 1;
  }
  round(Left.s ^ Right.s, e, q, low, control());
}

function divideOperands(): void {
  if (bothNormal()) return divideMagnitudes();
  const left = classify(Left.e, Left.m);
  const right = classify(Right.e, Right.m);
  if (left >= QNAN || right >= QNAN) return propagate(left, right);
  if (left == right && (left == INFINITY_ || left == ZERO)) return invalid();
  const s = Left.s ^ Right.s;
  if (right == ZERO && left != INFINITY_) {
    raise(ZE);
    return setResult(s, 0x7fff, INTEGER_BIT);
  }
  noteDenormals(left, right);
  if (stopped()) return;
  if (left == INFINITY_) return setResult(s, 0x7fff, INTEGER_BIT);
  if (right == INFINITY_ || left == ZERO) return setResult(s, 0, 0);
  normalizeLeft();
  normalizeRight();
  divideMagnitudes();
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function compute(operation: u32): void {
  if (operation == ADD) return add(0);
  if (operation == SUBTRACT) return add(1);
  if (operation == MULTIPLY) return multiplyOperands();
  if (operation == DIVIDE) return divideOperands();
  swapOperands();
  if (operation == REVERSE_SUBTRACT) return add(1);
  divideOperands();
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function isQuick(operation: u32): bool {
  return operation != DIVIDE && operation != REVERSE_DIVIDE;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function quick(operation: u32, at: usize, signExponent: u32, significand: u64, pops: u32): bool {
  if (operation == MULTIPLY) return quickProduct(at, signExponent, significand, pops);
  return quickSum(at, signExponent, significand, operation == ADD ? 0 : 1, operation == REVERSE_SUBTRACT ? 1 : 0, pops);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function quickRegisters(operation: u32, destination: i32, other: i32, pops: i32): bool {
  const left = physical(destination);
  const right = physical(other);
  const empty = load<u32>(FPU_EMPTY);
  if ((((empty >> left) | (empty >> right)) & 1) != 0) return false;
  return quick(operation, address(left), <u32>load<u16>(address(right), 8), load<u64>(address(right)), pops);
}
/** With a memory operand; `signExponent` 0: it is not a normal number. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function quickMemory(operation: u32, signExponent: u32, significand: u64): bool {
  const left = physical(0);
  return signExponent != 0 && !isEmpty(left) && quick(operation, address(left), signExponent, significand, 0);
}

/** ST(destination) <- ST(destination) op ST(other), then `pops` pops. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function registers(operation: u32, destination: i32, other: i32, pops: i32): void {
  if (isQuick(operation) && quickRegisters(operation, destination, other, pops)) return;
  Fpu.raised = 0;
  const left = loadLeft(destination);
  const right = loadRight(other);
  if (left && right) compute(operation);
  else stackUnderflow();
  finish(destination, pops);
}
export function fadd(destination: i32, other: i32, pops: i32): void {
  registers(ADD, destination, other, pops);
}
export function fmul(destination: i32, other: i32, pops: i32): void {
  registers(MULTIPLY, destination, other, pops);
}
export function fsub(destination: i32, other: i32, pops: i32): void {
  registers(SUBTRACT, destination, other, pops);
}
export function fsubr(destination: i32, other: i32, pops: i32): void {
  registers(REVERSE_SUBTRACT, destination, other, pops);
}
export function fdiv(destination: i32, other: i32, pops: i32): void {
  registers(DIVIDE, destination, other, pops);
}
export function fdivr(destination: i32, other: i32, pops: i32): void {
  registers(REVERSE_DIVIDE, destination, other, pops);
}

/** ST(0) <- ST(0) op memory operand, already in Right. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function memory(operation: u32): void {
  Fpu.raised = 0;
  if (loadLeft(0)) compute(operation);
  else stackUnderflow();
  finish(0, 0);
}
export function faddF32(bits: u32): void {
  if (quickMemory(ADD, signExponentOfF32(bits), significandOfF32(bits))) return;
  loadF32(bits);
  memory(ADD);
}
export function faddF64(bits: u64): void {
  if (quickMemory(ADD, signExponentOfF64(bits), significandOfF64(bits))) return;
  loadF64(bits);
  memory(ADD);
}
export function faddInteger(value: i32): void {
  loadInteger(value);
  memory(ADD);
}
export function fmulF32(bits: u32): void {
  if (quickMemory(MULTIPLY, signExponentOfF32(bits), significandOfF32(bits))) return;
  loadF32(bits);
  memory(MULTIPLY);
}
export function fmulF64(bits: u64): void {
  if (quickMemory(MULTIPLY, signExponentOfF64(bits), significandOfF64(bits))) return;
  loadF64(bits);
  memory(MULTIPLY);
}
export function fmulInteger(value: i32): void {
  loadInteger(value);
  memory(MULTIPLY);
}
export function fsubF32(bits: u32): void {
  if (quickMemory(SUBTRACT, signExponentOfF32(bits), significandOfF32(bits))) return;
  loadF32(bits);
  memory(SUBTRACT);
}
export function fsubF64(bits: u64): void {
  if (quickMemory(SUBTRACT, signExponentOfF64(bits), significandOfF64(bits))) return;
  loadF64(bits);
  memory(SUBTRACT);
}
export function fsubInteger(value: i32): void {
  loadInteger(value);
  memory(SUBTRACT);
}
export function fsubrF32(bits: u32): void {
  if (quickMemory(REVERSE_SUBTRACT, signExponentOfF32(bits), significandOfF32(bits))) return;
  loadF32(bits);
  memory(REVERSE_SUBTRACT);
}
export function fsubrF64(bits: u64): void {
  if (quickMemory(REVERSE_SUBTRACT, signExponentOfF64(bits), significandOfF64(bits))) return;
  loadF64(bits);
  memory(REVERSE_SUBTRACT);
}
export function fsubrInteger(value: i32): void {
  loadInteger(value);
  memory(REVERSE_SUBTRACT);
}
export function fdivF32(bits: u32): void {
  loadF32(bits);
  memory(DIVIDE);
}
export function fdivF64(bits: u64): void {
  loadF64(bits);
  memory(DIVIDE);
}
export function fdivInteger(value: i32): void {
  loadInteger(value);
  memory(DIVIDE);
}
export function fdivrF32(bits: u32): void {
  loadF32(bits);
  memory(REVERSE_DIVIDE);
}
export function fdivrF64(bits: u64): void {
  loadF64(bits);
  memory(REVERSE_DIVIDE);
}
export function fdivrInteger(value: i32): void {
  loadInteger(value);
  memory(REVERSE_DIVIDE);
}

export function fsqrt(): void {
  Fpu.raised = 0;
  if (!loadLeft(0)) stackUnderflow();
  else root();
  finish(0, 0);
}
function root(): void {
  const kind = classify(Left.e, Left.m);
  if (kind > QNAN) return invalidOrQuiet(kind);
  if (kind == QNAN) return quietLeft();
  if (kind == ZERO) return setResult(Left.s, 0, 0);
  if (Left.s != 0) return invalid();
  if (kind == INFINITY_) return setResult(0, 0x7fff, INTEGER_BIT);
  Right.wasDenormal = false;
  noteDenormals(kind, NORMAL);
  if (stopped()) return;
  if (kind == DENORMAL) normalizeLeft();
  // Value m x 2^(e - BIAS - 63); an even power of two outside the root.
  const power = Left.e - BIAS;
  const odd = power & 1;
  const s = odd != 0 ? squareRoot(Left.m, 0) : squareRoot(Left.m >> 1, Left.m << 63);
  const rest = Wide.high;
  const over = Wide.low;
  // The exact root is never half-way between two significands.
  const low: u64 = rest == 0 && over == 0 ? 0 : over != 0 || rest > s ? INTEGER_BIT | 1 : 1;
  round(0, (power >> 1) + BIAS, s, low, control());
}
/** SNaN: IE and quieted; unsupported: IE and the indefinite. */
export function invalidOrQuiet(kind: u32): void {
  raise(IE);
  if (kind == QNAN + 1) quietLeft();
  else indefinite();
}
