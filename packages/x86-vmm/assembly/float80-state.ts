/*
 * x87 register file of a machine, as `src/cpu/state.ts` lays it out, and the end of every instruction: which exceptions were raised, whether
 * they are masked, what is written.
 *
 * Source: Intel SDM Vol. 1 chapter 8 ("Programming with the x87 FPU"); where it leaves a choice, the Pentium Pro/II's.
 */

import { CR, FPU_ATTENTION, FPU_CONTROL, FPU_EMPTY, FPU_FERR, FPU_REGISTERS, FPU_STATUS } from './state.generated';

export { FPU_ATTENTION, FPU_CONTROL, FPU_EMPTY, FPU_FERR, FPU_REGISTERS, FPU_STATUS };

/** Status word. The six exception flags have the same places in the control word (masks). */
export const IE: u32 = 0x01;
export const DE: u32 = 0x02;
export const ZE: u32 = 0x04;
export const OE: u32 = 0x08;
export const UE: u32 = 0x10;
export const PE: u32 = 0x20;
export const SF: u32 = 0x40;
export const ES: u32 = 0x80;
export const C0: u32 = 0x0100;
export const C1: u32 = 0x0200;
export const C2: u32 = 0x0400;
export const C3: u32 = 0x4000;
export const BUSY: u32 = 0x8000;
export const EXCEPTIONS: u32 = 0x3f;
/** Exceptions found before computing: unmasked, the instruction changes no operand. */
export const BEFORE: u32 = 0x07;

/** Control word, rounding control. */
export const RC: u32 = 0x0c00;
export const RC_NEAREST: u32 = 0;
export const RC_DOWN: u32 = 0x0400;
export const RC_UP: u32 = 0x0800;
export const RC_CHOP: u32 = 0x0c00;
/** Control word that rounds to 64 bits whatever precision control says. */
export const PC_EXTENDED: u32 = 0x0300;

export const BIAS: i32 = 0x3fff;
export const INTEGER_BIT: u64 = 0x8000_0000_0000_0000;
export const QUIET_BIT: u64 = 0x4000_0000_0000_0000;
/** Added to (underflow) or taken from (overflow) the exponent of an unmasked response's register result. */
export const BIAS_ADJUSTMENT: i32 = 24576;

/** First and second operand, the result, and what the instruction in progress has raised (exception flags, SF, C1, C2...). */
export class Left {
  static s: u32 = 0;
  static e: i32 = 0;
  static m: u64 = 0;
}
export class Right {
  static s: u32 = 0;
  static e: i32 = 0;
  static m: u64 = 0;
  /** A single or double operand was a denormal: its extended form no longer says so. */
  static wasDenormal: bool = false;
}
export class Result {
  static s: u32 = 0;
  static e: i32 = 0;
  static m: u64 = 0;
}
export class Fpu {
  static raised: u32 = 0;
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function control(): u32 {
  return load<u32>(FPU_CONTROL);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function status(): u32 {
  return load<u32>(FPU_STATUS);
}
/** Physical number of ST(i). */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function physical(i: i32): u32 {
  return ((load<u32>(FPU_STATUS) >> 11) + i) & 7;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function address(register: u32): usize {
  return <usize>FPU_REGISTERS + (<usize>register << 4);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function isEmpty(register: u32): bool {
  return ((load<u32>(FPU_EMPTY) >> register) & 1) != 0;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function raise(exceptions: u32): void {
  Fpu.raised |= exceptions;
}
/** The instruction must stop with what it has found so far: an exception of the kind found before computing is unmasked. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function stopped(): bool {
  return (Fpu.raised & BEFORE & ~control()) != 0;
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function loadLeft(i: i32): bool {
  const register = physical(i);
  const at = address(register);
  const se = <u32>load<u16>(at, 8);
  Left.m = load<u64>(at);
  Left.s = se >> 15;
  Left.e = se & 0x7fff;
  return !isEmpty(register);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function loadRight(i: i32): bool {
  const register = physical(i);
  const at = address(register);
  const se = <u32>load<u16>(at, 8);
  Right.m = load<u64>(at);
  Right.s = se >> 15;
  Right.e = se & 0x7fff;
  Right.wasDenormal = false;
  return !isEmpty(register);
}
export function swapOperands(): void {
  const s = Left.s;
  const e = Left.e;
  const m = Left.m;
  Left.s = Right.s;
  Left.e = Right.e;
  Left.m = Right.m;
  Right.s = s;
  Right.e = e;
  Right.m = m;
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function setResult(s: u32, e: i32, m: u64): void {
  Result.s = s;
  Result.e = e;
  Result.m = m;
}
/** The real indefinite: the masked response to an invalid operation. */
export function indefinite(): void {
  setResult(1, 0x7fff, INTEGER_BIT | QUIET_BIT);
}
export function invalid(): void {
  raise(IE);
  indefinite();
}
export function stackUnderflow(): void {
  raise(IE | SF);
  indefinite();
}
export function stackOverflow(): void {
  raise(IE | SF | C1);
  indefinite();
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function storeRegister(register: u32): void {
  const at = address(register);
  store<u64>(at, Result.m);
  store<u16>(at, <u16>((Result.s << 15) | Result.e), 8);
}

/** Puts a new status word in force: ES and B follow the unmasked flags, FERR# and FPU_ATTENTION follow ES. */
export function setStatus(value: u32): void {
  let next = value & ~(ES | BUSY);
  if ((value & ~control() & EXCEPTIONS) != 0) next |= ES | BUSY;
  store<u32>(FPU_STATUS, next);
  followError();
}
/** FERR# and bit 1 of FPU_ATTENTION from ES, IGNNE# and CR0.NE. IGNNE# falls with FERR#: the board's flip-flop is cleared by that wire. */
export function followError(): void {
  const error = (load<u32>(FPU_STATUS) >> 7) & 1;
  const wires = load<u32>(FPU_FERR);
  store<u32>(FPU_FERR, error != 0 ? wires | 1 : 0);
  const ignored = (wires & 2) != 0 && (load<u32>(CR) & 0x20) == 0;
  const attention = load<u32>(FPU_ATTENTION) & ~(<u32>2);
  store<u32>(FPU_ATTENTION, attention | (ignored ? 0 : error << 1));
}

/**
 * Status word after an instruction: C1 as raised (0 when not), condition codes of `clear` replaced, flags added. Returns whether the
 * instruction takes effect, that is: no exception found before computing is unmasked.
 */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function note(clear: u32): bool {
  const raised = Fpu.raised;
  const next = (load<u32>(FPU_STATUS) & ~(clear | C1)) | raised;
  if ((raised & EXCEPTIONS) == 0) {
    store<u32>(FPU_STATUS, next);
    return true;
  }
  return noteExceptions(next);
}
function noteExceptions(next: u32): bool {
  const unmasked = Fpu.raised & ~control() & EXCEPTIONS;
  if (unmasked != 0) {
    store<u32>(FPU_STATUS, next | ES | BUSY);
    followError();
  } else store<u32>(FPU_STATUS, next);
  return (unmasked & BEFORE) == 0;
}

/** Takes `count` registers (0..2) off the stack. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function pop(count: i32): void {
  if (count != 0) popNow(count);
}
function popNow(count: i32): void {
  const word = load<u32>(FPU_STATUS);
  let top = (word >> 11) & 7;
  let empty = load<u32>(FPU_EMPTY);
  for (let i = 0; i < count; i++) {
    empty |= <u32>1 << top;
    top = (top + 1) & 7;
  }
  store<u32>(FPU_EMPTY, empty);
  store<u32>(FPU_STATUS, (word & ~(<u32>0x3800)) | (top << 11));
}

/** Ends an instruction whose result goes to ST(i). */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function finish(i: i32, pops: i32): void {
  if (!note(0)) return;
  const register = physical(i);
  storeRegister(register);
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(<u32>1 << register));
  pop(pops);
}

/** Ends an instruction whose result is pushed. The caller has raised stack overflow if the place is taken. */
export function finishPush(): void {
  if (!note(0)) return;
  const word = load<u32>(FPU_STATUS);
  const top = ((word >> 11) - 1) & 7;
  store<u32>(FPU_STATUS, (word & ~(<u32>0x3800)) | (top << 11));
  storeRegister(top);
  store<u32>(FPU_EMPTY, load<u32>(FPU_EMPTY) & ~(<u32>1 << top));
}
/** Whether a push finds its place taken; raises the stack overflow if so. */
export function pushOverflows(): bool {
  if (isEmpty(physical(-1))) return false;
  stackOverflow();
  return true;
}
