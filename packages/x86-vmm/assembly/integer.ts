/*
 * Many elements of a repeated string instruction at once: forward, flat segments, 32-bit addresses, both pages translated, and within one
 * page each. Whatever does not fit is left to the one-element form (0 elements done), which also notes the faults.
 */
import { BUDGET, EFLAGS_SYSTEM, GPR, TLB_READ, TLB_WRITE } from './state.generated';

const DF: u32 = 0x400;
const ECX: u32 = GPR + 8;
const ESI: u32 = GPR + 8 * 6;
const EDI: u32 = GPR + 8 * 7;

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function entry(table: u32, linear: u32): u32 {
  return load<u32>(load<u32>(table) + ((linear >>> 12) << 2));
}

/** Elements that fit in the page from `linear` on. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function inPage(linear: u32, shift: u32): u32 {
  return (0x1000 - (linear & 0xfff)) >>> shift;
}

/** Elements that ECX and the budget allow. The budget may go one below zero, as the one-element form takes it. */
function allowed(): u32 {
  const left = load<i32>(BUDGET);
  if (left < 0) return 0;
  const count = load<u32>(ECX);
  return count < <u32>left + 1 ? count : <u32>left + 1;
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function smaller(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

/** REP MOVS of elements of `1 << shift` bytes. Returns how many were moved. */
export function repeatMovs(shift: u32): u32 {
  if (load<u32>(EFLAGS_SYSTEM) & DF) return 0;
  const source = load<u32>(ESI);
  const target = load<u32>(EDI);
  const read = entry(TLB_READ, source);
  const write = entry(TLB_WRITE, target);
  if ((read | write) & 1) return 0;
  let count = smaller(allowed(), smaller(inPage(source, shift), inPage(target, shift)));
  const from = source + read;
  const to = target + write;
  // A copy onto what is still to be read repeats a pattern: no further than the distance at a time, which memory.copy cannot do otherwise.
  if (to > from && to - from < count << shift) count = (to - from) >>> shift;
  if (count == 0) return 0;
  const bytes = count << shift;
  memory.copy(to, from, bytes);
  store<u32>(ESI, source + bytes);
  store<u32>(EDI, target + bytes);
  store<u32>(ECX, load<u32>(ECX) - count);
  return count;
}

/** REP STOS of elements of `1 << shift` bytes. Returns how many were stored. */
export function repeatStos(shift: u32): u32 {
  if (load<u32>(EFLAGS_SYSTEM) & DF) return 0;
  const target = load<u32>(EDI);
  const write = entry(TLB_WRITE, target);
  if (write & 1) return 0;
  const count = smaller(allowed(), inPage(target, shift));
  if (count == 0) return 0;
  const to = target + write;
  const value = load<u32>(GPR);
  const bytes = count << shift;
  const low = value & 0xff;
  if (shift == 0 || (shift == 1 ? (value & 0xffff) == low * 0x101 : value == low * 0x0101_0101)) memory.fill(to, <u8>low, bytes);
  else if (shift == 1) for (let i: u32 = 0; i < bytes; i += 2) store<u16>(to + i, <u16>value);
  else for (let i: u32 = 0; i < bytes; i += 4) store<u32>(to + i, value);
  store<u32>(EDI, target + bytes);
  store<u32>(ECX, load<u32>(ECX) - count);
  return count;
}
