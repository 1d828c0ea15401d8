import type { Encoding, Instruction } from './instruction.js';
import { hex } from './notation.js';
import { UNDEFINED_OPCODE } from './undefined-opcode.js';

const nothing = (): void => {};

/** 0F 18 .. 0F 1F: hints and no-operations that keep their ModR/M byte (P6 and later execute all of them as NOP). */
const hintRows: Encoding[] = [];
for (let opcode = 0x18; opcode <= 0x1f; opcode++) hintRows.push({ opcode: `0F ${hex(opcode)} /r`, operands: 'r/m16/32' });

export const hintInstructions: readonly Instruction[] = [
  {
    mnemonic: 'NOP',
    sdm: 'Vol. 2B, NOP—No Operation',
    encodings: [{ opcode: '90', operands: '' }, ...hintRows],
    flags: {},
    execute: nothing,
  },
  {
    mnemonic: 'PAUSE',
    sdm: 'Vol. 2B, PAUSE—Spin Loop Hint',
    encodings: [{ opcode: '90', operands: '', prefix: 0xf3 }],
    flags: {},
    execute: nothing,
  },
  UNDEFINED_OPCODE,
];
