import type { Instruction } from './instruction.js';
import { rows } from './notation.js';

/** GPR slots of state.ts in the order PUSHA pushes them: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI. */
const GPR = 0x40;
const slot = (index: number): number => GPR + 8 * index;
const ESP = 4;
const EBP = 5;

export const stackInstructions: readonly Instruction[] = [
  {
    mnemonic: 'PUSH',
    sdm: 'Vol. 2B, PUSH—Push Word, Doubleword, or Quadword Onto the Stack',
    encodings: rows(['50+rw/rd', 'r16/32/64'], ['68 iw/id', 'imm16/32'], ['FF /6', 'r/m16/32/64']).map((row) => ({
      ...row,
      default64: true as const,
    })),
    flags: {},
    execute(m, { width, operands: [src] }) {
      m.push(width, m.read(src!, width));
    },
  },
  {
    mnemonic: 'PUSH',
    sdm: 'Vol. 2B, PUSH—Push Word, Doubleword, or Quadword Onto the Stack',
    // Of its own because the byte is the operand's encoding, not its size.
    encodings: [{ opcode: '6A ib', operands: 'imm8', default64: true, operandSize: 16 }],
    flags: {},
    execute: (m, { operands: [src] }) => m.push(16, m.truncate(m.immediate(src!), 16)),
  },
  {
    mnemonic: 'PUSH',
    sdm: 'Vol. 2B, PUSH—Push Word, Doubleword, or Quadword Onto the Stack',
    encodings: [{ opcode: '6A ib', operands: 'imm8', default64: true, operandSize: 32 }],
    flags: {},
    execute: (m, { operands: [src] }) => m.push(32, m.immediate(src!)),
  },
  {
    mnemonic: 'POP',
    sdm: 'Vol. 2B, POP—Pop a Value From the Stack',
    encodings: rows(['58+rw/rd', 'r16/32/64'], ['8F /0', 'r/m16/32/64']).map((row) => ({ ...row, default64: true as const })),
    flags: {},
    // A base of ESP means its value after the pop: the block cache adds that to the displacement.
    execute(m, { width, operands: [dst] }) {
      m.write(dst!, width, m.pop(width));
    },
  },
  {
    mnemonic: 'PUSHA',
    synonyms: ['PUSHAD'],
    sdm: 'Vol. 2B, PUSHA/PUSHAD—Push All General-Purpose Registers',
    encodings: [{ opcode: '60', operands: '', mode64: 'invalid' }],
    flags: {},
    execute(m, { width }) {
      const values = [0, 1, 2, 3, ESP, EBP, 6, 7].map((index) => m.stateLoad(slot(index), width as 16 | 32));
      m.probeStack(width);
      for (const value of values) m.push(width, value);
    },
  },
  {
    mnemonic: 'POPA',
    synonyms: ['POPAD'],
    sdm: 'Vol. 2B, POPA/POPAD—Pop All General-Purpose Registers',
    encodings: [{ opcode: '61', operands: '', mode64: 'invalid' }],
    flags: {},
    execute(m, { width }) {
      for (const index of [7, 6, EBP, ESP, 3, 2, 1, 0]) {
        const value = m.pop(width);
        if (index !== ESP) m.stateStore(slot(index), width as 16 | 32, value);
      }
    },
  },
  {
    mnemonic: 'LEAVE',
    sdm: 'Vol. 2A, LEAVE—High Level Procedure Exit',
    encodings: [{ opcode: 'C9', operands: '', default64: true }],
    flags: {},
    execute(m, { width }) {
      const frame = m.stateLoad(slot(EBP), 32);
      const value = m.loadStack(frame, width);
      m.setStackPointer(m.add(frame, m.constant(width / 8)));
      m.stateStore(slot(EBP), width as 16 | 32, value);
    },
  },
  {
    mnemonic: 'ENTER',
    sdm: 'Vol. 2A, ENTER—Make Stack Frame for Procedure Parameters',
    encodings: [{ opcode: 'C8 iw ib', operands: 'imm16, imm8', default64: true }],
    flags: {},
    endsBlock: true,
    slow(cpu, { operands, operandSize }) {
      const [size, nesting] = operands;
      if (size?.kind !== 'immediate' || nesting?.kind !== 'immediate') return;
      const width = operandSize as 16 | 32;
      const bytes = width / 8;
      const level = nesting.value & 31;
      const mask = cpu.u32[MODE_KEY >> 2]! & STACK_32 ? 0xffff_ffff : 0xffff;
      const wrap = (offset: number): number => (offset & mask) >>> 0;
      const frame = wrap(cpu.getRegister(ESP, 32) - bytes);
      const link = cpu.getRegister(EBP, 32);
      const pushed = level === 0 ? 1 : level + 1;
      const final = wrap(frame - (pushed - 1) * bytes - (size.value & 0xffff));
      // Every load and the first and the deepest store are tried first: a fault must leave nothing changed.
      cpu.checkSegment(SS, frame, bytes, true);
      for (let i = 1; i < level; i++) cpu.checkSegment(SS, wrap(link - i * bytes), bytes, false);
      cpu.checkSegment(SS, final, bytes, true);
      cpu.writeSegment(SS, frame, width, link);
      // One after the other: a frame's display may overlap the one it is copied from.
      for (let i = 1; i < level; i++)
        cpu.writeSegment(SS, wrap(frame - i * bytes), width, cpu.readSegment(SS, wrap(link - i * bytes), width));
      // With a 16-bit stack the upper half of ESP stays, and goes to EBP too.
      const pointer = ((cpu.getRegister(ESP, 32) & ~mask) | frame) >>> 0;
      if (level > 0) cpu.writeSegment(SS, wrap(frame - level * bytes), width, pointer);
      cpu.setRegister(EBP, width, pointer);
      cpu.setRegister(ESP, mask === 0xffff ? 16 : 32, final);
    },
  },
];
/** state.ts and SegmentIndex. */
const MODE_KEY = 0x610;
const STACK_32 = 2;
const SS = 2;
