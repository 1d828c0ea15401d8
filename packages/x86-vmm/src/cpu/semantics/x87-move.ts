import { SCRATCH } from '../state.js';
import type { Builder, Form, Value } from './builder.js';
import type { Instruction } from './instruction.js';
import { checkAvailable, kernelOnly, loadMemory, notePointers } from './x87-steps.js';

/*
 * Loads, stores, constants. A store whose unmasked exception forbids it leaves memory as it was: the kernel is given what is there and
 * answers what shall be there, so the place is probed and read first (a device register there sees one read more than on hardware).
 */

/** FLD, FILD, FBLD of memory: `wide` operands have 16 more bits at byte 8. */
function loadFrom(kernel: string, wide = false, toI64 = false) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    const operand = form.operands[0]!;
    let args: Value[];
    if (wide) args = [m.loadOperand(operand, 0, 64), m.loadOperand(operand, 8, 16)];
    else {
      const value = loadMemory(m, operand);
      args = [toI64 && value.type === 'i32' ? m.extendS(value) : value];
    }
    m.kernel(kernel, args, 'none');
    notePointers(m, operand);
  };
}
function storeTo(kernel: string, pops: number | undefined) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    const operand = form.operands[0]!;
    const width = operand.width as 16 | 32 | 64;
    m.probeOperand(operand, width / 8);
    const old = m.loadOperand(operand, 0, width);
    const value = m.kernel(kernel, pops === undefined ? [old] : [old, m.constant(pops)], width === 64 ? 'i64' : 'i32');
    m.storeOperand(operand, 0, width, value);
    notePointers(m, operand);
  };
}
/** FSTP m80fp and FBSTP: the last 16 bits come in SCRATCH. */
function storeTenBytes(kernel: string) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    const operand = form.operands[0]!;
    m.probeOperand(operand, 10);
    const low = m.kernel(kernel, [m.loadOperand(operand, 0, 64), m.loadOperand(operand, 8, 16)], 'i64');
    const high = m.stateLoad(SCRATCH, 16);
    m.storeOperand(operand, 0, 64, low);
    m.storeOperand(operand, 8, 16, high);
    notePointers(m, operand);
  };
}
/** One ST(i) operand, then constants. */
function withRegister(kernel: string, constants: readonly number[] = []) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    m.kernel(kernel, [m.immediate(form.operands[0]!), ...constants.map((value) => m.constant(value))], 'none');
    notePointers(m);
  };
}
function forms(single: Instruction['execute'], ten: Instruction['execute'], register: Instruction['execute']): Instruction['execute'] {
  return (m, form) => {
    const { kind, width } = form.operands[0]!;
    (kind === 'st' ? register : width === 80 ? ten : single)?.(m, form);
  };
}
const byWidth =
  (make: (bits: 32 | 64) => NonNullable<Instruction['execute']>): Instruction['execute'] =>
  (m, form) =>
    make(form.operands[0]!.width as 32 | 64)(m, form);

const FLD = 'Vol. 2A, FLD—Load Floating Point Value';
const FST = 'Vol. 2A, FST/FSTP—Store Floating Point Value';
const FIST = 'Vol. 2A, FIST/FISTP—Store Integer';
const CONSTANTS = ['FLD1', 'FLDL2T', 'FLDL2E', 'FLDPI', 'FLDLG2', 'FLDLN2', 'FLDZ'];
const storeInteger =
  (pops: number): Instruction['execute'] =>
  (m, form) => {
    const { width } = form.operands[0]!;
    if (width === 64) storeTo('fistpI64', undefined)(m, form);
    else storeTo(width === 16 ? 'fistI16' : 'fistI32', pops)(m, form);
  };

export const x87Move: readonly Instruction[] = [
  {
    mnemonic: 'FISTTP',
    sdm: 'Vol. 2A, FISTTP—Store Integer With Truncation',
    encodings: [
      { opcode: 'DF /1', operands: 'm16int' },
      { opcode: 'DB /1', operands: 'm32int' },
      { opcode: 'DD /1', operands: 'm64int' },
    ],
    requires: 'SSE3',
    flags: {},
    execute: (m, form) => storeTo(`fisttpI${form.operands[0]!.width}`, undefined)(m, form),
  },
  {
    mnemonic: 'FLD',
    sdm: FLD,
    encodings: [
      { opcode: 'D9 /0', operands: 'm32fp' },
      { opcode: 'DD /0', operands: 'm64fp' },
      { opcode: 'DB /5', operands: 'm80fp' },
      { opcode: 'D9 C0+i', operands: 'ST(i)' },
    ],
    flags: {},
    execute: forms(
      byWidth((bits) => loadFrom(`fldF${bits}`)),
      loadFrom('fldF80', true),
      withRegister('fld'),
    ),
  },
  {
    mnemonic: 'FILD',
    sdm: 'Vol. 2A, FILD—Load Integer',
    encodings: [
      { opcode: 'DF /0', operands: 'm16int' },
      { opcode: 'DB /0', operands: 'm32int' },
      { opcode: 'DF /5', operands: 'm64int' },
    ],
    flags: {},
    execute: loadFrom('fildInteger', false, true),
  },
  {
    mnemonic: 'FBLD',
    sdm: 'Vol. 2A, FBLD—Load Binary Coded Decimal',
    encodings: [{ opcode: 'DF /4', operands: 'm80bcd' }],
    flags: {},
    execute: loadFrom('fbld', true),
  },
  {
    mnemonic: 'FST',
    sdm: FST,
    encodings: [
      { opcode: 'D9 /2', operands: 'm32fp' },
      { opcode: 'DD /2', operands: 'm64fp' },
      { opcode: 'DD D0+i', operands: 'ST(i)' },
    ],
    flags: {},
    execute: forms(
      byWidth((bits) => storeTo(`fstF${bits}`, 0)),
      undefined,
      withRegister('fst', [0]),
    ),
  },
  {
    mnemonic: 'FSTP',
    sdm: FST,
    encodings: [
      { opcode: 'D9 /3', operands: 'm32fp' },
      { opcode: 'DD /3', operands: 'm64fp' },
      { opcode: 'DB /7', operands: 'm80fp' },
      { opcode: 'DD D8+i', operands: 'ST(i)' },
      // Not in the manual, as in hardware.
      { opcode: 'DF D0+i', operands: 'ST(i)' },
      { opcode: 'DF D8+i', operands: 'ST(i)' },
    ],
    flags: {},
    execute: forms(
      byWidth((bits) => storeTo(`fstF${bits}`, 1)),
      storeTenBytes('fstpF80'),
      withRegister('fst', [1]),
    ),
  },
  // D9 D8 pops an empty ST(0) without a stack fault.
  {
    mnemonic: 'FSTPNCE',
    sdm: 'not in the manual: FSTP without stack underflow',
    encodings: [{ opcode: 'D9 D8+i', operands: 'ST(i)' }],
    flags: {},
    execute: withRegister('fstpnce'),
  },
  {
    mnemonic: 'FIST',
    sdm: FIST,
    encodings: [
      { opcode: 'DF /2', operands: 'm16int' },
      { opcode: 'DB /2', operands: 'm32int' },
    ],
    flags: {},
    execute: storeInteger(0),
  },
  {
    mnemonic: 'FISTP',
    sdm: FIST,
    encodings: [
      { opcode: 'DF /3', operands: 'm16int' },
      { opcode: 'DB /3', operands: 'm32int' },
      { opcode: 'DF /7', operands: 'm64int' },
    ],
    flags: {},
    execute: storeInteger(1),
  },
  {
    mnemonic: 'FBSTP',
    sdm: 'Vol. 2A, FBSTP—Store BCD Integer and Pop',
    encodings: [{ opcode: 'DF /6', operands: 'm80bcd' }],
    flags: {},
    execute: storeTenBytes('fbstp'),
  },
  {
    mnemonic: 'FXCH',
    sdm: 'Vol. 2A, FXCH—Exchange Register Contents',
    encodings: [
      { opcode: 'D9 C8+i', operands: 'ST(i)' },
      { opcode: 'DD C8+i', operands: 'ST(i)' },
      { opcode: 'DF C8+i', operands: 'ST(i)' },
    ],
    flags: {},
    execute: withRegister('fxch'),
  },
  ...CONSTANTS.map((name, index) =>
    kernelOnly(
      name,
      `D9 E${(8 + index).toString(16).toUpperCase()}`,
      name.toLowerCase(),
      'FLD1/FLDL2T/FLDL2E/FLDPI/FLDLG2/FLDLN2/FLDZ—Load Constant',
    ),
  ),
  {
    mnemonic: 'FFREE',
    sdm: 'Vol. 2A, FFREE—Free Floating-Point Register',
    encodings: [{ opcode: 'DD C0+i', operands: 'ST(i)' }],
    flags: {},
    execute: withRegister('ffree', [0]),
  },
  {
    mnemonic: 'FFREEP',
    sdm: 'Vol. 3B section 23.18, FFREEP (undocumented)',
    encodings: [{ opcode: 'DF C0+i', operands: 'ST(i)' }],
    flags: {},
    execute: withRegister('ffree', [1]),
  },
  kernelOnly('FDECSTP', 'D9 F6', 'fturn', 'FDECSTP—Decrement Stack-Top Pointer', [-1]),
  kernelOnly('FINCSTP', 'D9 F7', 'fturn', 'FINCSTP—Increment Stack-Top Pointer', [1]),
];
