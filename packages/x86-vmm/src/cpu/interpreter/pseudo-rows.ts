import type { Row } from '../decoder/encoding.js';
import type { Instruction } from '../semantics/instruction.js';

/** Not an instruction: ends a block whose next instruction is in another one (page end, longest block). */
const GOTO: Instruction = {
  mnemonic: 'goto',
  sdm: '',
  encodings: [],
  flags: {},
  endsBlock: true,
  execute: (m, form) => m.jump(m.read(form.operands[0]!, 32)),
};

export const GOTO_ROW: Row = {
  instruction: GOTO,
  encoding: { opcode: '', operands: '' },
  map: 0,
  opcode: 0,
  plusRegister: false,
  hasModRM: false,
  digit: -1,
  modRM: -1,
  modRMCount: 1,
  operands: [{ from: 'relative', bytes: 'z' }],
  id: -1,
};
