import type { Builder, FlagRule, Value } from './builder.js';
import type { Encoding, Instruction } from './instruction.js';
import { hex, lockable, rows } from './notation.js';

/** The nine encodings that ADD, OR, ADC, SBB, AND, SUB, XOR and CMP share (SDM Vol. 2D table A-2, rows 0..3). */
export function arithmeticEncodings(digit: number): Encoding[] {
  const base = digit * 8;
  const encodings = rows(
    [`${hex(base)} /r`, 'r/m8, r8'],
    [`${hex(base + 1)} /r`, 'r/m16/32/64, r16/32/64'],
    [`${hex(base + 2)} /r`, 'r8, r/m8'],
    [`${hex(base + 3)} /r`, 'r16/32/64, r/m16/32/64'],
    [`${hex(base + 4)} ib`, 'AL, imm8'],
    [`${hex(base + 5)} iw/id`, 'rAX, imm16/32'],
    [`80 /${digit} ib`, 'r/m8, imm8'],
    [`81 /${digit} iw/id`, 'r/m16/32/64, imm16/32'],
    [`83 /${digit} ib`, 'r/m16/32/64, imm8'],
  );
  // 82 is 80 once more, outside 64-bit mode (SDM Vol. 2D table A-2).
  return [...encodings, { opcode: `82 /${digit} ib`, operands: 'r/m8, imm8', mode64: 'invalid' }];
}

interface Arithmetic {
  readonly mnemonic: string;
  readonly title: string;
  readonly digit: number;
  readonly rule: FlagRule;
  readonly reads?: string;
  /** CMP keeps nothing. */
  readonly discards?: true;
  operation(m: Builder, a: Value, b: Value): Value;
}

function arithmetic({ mnemonic, title, digit, rule, reads, discards, operation }: Arithmetic): Instruction {
  const encodings = arithmeticEncodings(digit);
  return {
    mnemonic,
    sdm: `Vol. 2, ${title}`,
    encodings: discards ? encodings : lockable(encodings),
    flags: reads ? { writes: 'OSZAPC', reads } : { writes: 'OSZAPC' },
    execute(m, { width, operands: [dst, src] }) {
      const left = m.read(dst!, width);
      const right = m.read(src!, width);
      const result = m.truncate(operation(m, left, right), width);
      if (!discards) m.write(dst!, width, result);
      m.setFlags(rule, width, left, right, result);
    },
  };
}

/** INC and DEC: CF stays. */
function step(mnemonic: 'INC' | 'DEC', digit: 0 | 1, base: number): Instruction {
  return {
    mnemonic,
    sdm: mnemonic === 'INC' ? 'Vol. 2A, INC—Increment by 1' : 'Vol. 2A, DEC—Decrement by 1',
    encodings: [
      { opcode: `${hex(base)}+rw/rd`, operands: 'r16/32', mode64: 'invalid' },
      ...lockable(rows([`FE /${digit}`, 'r/m8'], [`FF /${digit}`, 'r/m16/32/64'])),
    ],
    flags: { writes: 'OSZAP' },
    execute(m, { width, operands: [dst] }) {
      const old = m.read(dst!, width);
      const one = m.constant(1);
      const result = m.truncate(mnemonic === 'INC' ? m.add(old, one) : m.sub(old, one), width);
      m.write(dst!, width, result);
      m.setFlags(mnemonic === 'INC' ? 'inc' : 'dec', width, old, one, result);
    },
  };
}

export const arithmeticInstructions: readonly Instruction[] = [
  arithmetic({ mnemonic: 'ADD', title: 'ADD—Add', digit: 0, rule: 'add', operation: (m, a, b) => m.add(a, b) }),
  arithmetic({
    mnemonic: 'ADC',
    title: 'ADC—Add With Carry',
    digit: 2,
    rule: 'adc',
    reads: 'C',
    operation: (m, a, b) => m.add(m.add(a, b), m.carry()),
  }),
  arithmetic({
    mnemonic: 'SBB',
    title: 'SBB—Integer Subtraction With Borrow',
    digit: 3,
    rule: 'sbb',
    reads: 'C',
    operation: (m, a, b) => m.sub(m.sub(a, b), m.carry()),
  }),
  arithmetic({ mnemonic: 'SUB', title: 'SUB—Subtract', digit: 5, rule: 'sub', operation: (m, a, b) => m.sub(a, b) }),
  arithmetic({
    mnemonic: 'CMP',
    title: 'CMP—Compare Two Operands',
    digit: 7,
    rule: 'sub',
    discards: true,
    operation: (m, a, b) => m.sub(a, b),
  }),
  step('INC', 0, 0x40),
  step('DEC', 1, 0x48),
  {
    mnemonic: 'NEG',
    sdm: "Vol. 2B, NEG—Two's Complement Negation",
    encodings: lockable(rows(['F6 /3', 'r/m8'], ['F7 /3', 'r/m16/32/64'])),
    flags: { writes: 'OSZAPC' },
    execute(m, { width, operands: [dst] }) {
      const old = m.read(dst!, width);
      const zero = m.constant(0);
      const result = m.truncate(m.sub(zero, old), width);
      m.write(dst!, width, result);
      m.setFlags('sub', width, zero, old, result);
    },
  },
  {
    mnemonic: 'XADD',
    sdm: 'Vol. 2D, XADD—Exchange and Add',
    encodings: lockable(rows(['0F C0 /r', 'r/m8, r8'], ['0F C1 /r', 'r/m16/32/64, r16/32/64'])),
    flags: { writes: 'OSZAPC' },
    execute(m, { width, operands: [dst, src] }) {
      const old = m.read(dst!, width);
      const addend = m.read(src!, width);
      const result = m.truncate(m.add(old, addend), width);
      m.write(src!, width, old);
      // Last, so that XADD of a register with itself leaves the sum.
      m.write(dst!, width, result);
      m.setFlags('add', width, old, addend, result);
    },
  },
  {
    mnemonic: 'CMPXCHG',
    sdm: 'Vol. 2A, CMPXCHG—Compare and Exchange',
    encodings: lockable(rows(['0F B0 /r', 'r/m8, r8'], ['0F B1 /r', 'r/m16/32/64, r16/32/64'])),
    flags: { writes: 'OSZAPC' },
    execute(m, { width, operands: [dst, src] }) {
      const old = m.read(dst!, width);
      const accumulator = m.stateLoad(ACCUMULATOR, width);
      const result = m.truncate(m.sub(accumulator, old), width);
      const isEqual = m.isZero(result);
      m.stateStore(ACCUMULATOR, width, m.select(isEqual, accumulator, old));
      // The destination is always written (with its old value when unequal), as the bus sees it.
      m.write(dst!, width, m.select(isEqual, m.read(src!, width), old));
      m.setFlags('sub', width, accumulator, old, result);
    },
  },
];

/** AL, AX, EAX: state.ts GPR slot 0. */
const ACCUMULATOR = 0x40;
