import { EFLAGS, SystemType, Vector } from '../architecture.js';
import { addToStackPointer, currentStack, peekStack, pushFrame, setStackPointer } from '../events/stack.js';
import {
  attributesOf,
  baseOf,
  type Descriptor,
  dplOf,
  isAvailableTss,
  isBusyTss,
  isConforming,
  isNull,
  isPresent,
  isReadable,
  isWritableData,
  limitOf,
  readDescriptor,
  systemTypeOf,
} from '../mmu/descriptor.js';
import { cplOf, loadSegment, selectorOf, setNull, setSegment, shadowInterrupts } from '../mmu/segmentation.js';
import { SegmentIndex } from '../state.js';
import type { Decoded, Instruction, Operand, Width } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';

/* Segment registers and the instructions that ask about descriptors (SDM Vol. 2; Vol. 3A 5.10). */

const PROTECTED_ONLY = ['real', 'virtual8086'] as const;

/** Writes a selector: 16 bits to memory, the operand size (zero-extended) to a register (SDM Vol. 2 MOV, SLDT, STR). */
function storeSelector(cpu: SlowCpu, decoded: Decoded, value: number): void {
  const operand = decoded.operands[0]!;
  if (operand.kind === 'register') cpu.setRegister(operand.index, decoded.operandSize, value);
  else cpu.writeOperand(decoded, operand, 16, value);
}

function segmentIndex(operand: Operand): number {
  return operand.kind === 'segment' ? operand.index : 0;
}

function requireRing0(cpu: SlowCpu): void {
  if (cplOf(cpu) !== 0) cpu.raise(Vector.GP, 0);
}

function popSegment(cpu: SlowCpu, decoded: Decoded): void {
  const index = segmentIndex(decoded.operands[0]!);
  const width = decoded.operandSize === 16 ? 16 : 32;
  const selector = peekStack(cpu, 0, width) & 0xffff;
  // The pop counts in the old stack's size: ESP moves before SS changes it.
  const pointer = cpu.getRegister(4, 32);
  addToStackPointer(cpu, width / 8);
  const moved = cpu.getRegister(4, 32);
  cpu.setRegister(4, 32, pointer);
  loadSegment(cpu, index, selector);
  cpu.setRegister(4, 32, moved);
  if (index === SegmentIndex.SS) shadowInterrupts(cpu);
}

function pushSegment(cpu: SlowCpu, decoded: Decoded): void {
  const selector = selectorOf(cpu, segmentIndex(decoded.operands[0]!));
  setStackPointer(cpu, pushFrame(cpu, currentStack(cpu, 0), decoded.operandSize === 16 ? 2 : 4, [selector]));
}

function loadFarPointer(index: number) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const [register, memory] = decoded.operands as [Operand & { kind: 'register' }, Operand & { kind: 'memory' }];
    const width: Width = decoded.operandSize === 16 ? 16 : 32;
    const address = cpu.effectiveAddress(decoded, memory);
    const mask = decoded.addressSize === 16 ? 0xffff : 0xffff_ffff;
    const offset = cpu.readSegment(memory.segment, address, width);
    const selector = cpu.readSegment(memory.segment, ((address + width / 8) & mask) >>> 0, 16);
    loadSegment(cpu, index, selector);
    cpu.setRegister(register.index, width, offset);
  };
}

function setZero(cpu: SlowCpu, zero: boolean): void {
  const flags = cpu.getEflags();
  cpu.setEflags(zero ? flags | EFLAGS.ZF : flags & ~EFLAGS.ZF);
}

/** The descriptor that LAR, LSL, VERR and VERW may see from here: undefined clears ZF. */
function visibleDescriptor(cpu: SlowCpu, selector: number, systemTypes: ReadonlySet<number>): Descriptor | undefined {
  if (isNull(selector)) return undefined;
  const descriptor = readDescriptor(cpu, selector);
  if (descriptor === undefined) return undefined;
  const type = systemTypeOf(descriptor);
  if (type !== -1 && !systemTypes.has(type)) return undefined;
  if (!isConforming(descriptor) && dplOf(descriptor) < Math.max(cplOf(cpu), selector & 3)) return undefined;
  return descriptor;
}

/** A segment and a general register as the shortcuts are told of them (assembly/segments.ts): bits 7..0 and 15..8; bit 16: 16 bits of the latter. */
function registers(segment: Operand, general: Operand, isHalf: boolean): number {
  return general.kind === 'register' ? segmentIndex(segment) | (general.index << 8) | (isHalf ? 0x1_0000 : 0) : OTHER_FORM;
}
/** A push or pop, for the shortcuts. */
function stackedSegment({ operands: [segment], operandSize }: Decoded): number {
  return operandSize === 32 ? segmentIndex(segment!) : OTHER_FORM;
}
/** A form that the shortcuts leave to the body. */
const OTHER_FORM = 0x8000_0000;

const { tss16Available, tss16Busy, tss32Available, tss32Busy, ldt, callGate16, callGate32, taskGate } = SystemType;
const LSL_TYPES: ReadonlySet<number> = new Set([tss16Available, ldt, tss16Busy, tss32Available, tss32Busy]);
const LAR_TYPES: ReadonlySet<number> = new Set([...LSL_TYPES, callGate16, callGate32, taskGate]);
const NO_TYPES: ReadonlySet<number> = new Set();

function asksDescriptor(value: (descriptor: Descriptor) => number, types: ReadonlySet<number>) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const [destination, source] = decoded.operands as [Operand & { kind: 'register' }, Operand];
    const descriptor = visibleDescriptor(cpu, cpu.readOperand(decoded, source, 16), types);
    if (descriptor !== undefined) cpu.setRegister(destination.index, decoded.operandSize, value(descriptor));
    setZero(cpu, descriptor !== undefined);
  };
}

function verifies(suits: (descriptor: Descriptor) => boolean) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const descriptor = visibleDescriptor(cpu, cpu.readOperand(decoded, decoded.operands[0]!, 16), NO_TYPES);
    setZero(cpu, descriptor !== undefined && suits(descriptor));
  };
}

function loadLdtr(cpu: SlowCpu, decoded: Decoded): void {
  requireRing0(cpu);
  const selector = cpu.readOperand(decoded, decoded.operands[0]!, 16);
  if (isNull(selector)) {
    setNull(cpu, SegmentIndex.LDTR, selector);
    return;
  }
  const code = selector & 0xfffc;
  const descriptor = selector & 4 ? undefined : readDescriptor(cpu, selector);
  if (descriptor === undefined || systemTypeOf(descriptor) !== ldt) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  setSegment(cpu, SegmentIndex.LDTR, selector, baseOf(descriptor), limitOf(descriptor), attributesOf(descriptor));
}

function loadTr(cpu: SlowCpu, decoded: Decoded): void {
  requireRing0(cpu);
  const selector = cpu.readOperand(decoded, decoded.operands[0]!, 16);
  const code = selector & 0xfffc;
  if (isNull(selector)) cpu.raise(Vector.GP, 0);
  const descriptor = selector & 4 ? undefined : readDescriptor(cpu, selector);
  if (descriptor === undefined || !isAvailableTss(systemTypeOf(descriptor))) cpu.raise(Vector.GP, code);
  if (!isPresent(descriptor)) cpu.raise(Vector.NP, code);
  cpu.writeLinear((descriptor.address + 5) >>> 0, 8, ((descriptor.high >>> 8) & 0xff) | 2, true);
  setSegment(cpu, SegmentIndex.TR, selector, baseOf(descriptor), limitOf(descriptor), attributesOf(descriptor) | 2);
  if (!isBusyTss(attributesOf(descriptor) & 0xf)) cpu.modeChanged();
}

function adjustRpl(cpu: SlowCpu, decoded: Decoded): void {
  const [destination, source] = decoded.operands as [Operand, Operand];
  const rpl = cpu.readOperand(decoded, source, 16) & 3;
  const selector = cpu.readOperand(decoded, destination, 16);
  const raises = (selector & 3) < rpl;
  if (raises) cpu.writeOperand(decoded, destination, 16, (selector & ~3) | rpl);
  setZero(cpu, raises);
}

const SEGMENT_OPCODES = [
  ['ES', '06', '07'],
  ['CS', '0E', ''],
  ['SS', '16', '17'],
  ['DS', '1E', '1F'],
  ['FS', '0F A0', '0F A1'],
  ['GS', '0F A8', '0F A9'],
] as const;
const mode64Of = (name: string) => (name === 'FS' || name === 'GS' ? { default64: true as const } : { mode64: 'invalid' as const });

export const segmentInstructions: readonly Instruction[] = [
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move (segment registers)',
    encodings: [{ opcode: '8C /r', operands: 'r16/32/64/m16, Sreg' }],
    flags: {},
    slow: (cpu, decoded) => {
      const index = segmentIndex(decoded.operands[1]!);
      if (index > SegmentIndex.GS) cpu.raise(Vector.UD);
      storeSelector(cpu, decoded, selectorOf(cpu, index));
    },
    shortcut: {
      kernel: 'storeSegmentShortcut',
      argument: ({ operands: [general, segment], operandSize }) => registers(segment!, general!, operandSize === 16),
    },
  },
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move (segment registers)',
    encodings: [{ opcode: '8E /r', operands: 'Sreg, r/m16' }],
    flags: {},
    endsBlock: true,
    slow: (cpu, decoded) => {
      const index = segmentIndex(decoded.operands[0]!);
      if (index > SegmentIndex.GS || index === SegmentIndex.CS) cpu.raise(Vector.UD);
      loadSegment(cpu, index, cpu.readOperand(decoded, decoded.operands[1]!, 16));
      if (index === SegmentIndex.SS) shadowInterrupts(cpu);
    },
    shortcut: { kernel: 'loadSegmentShortcut', argument: ({ operands: [segment, general] }) => registers(segment!, general!, false) },
  },
  {
    mnemonic: 'PUSH',
    sdm: 'Vol. 2B, PUSH—Push Word, Doubleword or Quadword Onto the Stack',
    encodings: SEGMENT_OPCODES.map(([name, push]) => ({ opcode: push, operands: name, ...mode64Of(name) })),
    flags: {},
    slow: pushSegment,
    shortcut: { kernel: 'pushSegmentShortcut', argument: stackedSegment },
  },
  {
    mnemonic: 'POP',
    sdm: 'Vol. 2B, POP—Pop a Value From the Stack',
    encodings: SEGMENT_OPCODES.filter(([name]) => name !== 'CS').map(([name, , pop]) => ({
      opcode: pop,
      operands: name,
      ...mode64Of(name),
    })),
    flags: {},
    endsBlock: true,
    slow: popSegment,
    shortcut: { kernel: 'popSegmentShortcut', argument: stackedSegment },
  },
  ...(
    [
      ['LES', 'C4 /r', SegmentIndex.ES, true],
      ['LDS', 'C5 /r', SegmentIndex.DS, true],
      ['LSS', '0F B2 /r', SegmentIndex.SS, false],
      ['LFS', '0F B4 /r', SegmentIndex.FS, false],
      ['LGS', '0F B5 /r', SegmentIndex.GS, false],
    ] as const
  ).map(
    ([mnemonic, opcode, index, legacy]): Instruction => ({
      mnemonic,
      sdm: 'Vol. 2A, LDS/LES/LFS/LGS/LSS—Load Far Pointer',
      encodings: [{ opcode, operands: 'r16/32/64, m16:16/32/64', ...(legacy ? { mode64: 'invalid' as const } : {}) }],
      flags: {},
      endsBlock: true,
      slow: loadFarPointer(index),
    }),
  ),
  {
    mnemonic: 'LLDT',
    sdm: 'Vol. 2A, LLDT—Load Local Descriptor Table Register',
    encodings: [{ opcode: '0F 00 /2', operands: 'r/m16' }],
    flags: {},
    invalidIn: PROTECTED_ONLY,
    endsBlock: true,
    slow: loadLdtr,
  },
  {
    mnemonic: 'LTR',
    sdm: 'Vol. 2A, LTR—Load Task Register',
    encodings: [{ opcode: '0F 00 /3', operands: 'r/m16' }],
    flags: {},
    invalidIn: PROTECTED_ONLY,
    endsBlock: true,
    slow: loadTr,
  },
  {
    mnemonic: 'SLDT',
    sdm: 'Vol. 2B, SLDT—Store Local Descriptor Table Register',
    encodings: [{ opcode: '0F 00 /0', operands: 'r16/32/64/m16' }],
    flags: {},
    invalidIn: PROTECTED_ONLY,
    slow: (cpu, decoded) => storeSelector(cpu, decoded, selectorOf(cpu, SegmentIndex.LDTR)),
  },
  {
    mnemonic: 'STR',
    sdm: 'Vol. 2B, STR—Store Task Register',
    encodings: [{ opcode: '0F 00 /1', operands: 'r16/32/64/m16' }],
    flags: {},
    invalidIn: PROTECTED_ONLY,
    slow: (cpu, decoded) => storeSelector(cpu, decoded, selectorOf(cpu, SegmentIndex.TR)),
  },
  {
    mnemonic: 'VERR',
    sdm: 'Vol. 2B, VERR/VERW—Verify a Segment for Reading or Writing',
    encodings: [{ opcode: '0F 00 /4', operands: 'r/m16' }],
    flags: { writes: 'Z' },
    invalidIn: PROTECTED_ONLY,
    slow: verifies(isReadable),
  },
  {
    mnemonic: 'VERW',
    sdm: 'Vol. 2B, VERR/VERW—Verify a Segment for Reading or Writing',
    encodings: [{ opcode: '0F 00 /5', operands: 'r/m16' }],
    flags: { writes: 'Z' },
    invalidIn: PROTECTED_ONLY,
    slow: verifies(isWritableData),
  },
  {
    mnemonic: 'LAR',
    sdm: 'Vol. 2A, LAR—Load Access Rights Byte',
    encodings: [{ opcode: '0F 02 /r', operands: 'r16/32/64, r/m16' }],
    flags: { writes: 'Z' },
    invalidIn: PROTECTED_ONLY,
    slow: asksDescriptor(({ high }) => high & 0x00ff_ff00, LAR_TYPES),
  },
  {
    mnemonic: 'LSL',
    sdm: 'Vol. 2A, LSL—Load Segment Limit',
    encodings: [{ opcode: '0F 03 /r', operands: 'r16/32/64, r/m16' }],
    flags: { writes: 'Z' },
    invalidIn: PROTECTED_ONLY,
    slow: asksDescriptor(limitOf, LSL_TYPES),
  },
  {
    mnemonic: 'ARPL',
    sdm: 'Vol. 2A, ARPL—Adjust RPL Field of Segment Selector',
    encodings: [{ opcode: '63 /r', operands: 'r/m16, r16', mode64: 'invalid' }],
    flags: { writes: 'Z' },
    invalidIn: PROTECTED_ONLY,
    slow: adjustRpl,
  },
];
