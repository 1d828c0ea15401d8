/*
 * Shortcuts of src/cpu/semantics/segment.ts: MOV, PUSH and POP of DS, ES, FS and GS with registers and a 32-bit stack in 32-bit protected mode. As in
 * events.ts a shortcut does everything or nothing.
 */
import { descriptorOf, DONE, dplOf, isOrdinary, isReadyData, NOT_DONE, setFromDescriptor, setNull } from './events';
import { hostForRead, hostForWrite } from './mmu';
import { privilegeChanged, segment } from './mode';
import {
  CPL,
  CR,
  FAULT,
  FAULT_ERROR,
  GPR,
  MODE_KEY,
  ModeKey_alignmentCheck,
  ModeKey_stack32,
  SegmentField_base,
  SegmentField_highRead,
  SegmentField_highWrite,
  SegmentField_low,
  SegmentField_lowWrite,
  SegmentField_selector,
  SegmentIndex_CS,
  SegmentIndex_DS,
  SegmentIndex_ES,
  SegmentIndex_GS,
  SegmentIndex_SS,
} from './state.generated';

const ESP: u32 = GPR + 4 * 8;
const CR2: u32 = CR + 2 * 8;
const SS: u32 = segment(SegmentIndex_SS);
/** In an argument: a memory operand, or 16 bits onto the stack. */
const OTHER_FORM: u32 = 0x8000_0000;
/** In the argument of MOV from a segment register: to 16 bits of the general register. */
const HALF: u32 = 0x1_0000;

/** Bits 2..0 of an argument: the segment register. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function indexOf(argument: u32): u32 {
  return argument & 7;
}
/** Bits 15..8: the general register. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function generalOf(argument: u32): u32 {
  return GPR + (((argument >>> 8) & 0xff) << 3);
}
function isOrdinaryStack(): bool {
  return isOrdinary() && (load<u32>(MODE_KEY) & (ModeKey_stack32 | ModeKey_alignmentCheck)) == ModeKey_stack32;
}

/** Loads a null selector or an ordinary data segment. False: nothing has changed. */
function loadData(index: u32, selector: u32): bool {
  if (index == SegmentIndex_CS || index == SegmentIndex_SS || index > SegmentIndex_GS) return false;
  const at = segment(index);
  if ((selector & 0xfffc) == 0) {
    setNull(at);
    store<u32>(at + SegmentField_selector, selector);
  } else {
    const descriptor = descriptorOf(selector);
    if (descriptor == 0) return false;
    const high = load<u32>(descriptor + 4);
    if (!isReadyData(high) || dplOf(high) < max<u32>(load<u32>(CPL), selector & 3)) return false;
    setFromDescriptor(at, selector, load<u32>(descriptor), high);
  }
  if (index == SegmentIndex_DS || index == SegmentIndex_ES) privilegeChanged();
  return true;
}

/** What a failed attempt may have noted is put back; nothing was noted before. */
function undone(errorCode: u32, cr2: u64): u32 {
  store<u32>(FAULT, 0);
  store<u32>(FAULT_ERROR, errorCode);
  store<u64>(CR2, cr2);
  return NOT_DONE;
}

export function loadSegmentShortcut(argument: u32): u32 {
  if (argument & OTHER_FORM || !isOrdinary()) return NOT_DONE;
  const errorCode = load<u32>(FAULT_ERROR);
  const cr2 = load<u64>(CR2);
  return loadData(indexOf(argument), <u32>load<u16>(generalOf(argument))) ? DONE : undone(errorCode, cr2);
}

export function storeSegmentShortcut(argument: u32): u32 {
  if (argument & OTHER_FORM || !isOrdinary() || indexOf(argument) > SegmentIndex_GS) return NOT_DONE;
  const selector = load<u32>(segment(indexOf(argument)) + SegmentField_selector);
  if (argument & HALF) store<u16>(generalOf(argument), <u16>selector);
  else store<u32>(generalOf(argument), selector);
  return DONE;
}

export function pushSegmentShortcut(argument: u32): u32 {
  const pointer = load<u32>(ESP);
  if (argument & OTHER_FORM || !isOrdinaryStack() || pointer < 4) return NOT_DONE;
  const moved = pointer - 4;
  if (moved < load<u32>(SS + SegmentField_lowWrite) || pointer - 1 > load<u32>(SS + SegmentField_highWrite)) return NOT_DONE;
  const errorCode = load<u32>(FAULT_ERROR);
  const cr2 = load<u64>(CR2);
  const host = hostForWrite(load<u32>(SS + SegmentField_base) + moved, 4, load<u32>(CPL) == 3);
  if (host == 0) return undone(errorCode, cr2);
  store<u32>(host, load<u32>(segment(indexOf(argument)) + SegmentField_selector));
  store<u32>(ESP, moved);
  return DONE;
}

export function popSegmentShortcut(argument: u32): u32 {
  const pointer = load<u32>(ESP);
  if (argument & OTHER_FORM || !isOrdinaryStack()) return NOT_DONE;
  if (pointer < load<u32>(SS + SegmentField_low) || <u64>pointer + 3 > load<u32>(SS + SegmentField_highRead)) return NOT_DONE;
  const errorCode = load<u32>(FAULT_ERROR);
  const cr2 = load<u64>(CR2);
  const host = hostForRead(load<u32>(SS + SegmentField_base) + pointer, 4, load<u32>(CPL) == 3);
  if (host == 0 || !loadData(indexOf(argument), <u32>load<u16>(host))) return undone(errorCode, cr2);
  store<u32>(ESP, pointer + 4);
  return DONE;
}
