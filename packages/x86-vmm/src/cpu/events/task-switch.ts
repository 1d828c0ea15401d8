/*
 * Hardware task switch: SDM Vol. 3A chapter 7.3 and table 7-1. The caller has checked privilege, type and presence of the TSS descriptor.
 * Everything that can page-fault in the two TSSs is touched first; from the commit on, faults belong to the new task.
 */
import { CR0, DR6, EFLAGS, SystemType, Vector } from '../architecture.js';
import {
  attributesOf,
  baseOf,
  type Descriptor,
  dplOf,
  isCode,
  isConforming,
  isNull,
  isPresent,
  isReadable,
  isWritableData,
  limitOf,
  markAccessed,
  readDescriptor,
  systemTypeOf,
} from '../mmu/descriptor.js';
import {
  cplOf,
  segmentAttributes,
  segmentBase,
  segmentLimit,
  selectorOf,
  setFromDescriptor,
  setNull,
  setRealSegment,
  setSegment,
} from '../mmu/segmentation.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { CPL, CR, DR, EIP, PENDING_DEBUG, SegmentIndex } from '../state.js';

/** Offsets in the two forms of TSS (SDM Vol. 3A figures 7-2 and 7-10): 32-bit with words of four bytes, 16-bit of two. */
const TSS32 = { cr3: 0x1c, eip: 0x20, eflags: 0x24, registers: 0x28, segments: 0x48, ldt: 0x60, trap: 0x64, limit: 0x67 } as const;
const TSS16 = { eip: 0x0e, eflags: 0x10, registers: 0x12, segments: 0x22, ldt: 0x2a, limit: 0x2b } as const;
/** Order of the segment registers in a TSS; a 16-bit one ends with DS. */
const SEGMENTS = [SegmentIndex.ES, SegmentIndex.CS, SegmentIndex.SS, SegmentIndex.DS, SegmentIndex.FS, SegmentIndex.GS];
/** DR7's local enable bits, cleared at every task switch. */
const LOCAL_BREAKPOINTS = 0x155;

export interface TaskSwitch {
  /** Selector and descriptor of the new task's TSS. */
  readonly selector: number;
  readonly descriptor: Descriptor;
  /** JMP ends the old task's turn, CALL and events nest the new one in it, IRET goes back. */
  readonly reason: 'jump' | 'nested' | 'return';
  /** EXT bit of the error codes: the switch is part of an event's delivery. */
  readonly ext: 0 | 1;
  /** The event is a fault: RF is set in the old task's EFLAGS. */
  readonly setsRf?: boolean;
}

export function switchTask(cpu: SlowCpu, { selector, descriptor, reason, ext, setsRf = false }: TaskSwitch): void {
  const wide = (systemTypeOf(descriptor) & 8) !== 0;
  const base = baseOf(descriptor);
  const code = (selector & 0xfffc) + ext;
  const layout = wide ? TSS32 : TSS16;
  if (limitOf(descriptor) < layout.limit) cpu.raise(Vector.TS, code);

  const oldBase = segmentBase(cpu, SegmentIndex.TR);
  const oldWide = (segmentAttributes(cpu, SegmentIndex.TR) & 8) !== 0;
  const oldSelector = selectorOf(cpu, SegmentIndex.TR);
  cpu.probeWrite(oldBase, oldWide ? TSS32.ldt : TSS16.ldt, true);
  cpu.readLinear(base, 8, true);
  cpu.readLinear((base + layout.limit) >>> 0, 8, true);
  if (reason === 'nested') cpu.probeWrite(base, 2, true);
  cpu.probeWrite((descriptor.address + 4) >>> 0, 4, true);
  const image = readImage(cpu, base, wide);
  const oldDescriptor = reason === 'nested' ? undefined : readDescriptor(cpu, oldSelector);
  if (oldDescriptor !== undefined) cpu.probeWrite((oldDescriptor.address + 4) >>> 0, 4, true);

  let oldFlags = cpu.getEflags() | (setsRf ? EFLAGS.RF : 0);
  if (reason === 'return') oldFlags &= ~EFLAGS.NT;
  saveState(cpu, oldBase, oldWide, oldFlags);
  if (oldDescriptor !== undefined) cpu.writeLinear((oldDescriptor.address + 4) >>> 0, 32, (oldDescriptor.high & ~0x200) >>> 0, true);
  if (reason === 'nested') cpu.writeLinear(base, 16, oldSelector, true);
  if (reason !== 'return') cpu.writeLinear((descriptor.address + 4) >>> 0, 32, (descriptor.high | 0x200) >>> 0, true);

  setSegment(cpu, SegmentIndex.TR, selector, base, limitOf(descriptor), attributesOf(descriptor) | 2);
  cpu.u32[CR >> 2]! |= CR0.TS;
  cpu.u32[(DR + 7 * 8) >> 2]! &= ~LOCAL_BREAKPOINTS;
  loadImage(cpu, image, reason === 'nested');
  loadSegments(cpu, image, ext);
  if (image.trap) cpu.u32[PENDING_DEBUG >> 2]! |= DR6.BT;
}

interface Image {
  readonly wide: boolean;
  readonly cr3: number;
  readonly eip: number;
  readonly eflags: number;
  readonly registers: readonly number[];
  readonly selectors: readonly number[];
  readonly ldt: number;
  readonly trap: boolean;
}

function readImage(cpu: SlowCpu, base: number, wide: boolean): Image {
  const width = wide ? 32 : 16;
  const step = wide ? 4 : 2;
  const layout = wide ? TSS32 : TSS16;
  const word = (at: number) => cpu.readLinear((base + at) >>> 0, width, true);
  const registers: number[] = [];
  for (let i = 0; i < 8; i++) registers.push(word(layout.registers + i * step));
  const selectors: number[] = [];
  for (let i = 0; i < (wide ? 6 : 4); i++) selectors.push(word(layout.segments + i * step) & 0xffff);
  return {
    wide,
    cr3: wide ? word(TSS32.cr3) : 0,
    eip: word(layout.eip),
    eflags: word(layout.eflags),
    registers,
    selectors,
    ldt: word(layout.ldt) & 0xffff,
    trap: wide && (word(TSS32.trap) & 1) !== 0,
  };
}

function saveState(cpu: SlowCpu, base: number, wide: boolean, flags: number): void {
  const width = wide ? 32 : 16;
  const step = wide ? 4 : 2;
  const layout = wide ? TSS32 : TSS16;
  const put = (at: number, value: number) => cpu.writeLinear((base + at) >>> 0, width, wide ? value : value & 0xffff, true);
  put(layout.eip, cpu.u32[EIP >> 2]!);
  put(layout.eflags, flags);
  for (let i = 0; i < 8; i++) put(layout.registers + i * step, cpu.getRegister(i, 32));
  for (let i = 0; i < (wide ? 6 : 4); i++) put(layout.segments + i * step, selectorOf(cpu, SEGMENTS[i]!));
}

/** The commit: registers, EIP, EFLAGS, CR3 and bare selectors of the new task. */
function loadImage(cpu: SlowCpu, image: Image, nested: boolean): void {
  if (image.wide && cpu.u32[CR >> 2]! & CR0.PG) {
    cpu.u32[(CR + 3 * 8) >> 2] = image.cr3;
    cpu.flushTranslations(false);
  }
  cpu.u32[EIP >> 2] = image.eip;
  cpu.restartEip = image.eip;
  for (let i = 0; i < 8; i++) cpu.setRegister(i, 32, image.registers[i]!);
  const flags = nested ? image.eflags | EFLAGS.NT : image.eflags;
  cpu.setEflags(image.wide ? flags : flags & 0xffff);
  for (const [i, index] of SEGMENTS.entries()) setNull(cpu, index, image.selectors[i] ?? 0);
  setNull(cpu, SegmentIndex.LDTR, image.ldt);
  cpu.u32[CPL >> 2] = flags & EFLAGS.VM && image.wide ? 3 : image.selectors[1]! & 3;
}

function loadSegments(cpu: SlowCpu, image: Image, ext: 0 | 1): void {
  loadLdtr(cpu, image.ldt, ext);
  if (image.wide && image.eflags & EFLAGS.VM) {
    for (const [i, index] of SEGMENTS.entries()) setRealSegment(cpu, index, image.selectors[i]!);
  } else {
    const [es, cs, ss, ds, fs = 0, gs = 0] = image.selectors as [number, number, number, number, number?, number?];
    loadCs(cpu, cs, ext);
    loadSs(cpu, ss, ext);
    loadData(cpu, SegmentIndex.ES, es, ext);
    loadData(cpu, SegmentIndex.DS, ds, ext);
    loadData(cpu, SegmentIndex.FS, fs, ext);
    loadData(cpu, SegmentIndex.GS, gs, ext);
  }
  cpu.modeChanged();
  if (image.eip > segmentLimit(cpu, SegmentIndex.CS)) cpu.raise(Vector.GP, ext);
}

function loadLdtr(cpu: SlowCpu, selector: number, ext: 0 | 1): void {
  if (isNull(selector)) return;
  const code = (selector & 0xfffc) + ext;
  const descriptor = selector & 4 ? undefined : readDescriptor(cpu, selector);
  if (descriptor === undefined || systemTypeOf(descriptor) !== SystemType.ldt || !isPresent(descriptor)) cpu.raise(Vector.TS, code);
  setSegment(cpu, SegmentIndex.LDTR, selector, baseOf(descriptor), limitOf(descriptor), attributesOf(descriptor));
}

function loadCs(cpu: SlowCpu, selector: number, ext: 0 | 1): void {
  const code = (selector & 0xfffc) + ext;
  const descriptor = isNull(selector) ? undefined : readDescriptor(cpu, selector);
  if (descriptor === undefined || !isCode(descriptor)) cpu.raise(Vector.TS, code);
  const dpl = dplOf(descriptor);
  if (isConforming(descriptor) ? dpl > (selector & 3) : dpl !== (selector & 3)) cpu.raise(Vector.TS, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  markAccessed(cpu, descriptor);
  setFromDescriptor(cpu, SegmentIndex.CS, selector, descriptor);
}

function loadSs(cpu: SlowCpu, selector: number, ext: 0 | 1): void {
  const code = (selector & 0xfffc) + ext;
  const cpl = cplOf(cpu);
  const descriptor = isNull(selector) ? undefined : readDescriptor(cpu, selector);
  if (descriptor === undefined || !isWritableData(descriptor) || dplOf(descriptor) !== cpl || (selector & 3) !== cpl)
    cpu.raise(Vector.TS, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.SS, code);
  markAccessed(cpu, descriptor);
  setFromDescriptor(cpu, SegmentIndex.SS, selector, descriptor);
}

function loadData(cpu: SlowCpu, index: number, selector: number, ext: 0 | 1): void {
  if (isNull(selector)) return;
  const code = (selector & 0xfffc) + ext;
  const descriptor = readDescriptor(cpu, selector);
  if (descriptor === undefined || !isReadable(descriptor)) cpu.raise(Vector.TS, code);
  if (!isConforming(descriptor) && dplOf(descriptor) < Math.max(cplOf(cpu), selector & 3)) cpu.raise(Vector.TS, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  markAccessed(cpu, descriptor);
  setFromDescriptor(cpu, index, selector, descriptor);
}

/** Checks for JMP, CALL and task gates of code: TSS in the GDT, available, present. */
export function requireAvailableTss(cpu: SlowCpu, selector: number, vector: number): Descriptor {
  const code = selector & 0xfffc;
  const descriptor = selector & 4 ? undefined : readDescriptor(cpu, selector);
  const type = descriptor === undefined ? -1 : systemTypeOf(descriptor);
  if (descriptor === undefined || (type !== SystemType.tss16Available && type !== SystemType.tss32Available)) cpu.raise(vector, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  return descriptor;
}
