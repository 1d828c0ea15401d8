import type { Builder, Form } from './builder.js';
import type { Instruction } from './instruction.js';
import { checkAvailable, kernelOnly, loadMemory, notePointers } from './x87-steps.js';

/*
 * FADD, FMUL, FSUB(R), FDIV(R), their popping and integer forms, and the one-operand arithmetic. In DC and DE the reversed forms stand
 * where D8 has the plain ones: DC E8 is FSUB ST(i), ST(0).
 */

/** ST(destination) <- ST(destination) op ST(other), or ST(0) <- ST(0) op memory (kernels `<name>F32`, `F64`, `Integer`). */
function arithmetic(kernel: string, pops: number, integer: boolean) {
  return (m: Builder, form: Form): void => {
    checkAvailable(m);
    const first = form.operands[0]!;
    if (first.kind === 'memory') {
      const value = loadMemory(m, first);
      m.kernel(`${kernel}${integer ? 'Integer' : first.width === 32 ? 'F32' : 'F64'}`, [value], 'none');
      notePointers(m, first);
      return;
    }
    m.kernel(kernel, [m.immediate(first), m.immediate(form.operands[1]!), m.constant(pops)], 'none');
    notePointers(m);
  };
}

const OPERATIONS = [
  { name: 'ADD', digit: 0, other: 0, title: 'FADD/FADDP/FIADD—Add' },
  { name: 'MUL', digit: 1, other: 1, title: 'FMUL/FMULP/FIMUL—Multiply' },
  { name: 'SUB', digit: 4, other: 5, title: 'FSUB/FSUBP/FISUB—Subtract' },
  { name: 'SUBR', digit: 5, other: 4, title: 'FSUBR/FSUBRP/FISUBR—Reverse Subtract' },
  { name: 'DIV', digit: 6, other: 7, title: 'FDIV/FDIVP/FIDIV—Divide' },
  { name: 'DIVR', digit: 7, other: 6, title: 'FDIVR/FDIVRP/FIDIVR—Reverse Divide' },
];

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

export const x87Arithmetic: readonly Instruction[] = [
  ...OPERATIONS.flatMap(({ name, digit, other, title }): Instruction[] => {
    const kernel = `f${name.toLowerCase()}`;
    const sdm = `Vol. 2A, ${title}`;
    return [
      {
        mnemonic: `F${name}`,
        sdm,
        encodings: [
          { opcode: `D8 /${digit}`, operands: 'm32fp' },
          { opcode: `DC /${digit}`, operands: 'm64fp' },
          { opcode: `D8 ${hex(0xc0 + 8 * digit)}+i`, operands: 'ST(0), ST(i)' },
          { opcode: `DC ${hex(0xc0 + 8 * other)}+i`, operands: 'ST(i), ST(0)' },
        ],
        flags: {},
        execute: arithmetic(kernel, 0, false),
      },
      {
        mnemonic: `F${name}P`,
        sdm,
        encodings: [{ opcode: `DE ${hex(0xc0 + 8 * other)}+i`, operands: 'ST(i), ST(0)' }],
        flags: {},
        execute: arithmetic(kernel, 1, false),
      },
      {
        mnemonic: `FI${name}`,
        sdm,
        encodings: [
          { opcode: `DA /${digit}`, operands: 'm32int' },
          { opcode: `DE /${digit}`, operands: 'm16int' },
        ],
        flags: {},
        execute: arithmetic(kernel, 0, true),
      },
    ];
  }),
  kernelOnly('FCHS', 'D9 E0', 'fchs', 'FCHS—Change Sign'),
  kernelOnly('FABS', 'D9 E1', 'fabs', 'FABS—Absolute Value'),
  kernelOnly('FXTRACT', 'D9 F4', 'fxtract', 'FXTRACT—Extract Exponent and Significand'),
  kernelOnly('FPREM1', 'D9 F5', 'fprem1', 'FPREM1—Partial Remainder'),
  kernelOnly('FPREM', 'D9 F8', 'fprem', 'FPREM—Partial Remainder'),
  kernelOnly('FSQRT', 'D9 FA', 'fsqrt', 'FSQRT—Square Root'),
  kernelOnly('FRNDINT', 'D9 FC', 'frndint', 'FRNDINT—Round to Integer'),
  kernelOnly('FSCALE', 'D9 FD', 'fscale', 'FSCALE—Scale'),
];
