import { Rights, SystemType } from '../architecture.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { GDTR_BASE, GDTR_LIMIT, SEGMENT, SEGMENT_BYTES, SegmentField, SegmentIndex } from '../state.js';

/** A descriptor from the GDT or LDT: its two words as in memory and where it is (SDM Vol. 3A 3.4.5). */
export interface Descriptor {
  readonly low: number;
  readonly high: number;
  /** Linear address of the descriptor. */
  readonly address: number;
}

const LDTR = SEGMENT + SegmentIndex.LDTR * SEGMENT_BYTES;

/** The descriptor that a selector names; undefined when it is beyond its table's limit or the LDT is unusable. #PF of the table travels. */
export function readDescriptor(cpu: SlowCpu, selector: number): Descriptor | undefined {
  let base: number;
  let limit: number;
  if (selector & 4) {
    if (cpu.u32[(LDTR + SegmentField.attributes) >> 2]! & Rights.UNUSABLE) return undefined;
    base = cpu.u32[(LDTR + SegmentField.base) >> 2]!;
    limit = cpu.u32[(LDTR + SegmentField.limit) >> 2]!;
  } else {
    base = cpu.u32[GDTR_BASE >> 2]!;
    limit = cpu.u32[GDTR_LIMIT >> 2]!;
  }
  if ((selector | 7) > limit) return undefined;
  const address = (base + (selector & 0xfff8)) >>> 0;
  return { low: cpu.readLinear(address, 32, true), high: cpu.readLinear((address + 4) >>> 0, 32, true), address };
}

export function isNull(selector: number): boolean {
  return (selector & 0xfffc) === 0;
}

export function baseOf({ low, high }: Descriptor): number {
  return ((low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000)) >>> 0;
}

/** Limit in bytes, granularity applied. */
export function limitOf({ low, high }: Descriptor): number {
  const limit = (low & 0xffff) | (high & 0xf_0000);
  return high & 0x80_0000 ? ((limit << 12) | 0xfff) >>> 0 : limit;
}

/** Access rights in the form of the segment fields. */
export function attributesOf({ high }: Descriptor): number {
  return (high >>> 8) & 0xf0ff;
}

export function isPresent({ high }: Descriptor): boolean {
  return (high & 0x8000) !== 0;
}

export function dplOf({ high }: Descriptor): number {
  return (high >>> 13) & 3;
}

export function isCode({ high }: Descriptor): boolean {
  return (high & 0x1800) === 0x1800;
}

/** Code that does not lower or raise the privilege of who enters it. */
export function isConforming({ high }: Descriptor): boolean {
  return (high & 0x1c00) === 0x1c00;
}

export function isWritableData({ high }: Descriptor): boolean {
  return (high & 0x1a00) === 0x1200;
}

export function isReadable({ high }: Descriptor): boolean {
  return (high & 0x1000) !== 0 && (high & 0x0a00) !== 0x0800;
}

/** Type of a system descriptor (`SystemType`), or -1 for code and data. */
export function systemTypeOf({ high }: Descriptor): number {
  return high & 0x1000 ? -1 : (high >>> 8) & 0xf;
}

export function isAvailableTss(type: number): boolean {
  return type === SystemType.tss16Available || type === SystemType.tss32Available;
}

export function isBusyTss(type: number): boolean {
  return type === SystemType.tss16Busy || type === SystemType.tss32Busy;
}

/** Sets the accessed bit in the table unless it is set. The write may fault like any supervisor write. */
export function markAccessed(cpu: SlowCpu, { high, address }: Descriptor): void {
  if (!(high & 0x100)) cpu.writeLinear((address + 5) >>> 0, 8, ((high >>> 8) & 0xff) | Rights.ACCESSED, true);
}
