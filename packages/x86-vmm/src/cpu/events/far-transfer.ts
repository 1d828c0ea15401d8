/*
 * Far JMP, CALL, RET and IRET in all modes: through code segments, call gates, task gates and task-state segments.
 * Sources: SDM Vol. 2 JMP, CALL, RET, IRET; Vol. 3A 5.8, 7.3, 20.2. The order of checks is the SDM's, so that error codes are.
 */
import { EFLAGS, EFLAGS_DEFINED, SystemType, Vector } from '../architecture.js';
import {
  baseOf,
  type Descriptor,
  dplOf,
  isBusyTss,
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
  dropPrivilegedSegments,
  isProtected,
  isVirtual8086,
  segmentBase,
  segmentLimit,
  selectorOf,
  setFromDescriptor,
  setRealSegment,
} from '../mmu/segmentation.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { CPL, EIP, SegmentIndex } from '../state.js';
import { readInnerStack } from './interrupts.js';
import { addToStackPointer, currentStack, innerStack, peekStack, pushFrame, setStackPointer } from './stack.js';
import { requireAvailableTss, switchTask } from './task-switch.js';

const ESP = 4;
/** Bits that a 32-bit IRET to the same or an outer ring takes whatever the privilege. */
const IRET_ALWAYS = 0x8d5 | EFLAGS.TF | EFLAGS.DF | EFLAGS.NT;

export function farJump(cpu: SlowCpu, selector: number, offset: number, operandSize: number): void {
  if (isProtected(cpu)) transfer(cpu, selector, offset, operandSize === 16 ? 2 : 4, 'jump');
  else {
    const target = operandSize === 16 ? offset & 0xffff : offset;
    if (target > realLimit(cpu)) cpu.raise(Vector.GP, 0);
    setRealSegment(cpu, SegmentIndex.CS, selector);
    arrive(cpu, target);
  }
}

export function farCall(cpu: SlowCpu, selector: number, offset: number, operandSize: number): void {
  const bytes = operandSize === 16 ? 2 : 4;
  if (isProtected(cpu)) transfer(cpu, selector, offset, bytes, 'call');
  else {
    const target = operandSize === 16 ? offset & 0xffff : offset;
    if (target > realLimit(cpu)) cpu.raise(Vector.GP, 0);
    setStackPointer(cpu, pushFrame(cpu, currentStack(cpu, 0), bytes, returnAddress(cpu)));
    setRealSegment(cpu, SegmentIndex.CS, selector);
    arrive(cpu, target);
  }
}

/** Limit that CS has after a real-mode or virtual-8086 load. */
function realLimit(cpu: SlowCpu): number {
  return isVirtual8086(cpu) ? 0xffff : segmentLimit(cpu, SegmentIndex.CS);
}

function returnAddress(cpu: SlowCpu): number[] {
  return [selectorOf(cpu, SegmentIndex.CS), cpu.u32[EIP >> 2]!];
}

function arrive(cpu: SlowCpu, offset: number): void {
  cpu.u32[EIP >> 2] = offset;
  cpu.modeChanged();
}

function transfer(cpu: SlowCpu, selector: number, offset: number, bytes: 2 | 4, kind: 'jump' | 'call'): void {
  const code = selector & 0xfffc;
  if (isNull(selector)) cpu.raise(Vector.GP, 0);
  const descriptor = readDescriptor(cpu, selector);
  if (descriptor === undefined) cpu.raise(Vector.GP, code);
  const cpl = cplOf(cpu);
  const dpl = dplOf(descriptor);
  if (isCode(descriptor)) {
    if (isConforming(descriptor) ? dpl > cpl : (selector & 3) > cpl || dpl !== cpl) cpu.raise(Vector.GP, code);
    if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
    const target = bytes === 2 ? offset & 0xffff : offset;
    if (kind === 'call') pushAndEnter(cpu, selector, descriptor, target, bytes, 0);
    else enterSameRing(cpu, selector, descriptor, target);
    return;
  }
  const type = systemTypeOf(descriptor);
  if (type === -1) cpu.raise(Vector.GP, code);
  const visible = dpl >= cpl && dpl >= (selector & 3);
  if (type === SystemType.callGate16 || type === SystemType.callGate32) {
    if (!visible) cpu.raise(Vector.GP, code);
    if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
    throughCallGate(cpu, descriptor, type === SystemType.callGate32 ? 4 : 2, kind);
  } else if (type === SystemType.taskGate) {
    if (!visible) cpu.raise(Vector.GP, code);
    if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
    const tss = descriptor.low >>> 16;
    switchTask(cpu, {
      selector: tss,
      descriptor: requireAvailableTss(cpu, tss, Vector.GP),
      reason: kind === 'jump' ? 'jump' : 'nested',
      ext: 0,
    });
  } else if (type === SystemType.tss16Available || type === SystemType.tss32Available) {
    if (!visible) cpu.raise(Vector.GP, code);
    switchTask(cpu, {
      selector,
      descriptor: requireAvailableTss(cpu, selector, Vector.GP),
      reason: kind === 'jump' ? 'jump' : 'nested',
      ext: 0,
    });
  } else cpu.raise(Vector.GP, code);
}

function enterSameRing(cpu: SlowCpu, selector: number, descriptor: Descriptor, target: number): void {
  if (target > limitOf(descriptor)) cpu.raise(Vector.GP, 0);
  markAccessed(cpu, descriptor);
  setFromDescriptor(cpu, SegmentIndex.CS, (selector & 0xfffc) | cplOf(cpu), descriptor);
  arrive(cpu, target);
}

function pushAndEnter(cpu: SlowCpu, selector: number, descriptor: Descriptor, target: number, bytes: 2 | 4, errorCode: number): void {
  if (target > limitOf(descriptor)) cpu.raise(Vector.GP, 0);
  const pointer = pushFrame(cpu, currentStack(cpu, errorCode), bytes, returnAddress(cpu));
  markAccessed(cpu, descriptor);
  setStackPointer(cpu, pointer);
  setFromDescriptor(cpu, SegmentIndex.CS, (selector & 0xfffc) | cplOf(cpu), descriptor);
  arrive(cpu, target);
}

function throughCallGate(cpu: SlowCpu, gate: Descriptor, bytes: 2 | 4, kind: 'jump' | 'call'): void {
  const selector = gate.low >>> 16;
  const code = selector & 0xfffc;
  if (isNull(selector)) cpu.raise(Vector.GP, 0);
  const descriptor = readDescriptor(cpu, selector);
  const cpl = cplOf(cpu);
  if (descriptor === undefined || !isCode(descriptor) || dplOf(descriptor) > cpl) cpu.raise(Vector.GP, code);
  const inward = !isConforming(descriptor) && dplOf(descriptor) < cpl;
  // A jump never changes privilege.
  if (kind === 'jump' && inward) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  const target = bytes === 4 ? ((gate.high & 0xffff_0000) | (gate.low & 0xffff)) >>> 0 : gate.low & 0xffff;
  if (kind === 'jump') enterSameRing(cpu, selector, descriptor, target);
  else if (inward) callInnerRing(cpu, selector, descriptor, target, bytes, gate.high & 0x1f);
  else pushAndEnter(cpu, selector, descriptor, target, bytes, 0);
}

/** Call gate to a more privileged ring: new stack from the TSS, parameters copied (SDM Vol. 3A 5.8.5). */
function callInnerRing(cpu: SlowCpu, selector: number, descriptor: Descriptor, target: number, bytes: 2 | 4, parameters: number): void {
  const ring = dplOf(descriptor);
  const inner = readInnerStack(cpu, ring, 0);
  if (target > limitOf(descriptor)) cpu.raise(Vector.GP, 0);
  const words = [selectorOf(cpu, SegmentIndex.SS), cpu.getRegister(ESP, 32)];
  for (let i = parameters - 1; i >= 0; i--) words.push(peekStack(cpu, i * bytes, bytes === 2 ? 16 : 32));
  words.push(...returnAddress(cpu));
  const pointer = pushFrame(
    cpu,
    innerStack(inner.descriptor, baseOf(inner.descriptor), inner.pointer, inner.selector & 0xfffc),
    bytes,
    words,
  );
  markAccessed(cpu, inner.descriptor);
  markAccessed(cpu, descriptor);
  cpu.u32[CPL >> 2] = ring;
  setFromDescriptor(cpu, SegmentIndex.SS, inner.selector, inner.descriptor);
  cpu.setRegister(ESP, 32, pointer);
  setFromDescriptor(cpu, SegmentIndex.CS, (selector & 0xfffc) | ring, descriptor);
  arrive(cpu, target);
}

/** RET far; `release` bytes of parameters are dropped after the return address. */
export function farReturn(cpu: SlowCpu, operandSize: number, release: number): void {
  const width = operandSize === 16 ? 16 : 32;
  const bytes = width / 8;
  const offset = peekStack(cpu, 0, width);
  const selector = peekStack(cpu, bytes, width) & 0xffff;
  if (!isProtected(cpu)) {
    if (offset > realLimit(cpu)) cpu.raise(Vector.GP, 0);
    addToStackPointer(cpu, 2 * bytes + release);
    setRealSegment(cpu, SegmentIndex.CS, selector);
    arrive(cpu, offset);
    return;
  }
  const descriptor = requireReturnCode(cpu, selector);
  if ((selector & 3) === cplOf(cpu)) {
    if (offset > limitOf(descriptor)) cpu.raise(Vector.GP, 0);
    markAccessed(cpu, descriptor);
    addToStackPointer(cpu, 2 * bytes + release);
    setFromDescriptor(cpu, SegmentIndex.CS, selector, descriptor);
    arrive(cpu, offset);
    return;
  }
  const outerPointer = peekStack(cpu, 2 * bytes + release, width);
  const outerSelector = peekStack(cpu, 3 * bytes + release, width) & 0xffff;
  returnOutward(cpu, { selector, descriptor, offset, outerSelector, outerPointer, absentStack: Vector.SS });
  addToStackPointer(cpu, release);
  cpu.modeChanged();
}

/** The checks of RET and IRET on the code segment that is returned to. */
function requireReturnCode(cpu: SlowCpu, selector: number): Descriptor {
  const code = selector & 0xfffc;
  if (isNull(selector)) cpu.raise(Vector.GP, 0);
  const descriptor = readDescriptor(cpu, selector);
  if (descriptor === undefined || !isCode(descriptor)) cpu.raise(Vector.GP, code);
  const rpl = selector & 3;
  if (rpl < cplOf(cpu) || (isConforming(descriptor) ? dplOf(descriptor) > rpl : dplOf(descriptor) !== rpl)) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  return descriptor;
}

interface OutwardReturn {
  readonly selector: number;
  readonly descriptor: Descriptor;
  readonly offset: number;
  readonly outerSelector: number;
  readonly outerPointer: number;
  /** What a stack segment that is not present raises: RET #SS, IRET #NP (their lists of exceptions in SDM Vol. 2). */
  readonly absentStack: number;
}

function returnOutward(cpu: SlowCpu, { selector, descriptor, offset, outerSelector, outerPointer, absentStack }: OutwardReturn): void {
  const rpl = selector & 3;
  const code = outerSelector & 0xfffc;
  if (isNull(outerSelector)) cpu.raise(Vector.GP, 0);
  const stack = readDescriptor(cpu, outerSelector);
  if (stack === undefined || (outerSelector & 3) !== rpl || !isWritableData(stack) || dplOf(stack) !== rpl) cpu.raise(Vector.GP, code);
  if (!isPresent(stack)) cpu.raise(absentStack, code);
  if (offset > limitOf(descriptor)) cpu.raise(Vector.GP, 0);
  markAccessed(cpu, descriptor);
  markAccessed(cpu, stack);
  setFromDescriptor(cpu, SegmentIndex.CS, selector, descriptor);
  setFromDescriptor(cpu, SegmentIndex.SS, outerSelector, stack);
  cpu.u32[CPL >> 2] = rpl;
  setStackPointer(cpu, outerPointer);
  dropPrivilegedSegments(cpu);
  arrive(cpu, offset);
}

export function interruptReturn(cpu: SlowCpu, operandSize: number): void {
  const flags = cpu.getEflags();
  if (isProtected(cpu) && flags & EFLAGS.NT) {
    returnToLinkedTask(cpu);
    return;
  }
  if (isVirtual8086(cpu) && (flags & EFLAGS.IOPL) !== EFLAGS.IOPL) cpu.raise(Vector.GP, 0);
  const width = operandSize === 16 ? 16 : 32;
  const bytes = width / 8;
  const offset = peekStack(cpu, 0, width);
  const selector = peekStack(cpu, bytes, width) & 0xffff;
  const image = peekStack(cpu, 2 * bytes, width);
  if (!isProtected(cpu)) returnInRealMode(cpu, selector, offset, image, width);
  else if (width === 32 && image & EFLAGS.VM && cplOf(cpu) === 0) returnToVirtual8086(cpu, selector, offset, image);
  else returnInProtectedMode(cpu, selector, offset, image, width);
}

function returnInRealMode(cpu: SlowCpu, selector: number, offset: number, image: number, width: 16 | 32): void {
  if (offset > realLimit(cpu)) cpu.raise(Vector.GP, 0);
  const flags = cpu.getEflags();
  let taken = width === 32 ? EFLAGS_DEFINED & ~(EFLAGS.VM | EFLAGS.VIF | EFLAGS.VIP) : 0xffff;
  if (isVirtual8086(cpu)) taken &= ~EFLAGS.IOPL;
  addToStackPointer(cpu, (3 * width) / 8);
  setRealSegment(cpu, SegmentIndex.CS, selector);
  cpu.setEflags((flags & ~taken) | (image & taken));
  arrive(cpu, offset);
}

function returnToVirtual8086(cpu: SlowCpu, selector: number, offset: number, image: number): void {
  if (offset > 0xffff) cpu.raise(Vector.GP, 0);
  const pointer = peekStack(cpu, 12, 32);
  const selectors: [number, number][] = [
    [SegmentIndex.CS, selector],
    [SegmentIndex.SS, peekStack(cpu, 16, 32) & 0xffff],
    [SegmentIndex.ES, peekStack(cpu, 20, 32) & 0xffff],
    [SegmentIndex.DS, peekStack(cpu, 24, 32) & 0xffff],
    [SegmentIndex.FS, peekStack(cpu, 28, 32) & 0xffff],
    [SegmentIndex.GS, peekStack(cpu, 32, 32) & 0xffff],
  ];
  cpu.setEflags(image);
  cpu.u32[CPL >> 2] = 3;
  for (const [index, value] of selectors) setRealSegment(cpu, index, value);
  cpu.setRegister(ESP, 32, pointer);
  arrive(cpu, offset);
}

function returnInProtectedMode(cpu: SlowCpu, selector: number, offset: number, image: number, width: 16 | 32): void {
  const descriptor = requireReturnCode(cpu, selector);
  const cpl = cplOf(cpu);
  const flags = cpu.getEflags();
  let taken = IRET_ALWAYS;
  if (width === 32) taken |= EFLAGS.RF | EFLAGS.AC | EFLAGS.ID;
  if (cpl <= (flags & EFLAGS.IOPL) >> 12) taken |= EFLAGS.IF;
  if (cpl === 0) taken |= EFLAGS.IOPL | (width === 32 ? EFLAGS.VIF | EFLAGS.VIP : 0);
  const newFlags = (flags & ~taken) | (image & taken);
  if ((selector & 3) === cpl) {
    if (offset > limitOf(descriptor)) cpu.raise(Vector.GP, 0);
    markAccessed(cpu, descriptor);
    addToStackPointer(cpu, (3 * width) / 8);
    setFromDescriptor(cpu, SegmentIndex.CS, selector, descriptor);
    cpu.setEflags(newFlags);
    arrive(cpu, offset);
    return;
  }
  const outerPointer = peekStack(cpu, (3 * width) / 8, width);
  const outerSelector = peekStack(cpu, (4 * width) / 8, width) & 0xffff;
  returnOutward(cpu, { selector, descriptor, offset, outerSelector, outerPointer, absentStack: Vector.NP });
  cpu.setEflags(newFlags);
}

/** IRET with NT: back to the task that the TSS's link names (SDM Vol. 3A 7.4). */
function returnToLinkedTask(cpu: SlowCpu): void {
  const selector = cpu.readLinear(segmentBase(cpu, SegmentIndex.TR), 16, true);
  const code = selector & 0xfffc;
  const descriptor = selector & 4 ? undefined : readDescriptor(cpu, selector);
  if (descriptor === undefined || !isBusyTss(systemTypeOf(descriptor))) cpu.raise(Vector.TS, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  switchTask(cpu, { selector, descriptor, reason: 'return', ext: 0 });
}
