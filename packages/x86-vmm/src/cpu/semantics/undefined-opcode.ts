import type { Instruction } from './instruction.js';

/** What an encoding that no row has decodes to; also UD2's meaning. */
export const UNDEFINED_OPCODE: Instruction = {
  mnemonic: 'UD2',
  sdm: 'Vol. 2B, UD—Undefined Instruction',
  encodings: [{ opcode: '0F 0B', operands: '' }],
  flags: {},
  endsBlock: true,
  slow: (cpu) => cpu.raise(6),
};
