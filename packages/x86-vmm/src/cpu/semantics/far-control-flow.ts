import { farCall, farJump, farReturn, interruptReturn } from '../events/far-transfer.js';
import type { Decoded, Instruction, Operand } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';

/* Far JMP, CALL, RET and IRET; their bodies are in events/far-transfer.ts. */

type FarTransfer = (cpu: SlowCpu, selector: number, offset: number, operandSize: number) => void;

function direct(transfer: FarTransfer) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const target = decoded.operands[0] as Operand & { kind: 'far' };
    transfer(cpu, target.selector & 0xffff, target.offset >>> 0, decoded.operandSize);
  };
}

function indirect(transfer: FarTransfer) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const memory = decoded.operands[0] as Operand & { kind: 'memory' };
    const width = decoded.operandSize === 16 ? 16 : 32;
    const mask = decoded.addressSize === 16 ? 0xffff : 0xffff_ffff;
    const address = cpu.effectiveAddress(decoded, memory);
    const offset = cpu.readSegment(memory.segment, address, width);
    const selector = cpu.readSegment(memory.segment, ((address + width / 8) & mask) >>> 0, 16);
    transfer(cpu, selector, offset, decoded.operandSize);
  };
}

const JMP = { mnemonic: 'JMP', sdm: 'Vol. 2A, JMP—Jump (far)', flags: {}, endsBlock: true } as const;
const CALL = { mnemonic: 'CALL', sdm: 'Vol. 2A, CALL—Call Procedure (far)', flags: {}, endsBlock: true } as const;

export const farControlFlowInstructions: readonly Instruction[] = [
  { ...JMP, encodings: [{ opcode: 'EA cd/cp', operands: 'ptr16:16/32', mode64: 'invalid' }], slow: direct(farJump) },
  { ...JMP, encodings: [{ opcode: 'FF /5', operands: 'm16:16/32/64' }], slow: indirect(farJump) },
  { ...CALL, encodings: [{ opcode: '9A cd/cp', operands: 'ptr16:16/32', mode64: 'invalid' }], slow: direct(farCall) },
  { ...CALL, encodings: [{ opcode: 'FF /3', operands: 'm16:16/32/64' }], slow: indirect(farCall) },
  {
    mnemonic: 'RETF',
    sdm: 'Vol. 2B, RET—Return From Procedure (far)',
    encodings: [{ opcode: 'CB', operands: '' }],
    flags: {},
    endsBlock: true,
    slow: (cpu, decoded) => farReturn(cpu, decoded.operandSize, 0),
  },
  {
    mnemonic: 'RETF',
    sdm: 'Vol. 2B, RET—Return From Procedure (far)',
    encodings: [{ opcode: 'CA iw', operands: 'imm16' }],
    flags: {},
    endsBlock: true,
    slow: (cpu, decoded) => farReturn(cpu, decoded.operandSize, (decoded.operands[0] as Operand & { kind: 'immediate' }).value & 0xffff),
  },
  ...([16, 32] as const).map(
    (operandSize): Instruction => ({
      mnemonic: operandSize === 16 ? 'IRET' : 'IRETD',
      ...(operandSize === 16 ? { synonyms: ['IRETW'] } : {}),
      sdm: 'Vol. 2A, IRET/IRETD—Interrupt Return',
      encodings: [{ opcode: 'CF', operands: '', operandSize }],
      flags: { writes: 'OSZAPC' },
      endsBlock: true,
      slow: (cpu) => interruptReturn(cpu, operandSize),
    }),
  ),
];
