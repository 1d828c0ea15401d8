import { Rights, Vector } from '../architecture.js';
import { type Descriptor, limitOf } from '../mmu/descriptor.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { MODE_KEY, ModeKey, SEGMENT, SEGMENT_BYTES, SegmentField, SegmentIndex } from '../state.js';

const SS = SEGMENT + SegmentIndex.SS * SEGMENT_BYTES;
const ESP = 4;

/** A stack that a far transfer pushes to: the current one or one that is about to be loaded. Expand-down and 16-bit stacks included. */
export interface Stack {
  readonly base: number;
  /** Valid offsets, inclusive. */
  readonly low: number;
  readonly high: number;
  /** 0xffff or 0xffffffff. */
  readonly mask: number;
  /** ESP; with a 16-bit stack the upper half stays. */
  readonly pointer: number;
  /** Pushes with supervisor rights: the transfer leads to ring 0, 1 or 2. */
  readonly supervisor: boolean;
  /** Error code of the #SS that a frame without room raises. */
  readonly errorCode: number;
}

export function stackMask(cpu: SlowCpu): number {
  return cpu.u32[(SS + SegmentField.attributes) >> 2]! & Rights.BIG ? 0xffff_ffff : 0xffff;
}

/** The stack in SS:ESP, at the current privilege. */
export function currentStack(cpu: SlowCpu, errorCode: number): Stack {
  return {
    base: cpu.u32[(SS + SegmentField.base) >> 2]!,
    low: cpu.u32[(SS + SegmentField.lowWrite) >> 2]!,
    high: cpu.u32[(SS + SegmentField.highWrite) >> 2]!,
    mask: stackMask(cpu),
    pointer: cpu.getRegister(ESP, 32),
    supervisor: false,
    errorCode,
  };
}

/** A stack named by a checked descriptor of writable data, with its initial pointer from the TSS. */
export function innerStack(descriptor: Descriptor, base: number, pointer: number, errorCode: number): Stack {
  const limit = limitOf(descriptor);
  const big = (descriptor.high & 0x40_0000) !== 0;
  const top = big ? 0xffff_ffff : 0xffff;
  const expandDown = (descriptor.high & 0x400) !== 0;
  const low = expandDown ? (limit >= top ? 0xffff_ffff : limit + 1) : 0;
  return { base, low, high: expandDown ? (limit >= top ? 0 : top) : limit, mask: top, pointer, supervisor: true, errorCode };
}

/**
 * Pushes `values` (first pushed first) of 2 or 4 bytes each; returns the new ESP, which the caller commits. Room and pages are checked
 * for the whole frame before the first byte is written.
 */
export function pushFrame(cpu: SlowCpu, stack: Stack, bytes: 2 | 4, values: readonly number[]): number {
  let offset = (stack.pointer & stack.mask) >>> 0;
  for (let i = 0; i < values.length; i++) {
    offset = ((offset - bytes) & stack.mask) >>> 0;
    if (offset < stack.low || offset + bytes - 1 > stack.high) cpu.raise(Vector.SS, stack.errorCode);
    const linear = (stack.base + offset) >>> 0;
    if (!stack.supervisor && cpu.u32[MODE_KEY >> 2]! & ModeKey.alignmentCheck && linear & (bytes - 1)) cpu.raise(Vector.AC, 0);
    cpu.probeWrite(linear, bytes, stack.supervisor);
  }
  offset = (stack.pointer & stack.mask) >>> 0;
  for (const value of values) {
    offset = ((offset - bytes) & stack.mask) >>> 0;
    cpu.writeLinear((stack.base + offset) >>> 0, bytes === 2 ? 16 : 32, bytes === 2 ? value & 0xffff : value, stack.supervisor);
  }
  return ((stack.pointer & ~stack.mask) | offset) >>> 0;
}

/** A word of the current stack, `displacement` bytes above ESP; #SS(0) outside of it. */
export function peekStack(cpu: SlowCpu, displacement: number, width: 16 | 32): number {
  return cpu.readSegment(SegmentIndex.SS, ((cpu.getRegister(ESP, 32) + displacement) & stackMask(cpu)) >>> 0, width);
}

/** Sets the stack pointer as wide as the stack in SS is. */
export function setStackPointer(cpu: SlowCpu, value: number): void {
  cpu.setRegister(ESP, stackMask(cpu) === 0xffff ? 16 : 32, value);
}

export function addToStackPointer(cpu: SlowCpu, bytes: number): void {
  setStackPointer(cpu, (cpu.getRegister(ESP, 32) + bytes) >>> 0);
}
