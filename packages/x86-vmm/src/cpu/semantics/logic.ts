import { arithmeticEncodings } from './arithmetic.js';
import type { Builder, Value } from './builder.js';
import type { Instruction } from './instruction.js';
import { lockable, rows } from './notation.js';

function logic(mnemonic: string, title: string, digit: number, operation: (m: Builder, a: Value, b: Value) => Value): Instruction {
  return {
    mnemonic,
    sdm: `Vol. 2, ${title}`,
    encodings: lockable(arithmeticEncodings(digit)),
    // AF is undefined; it is 0 after the operation on the CPUs we measured.
    flags: { writes: 'OSZPC', undefined: 'A' },
    execute(m, { width, operands: [dst, src] }) {
      const result = operation(m, m.read(dst!, width), m.read(src!, width));
      m.write(dst!, width, result);
      m.setFlags('logic', width, m.constant(0), m.constant(0), result);
    },
  };
}

export const logicInstructions: readonly Instruction[] = [
  logic('OR', 'OR—Logical Inclusive OR', 1, (m, a, b) => m.or(a, b)),
  logic('AND', 'AND—Logical AND', 4, (m, a, b) => m.and(a, b)),
  logic('XOR', 'XOR—Logical Exclusive OR', 6, (m, a, b) => m.xor(a, b)),
  {
    mnemonic: 'TEST',
    sdm: 'Vol. 2B, TEST—Logical Compare',
    encodings: rows(
      ['84 /r', 'r/m8, r8'],
      ['85 /r', 'r/m16/32/64, r16/32/64'],
      ['A8 ib', 'AL, imm8'],
      ['A9 iw/id', 'rAX, imm16/32'],
      ['F6 /0 ib', 'r/m8, imm8'],
      ['F7 /0 iw/id', 'r/m16/32/64, imm16/32'],
      // Decoded like /0 by every x86 processor, though the SDM does not print it.
      ['F6 /1 ib', 'r/m8, imm8'],
      ['F7 /1 iw/id', 'r/m16/32/64, imm16/32'],
    ),
    flags: { writes: 'OSZPC', undefined: 'A' },
    execute(m, { width, operands: [dst, src] }) {
      const result = m.and(m.read(dst!, width), m.read(src!, width));
      m.setFlags('logic', width, m.constant(0), m.constant(0), result);
    },
  },
  {
    mnemonic: 'NOT',
    sdm: "Vol. 2B, NOT—One's Complement Negation",
    encodings: lockable(rows(['F6 /2', 'r/m8'], ['F7 /2', 'r/m16/32/64'])),
    flags: {},
    execute(m, { width, operands: [dst] }) {
      m.write(dst!, width, m.truncate(m.xor(m.read(dst!, width), m.constant(-1)), width));
    },
  },
];
