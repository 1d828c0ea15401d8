/*
 * Delivery of one interrupt or exception through the IVT or the IDT: SDM Vol. 3A 6.10-6.13, 20.1.4, 20.3; Vol. 2 INT n.
 * Nothing is committed before everything has been checked; what goes wrong is raised to the caller (exceptions.ts), who combines faults.
 */
import { CR0, EFLAGS, SystemType, Vector } from '../architecture.js';
import {
  baseOf,
  type Descriptor,
  dplOf,
  isCode,
  isConforming,
  isNull,
  isPresent,
  isWritableData,
  limitOf,
  markAccessed,
  readDescriptor,
  systemTypeOf,
} from '../mmu/descriptor.js';
import {
  cplOf,
  isVirtual8086,
  segmentAttributes,
  segmentBase,
  segmentLimit,
  selectorOf,
  setFromDescriptor,
  setNull,
  setRealSegment,
} from '../mmu/segmentation.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { CPL, CR, EIP, HALTED, IDTR_BASE, IDTR_LIMIT, INTERRUPT_SHADOW, PENDING_DEBUG, SegmentIndex } from '../state.js';
import { currentStack, innerStack, pushFrame, setStackPointer } from './stack.js';
import { switchTask } from './task-switch.js';

const ESP = 4;

/** Where an event comes from: INT n, INT3 and INTO check the gate's DPL and have no EXT in the error codes they cause. */
export type EventSource = 'software' | 'external' | 'exception';

/** Faults push RF = 1, so that their instruction runs past its breakpoint (SDM Vol. 3B 17.3.1.1). Vector 1 is decided by its sender. */
const FAULTS = new Set<number>([
  Vector.DE,
  Vector.BR,
  Vector.UD,
  Vector.NM,
  Vector.TS,
  Vector.NP,
  Vector.SS,
  Vector.GP,
  Vector.XM,
  Vector.PF,
  Vector.MF,
  Vector.AC,
]);

/**
 * Enters the handler of `vector`. EIP is what the handler is to return to. `errorCode` -1: none. `setsRf`: a #DB that is a fault and
 * pushes RF like other faults (general detect). Debug traps that waited are dropped: a handler's entry is not stepped.
 */
export function enterHandler(cpu: SlowCpu, vector: number, source: EventSource, errorCode: number, setsRf = false): void {
  cpu.u32[PENDING_DEBUG >> 2] = 0;
  if (cpu.u32[CR >> 2]! & CR0.PE) enterThroughIdt(cpu, vector, source, errorCode, setsRf || (source === 'exception' && FAULTS.has(vector)));
  else enterThroughIvt(cpu, vector);
  cpu.u32[HALTED >> 2] = 0;
  cpu.u32[INTERRUPT_SHADOW >> 2] = 0;
  cpu.modeChanged();
}

/** Real-address mode: four bytes an entry, FLAGS, CS and IP pushed, no error code. */
function enterThroughIvt(cpu: SlowCpu, vector: number): void {
  if (vector * 4 + 3 > cpu.u32[IDTR_LIMIT >> 2]!) cpu.raise(Vector.GP, 0);
  const entry = cpu.readLinear((cpu.u32[IDTR_BASE >> 2]! + vector * 4) >>> 0, 32, true);
  const flags = cpu.getEflags();
  const pointer = pushFrame(cpu, currentStack(cpu, 0), 2, [flags, selectorOf(cpu, SegmentIndex.CS), cpu.u32[EIP >> 2]!]);
  setStackPointer(cpu, pointer);
  cpu.setEflags(flags & ~(EFLAGS.IF | EFLAGS.TF | EFLAGS.AC | EFLAGS.RF));
  setRealSegment(cpu, SegmentIndex.CS, entry >>> 16);
  cpu.u32[EIP >> 2] = entry & 0xffff;
}

function enterThroughIdt(cpu: SlowCpu, vector: number, source: EventSource, errorCode: number, setsRf: boolean): void {
  const ext = source === 'software' ? 0 : 1;
  const gateCode = vector * 8 + 2 + ext;
  if (vector * 8 + 7 > cpu.u32[IDTR_LIMIT >> 2]!) cpu.raise(Vector.GP, gateCode);
  const address = (cpu.u32[IDTR_BASE >> 2]! + vector * 8) >>> 0;
  const gate: Descriptor = { low: cpu.readLinear(address, 32, true), high: cpu.readLinear((address + 4) >>> 0, 32, true), address };
  const type = systemTypeOf(gate);
  const isTaskGate = type === SystemType.taskGate;
  // Interrupt and trap gates are 6, 7, 14 and 15.
  if (!isTaskGate && (type & 6) !== 6) cpu.raise(Vector.GP, gateCode);
  if (type === -1) cpu.raise(Vector.GP, gateCode);
  if (source === 'software' && dplOf(gate) < cplOf(cpu)) cpu.raise(Vector.GP, vector * 8 + 2);
  if (!isPresent(gate)) cpu.raise(Vector.NP, gateCode);
  if (isTaskGate) {
    enterTask(cpu, gate.low >>> 16, ext, errorCode, setsRf);
    return;
  }
  const bytes = type & 8 ? 4 : 2;
  const offset = bytes === 4 ? ((gate.high & 0xffff_0000) | (gate.low & 0xffff)) >>> 0 : gate.low & 0xffff;
  enterCode(cpu, { selector: gate.low >>> 16, offset, bytes, isInterruptGate: (type & 1) === 0, ext, errorCode, setsRf });
}

interface Entry {
  readonly selector: number;
  readonly offset: number;
  /** Size of the frame's words. */
  readonly bytes: 2 | 4;
  /** Clears IF. */
  readonly isInterruptGate: boolean;
  readonly ext: 0 | 1;
  readonly errorCode: number;
  readonly setsRf: boolean;
}

function enterCode(cpu: SlowCpu, entry: Entry): void {
  const { selector, ext } = entry;
  const code = (selector & 0xfffc) + ext;
  if (isNull(selector)) cpu.raise(Vector.GP, ext);
  const descriptor = readDescriptor(cpu, selector);
  const cpl = cplOf(cpu);
  if (descriptor === undefined || !isCode(descriptor) || dplOf(descriptor) > cpl) cpu.raise(Vector.GP, code);
  const inward = !isConforming(descriptor) && dplOf(descriptor) < cpl;
  const fromVirtual8086 = isVirtual8086(cpu);
  // A handler for virtual-8086 code is nonconforming and in ring 0.
  if (fromVirtual8086 && (!inward || dplOf(descriptor) !== 0)) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  if (inward) enterInnerRing(cpu, entry, descriptor, fromVirtual8086);
  else {
    if (entry.offset > limitOf(descriptor)) cpu.raise(Vector.GP, ext);
    const flags = cpu.getEflags();
    const pointer = pushFrame(cpu, currentStack(cpu, ext), entry.bytes, frame(cpu, entry, flags));
    markAccessed(cpu, descriptor);
    setStackPointer(cpu, pointer);
    setFromDescriptor(cpu, SegmentIndex.CS, (selector & 0xfffc) | cpl, descriptor);
    finish(cpu, entry, flags);
  }
}

function enterInnerRing(cpu: SlowCpu, entry: Entry, descriptor: Descriptor, fromVirtual8086: boolean): void {
  const { selector, ext } = entry;
  const ring = dplOf(descriptor);
  const inner = readInnerStack(cpu, ring, ext);
  if (entry.offset > limitOf(descriptor)) cpu.raise(Vector.GP, ext);
  const flags = cpu.getEflags();
  const words = [selectorOf(cpu, SegmentIndex.SS), cpu.getRegister(ESP, 32), ...frame(cpu, entry, flags)];
  if (fromVirtual8086)
    words.unshift(...[SegmentIndex.GS, SegmentIndex.FS, SegmentIndex.DS, SegmentIndex.ES].map((index) => selectorOf(cpu, index)));
  const stack = innerStack(inner.descriptor, baseOf(inner.descriptor), inner.pointer, (inner.selector & 0xfffc) + ext);
  const pointer = pushFrame(cpu, stack, entry.bytes, words);
  markAccessed(cpu, inner.descriptor);
  markAccessed(cpu, descriptor);

  cpu.u32[CPL >> 2] = ring;
  if (fromVirtual8086) {
    cpu.setEflags(flags & ~EFLAGS.VM);
    for (const index of [SegmentIndex.GS, SegmentIndex.FS, SegmentIndex.DS, SegmentIndex.ES]) setNull(cpu, index, 0);
  }
  setFromDescriptor(cpu, SegmentIndex.SS, inner.selector, inner.descriptor);
  cpu.setRegister(ESP, 32, pointer);
  setFromDescriptor(cpu, SegmentIndex.CS, (selector & 0xfffc) | ring, descriptor);
  finish(cpu, entry, flags);
}

/** EFLAGS, CS, EIP and the error code if there is one. */
function frame(cpu: SlowCpu, { errorCode, setsRf }: Entry, flags: number): number[] {
  const words = [setsRf ? flags | EFLAGS.RF : flags, selectorOf(cpu, SegmentIndex.CS), cpu.u32[EIP >> 2]!];
  if (errorCode !== -1) words.push(errorCode);
  return words;
}

function finish(cpu: SlowCpu, { offset, isInterruptGate }: Entry, flags: number): void {
  cpu.setEflags(flags & ~(EFLAGS.TF | EFLAGS.NT | EFLAGS.RF | EFLAGS.VM | (isInterruptGate ? EFLAGS.IF : 0)));
  cpu.u32[EIP >> 2] = offset;
}

/** SS:ESP of a more privileged ring from the TSS, checked (SDM Vol. 2 INT n, "inter-privilege-level interrupt"; CALL). */
export function readInnerStack(
  cpu: SlowCpu,
  ring: number,
  ext: 0 | 1,
): { readonly selector: number; readonly pointer: number; readonly descriptor: Descriptor } {
  const wide = (segmentAttributes(cpu, SegmentIndex.TR) & 8) !== 0;
  const at = wide ? ring * 8 + 4 : ring * 4 + 2;
  if (at + (wide ? 5 : 3) > segmentLimit(cpu, SegmentIndex.TR)) cpu.raise(Vector.TS, (selectorOf(cpu, SegmentIndex.TR) & 0xfffc) + ext);
  const address = (segmentBase(cpu, SegmentIndex.TR) + at) >>> 0;
  const pointer = cpu.readLinear(address, wide ? 32 : 16, true);
  const selector = cpu.readLinear((address + (wide ? 4 : 2)) >>> 0, 16, true);
  const code = (selector & 0xfffc) + ext;
  if (isNull(selector)) cpu.raise(Vector.TS, ext);
  const descriptor = readDescriptor(cpu, selector);
  if (descriptor === undefined || (selector & 3) !== ring || dplOf(descriptor) !== ring || !isWritableData(descriptor))
    cpu.raise(Vector.TS, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.SS, code);
  return { selector, pointer, descriptor };
}

/** Task gate in the IDT (SDM Vol. 3A 6.12.2): a nested task, the error code on its stack. */
function enterTask(cpu: SlowCpu, selector: number, ext: 0 | 1, errorCode: number, setsRf: boolean): void {
  const code = (selector & 0xfffc) + ext;
  const descriptor = selector & 4 ? undefined : readDescriptor(cpu, selector);
  const type = descriptor === undefined ? -1 : systemTypeOf(descriptor);
  if (descriptor === undefined || (type !== SystemType.tss16Available && type !== SystemType.tss32Available)) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  switchTask(cpu, { selector, descriptor, reason: 'nested', ext, setsRf });
  if (errorCode === -1) return;
  const bytes = type === SystemType.tss32Available ? 4 : 2;
  setStackPointer(cpu, pushFrame(cpu, currentStack(cpu, ext), bytes, [errorCode]));
}
