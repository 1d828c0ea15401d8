import { EFLAGS, Vector } from '../architecture.js';
import { deliverDebug, softwareInterrupt } from '../events/exceptions.js';
import { addToStackPointer, currentStack, peekStack, pushFrame, setStackPointer } from '../events/stack.js';
import { cplOf, isVirtual8086 } from '../mmu/segmentation.js';
import { EFLAGS_SYSTEM, HALTED, INTERRUPT_SHADOW } from '../state.js';
import type { Decoded, Instruction, Operand } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';

/* Software interrupts, the interrupt flag and EFLAGS on the stack. Virtual-8086 mode extensions are not offered: IOPL decides. */

function iopl(cpu: SlowCpu): number {
  return (cpu.u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.IOPL) >> 12;
}

/** #GP(0) unless IOPL lets this code touch IF. Real mode has CPL 0, virtual-8086 mode CPL 3. */
function requireIopl(cpu: SlowCpu): void {
  if (cplOf(cpu) > iopl(cpu)) cpu.raise(Vector.GP, 0);
}

/** In virtual-8086 mode some instructions are only for IOPL 3 (SDM Vol. 3B 20.2.7). */
function requireIoplInVirtual8086(cpu: SlowCpu): void {
  if (isVirtual8086(cpu) && iopl(cpu) !== 3) cpu.raise(Vector.GP, 0);
}

function pushFlags(cpu: SlowCpu, decoded: Decoded): void {
  requireIoplInVirtual8086(cpu);
  const image = cpu.getEflags() & ~(EFLAGS.VM | EFLAGS.RF);
  setStackPointer(cpu, pushFrame(cpu, currentStack(cpu, 0), decoded.operandSize === 16 ? 2 : 4, [image]));
}

function popFlags(cpu: SlowCpu, decoded: Decoded): void {
  requireIoplInVirtual8086(cpu);
  const width = decoded.operandSize === 16 ? 16 : 32;
  const image = peekStack(cpu, 0, width);
  let taken: number = 0x8d5 | EFLAGS.TF | EFLAGS.DF | EFLAGS.NT;
  if (width === 32) taken |= EFLAGS.AC | EFLAGS.ID;
  const cpl = cplOf(cpu);
  if (cpl <= iopl(cpu)) taken |= EFLAGS.IF;
  if (cpl === 0) taken |= EFLAGS.IOPL;
  addToStackPointer(cpu, width / 8);
  const kept = cpu.getEflags() & ~taken;
  cpu.setEflags((width === 32 ? kept & ~EFLAGS.RF : kept) | (image & taken));
}

const INT = { sdm: 'Vol. 2A, INT n/INTO/INT3/INT1—Call to Interrupt Procedure', flags: {}, endsBlock: true } as const;

export const interruptInstructions: readonly Instruction[] = [
  {
    ...INT,
    mnemonic: 'INT',
    encodings: [{ opcode: 'CD ib', operands: 'imm8' }],
    slow: (cpu, decoded) => {
      requireIoplInVirtual8086(cpu);
      softwareInterrupt(cpu, (decoded.operands[0] as Operand & { kind: 'immediate' }).value & 0xff);
    },
  },
  { ...INT, mnemonic: 'INT3', encodings: [{ opcode: 'CC', operands: '' }], slow: (cpu) => softwareInterrupt(cpu, Vector.BP) },
  { ...INT, mnemonic: 'INT1', synonyms: ['ICEBP'], encodings: [{ opcode: 'F1', operands: '' }], slow: (cpu) => deliverDebug(cpu, 0) },
  {
    ...INT,
    mnemonic: 'INTO',
    encodings: [{ opcode: 'CE', operands: '', mode64: 'invalid' }],
    flags: { reads: 'O' },
    slow: (cpu) => {
      if (cpu.getEflags() & EFLAGS.OF) softwareInterrupt(cpu, Vector.OF);
    },
  },
  {
    mnemonic: 'CLI',
    sdm: 'Vol. 2A, CLI—Clear Interrupt Flag',
    encodings: [{ opcode: 'FA', operands: '' }],
    flags: {},
    slow: (cpu) => {
      requireIopl(cpu);
      cpu.u32[EFLAGS_SYSTEM >> 2]! &= ~EFLAGS.IF;
    },
  },
  {
    mnemonic: 'STI',
    sdm: 'Vol. 2B, STI—Set Interrupt Flag',
    encodings: [{ opcode: 'FB', operands: '' }],
    flags: {},
    endsBlock: true,
    slow: (cpu) => {
      requireIopl(cpu);
      const flags = cpu.u32[EFLAGS_SYSTEM >> 2]!;
      if (flags & EFLAGS.IF) return;
      cpu.u32[EFLAGS_SYSTEM >> 2] = flags | EFLAGS.IF;
      cpu.u32[INTERRUPT_SHADOW >> 2] = 1;
    },
  },
  ...([16, 32] as const).flatMap((operandSize): Instruction[] => [
    {
      mnemonic: operandSize === 16 ? 'PUSHF' : 'PUSHFD',
      ...(operandSize === 16 ? { synonyms: ['PUSHFW'] } : {}),
      sdm: 'Vol. 2B, PUSHF/PUSHFD—Push EFLAGS Register Onto the Stack',
      encodings: [{ opcode: '9C', operands: '', operandSize, default64: true }],
      flags: { reads: 'OSZAPC' },
      slow: pushFlags,
    },
    {
      mnemonic: operandSize === 16 ? 'POPF' : 'POPFD',
      ...(operandSize === 16 ? { synonyms: ['POPFW'] } : {}),
      sdm: 'Vol. 2B, POPF/POPFD—Pop Stack Into EFLAGS Register',
      encodings: [{ opcode: '9D', operands: '', operandSize, default64: true }],
      flags: { writes: 'OSZAPC' },
      endsBlock: true,
      slow: popFlags,
    },
  ]),
  {
    mnemonic: 'HLT',
    sdm: 'Vol. 2A, HLT—Halt',
    encodings: [{ opcode: 'F4', operands: '' }],
    flags: {},
    endsBlock: true,
    slow: (cpu) => {
      if (cplOf(cpu) !== 0) cpu.raise(Vector.GP, 0);
      cpu.u32[HALTED >> 2] = 1;
    },
  },
];
