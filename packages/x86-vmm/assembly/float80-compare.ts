/* FCOM, FUCOM, FTST, FICOM, FCOMI, FUCOMI and FXAM (SDM Vol. 2A; condition codes: Vol. 1 section 8.1.3.3). */
import { loadF32, loadF64, loadInteger } from './float80-load';
import {
  C0, C1, C2, C3, FPU_STATUS, Fpu, IE, Left, Right, SF, address, control, isEmpty, loadLeft, loadRight, note, physical, pop, raise,
} from './float80-state';
import { DENORMAL, INFINITY_, NORMAL, QNAN, SNAN, UNSUPPORTED, ZERO, classify, normalizeLeft, normalizeRight, noteDenormals } from './float80-round';

const UNORDERED: u32 = C0 | C2 | C3;
const CODES: u32 = C0 | C2 | C3;

/** Condition codes of Left against Right. `quiet`: only signalling NaNs are invalid. */
function compare(quiet: bool): u32 {
  const left = classify(Left.e, Left.m);
  const right = classify(Right.e, Right.m);
  if (left >= QNAN || right >= QNAN) {
    if (!quiet || left >= SNAN || right >= SNAN) raise(IE);
    return UNORDERED;
  }
  noteDenormals(left, right);
  if (left == ZERO && right == ZERO) return C3;
  if (left == ZERO) return Right.s != 0 ? 0 : C0;
  if (right == ZERO) return Left.s != 0 ? C0 : 0;
  if (Left.s != Right.s) return Left.s != 0 ? C0 : 0;
  if (left == DENORMAL) normalizeLeft();
  if (right == DENORMAL) normalizeRight();
  if (Left.e == Right.e && Left.m == Right.m) return C3;
  const less = Left.e != Right.e ? Left.e < Right.e : Left.m < Right.m;
  return less == (Left.s == 0) ? C0 : 0;
}

function finishCompare(available: bool, quiet: bool, pops: i32): void {
  Fpu.raised = 0;
  let codes = UNORDERED;
  if (available) codes = compare(quiet);
  else raise(IE | SF);
  // An unmasked invalid operation leaves the codes alone (SDM's pseudo-code); an unmasked denormal operand does not.
  if ((Fpu.raised & IE & ~control()) != 0) {
    note(0);
    return;
  }
  raise(codes);
  if (note(CODES)) pop(pops);
}
export function fcom(other: i32, pops: i32): void {
  const left = loadLeft(0);
  const right = loadRight(other);
  finishCompare(left && right, false, pops);
}
export function fucom(other: i32, pops: i32): void {
  const left = loadLeft(0);
  const right = loadRight(other);
  finishCompare(left && right, true, pops);
}
export function fcomF32(bits: u32, pops: i32): void {
  loadF32(bits);
  finishCompare(loadLeft(0), false, pops);
}
export function fcomF64(bits: u64, pops: i32): void {
  loadF64(bits);
  finishCompare(loadLeft(0), false, pops);
}
export function fcomInteger(value: i32, pops: i32): void {
  loadInteger(value);
  finishCompare(loadLeft(0), false, pops);
}
export function ftst(): void {
  loadInteger(0);
  finishCompare(loadLeft(0), false, 0);
}

/** ZF, PF and CF of a comparison as bits of EFLAGS, or -1 when an unmasked invalid operation leaves EFLAGS alone. */
function compareToEflags(other: i32, pops: i32, quiet: bool): i32 {
  Fpu.raised = 0;
  const left = loadLeft(0);
  const right = loadRight(other);
  let codes = UNORDERED;
  if (left && right) codes = compare(quiet);
  else raise(IE | SF);
  if (note(0)) pop(pops);
  else if ((Fpu.raised & IE & ~control()) != 0) return -1;
  return <i32>((codes & C3) >> 8 | (codes & C2) >> 8 | (codes & C0) >> 8);
}
export function fcomi(other: i32, pops: i32): i32 {
  return compareToEflags(other, pops, false);
}
export function fucomi(other: i32, pops: i32): i32 {
  return compareToEflags(other, pops, true);
}

export function fxam(): void {
  const register = physical(0);
  const at = address(register);
  const se = <u32>load<u16>(at, 8);
  let codes: u32 = (se >> 15) != 0 ? C1 : 0;
  if (isEmpty(register)) codes |= C3 | C0;
  else {
    const kind = classify(se & 0x7fff, load<u64>(at));
    if (kind == QNAN || kind == SNAN) codes |= C0;
    else if (kind == NORMAL) codes |= C2;
    else if (kind == INFINITY_) codes |= C2 | C0;
    else if (kind == ZERO) codes |= C3;
    else if (kind == DENORMAL) codes |= C3 | C2;
    else if (kind == UNSUPPORTED) codes |= 0;
  }
  store<u32>(FPU_STATUS, (load<u32>(FPU_STATUS) & ~(CODES | C1)) | codes);
}
