import { DR7, EFLAGS, Vector } from '../architecture.js';
import { cplOf, isVirtual8086, segmentAttributes, segmentBase, segmentLimit } from '../mmu/segmentation.js';
import { CR, DR, EFLAGS_SYSTEM, EIP, SegmentIndex, TLB_READ, TLB_WRITE } from '../state.js';
import type { Decoded, Instruction, Operand } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';

/* IN, OUT, INS and OUTS with the I/O permission bitmap (SDM Vol. 1 19.5, Vol. 2). */

type PortWidth = 8 | 16 | 32;
const EAX = 0;
const ECX = 1;
const EDX = 2;
const ESI = 6;
const EDI = 7;
/** Most elements that one execution of REP INS or REP OUTS moves before interrupts get a look. */
const ELEMENTS_A_TURN = 4_096;

/** #GP(0) unless IOPL or the TSS's bitmap allows every byte of the access. */
function requirePort(cpu: SlowCpu, port: number, bytes: number): void {
  if (!(cpu.u32[CR >> 2]! & 1)) return;
  const iopl = (cpu.u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.IOPL) >> 12;
  if (!isVirtual8086(cpu) && cplOf(cpu) <= iopl) return;
  const limit = segmentLimit(cpu, SegmentIndex.TR);
  // Only a 32-bit TSS has a bitmap; its offset is at 66h, and the byte after the last port's must be within the limit too.
  if ((segmentAttributes(cpu, SegmentIndex.TR) & 0xd) !== 9 || limit < 0x67) cpu.raise(Vector.GP, 0);
  const base = segmentBase(cpu, SegmentIndex.TR);
  const at = cpu.readLinear((base + 0x66) >>> 0, 16, true) + (port >>> 3);
  if (at + 1 > limit) cpu.raise(Vector.GP, 0);
  const bits = cpu.readLinear((base + at) >>> 0, 16, true) >>> (port & 7);
  if (bits & ((1 << bytes) - 1)) cpu.raise(Vector.GP, 0);
}

function portOf(cpu: SlowCpu, operand: Operand): number {
  return operand.kind === 'immediate' ? operand.value & 0xff : cpu.getRegister(EDX, 16);
}

function widthOf(decoded: Decoded, operand: Operand): PortWidth {
  if (operand.kind === 'register' && operand.width === 8) return 8;
  return decoded.operandSize === 16 ? 16 : 32;
}

function input(cpu: SlowCpu, decoded: Decoded): void {
  const [destination, source] = decoded.operands as [Operand, Operand];
  const width = widthOf(decoded, destination);
  const port = portOf(cpu, source);
  requirePort(cpu, port, width / 8);
  cpu.setRegister(EAX, width, cpu.readPort(port, width));
}

function output(cpu: SlowCpu, decoded: Decoded): void {
  const [destination, source] = decoded.operands as [Operand, Operand];
  const width = widthOf(decoded, source);
  const port = portOf(cpu, destination);
  requirePort(cpu, port, width / 8);
  cpu.writePort(port, width, cpu.getRegister(EAX, width));
}

/** An access as the shortcuts are told of it (assembly/system.ts): the port or, bit 31, DX; bytes from bit 16 on. */
function access(operand: Operand, width: PortWidth): number {
  return (operand.kind === 'immediate' ? operand.value & 0xff : 0x8000_0000) | ((width / 8) << 16);
}
function inputAccess(decoded: Decoded): number {
  const [destination, source] = decoded.operands as [Operand, Operand];
  return access(source, widthOf(decoded, destination));
}
function outputAccess(decoded: Decoded): number {
  const [destination, source] = decoded.operands as [Operand, Operand];
  return access(destination, widthOf(decoded, source));
}

/** Runs `one` for every element; between turns EIP stays at the instruction, so interrupts and faults find it restartable. */
function repeated(width: PortWidth, pointer: number, one: (cpu: SlowCpu, decoded: Decoded, width: PortWidth, count: number) => number) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const size = decoded.addressSize === 16 ? 16 : 32;
    const bytes = width / 8;
    let left = decoded.repeat === 0 ? 1 : cpu.getRegister(ECX, size);
    // The permission comes first, even with nothing to move (measured on an AMD EPYC).
    requirePort(cpu, cpu.getRegister(EDX, 16), bytes);
    if (left === 0) return;
    const backward = (cpu.u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.DF) !== 0;
    for (let turn = 0; left > 0 && turn < ELEMENTS_A_TURN; ) {
      const moved = one(cpu, decoded, width, backward ? 1 : Math.min(left, ELEMENTS_A_TURN - turn));
      cpu.setRegister(pointer, size, cpu.getRegister(pointer, size) + (backward ? -bytes : bytes * moved));
      left -= moved;
      turn += moved;
      if (decoded.repeat !== 0) cpu.setRegister(ECX, size, left);
      // Debug traps come after each repetition (SDM Vol. 3B 17.3.1.1).
      if (cpu.u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.TF || cpu.u32[(DR + 7 * 8) >> 2]! & DR7.ENABLED) break;
    }
    if (left > 0 && decoded.repeat !== 0) cpu.u32[EIP >> 2] = decoded.eip;
  };
}

/** Offset in memory of `linear` when the next bytes of its page may be used directly, or -1: the translation table has no entry. */
function direct(cpu: SlowCpu, table: number, linear: number): number {
  const addend = cpu.u32[(cpu.u32[table >> 2]! + (linear >>> 12) * 4) >> 2]!;
  return addend & 1 ? -1 : (linear + addend) >>> 0;
}

function inputString(cpu: SlowCpu, decoded: Decoded, width: PortWidth, count: number): number {
  const offset = cpu.getRegister(EDI, decoded.addressSize === 16 ? 16 : 32);
  const port = cpu.getRegister(EDX, 16);
  // The element's own checks first: a fault must come before the device loses a datum.
  const linear = cpu.checkSegment(SegmentIndex.ES, offset, width / 8, true);
  const many = count > 1 ? stringCount(cpu, SegmentIndex.ES, offset, linear, width / 8, count, true) : 0;
  if (many > 1) {
    const device = cpu.stringPort(port);
    const host = device ? direct(cpu, TLB_WRITE, linear) : -1;
    if (device && host >= 0) {
      const moved = device.readString(port, (width / 8) as 1 | 2 | 4, cpu.u8.subarray(host, host + (many * width) / 8));
      if (moved > 0) return moved / (width / 8);
    }
  }
  cpu.writeSegment(SegmentIndex.ES, offset, width, cpu.readPort(port, width));
  return 1;
}

function outputString(cpu: SlowCpu, decoded: Decoded, width: PortWidth, count: number): number {
  const offset = cpu.getRegister(ESI, decoded.addressSize === 16 ? 16 : 32);
  const port = cpu.getRegister(EDX, 16);
  const value = cpu.readSegment(decoded.segment, offset, width);
  const many =
    count > 1
      ? stringCount(cpu, decoded.segment, offset, cpu.checkSegment(decoded.segment, offset, width / 8, false), width / 8, count, false)
      : 0;
  if (many > 1) {
    const device = cpu.stringPort(port);
    const host = device ? direct(cpu, TLB_READ, (segmentBase(cpu, decoded.segment) + offset) >>> 0) : -1;
    if (device && host >= 0) {
      const moved = device.writeString(port, (width / 8) as 1 | 2 | 4, cpu.u8.subarray(host, host + (many * width) / 8));
      if (moved > 0) return moved / (width / 8);
    }
  }
  cpu.writePort(port, width, value);
  return 1;
}

/** How many elements lie within the page, the segment and the 16-bit offsets together. */
function stringCount(cpu: SlowCpu, segment: number, offset: number, linear: number, bytes: number, wanted: number, write: boolean): number {
  let count = Math.min(wanted, Math.floor((0x1000 - (linear & 0xfff)) / bytes));
  // 16-bit offsets wrap at 64 KiB; 32-bit ones are bounded by the page.
  if (offset <= 0xffff) count = Math.min(count, Math.floor((0x1_0000 - offset) / bytes));
  while (count > 1 && !cpu.maySegment(segment, offset, count * bytes, write)) count >>= 1;
  return count;
}

const IO = { flags: {}, endsBlock: true } as const;
const IN = {
  ...IO,
  mnemonic: 'IN',
  sdm: 'Vol. 2A, IN—Input From Port',
  slow: input,
  shortcut: { kernel: 'inShortcut', argument: inputAccess },
} as const;
const OUT = {
  ...IO,
  mnemonic: 'OUT',
  sdm: 'Vol. 2B, OUT—Output to Port',
  slow: output,
  shortcut: { kernel: 'outShortcut', argument: outputAccess },
} as const;

const STRINGS = [
  ['B', 8, '6C', '6E'],
  ['W', 16, '6D', '6F'],
  ['D', 32, '6D', '6F'],
] as const;

export const portInstructions: readonly Instruction[] = [
  {
    ...IN,
    encodings: [
      { opcode: 'E4 ib', operands: 'AL, imm8' },
      { opcode: 'E5 ib', operands: 'eAX, imm8' },
      { opcode: 'EC', operands: 'AL, DX' },
      { opcode: 'ED', operands: 'eAX, DX' },
    ],
  },
  {
    ...OUT,
    encodings: [
      { opcode: 'E6 ib', operands: 'imm8, AL' },
      { opcode: 'E7 ib', operands: 'imm8, eAX' },
      { opcode: 'EE', operands: 'DX, AL' },
      { opcode: 'EF', operands: 'DX, eAX' },
    ],
  },
  ...STRINGS.flatMap(([letter, width, ins, outs]): Instruction[] => {
    const size = width === 8 ? {} : { operandSize: width };
    return [
      {
        ...IO,
        mnemonic: `INS${letter}`,
        sdm: 'Vol. 2A, INS/INSB/INSW/INSD—Input from Port to String',
        encodings: [{ opcode: ins, operands: '', ...size }],
        repeats: 'rep',
        slow: repeated(width, EDI, inputString),
      },
      {
        ...IO,
        mnemonic: `OUTS${letter}`,
        sdm: 'Vol. 2B, OUTS/OUTSB/OUTSW/OUTSD—Output String to Port',
        encodings: [{ opcode: outs, operands: '', ...size }],
        repeats: 'rep',
        slow: repeated(width, ESI, outputString),
      },
    ];
  }),
];
