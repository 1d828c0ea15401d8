import type { Builder, Form } from './builder.js';
import type { Instruction } from './instruction.js';
import { checkAvailable, kernelOnly, loadMemory, notePointers } from './x87-steps.js';

/* Comparisons into the condition codes C0, C2, C3 and into EFLAGS; FCMOVcc. */

function compare(kernel: string, pops: number, integer = false) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    const first = form.operands[0]!;
    if (first.kind === 'memory') {
      const value = loadMemory(m, first);
      m.kernel(`${kernel}${integer ? 'Integer' : first.width === 32 ? 'F32' : 'F64'}`, [value, m.constant(pops)], 'none');
      notePointers(m, first);
      return;
    }
    m.kernel(kernel, [m.immediate(first), m.constant(pops)], 'none');
    notePointers(m);
  };
}
/** FCOMI: ZF, PF, CF; OF, SF and AF are cleared. The kernel answers -1 where EFLAGS stay. */
function compareToEflags(kernel: string, pops: number) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    const flags = m.kernel(kernel, [m.immediate(form.operands[1]!), m.constant(pops)], 'i32');
    const stays = m.ltS(flags, m.constant(0));
    const zero = m.constant(0);
    m.setFlags('set', 32, zero, zero, m.select(stays, m.arithmeticFlags(), flags));
    notePointers(m);
  };
}
function move(code: number) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    m.kernel('fcmov', [m.immediate(form.operands[1]!), m.condition(code)], 'none');
    notePointers(m);
  };
}

const FCOM = 'Vol. 2A, FCOM/FCOMP/FCOMPP—Compare Floating Point Values';
const FUCOM = 'Vol. 2A, FUCOM/FUCOMP/FUCOMPP—Unordered Compare Floating Point Values';
const FICOM = 'Vol. 2A, FICOM/FICOMP—Compare Integer';
const FCOMI = 'Vol. 2A, FCOMI/FCOMIP/FUCOMI/FUCOMIP—Compare Floating Point Values and Set EFLAGS';
const FCMOV = 'Vol. 2A, FCMOVcc—Floating-Point Conditional Move';

/** Condition codes as in Jcc: B 2, E 4, BE 6, U (parity) Ah; their negations one above. */
const MOVES = [
  ['FCMOVB', 'DA C0+i', 2, 'C'],
  ['FCMOVE', 'DA C8+i', 4, 'Z'],
  ['FCMOVBE', 'DA D0+i', 6, 'ZC'],
  ['FCMOVU', 'DA D8+i', 10, 'P'],
  ['FCMOVNB', 'DB C0+i', 3, 'C'],
  ['FCMOVNE', 'DB C8+i', 5, 'Z'],
  ['FCMOVNBE', 'DB D0+i', 7, 'ZC'],
  ['FCMOVNU', 'DB D8+i', 11, 'P'],
] as const;

export const x87Compare: readonly Instruction[] = [
  {
    mnemonic: 'FCOM',
    sdm: FCOM,
    encodings: [
      { opcode: 'D8 /2', operands: 'm32fp' },
      { opcode: 'DC /2', operands: 'm64fp' },
      { opcode: 'D8 D0+i', operands: 'ST(i)' },
      // Not in the manual, as in hardware.
      { opcode: 'DC D0+i', operands: 'ST(i)' },
    ],
    flags: {},
    execute: compare('fcom', 0),
  },
  {
    mnemonic: 'FCOMP',
    sdm: FCOM,
    encodings: [
      { opcode: 'D8 /3', operands: 'm32fp' },
      { opcode: 'DC /3', operands: 'm64fp' },
      { opcode: 'D8 D8+i', operands: 'ST(i)' },
      { opcode: 'DC D8+i', operands: 'ST(i)' },
      { opcode: 'DE D0+i', operands: 'ST(i)' },
    ],
    flags: {},
    execute: compare('fcom', 1),
  },
  kernelOnly('FCOMPP', 'DE D9', 'fcom', 'FCOM/FCOMP/FCOMPP—Compare Floating Point Values', [1, 2]),
  { mnemonic: 'FUCOM', sdm: FUCOM, encodings: [{ opcode: 'DD E0+i', operands: 'ST(i)' }], flags: {}, execute: compare('fucom', 0) },
  { mnemonic: 'FUCOMP', sdm: FUCOM, encodings: [{ opcode: 'DD E8+i', operands: 'ST(i)' }], flags: {}, execute: compare('fucom', 1) },
  kernelOnly('FUCOMPP', 'DA E9', 'fucom', 'FUCOM/FUCOMP/FUCOMPP—Unordered Compare Floating Point Values', [1, 2]),
  {
    mnemonic: 'FICOM',
    sdm: FICOM,
    encodings: [
      { opcode: 'DA /2', operands: 'm32int' },
      { opcode: 'DE /2', operands: 'm16int' },
    ],
    flags: {},
    execute: compare('fcom', 0, true),
  },
  {
    mnemonic: 'FICOMP',
    sdm: FICOM,
    encodings: [
      { opcode: 'DA /3', operands: 'm32int' },
      { opcode: 'DE /3', operands: 'm16int' },
    ],
    flags: {},
    execute: compare('fcom', 1, true),
  },
  kernelOnly('FTST', 'D9 E4', 'ftst', 'FTST—TEST'),
  kernelOnly('FXAM', 'D9 E5', 'fxam', 'FXAM—Examine Floating-Point'),
  {
    mnemonic: 'FUCOMI',
    sdm: FCOMI,
    encodings: [{ opcode: 'DB E8+i', operands: 'ST(0), ST(i)' }],
    flags: { writes: 'OSZAPC' },
    execute: compareToEflags('fucomi', 0),
  },
  {
    mnemonic: 'FCOMI',
    sdm: FCOMI,
    encodings: [{ opcode: 'DB F0+i', operands: 'ST(0), ST(i)' }],
    flags: { writes: 'OSZAPC' },
    execute: compareToEflags('fcomi', 0),
  },
  {
    mnemonic: 'FUCOMIP',
    sdm: FCOMI,
    encodings: [{ opcode: 'DF E8+i', operands: 'ST(0), ST(i)' }],
    flags: { writes: 'OSZAPC' },
    execute: compareToEflags('fucomi', 1),
  },
  {
    mnemonic: 'FCOMIP',
    sdm: FCOMI,
    encodings: [{ opcode: 'DF F0+i', operands: 'ST(0), ST(i)' }],
    flags: { writes: 'OSZAPC' },
    execute: compareToEflags('fcomi', 1),
  },
  ...MOVES.map(
    ([mnemonic, opcode, code, reads]): Instruction => ({
      mnemonic,
      sdm: FCMOV,
      encodings: [{ opcode, operands: 'ST(0), ST(i)' }],
      flags: { reads },
      execute: move(code),
    }),
  ),
];
