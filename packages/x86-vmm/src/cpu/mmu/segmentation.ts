/*
 * Segment registers: loading them in real, protected and virtual-8086 mode with the checks of the SDM, and the bounds that make an access
 * one comparison. Sources: SDM Vol. 3A chapters 3.4, 5.3-5.7, 20.1; Vol. 2 MOV, POP, LDS.
 *
 * In real mode a load changes only selector and base: limit and D/B stay what protected mode left in the descriptor cache ("big real mode").
 */
import { CR0, EFLAGS, Rights, Vector } from '../architecture.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { CPL, CR, EFLAGS_SYSTEM, INTERRUPT_SHADOW, SEGMENT, SEGMENT_BYTES, SegmentField, SegmentIndex } from '../state.js';
import {
  attributesOf,
  baseOf,
  type Descriptor,
  dplOf,
  isConforming,
  isNull,
  isPresent,
  isReadable,
  isWritableData,
  limitOf,
  markAccessed,
  readDescriptor,
} from './descriptor.js';

/** Data segment, readable and writable, accessed, present: what real mode gives every segment. */
const REAL_MODE_RIGHTS = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED;
const VIRTUAL8086_RIGHTS = REAL_MODE_RIGHTS | Rights.DPL;

export function isProtected(cpu: SlowCpu): boolean {
  return (cpu.u32[CR >> 2]! & CR0.PE) !== 0 && !isVirtual8086(cpu);
}
export function isVirtual8086(cpu: SlowCpu): boolean {
  return (cpu.u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.VM) !== 0;
}
export function cplOf(cpu: SlowCpu): number {
  return cpu.u32[CPL >> 2]!;
}
export function selectorOf(cpu: SlowCpu, index: number): number {
  return cpu.u32[(SEGMENT + index * SEGMENT_BYTES + SegmentField.selector) >> 2]!;
}
export function segmentBase(cpu: SlowCpu, index: number): number {
  return cpu.u32[(SEGMENT + index * SEGMENT_BYTES + SegmentField.base) >> 2]!;
}
export function segmentLimit(cpu: SlowCpu, index: number): number {
  return cpu.u32[(SEGMENT + index * SEGMENT_BYTES + SegmentField.limit) >> 2]!;
}
export function segmentAttributes(cpu: SlowCpu, index: number): number {
  return cpu.u32[(SEGMENT + index * SEGMENT_BYTES + SegmentField.attributes) >> 2]!;
}

/** Writes a whole segment register, bounds included. The only writer of them. The caller follows with `modeChanged`. */
export function setSegment(cpu: SlowCpu, index: number, selector: number, base: number, limit: number, attributes: number): void {
  const at = (SEGMENT + index * SEGMENT_BYTES) >> 2;
  const { u32 } = cpu;
  u32[at + (SegmentField.base >> 2)] = base;
  u32[at + (SegmentField.base >> 2) + 1] = 0;
  u32[at + (SegmentField.limit >> 2)] = limit;
  u32[at + (SegmentField.attributes >> 2)] = attributes;
  u32[at + (SegmentField.selector >> 2)] = selector;
  setBounds(cpu, index);
}

/** Loads the null selector: any access through it is #GP(0). */
export function setNull(cpu: SlowCpu, index: number, selector: number): void {
  setSegment(cpu, index, selector, 0, 0, Rights.UNUSABLE);
}

function setBounds(cpu: SlowCpu, index: number): void {
  const at = (SEGMENT + index * SEGMENT_BYTES) >> 2;
  const { u32 } = cpu;
  const attributes = u32[at + (SegmentField.attributes >> 2)]!;
  const limit = u32[at + (SegmentField.limit >> 2)]!;
  let low = 0;
  let high = limit;
  const isCode = (attributes & Rights.CODE) !== 0;
  if (!isCode && attributes & Rights.EXPAND_DOWN) {
    // Valid above the limit (SDM Vol. 3A 5.3); with limit FFFFFFFF nothing is.
    high = attributes & Rights.BIG ? 0xffff_ffff : 0xffff;
    if (limit >= high) high = 0;
    low = high === 0 ? 0xffff_ffff : limit + 1;
  }
  // Types are not looked at in real mode, where code segments are written through CS.
  const real = !(u32[CR >> 2]! & CR0.PE);
  const usable = !(attributes & Rights.UNUSABLE);
  const readable = usable && (real || !isCode || (attributes & Rights.READABLE) !== 0);
  const writable = usable && (real || (!isCode && (attributes & Rights.WRITABLE) !== 0));
  u32[at + (SegmentField.low >> 2)] = readable ? low : 0xffff_ffff;
  u32[at + (SegmentField.highRead >> 2)] = readable ? high : 0;
  u32[at + (SegmentField.lowWrite >> 2)] = writable ? low : 0xffff_ffff;
  u32[at + (SegmentField.highWrite >> 2)] = writable ? high : 0;
}

/** CR0.PE changed: types count or stop counting. */
export function refreshBounds(cpu: SlowCpu): void {
  for (let index = SegmentIndex.ES; index <= SegmentIndex.GS; index++) setBounds(cpu, index);
}

/** Loads a segment register the real-address or virtual-8086 way (SDM Vol. 3B 20.1.1, 20.2). */
export function setRealSegment(cpu: SlowCpu, index: number, selector: number): void {
  if (isVirtual8086(cpu)) setSegment(cpu, index, selector, selector << 4, 0xffff, VIRTUAL8086_RIGHTS);
  else
    setSegment(
      cpu,
      index,
      selector,
      selector << 4,
      segmentLimit(cpu, index),
      REAL_MODE_RIGHTS | (segmentAttributes(cpu, index) & (Rights.BIG | Rights.GRANULARITY)),
    );
}

/** Enters a checked descriptor into a segment register. The accessed bit must be set in the table already (`markAccessed`). */
export function setFromDescriptor(cpu: SlowCpu, index: number, selector: number, descriptor: Descriptor): void {
  setSegment(cpu, index, selector, baseOf(descriptor), limitOf(descriptor), attributesOf(descriptor) | Rights.ACCESSED);
}

/** MOV, POP or LxS to ES, SS, DS, FS or GS in the mode that is on. Raises before anything has changed. */
export function loadSegment(cpu: SlowCpu, index: number, selector: number): void {
  if (!isProtected(cpu)) setRealSegment(cpu, index, selector);
  else if (index === SegmentIndex.SS) loadStackSegment(cpu, selector);
  else loadDataSegment(cpu, index, selector);
  cpu.modeChanged();
}

/** MOV SS and POP SS hold interrupts and debug traps off until the next instruction has completed (SDM Vol. 3A 6.8.3). */
export function shadowInterrupts(cpu: SlowCpu): void {
  cpu.u32[INTERRUPT_SHADOW >> 2] = 2;
}

function loadStackSegment(cpu: SlowCpu, selector: number): void {
  const code = selector & 0xfffc;
  if (isNull(selector)) cpu.raise(Vector.GP, 0);
  const descriptor = readDescriptor(cpu, selector);
  const cpl = cplOf(cpu);
  if (descriptor === undefined || (selector & 3) !== cpl || !isWritableData(descriptor) || dplOf(descriptor) !== cpl)
    cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.SS, code);
  markAccessed(cpu, descriptor);
  setFromDescriptor(cpu, SegmentIndex.SS, selector, descriptor);
}

function loadDataSegment(cpu: SlowCpu, index: number, selector: number): void {
  if (isNull(selector)) {
    setNull(cpu, index, selector);
    return;
  }
  const code = selector & 0xfffc;
  const descriptor = readDescriptor(cpu, selector);
  if (descriptor === undefined || !isReadable(descriptor)) cpu.raise(Vector.GP, code);
  if (!isConforming(descriptor) && dplOf(descriptor) < Math.max(cplOf(cpu), selector & 3)) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  markAccessed(cpu, descriptor);
  setFromDescriptor(cpu, index, selector, descriptor);
}

/** Returning to a less privileged ring: data segments that it may not have become null (SDM Vol. 2 RET, IRET). */
export function dropPrivilegedSegments(cpu: SlowCpu): void {
  const cpl = cplOf(cpu);
  for (const index of [SegmentIndex.ES, SegmentIndex.DS, SegmentIndex.FS, SegmentIndex.GS]) {
    const attributes = segmentAttributes(cpu, index);
    const conforming = (attributes & (Rights.CODE | Rights.CONFORMING)) === (Rights.CODE | Rights.CONFORMING);
    if (!(attributes & Rights.UNUSABLE) && !conforming && (attributes & Rights.DPL) >> 5 < cpl) setNull(cpu, index, 0);
  }
}
