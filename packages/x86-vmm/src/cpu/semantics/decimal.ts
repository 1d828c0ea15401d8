import type { Builder, Value } from './builder.js';
import type { Instruction } from './instruction.js';
import { eflagsOfResult } from './shift.js';

/* Decimal adjustment. Sources: SDM Vol. 2, DAA, DAS, AAA, AAS, AAM, AAD. GPR slot of state.ts: */
const RAX = 0x40;

/** EFLAGS bits of an 8-bit result with CF and AF given and OF clear. */
function flags8(m: Builder, result: Value, carry: Value, adjust: Value): Value {
  return m.or(eflagsOfResult(m, result, 8, carry, m.constant(0)), m.shl(adjust, m.constant(4)));
}

function setEflags(m: Builder, eflags: Value): void {
  m.setFlags('set', 8, m.constant(0), m.constant(0), eflags);
}

function oldAdjust(m: Builder): Value {
  return m.and(m.shr(m.arithmeticFlags(), m.constant(4)), m.constant(1));
}

function decimal(mnemonic: 'DAA' | 'DAS', opcode: string): Instruction {
  const isAdd = mnemonic === 'DAA';
  return {
    mnemonic,
    sdm: isAdd ? 'Vol. 2A, DAA—Decimal Adjust AL After Addition' : 'Vol. 2A, DAS—Decimal Adjust AL After Subtraction',
    encodings: [{ opcode, operands: '', mode64: 'invalid' }],
    flags: { writes: 'SZAPC', reads: 'AC', undefined: 'O' },
    execute(m) {
      const al = m.stateLoad(RAX, 8);
      const carry = m.carry();
      const low = m.or(m.ltU(m.constant(9), m.and(al, m.constant(15))), oldAdjust(m));
      const high = m.or(m.ltU(m.constant(0x99), al), carry);
      const correction = m.add(m.select(low, m.constant(6), m.constant(0)), m.select(high, m.constant(0x60), m.constant(0)));
      const result = m.truncate(isAdd ? m.add(al, correction) : m.sub(al, correction), 8);
      // DAS: a borrow of the first step sets CF even when the second does not happen.
      const carryOut = isAdd ? high : m.or(high, m.and(low, m.ltU(al, m.constant(6))));
      m.stateStore(RAX, 8, result);
      // OF is undefined; an AMD EPYC has the correction's signed overflow (measured).
      const differs = isAdd ? m.xor(correction, result) : m.xor(al, correction);
      const overflow = m.and(m.shr(m.and(m.xor(al, result), differs), m.constant(7)), m.constant(1));
      setEflags(m, m.or(flags8(m, result, carryOut, low), m.shl(overflow, m.constant(11))));
    },
  };
}

function ascii(mnemonic: 'AAA' | 'AAS', opcode: string): Instruction {
  const isAdd = mnemonic === 'AAA';
  return {
    mnemonic,
    sdm: isAdd ? 'Vol. 2A, AAA—ASCII Adjust After Addition' : 'Vol. 2A, AAS—ASCII Adjust AL After Subtraction',
    encodings: [{ opcode, operands: '', mode64: 'invalid' }],
    flags: { writes: 'AC', reads: 'A', undefined: 'OSZP' },
    execute(m) {
      const ax = m.stateLoad(RAX, 16);
      const adjust = m.or(m.ltU(m.constant(9), m.and(ax, m.constant(15))), oldAdjust(m));
      const correction = m.select(adjust, m.constant(0x106), m.constant(0));
      const moved = m.truncate(isAdd ? m.add(ax, correction) : m.sub(ax, correction), 16);
      m.stateStore(RAX, 16, m.and(moved, m.constant(0xff0f)));
      // OF, SF, ZF and PF are undefined; an AMD EPYC has those of the 16-bit correction (measured).
      const differs = isAdd ? m.xor(correction, moved) : m.xor(ax, correction);
      const overflow = m.and(m.shr(m.and(m.xor(ax, moved), differs), m.constant(15)), m.constant(1));
      setEflags(m, m.or(eflagsOfResult(m, moved, 16, adjust, overflow), m.shl(adjust, m.constant(4))));
    },
  };
}

export const decimalInstructions: readonly Instruction[] = [
  decimal('DAA', '27'),
  decimal('DAS', '2F'),
  ascii('AAA', '37'),
  ascii('AAS', '3F'),
  {
    mnemonic: 'AAM',
    sdm: 'Vol. 2A, AAM—ASCII Adjust AX After Multiply',
    encodings: [{ opcode: 'D4 ib', operands: 'imm8', mode64: 'invalid' }],
    flags: { writes: 'SZP', undefined: 'OAC' },
    execute(m, { operands: [base] }) {
      const al = m.stateLoad(RAX, 8);
      const divisor = m.read(base!, 8);
      m.raiseIf(m.isZero(divisor), 0);
      const low = m.remU(al, divisor);
      m.stateStore(RAX, 16, m.or(m.shl(m.divU(al, divisor), m.constant(8)), low));
      setEflags(m, flags8(m, low, m.constant(0), m.constant(0)));
    },
  },
  {
    mnemonic: 'AAD',
    sdm: 'Vol. 2A, AAD—ASCII Adjust AX Before Division',
    encodings: [{ opcode: 'D5 ib', operands: 'imm8', mode64: 'invalid' }],
    flags: { writes: 'SZP', undefined: 'OAC' },
    execute(m, { operands: [base] }) {
      const al = m.stateLoad(RAX, 8);
      const tens = m.truncate(m.mul(m.shr(m.stateLoad(RAX, 16), m.constant(8)), m.read(base!, 8)), 8);
      const result = m.truncate(m.add(al, tens), 8);
      m.stateStore(RAX, 16, result);
      // The undefined ones are those of the addition (measured on an AMD EPYC).
      m.setFlags('add', 8, al, tens, result);
    },
  },
];
