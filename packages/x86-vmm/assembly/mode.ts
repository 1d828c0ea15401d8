/* What follows from CPL, CR0, CR4, EFLAGS, DR7 and the segment registers: how code is decoded, which translations serve, what FPU and SSE code raise. */
import { AC, TF, VM } from './eflags';
import {
  CPL,
  CR,
  DR,
  EFLAGS_SYSTEM,
  EXTENSION_SHIFT,
  FPU_ATTENTION,
  FPU_FERR,
  FPU_STATUS,
  MODE_KEY,
  ModeKey_alignmentCheck,
  ModeKey_code32,
  ModeKey_flatCode,
  ModeKey_flatData,
  ModeKey_protectedMode,
  ModeKey_singleStep,
  ModeKey_stack32,
  ModeKey_user,
  ModeKey_virtual8086,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField_attributes,
  SegmentField_base,
  SegmentField_highRead,
  SegmentField_highWrite,
  SegmentField_limit,
  SegmentField_low,
  SegmentField_lowWrite,
  SegmentIndex_CS,
  SegmentIndex_DS,
  SegmentIndex_ES,
  SegmentIndex_SS,
  SSE_ATTENTION,
  TLB,
  TLB_BYTES,
  TLB_READ,
  TLB_WRITE,
} from './state.generated';

export const CR0_PE: u32 = 1;
const CR0_EM: u32 = 4;
export const CR0_TS: u32 = 8;
export const CR0_NE: u32 = 0x20;
const CR0_AM: u32 = 0x4_0000;
const CR4_OSFXSR: u32 = 0x200;
/** Rights of a segment register. */
const BIG: u32 = 0x4000;
const CODE_USABLE: u32 = 0x98;
const FPU_ES: u32 = 0x80;
const IGNNE: u32 = 2;
const VECTOR_UD: u32 = 6;
const VECTOR_NM: u32 = 7;

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
export function segment(index: u32): u32 {
  return SEGMENT + index * SEGMENT_BYTES;
}

function isFlat(at: u32): bool {
  return (
    (load<u32>(at + SegmentField_base) | load<u32>(at + SegmentField_low) | load<u32>(at + SegmentField_lowWrite)) == 0 &&
    (load<u32>(at + SegmentField_highRead) & load<u32>(at + SegmentField_highWrite)) == 0xffff_ffff
  );
}

function findMode(extensions: u32): void {
  const cr0 = load<u32>(CR);
  const flags = load<u32>(EFLAGS_SYSTEM);
  const isUser = load<u32>(CPL) == 3;
  const cs = segment(SegmentIndex_CS);
  const rights = load<u32>(cs + SegmentField_attributes);
  let key = extensions;
  if (rights & BIG) key |= ModeKey_code32;
  if (load<u32>(segment(SegmentIndex_SS) + SegmentField_attributes) & BIG) key |= ModeKey_stack32;
  if (load<u32>(cs + SegmentField_base) == 0 && load<u32>(cs + SegmentField_limit) == 0xffff_ffff && (rights & CODE_USABLE) == CODE_USABLE)
    key |= ModeKey_flatCode;
  if (isFlat(segment(SegmentIndex_DS)) && isFlat(segment(SegmentIndex_ES)) && isFlat(segment(SegmentIndex_SS))) key |= ModeKey_flatData;
  if (cr0 & CR0_PE) key |= flags & VM ? ModeKey_virtual8086 : ModeKey_protectedMode;
  if (flags & TF || load<u8>(DR + 7 * 8) != 0) key |= ModeKey_singleStep;
  if (isUser) key |= ModeKey_user;
  if (isUser && cr0 & CR0_AM && flags & AC) key |= ModeKey_alignmentCheck;
  store<u32>(MODE_KEY, key);
  const tables = TLB + (isUser ? 2 * TLB_BYTES : 0);
  store<u32>(TLB_READ, tables);
  store<u32>(TLB_WRITE, tables + TLB_BYTES);
}

/** See `modeChanged` of SlowCpu. `extensions`: the processor's bits of MODE_KEY from EXTENSION_SHIFT on. */
export function modeChanged(extensions: u32): void {
  findMode(extensions);
  const cr0 = load<u32>(CR);
  // ES summary pends an x87 exception, unless the board has IGNNE# up and CR0.NE lets it count.
  const isPending = (load<u32>(FPU_STATUS) & FPU_ES) != 0 && ((cr0 & CR0_NE) != 0 || !(load<u32>(FPU_FERR) & IGNNE));
  store<u32>(FPU_ATTENTION, <u32>((cr0 & (CR0_EM | CR0_TS)) != 0) | (<u32>isPending << 1));
  const isUndefined = (cr0 & CR0_EM) != 0 || !(load<u32>(CR + 4 * 8) & CR4_OSFXSR);
  store<u32>(SSE_ATTENTION, isUndefined ? VECTOR_UD + 1 : cr0 & CR0_TS ? VECTOR_NM + 1 : 0);
}

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline
function extensionsHere(): u32 {
  return load<u32>(MODE_KEY) & ~((<u32>1 << EXTENSION_SHIFT) - 1);
}
/** The same, where the processor stays what it is. */
export function modeChangedHere(): void {
  modeChanged(extensionsHere());
}
/** The same, where the control registers do, too. */
export function privilegeChanged(): void {
  findMode(extensionsHere());
}
