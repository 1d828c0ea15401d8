/* Shortcuts of system instructions (see events.ts for what a shortcut is): SYSENTER, SYSEXIT, ports, RDTSC, control registers. */
import { IF, IOPL, readEflags, RF, VM, writeEflags } from './eflags';
import { DONE, isOrdinary, setSegment } from './events';
import { CR0_TS, modeChangedHere, privilegeChanged, segment } from './mode';
import {
  CPL,
  CR,
  EFLAGS_SYSTEM,
  EIP,
  GPR,
  INTERRUPT_SHADOW,
  MODE_KEY,
  ModeKey_singleStep,
  ModeKey_virtual8086,
  MSR_SYSENTER_CS,
  MSR_SYSENTER_EIP,
  MSR_SYSENTER_ESP,
  SegmentIndex_CS,
  SegmentIndex_SS,
  TSC_OFFSET,
} from './state.generated';

/** The board's ports, 1, 2 or 4 bytes, and the guest clock's time stamp counter. */
@external("env", "readPort")
declare function readPort(port: u32, bytes: u32): u32;
@external("env", "writePort")
declare function writePort(port: u32, bytes: u32, value: u32): void;
@external("env", "timeStampCounter")
declare function timeStampCounter(): u64;

const EAX: u32 = GPR;
const ECX: u32 = GPR + 8;
const EDX: u32 = GPR + 16;
const ESP: u32 = GPR + 32;
const FLAT_CODE: u32 = 0xc09b;
const FLAT_DATA: u32 = 0xc093;
const DPL3: u32 = 0x60;
const CR4_TSD: u32 = 4;

export function sysenterShortcut(): u32 {
  const selector = load<u32>(MSR_SYSENTER_CS) & 0xfffc;
  if (!isOrdinary() || selector == 0) return 0;
  writeEflags(readEflags() & ~(VM | IF | RF));
  store<u32>(CPL, 0);
  setSegment(segment(SegmentIndex_CS), selector, 0, 0xffff_ffff, FLAT_CODE);
  setSegment(segment(SegmentIndex_SS), selector + 8, 0, 0xffff_ffff, FLAT_DATA);
  store<u32>(ESP, load<u32>(MSR_SYSENTER_ESP));
  store<u32>(EIP, load<u32>(MSR_SYSENTER_EIP));
  privilegeChanged();
  return DONE;
}

export function sysexitShortcut(): u32 {
  const selector = load<u32>(MSR_SYSENTER_CS) & 0xfffc;
  if (!isOrdinary() || selector == 0 || load<u32>(CPL) != 0) return 0;
  store<u32>(CPL, 3);
  setSegment(segment(SegmentIndex_CS), (selector + 16) | 3, 0, 0xffff_ffff, FLAT_CODE | DPL3);
  setSegment(segment(SegmentIndex_SS), (selector + 24) | 3, 0, 0xffff_ffff, FLAT_DATA | DPL3);
  store<u32>(EIP, load<u32>(EDX));
  store<u32>(ESP, load<u32>(ECX));
  privilegeChanged();
  return DONE;
}

/** In any mode but virtual-8086: nothing wants a look at each instruction, and IOPL allows all ports. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function mayUsePorts(): bool {
  return (
    (load<u32>(MODE_KEY) & (ModeKey_singleStep | ModeKey_virtual8086)) == 0 &&
    load<u32>(INTERRUPT_SHADOW) == 0 &&
    load<u32>(CPL) <= (load<u32>(EFLAGS_SYSTEM) & IOPL) >>> 12
  );
}

/** Argument of IN and OUT: bits 15..0 the port, 18..16 bytes, 31: the port is in DX. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function portOf(access: u32): u32 {
  return access & 0x8000_0000 ? <u32>load<u16>(EDX) : access & 0xffff;
}

export function inShortcut(access: u32): u32 {
  if (!mayUsePorts()) return 0;
  const bytes = (access >>> 16) & 7;
  const value = readPort(portOf(access), bytes);
  if (bytes == 1) store<u8>(EAX, <u8>value);
  else if (bytes == 2) store<u16>(EAX, <u16>value);
  else store<u32>(EAX, value);
  return DONE;
}

export function outShortcut(access: u32): u32 {
  if (!mayUsePorts()) return 0;
  const bytes = (access >>> 16) & 7;
  const value = bytes == 1 ? <u32>load<u8>(EAX) : bytes == 2 ? <u32>load<u16>(EAX) : load<u32>(EAX);
  writePort(portOf(access), bytes, value);
  return DONE;
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function isUnwatched(): bool {
  return (load<u32>(MODE_KEY) & ModeKey_singleStep) == 0 && load<u32>(INTERRUPT_SHADOW) == 0;
}

export function rdtscShortcut(): u32 {
  if (!isUnwatched() || (load<u32>(CR + 4 * 8) & CR4_TSD && load<u32>(CPL) != 0)) return 0;
  const ticks = timeStampCounter() + load<u64>(TSC_OFFSET);
  store<u32>(EAX, <u32>ticks);
  store<u32>(EDX, <u32>(ticks >> 32));
  return DONE;
}

/** Argument of MOV to and from control registers: bits 7..0 the control register, 15..8 the general one. */
export function readControlShortcut(registers: u32): u32 {
  const number = registers & 0xff;
  if (!isUnwatched() || load<u32>(CPL) != 0 || number == 1 || number > 4) return 0;
  store<u32>(GPR + ((registers >>> 8) << 3), load<u32>(CR + (number << 3)));
  return DONE;
}

/** CR0 when nothing but TS changes. */
export function writeControlShortcut(registers: u32): u32 {
  if (!isUnwatched() || load<u32>(CPL) != 0 || (registers & 0xff) != 0) return 0;
  const value = load<u32>(GPR + ((registers >>> 8) << 3));
  if (((load<u32>(CR) ^ value) & ~CR0_TS) != 0) return 0;
  store<u32>(CR, value);
  modeChangedHere();
  return DONE;
}

export function cltsShortcut(): u32 {
  if (!isUnwatched() || load<u32>(CPL) != 0) return 0;
  store<u32>(CR, load<u32>(CR) & ~CR0_TS);
  modeChangedHere();
  return DONE;
}
