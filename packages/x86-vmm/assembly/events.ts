/*
 * The usual case of events in protected mode: entering a handler through a 32-bit interrupt or trap gate, and IRET, where all code, data
 * and stack segments are flat, between rings 0 and 3 or within one. The whole meaning is in src/cpu/events (TypeScript); a kernel here does
 * all of it and answers 1, or has touched nothing and answers 0: for everything else, for faults on the way, and where a table or stack is
 * not in the translation tables yet. Sources: SDM Vol. 2 INT n, IRET; Vol. 3A 6.12.
 */
import {
  CPL, CR, EFLAGS_SYSTEM, EIP, FLAG_CARRIES, FLAG_RESULT, GDTR_BASE, GDTR_LIMIT, GPR, HALTED, IDTR_BASE, IDTR_LIMIT, INTERRUPT_PENDING, INTERRUPT_SHADOW,
  MODE_KEY, ModeKey_code32, ModeKey_flatCode, ModeKey_flatData, ModeKey_protectedMode, ModeKey_stack32, ModeKey_user, PENDING_DEBUG, SEGMENT, SEGMENT_BYTES,
  SegmentField_attributes, SegmentField_base, SegmentField_highRead, SegmentField_highWrite, SegmentField_limit, SegmentField_low, SegmentField_lowWrite,
  SegmentField_selector, SegmentIndex_CS, SegmentIndex_DS, SegmentIndex_ES, SegmentIndex_FS, SegmentIndex_GS, SegmentIndex_SS, SegmentIndex_TR, TLB, TLB_BYTES,
  TLB_READ, TLB_WRITE,
} from './state.generated';

const TF: u32 = 0x100;
const IF: u32 = 0x200;
const NT: u32 = 0x4000;
const RF: u32 = 0x1_0000;
const VM: u32 = 0x2_0000;
const AC: u32 = 0x4_0000;
const FIXED: u32 = 2;
/** CF, PF, AF, ZF, SF, OF. */
const OSZAPC: u32 = 0x8d5;
/** EFLAGS_DEFINED of src/cpu/architecture.ts. */
const DEFINED: u32 = 0x3f_7fd5;
/** What IRET takes whatever the privilege: OSZAPC, TF, DF, NT, RF, AC, ID. */
const TAKEN_ALWAYS: u32 = OSZAPC | 0x500 | NT | RF | AC | 0x20_0000;
const IOPL: u32 = 0x3000;
/** IOPL, VIF, VIP: for ring 0. */
const TAKEN_IN_RING_0: u32 = IOPL | 0x18_0000;

/** 32-bit flat protected mode, neither virtual-8086 nor stepping nor checking alignment. */
const USUAL: u32 = ModeKey_code32 | ModeKey_stack32 | ModeKey_flatCode | ModeKey_flatData | ModeKey_protectedMode;
const LOOKED_AT: u32 = 0x1ff;

/** High word of a descriptor: accessed, writable (code: readable), code, S, DPL, P; base, limit, D/B and G of a flat one. */
const ACCESSED: u32 = 0x100;
const KIND: u32 = 0x1e00;
const CODE: u32 = 0x1800;
const CODE_READABLE: u32 = 0x1a00;
const DATA_WRITABLE: u32 = 0x1200;
const PRESENT: u32 = 0x8000;
const FLAT: u32 = 0x00cf_0000;
const FLAT_MASK: u32 = 0xffcf_00ff;
const UNUSABLE: u32 = 0x1_0000;

const ESP: usize = GPR + 8 * 4;
const INVALID: u32 = 1;

/** Host address of `bytes` at a linear address through a translation table, or 1: not there, or in two pages. */
// @ts-ignore: decorator
@inline function host(table: u32, linear: u32, bytes: u32): u32 {
  const entry = load<u32>(table + ((linear >>> 12) << 2));
  if ((entry & 1) != 0 || (linear & 0xfff) > 0x1000 - bytes) return INVALID;
  return entry + linear;
}
// @ts-ignore: decorator
@inline function segment(index: u32): usize {
  return SEGMENT + index * SEGMENT_BYTES;
}

/**
 * High word of the descriptor that a selector names in the GDT, if it is flat, present and accessed already; 0 otherwise. `ring`: its DPL.
 */
// @ts-ignore: decorator
@inline function flatDescriptor(selector: u32, ring: u32): u32 {
  if ((selector & 4) != 0 || (selector & 0xfffc) == 0 || (selector | 7) > load<u32>(GDTR_LIMIT)) return 0;
  const at = host(TLB, load<u32>(GDTR_BASE) + (selector & 0xfff8), 8);
  if (at == INVALID) return 0;
  const high = load<u32>(at, 4);
  if ((load<u32>(at) ^ 0xffff) != 0 || (high & FLAT_MASK) != FLAT) return 0;
  if ((high & (PRESENT | ACCESSED)) != (PRESENT | ACCESSED) || ((high >>> 13) & 3) != ring) return 0;
  return high;
}
// @ts-ignore: decorator
@inline function isPlainCode(high: u32): bool {
  return (high & KIND) == CODE || (high & KIND) == CODE_READABLE;
}

/** As `setFromDescriptor` of src/cpu/mmu/segmentation.ts. */
// @ts-ignore: decorator
@inline function setFlat(index: u32, selector: u32, high: u32, isReadable: bool, isWritable: bool): void {
  const at = segment(index);
  store<u64>(at, 0, SegmentField_base);
  store<u32>(at, 0xffff_ffff, SegmentField_limit);
  store<u32>(at, (high >>> 8) & 0xf0ff, SegmentField_attributes);
  store<u32>(at, selector, SegmentField_selector);
  store<u32>(at, isReadable ? 0 : 0xffff_ffff, SegmentField_low);
  store<u32>(at, isReadable ? 0xffff_ffff : 0, SegmentField_highRead);
  store<u32>(at, isWritable ? 0 : 0xffff_ffff, SegmentField_lowWrite);
  store<u32>(at, isWritable ? 0xffff_ffff : 0, SegmentField_highWrite);
}
// @ts-ignore: decorator
@inline function setCode(selector: u32, high: u32): void {
  setFlat(SegmentIndex_CS, selector, high, (high & 0x200) != 0, false);
}

// @ts-ignore: decorator
@inline function setPrivilege(ring: u32): void {
  const key = load<u32>(MODE_KEY) & ~ModeKey_user;
  const isUser = ring == 3;
  store<u32>(CPL, ring);
  store<u32>(MODE_KEY, isUser ? key | ModeKey_user : key);
  store<u32>(TLB_READ, isUser ? TLB + 2 * TLB_BYTES : TLB);
  store<u32>(TLB_WRITE, isUser ? TLB + 3 * TLB_BYTES : TLB + TLB_BYTES);
}

/** As `readArithmeticFlags` and `writeArithmeticFlags` of src/cpu/semantics/flags.ts. */
// @ts-ignore: decorator
@inline function arithmeticFlags(): u32 {
  const result = load<u32>(FLAG_RESULT);
  const carries = load<u32>(FLAG_CARRIES);
  const parity = (popcnt((result ^ (carries >>> 8)) & 0xff) & 1) ^ 1;
  return (
    (carries >>> 31) |
    (parity << 2) |
    ((carries & 8) << 1) |
    (<u32>(result == 0) << 6) |
    (((result ^ (carries << 15)) >>> 31) << 7) |
    (((carries ^ (carries << 1)) >>> 31) << 11)
  );
}
// @ts-ignore: decorator
@inline function setFlags(eflags: u32): void {
  const cf = eflags & 1;
  const zf = (eflags >>> 6) & 1;
  store<u32>(FLAG_RESULT, zf ^ 1);
  store<u32>(
    FLAG_CARRIES,
    (cf << 31) |
      ((cf ^ ((eflags >>> 11) & 1)) << 30) |
      (((eflags >>> 7) & 1) << 16) |
      ((((eflags >>> 2) & 1) ^ zf) << 8) |
      ((eflags & 0x10) >>> 1),
  );
  // Without an enabled breakpoint, which would be stepping, RF means nothing and is dropped at once.
  store<u32>(EFLAGS_SYSTEM, (eflags & DEFINED & ~(OSZAPC | RF)) | FIXED);
}

// @ts-ignore: decorator
@inline function isUsual(): bool {
  return (load<u32>(MODE_KEY) & LOOKED_AT) == USUAL;
}

/** Enters the handler of a vector. `errorCode` -1: none; `setsRf`: the image of EFLAGS gets RF. */
export function enterGate(vector: u32, isSoftware: u32, errorCode: u32, setsRf: u32): u32 {
  if (!isUsual() || vector * 8 + 7 > load<u32>(IDTR_LIMIT)) return 0;
  const gate = host(TLB, load<u32>(IDTR_BASE) + vector * 8, 8);
  if (gate == INVALID) return 0;
  const gateLow = load<u32>(gate);
  const gateHigh = load<u32>(gate, 4);
  // Present, 32-bit interrupt or trap gate.
  if ((gateHigh & 0x9e00) != 0x8e00) return 0;
  const cpl = load<u32>(CPL);
  if (isSoftware != 0 && ((gateHigh >>> 13) & 3) < cpl) return 0;
  const isInward = cpl == 3;
  if (!isInward && cpl != 0) return 0;
  const selector = gateLow >>> 16;
  let ring: u32 = 0;
  let code = flatDescriptor(selector, 0);
  if (code == 0 && isInward) {
    ring = 3;
    code = flatDescriptor(selector, 3);
  }
  if (code == 0 || !isPlainCode(code)) return 0;

  const old = load<u32>(EFLAGS_SYSTEM) | arithmeticFlags() | FIXED;
  const hasCode = errorCode != 0xffff_ffff;
  const words: u32 = hasCode ? 4 : 3;
  const isEntering = ring != cpl;
  let pointer = load<u32>(ESP);
  let table = load<u32>(TLB_WRITE);
  let stack: u32 = 0;
  let stackSelector: u32 = 0;
  let bytes: u32 = 4 * words;
  if (isEntering) {
    const task = segment(SegmentIndex_TR);
    if ((load<u32>(task, SegmentField_attributes) & 8) == 0 || load<u32>(task, SegmentField_limit) < 9) return 0;
    const inner = host(TLB, load<u32>(task, SegmentField_base) + 4, 6);
    if (inner == INVALID) return 0;
    pointer = load<u32>(inner);
    stackSelector = <u32>load<u16>(inner, 4);
    if ((stackSelector & 3) != 0) return 0;
    stack = flatDescriptor(stackSelector, 0);
    if ((stack & KIND) != DATA_WRITABLE) return 0;
    table = TLB + TLB_BYTES;
    bytes += 8;
  }
  const top = pointer - bytes;
  const frame = host(table, top, bytes);
  // A frame at the very top of the address space would wrap.
  if (frame == INVALID || pointer < bytes) return 0;

  let at = frame;
  if (hasCode) {
    store<u32>(at, errorCode);
    at += 4;
  }
  store<u32>(at, load<u32>(EIP));
  store<u32>(at, load<u32>(segment(SegmentIndex_CS), SegmentField_selector), 4);
  store<u32>(at, setsRf != 0 ? old | RF : old, 8);
  if (isEntering) {
    store<u32>(at, load<u32>(ESP), 12);
    store<u32>(at, load<u32>(segment(SegmentIndex_SS), SegmentField_selector), 16);
    setFlat(SegmentIndex_SS, stackSelector, stack, true, true);
    setPrivilege(ring);
  }
  store<u32>(ESP, top);
  setCode((selector & 0xfffc) | ring, code);
  setFlags(old & ~(TF | NT | RF | VM | ((gateHigh & 0x100) != 0 ? 0 : IF)));
  store<u32>(EIP, (gateHigh & 0xffff_0000) | (gateLow & 0xffff));
  store<u32>(PENDING_DEBUG, 0);
  store<u32>(HALTED, 0);
  store<u32>(INTERRUPT_SHADOW, 0);
  return 1;
}

/** A data segment register that ring 3 may not keep: IRET would make it null (SDM Vol. 2 IRET). */
// @ts-ignore: decorator
@inline function isPrivileged(index: u32): bool {
  const attributes = load<u32>(segment(index), SegmentField_attributes);
  return (attributes & UNUSABLE) == 0 && ((attributes >>> 5) & 3) != 3;
}

/** IRETD. */
export function interruptReturn(): u32 {
  const system = load<u32>(EFLAGS_SYSTEM);
  if (!isUsual() || (system & NT) != 0) return 0;
  const cpl = load<u32>(CPL);
  if (cpl != 0 && cpl != 3) return 0;
  const pointer = load<u32>(ESP);
  const frame = host(load<u32>(TLB_READ), pointer, 12);
  if (frame == INVALID || pointer > 0xffff_ffff - 20) return 0;
  const selector = load<u32>(frame, 4) & 0xffff;
  const image = load<u32>(frame, 8);
  const ring = selector & 3;
  if (ring < cpl || (ring != 0 && ring != 3) || (image & (VM | TF | AC)) != 0) return 0;
  const code = flatDescriptor(selector, ring);
  if (code == 0 || !isPlainCode(code)) return 0;
  const old = system | arithmeticFlags() | FIXED;
  let taken = TAKEN_ALWAYS;
  if (cpl <= (old & IOPL) >>> 12) taken |= IF;
  if (cpl == 0) taken |= TAKEN_IN_RING_0;
  const flags = (old & ~taken) | (image & taken);
  // An interrupt waits for IF, or alignment is checked in ring 3 from here on: the loop outside must look.
  if ((flags & ~old & IF) != 0 && load<u32>(INTERRUPT_PENDING) != 0) return 0;
  if (((flags ^ old) & AC) != 0 || (flags & AC) != 0) return 0;
  if (ring != cpl) {
    const rest = host(load<u32>(TLB_READ), pointer, 20);
    if (rest == INVALID) return 0;
    const stackSelector = load<u32>(rest, 16) & 0xffff;
    if ((stackSelector & 3) != ring) return 0;
    const stack = flatDescriptor(stackSelector, ring);
    if ((stack & KIND) != DATA_WRITABLE) return 0;
    if (isPrivileged(SegmentIndex_ES) || isPrivileged(SegmentIndex_DS) || isPrivileged(SegmentIndex_FS) || isPrivileged(SegmentIndex_GS)) return 0;
    const outer = load<u32>(rest, 12);
    setFlat(SegmentIndex_SS, stackSelector, stack, true, true);
    setPrivilege(ring);
    store<u32>(ESP, outer);
  } else store<u32>(ESP, pointer + 12);
  setCode(selector, code);
  setFlags(flags);
  store<u32>(EIP, load<u32>(frame));
  store<u32>(INTERRUPT_SHADOW, 0);
  return 1;
}

/** The event of a decoded instruction (`QuickEvent` of src/cpu/interpreter/record.ts): IRETD, or INT n with its vector. */
export function quickEvent(event: u32): u32 {
  return event == 1 ? interruptReturn() : enterGate(event & 0xff, 1, 0xffff_ffff, 0);
}
