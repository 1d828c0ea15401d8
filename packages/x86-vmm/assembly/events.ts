/*
 * Shortcuts of src/cpu/events: interrupts, exceptions and INT n through 32-bit gates of the IDT, and IRET, in 32-bit protected mode. A shortcut
 * does everything or nothing: where anything is unusual (another kind of gate or stack, virtual-8086 mode, a nested task, a descriptor not
 * accessed yet, single steps, memory that is no plain RAM, whatever faults) it returns 0 with the state as it was, and the TypeScript body, which
 * has the whole meaning, does it from the start. It reads and probes in that body's order, so that even the accessed bits are equal.
 */
import { AC, DF, ID, IF, IOPL, NT, OSZAPC, readEflags, RF, TF, VIF, VIP, VM, writeEflags } from './eflags';
import { hostForRead, hostForWrite } from './mmu';
import { CR0_NE, privilegeChanged, segment } from './mode';
import {
  CPL,
  CR,
  EFLAGS_SYSTEM,
  EIP,
  FAULT,
  FAULT_ERROR,
  GDTR_BASE,
  GDTR_LIMIT,
  GPR,
  HALTED,
  IDTR_BASE,
  IDTR_LIMIT,
  INTERRUPT_SHADOW,
  MODE_KEY,
  ModeKey_alignmentCheck,
  ModeKey_protectedMode,
  ModeKey_singleStep,
  PENDING_DEBUG,
  SegmentField_attributes,
  SegmentField_base,
  SegmentField_highRead,
  SegmentField_highWrite,
  SegmentField_limit,
  SegmentField_low,
  SegmentField_lowWrite,
  SegmentField_selector,
  SegmentIndex_CS,
  SegmentIndex_DS,
  SegmentIndex_ES,
  SegmentIndex_FS,
  SegmentIndex_GS,
  SegmentIndex_SS,
  SegmentIndex_TR,
} from './state.generated';

const ESP: u32 = GPR + 4 * 8;
const CR2: u32 = CR + 2 * 8;
const CS: u32 = segment(SegmentIndex_CS);
const SS: u32 = segment(SegmentIndex_SS);
const TR: u32 = segment(SegmentIndex_TR);

/** Answers of a shortcut. */
export const NOT_DONE: u32 = 0;
export const DONE: u32 = 1;
/** Interrupts are on that were off. */
const INTERRUPTS_ENABLED: u32 = 2;

const VECTOR_DB: u32 = 1;
const VECTOR_MF: u32 = 16;
/** Exceptions that push RF (interrupts.ts FAULTS): #DE, #BR, #UD, #NM, #TS, #NP, #SS, #GP, #PF, #MF, #AC, #XM. */
const FAULTS: u32 = 0xb_7ce1;

const SOFTWARE: u32 = 0;
const EXTERNAL: u32 = 1;
const EXCEPTION: u32 = 2;

/** High word of a descriptor. */
const ACCESSED: u32 = 0x100;
const CONFORMING: u32 = 0x400;
const PRESENT: u32 = 0x8000;
const BIG: u32 = 0x40_0000;
const GRANULARITY: u32 = 0x80_0000;
/** Rights in a segment register. */
const RIGHTS_READABLE: u32 = 2;
const RIGHTS_CONFORMING: u32 = 4;
const RIGHTS_CODE: u32 = 8;
const RIGHTS_TSS32: u32 = 8;
const RIGHTS_BIG: u32 = 0x4000;
const RIGHTS_UNUSABLE: u32 = 0x1_0000;

/** EFLAGS that IRET takes at any privilege. */
const IRET_ALWAYS: u32 = OSZAPC | TF | DF | NT | RF | AC | ID;

/** Protected mode, nothing that wants a look at each instruction. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function isOrdinary(): bool {
  return (load<u32>(MODE_KEY) & (ModeKey_protectedMode | ModeKey_singleStep)) == ModeKey_protectedMode && (load<u32>(INTERRUPT_SHADOW) | load<u32>(PENDING_DEBUG)) == 0;
}

/** Where the descriptor that a selector of the GDT names is in this memory; 0: leave it to TypeScript. */
export function descriptorOf(selector: u32): u32 {
  if ((selector & 0xfffc) == 0 || (selector & 4) != 0 || (selector | 7) > load<u32>(GDTR_LIMIT)) return 0;
  return hostForRead(load<u32>(GDTR_BASE) + (selector & 0xfff8), 8, false);
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function dplOf(high: u32): u32 {
  return (high >>> 13) & 3;
}
function limitOf(low: u32, high: u32): u32 {
  const limit = (low & 0xffff) | (high & 0xf_0000);
  return high & GRANULARITY ? (limit << 12) | 0xfff : limit;
}
function baseOf(low: u32, high: u32): u32 {
  return (low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000);
}
/** Present, accessed code. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function isReadyCode(high: u32): bool {
  return (high & (0x1800 | PRESENT | ACCESSED)) == (0x1800 | PRESENT | ACCESSED);
}
/** Present, accessed, writable, expand-up data. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function isReadyData(high: u32): bool {
  return (high & (0x1e00 | PRESENT | ACCESSED)) == (0x1200 | PRESENT | ACCESSED);
}
/** The same with ESP as stack pointer, of one privilege for descriptor and selector. */
function isReadyStack(high: u32, selector: u32, privilege: u32): bool {
  return isReadyData(high) && (high & BIG) != 0 && dplOf(high) == privilege && (selector & 3) == privilege;
}

/** `setSegment` of segmentation.ts with the bounds of code and of expand-up writable data in protected mode. */
export function setSegment(at: u32, selector: u32, base: u32, limit: u32, attributes: u32): void {
  store<u64>(at + SegmentField_base, base);
  store<u32>(at + SegmentField_limit, limit);
  store<u32>(at + SegmentField_attributes, attributes);
  store<u32>(at + SegmentField_selector, selector);
  const isCode = (attributes & RIGHTS_CODE) != 0;
  const isReadable = !isCode || (attributes & RIGHTS_READABLE) != 0;
  store<u32>(at + SegmentField_low, isReadable ? 0 : 0xffff_ffff);
  store<u32>(at + SegmentField_highRead, isReadable ? limit : 0);
  store<u32>(at + SegmentField_lowWrite, isCode ? 0xffff_ffff : 0);
  store<u32>(at + SegmentField_highWrite, isCode ? 0 : limit);
}
export function setFromDescriptor(at: u32, selector: u32, low: u32, high: u32): void {
  setSegment(at, selector, baseOf(low, high), limitOf(low, high), (high >>> 8) & 0xf0ff);
}
/** Loads CS. Returns whether more than the selector has changed. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function setCode(selector: u32, low: u32, high: u32): bool {
  const base = baseOf(low, high);
  const limit = limitOf(low, high);
  const attributes = (high >>> 8) & 0xf0ff;
  if (load<u32>(CS + SegmentField_base) == base && load<u32>(CS + SegmentField_limit) == limit && load<u32>(CS + SegmentField_attributes) == attributes) {
    store<u32>(CS + SegmentField_selector, selector);
    return false;
  }
  setSegment(CS, selector, base, limit, attributes);
  return true;
}
export function setNull(at: u32): void {
  store<u64>(at + SegmentField_base, 0);
  store<u32>(at + SegmentField_limit, 0);
  store<u32>(at + SegmentField_attributes, RIGHTS_UNUSABLE);
  store<u32>(at + SegmentField_selector, 0);
  store<u32>(at + SegmentField_low, 0xffff_ffff);
  store<u32>(at + SegmentField_highRead, 0);
  store<u32>(at + SegmentField_lowWrite, 0xffff_ffff);
  store<u32>(at + SegmentField_highWrite, 0);
}

/** Where `bytes` below (a push) a stack's pointer are in this memory; 0: no room, or not in one page. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function roomBelow(pointer: u32, bytes: u32, base: u32, low: u32, high: u32, isUser: bool): u32 {
  if (pointer < bytes || pointer - bytes < low || pointer - 1 > high) return 0;
  return hostForWrite(base + pointer - bytes, bytes, isUser);
}

/** Enters the handler of a vector through the IDT. `errorCode` counts when `hasErrorCode`. */
function enter(vector: u32, source: u32, hasErrorCode: bool, errorCode: u32): bool {
  const cpl = load<u32>(CPL);
  if ((vector << 3) + 7 > load<u32>(IDTR_LIMIT)) return false;
  const gate = hostForRead(load<u32>(IDTR_BASE) + (vector << 3), 8, false);
  if (gate == 0) return false;
  const gateLow = load<u32>(gate);
  const gateHigh = load<u32>(gate + 4);
  if ((gateHigh & 0x1e00) != 0x0e00 || !(gateHigh & PRESENT)) return false;
  if (source == SOFTWARE && dplOf(gateHigh) < cpl) return false;
  const selector = gateLow >>> 16;
  const offset = (gateHigh & 0xffff_0000) | (gateLow & 0xffff);

  const descriptor = descriptorOf(selector);
  if (descriptor == 0) return false;
  const low = load<u32>(descriptor);
  const high = load<u32>(descriptor + 4);
  const dpl = dplOf(high);
  if (!isReadyCode(high) || dpl > cpl) return false;

  const flags = readEflags();
  const code = load<u32>(CS + SegmentField_selector);
  const eip = load<u32>(EIP);
  const extra: u32 = hasErrorCode ? 4 : 0;
  let frame: u32;
  let ring = cpl;
  if ((high & CONFORMING) == 0 && dpl < cpl) {
    ring = dpl;
    const stackAt = (ring << 3) + 4;
    if (!(load<u32>(TR + SegmentField_attributes) & RIGHTS_TSS32) || stackAt + 5 > load<u32>(TR + SegmentField_limit)) return false;
    const tss = hostForRead(load<u32>(TR + SegmentField_base) + stackAt, 6, false);
    if (tss == 0) return false;
    const pointer = load<u32>(tss);
    const inner = <u32>load<u16>(tss + 4);
    const stack = descriptorOf(inner);
    if (stack == 0) return false;
    const stackLow = load<u32>(stack);
    const stackHigh = load<u32>(stack + 4);
    if (!isReadyStack(stackHigh, inner, ring) || offset > limitOf(low, high)) return false;
    frame = roomBelow(pointer, 20 + extra, baseOf(stackLow, stackHigh), 0, limitOf(stackLow, stackHigh), false);
    if (frame == 0) return false;
    store<u32>(frame + extra + 12, load<u32>(ESP));
    store<u32>(frame + extra + 16, load<u32>(SS + SegmentField_selector));
    store<u32>(CPL, ring);
    setFromDescriptor(SS, inner, stackLow, stackHigh);
    store<u32>(ESP, pointer - 20 - extra);
  } else {
    if (offset > limitOf(low, high)) return false;
    if (!(load<u32>(SS + SegmentField_attributes) & RIGHTS_BIG) || load<u32>(MODE_KEY) & ModeKey_alignmentCheck) return false;
    const pointer = load<u32>(ESP);
    frame = roomBelow(
      pointer,
      12 + extra,
      load<u32>(SS + SegmentField_base),
      load<u32>(SS + SegmentField_lowWrite),
      load<u32>(SS + SegmentField_highWrite),
      cpl == 3,
    );
    if (frame == 0) return false;
    store<u32>(ESP, pointer - 12 - extra);
  }
  if (hasErrorCode) store<u32>(frame, errorCode);
  store<u32>(frame + extra, eip);
  store<u32>(frame + extra + 4, code);
  store<u32>(frame + extra + 8, source == EXCEPTION && vector < 32 && ((FAULTS >>> vector) & 1) != 0 ? flags | RF : flags);

  const isOtherCode = setCode((selector & 0xfffc) | ring, low, high);
  writeEflags(flags & ~(NT | RF | (gateHigh & 0x100 ? 0 : IF)));
  store<u32>(EIP, offset);
  store<u32>(HALTED, 0);
  if (isOtherCode || ring != cpl) privilegeChanged();
  return true;
}

/** `enter` with what a failed attempt may have noted put back. */
function tryToEnter(vector: u32, source: u32, hasErrorCode: bool, errorCode: u32): bool {
  const fault = load<u32>(FAULT);
  const noted = load<u32>(FAULT_ERROR);
  const cr2 = load<u64>(CR2);
  if (enter(vector, source, hasErrorCode, errorCode)) return true;
  store<u32>(FAULT, fault);
  store<u32>(FAULT_ERROR, noted);
  store<u64>(CR2, cr2);
  return false;
}

/** INT n, INT3. EIP is the next instruction's. */
export function interruptShortcut(vector: u32): u32 {
  return <u32>(isOrdinary() && tryToEnter(vector, SOFTWARE, false, 0));
}

/** An interrupt from the interrupt controller; the caller has seen IF and the interrupt shadow. */
export function externalShortcut(vector: u32): u32 {
  return <u32>(isOrdinary() && tryToEnter(vector, EXTERNAL, false, 0));
}

/** The exception that FAULT has noted, of the instruction at EIP. */
export function exceptionShortcut(): u32 {
  const vector = load<u32>(FAULT) - 1;
  if (!isOrdinary() || vector == VECTOR_DB || (vector == VECTOR_MF && !(load<u32>(CR) & CR0_NE))) return NOT_DONE;
  const errorCode = load<u32>(FAULT_ERROR);
  if (!tryToEnter(vector, EXCEPTION, errorCode != 0xffff_ffff, errorCode)) return NOT_DONE;
  store<u32>(FAULT, 0);
  return DONE;
}

function leave(): u32 {
  const cpl = load<u32>(CPL);
  const system = load<u32>(EFLAGS_SYSTEM);
  if (system & NT || !(load<u32>(SS + SegmentField_attributes) & RIGHTS_BIG) || load<u32>(MODE_KEY) & ModeKey_alignmentCheck) return NOT_DONE;
  const pointer = load<u32>(ESP);
  const high = load<u32>(SS + SegmentField_highRead);
  if (pointer < load<u32>(SS + SegmentField_low) || <u64>pointer + 11 > high) return NOT_DONE;
  const linear = load<u32>(SS + SegmentField_base) + pointer;
  const frame = hostForRead(linear, 12, cpl == 3);
  if (frame == 0) return NOT_DONE;
  const offset = load<u32>(frame);
  const selector = <u32>load<u16>(frame + 4);
  const image = load<u32>(frame + 8);
  if (image & TF || (image & VM && cpl == 0)) return NOT_DONE;

  const descriptor = descriptorOf(selector);
  if (descriptor == 0) return NOT_DONE;
  const codeLow = load<u32>(descriptor);
  const codeHigh = load<u32>(descriptor + 4);
  const rpl = selector & 3;
  const dpl = dplOf(codeHigh);
  if (!isReadyCode(codeHigh) || rpl < cpl || (codeHigh & CONFORMING ? dpl > rpl : dpl != rpl) || offset > limitOf(codeLow, codeHigh)) return NOT_DONE;

  let taken = IRET_ALWAYS;
  if (cpl <= (system & IOPL) >>> 12) taken |= IF;
  if (cpl == 0) taken |= IOPL | VIF | VIP;
  const flags = (readEflags() & ~taken) | (image & taken);
  let isOtherMode = ((flags ^ system) & AC) != 0 || rpl != cpl;
  if (rpl == cpl) {
    store<u32>(ESP, pointer + 12);
    if (setCode(selector, codeLow, codeHigh)) isOtherMode = true;
  } else {
    if (<u64>pointer + 19 > high || (linear & 0xfff) > 0x1000 - 20) return NOT_DONE;
    const outer = <u32>load<u16>(frame + 16);
    const stack = descriptorOf(outer);
    if (stack == 0) return NOT_DONE;
    const stackLow = load<u32>(stack);
    const stackHigh = load<u32>(stack + 4);
    if (!isReadyStack(stackHigh, outer, rpl)) return NOT_DONE;
    setCode(selector, codeLow, codeHigh);
    setFromDescriptor(SS, outer, stackLow, stackHigh);
    store<u32>(CPL, rpl);
    store<u32>(ESP, load<u32>(frame + 12));
    dropPrivileged(segment(SegmentIndex_ES), rpl);
    dropPrivileged(segment(SegmentIndex_DS), rpl);
    dropPrivileged(segment(SegmentIndex_FS), rpl);
    dropPrivileged(segment(SegmentIndex_GS), rpl);
  }
  store<u32>(EIP, offset);
  writeEflags(flags);
  if (isOtherMode) privilegeChanged();
  return flags & ~system & IF ? INTERRUPTS_ENABLED : DONE;
}

/** A data segment that an outer ring may not have becomes null. */
function dropPrivileged(at: u32, cpl: u32): void {
  const attributes = load<u32>(at + SegmentField_attributes);
  if (attributes & RIGHTS_UNUSABLE || (attributes & (RIGHTS_CODE | RIGHTS_CONFORMING)) == (RIGHTS_CODE | RIGHTS_CONFORMING)) return;
  if (((attributes >>> 5) & 3) < cpl) setNull(at);
}

/** IRETD. */
export function returnShortcut(): u32 {
  if (!isOrdinary()) return NOT_DONE;
  const noted = load<u32>(FAULT_ERROR);
  const cr2 = load<u64>(CR2);
  const answer = leave();
  if (answer == NOT_DONE) {
    store<u32>(FAULT, 0);
    store<u32>(FAULT_ERROR, noted);
    store<u64>(CR2, cr2);
  }
  return answer;
}
