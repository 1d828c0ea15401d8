import type { Builder, FormOperand, Value } from './builder.js';
import type { Instruction, Width } from './instruction.js';
import { rows } from './notation.js';

/* Multiplication and division. Sources: SDM Vol. 2, MUL, IMUL, DIV, IDIV. GPR slots of state.ts: */
const RAX = 0x40;
const RDX = 0x50;
const DE = 0;
type Narrow = 8 | 16 | 32;

/** Writes a double-width product to AX, DX:AX or EDX:EAX; i64. */
function writeProduct(m: Builder, width: Narrow, product: Value): void {
  if (width === 8) {
    m.stateStore(RAX, 16, m.wrap(product));
    return;
  }
  m.stateStore(RAX, width, m.truncate(m.wrap(product), width));
  m.stateStore(RDX, width, m.truncate(m.wrap(m.shr(product, m.constant64(BigInt(width)))), width));
}

/** Signed product of two values of `width`, i64. */
function signedProduct(m: Builder, width: Narrow, a: Value, b: Value): Value {
  return m.mul(m.extendS(m.signExtend(a, width)), m.extendS(m.signExtend(b, width)));
}

/** CF = OF = `significant` (0 or 1). The other flags are undefined; an AMD EPYC leaves them (measured). */
function setOverflow(m: Builder, significant: Value): void {
  m.setFlags('rotate', 32, significant, significant, significant);
}

/** CF and OF: the product does not fit the width as a signed number. */
function setSignedFlags(m: Builder, width: Narrow, product: Value): void {
  const low = m.truncate(m.wrap(product), width);
  setOverflow(m, m.isZero(m.eq(m.extendS(m.signExtend(low, width)), product)));
}

function imulTwo(m: Builder, width: Width, dst: FormOperand, a: FormOperand, b: FormOperand): void {
  const product = signedProduct(m, width as Narrow, m.read(a, width), m.read(b, width));
  m.write(dst, width, m.truncate(m.wrap(product), width));
  setSignedFlags(m, width as Narrow, product);
}

const FLAGS = { writes: 'OC', undefined: 'SZAP' } as const;

/** DIV and IDIV. #DE on a zero divisor and on a quotient that does not fit, before anything is written. */
const CF_OF = 0x801;
const AF = 0x10;

function division(mnemonic: 'DIV' | 'IDIV', digit: number): Instruction {
  const isSigned = mnemonic === 'IDIV';
  return {
    mnemonic,
    sdm: isSigned ? 'Vol. 2A, IDIV—Signed Divide' : 'Vol. 2A, DIV—Unsigned Divide',
    encodings: rows([`F6 /${digit}`, 'r/m8'], [`F7 /${digit}`, 'r/m16/32/64']),
    flags: { undefined: 'OSZAPC' },
    execute(m, form) {
      const width = form.width as Narrow;
      const source = m.read(form.operands[0]!, width);
      const divisor = isSigned ? m.extendS(m.signExtend(source, width)) : m.extendU(source);
      const dividend = dividendOf(m, width, isSigned);
      m.raiseIf(m.isZero(divisor), DE);
      if (isSigned && width === 32) {
        // The one quotient that 64 bits cannot hold; the engine's own division would trap.
        m.raiseIf(m.and(m.eq(dividend, m.constant64(-(1n << 63n))), m.eq(divisor, m.constant64(-1n))), DE);
      }
      const quotient = isSigned ? m.divS(dividend, divisor) : m.divU(dividend, divisor);
      const remainder = isSigned ? m.remS(dividend, divisor) : m.remU(dividend, divisor);
      const low = m.truncate(m.wrap(quotient), width);
      const again = isSigned ? m.extendS(m.signExtend(low, width)) : m.extendU(low);
      m.raiseIf(m.isZero(m.eq(again, quotient)), DE);
      const rest = m.truncate(m.wrap(remainder), width);
      if (width === 8) m.stateStore(RAX, 16, m.or(low, m.shl(rest, m.constant(8))));
      else {
        m.stateStore(RAX, width, low);
        m.stateStore(RDX, width, rest);
      }
      // All are undefined; an AMD EPYC keeps CF and OF, sets AF and clears the rest (measured).
      m.setFlags('set', width, m.constant(0), m.constant(0), m.or(m.and(m.arithmeticFlags(), m.constant(CF_OF)), m.constant(AF)));
    },
  };
}

/** AX, DX:AX or EDX:EAX as i64. */
function dividendOf(m: Builder, width: Narrow, isSigned: boolean): Value {
  if (width === 32) return m.or(m.extendU(m.stateLoad(RAX, 32)), m.shl(m.extendU(m.stateLoad(RDX, 32)), m.constant64(32n)));
  if (width === 8) {
    const ax = m.stateLoad(RAX, 16);
    return isSigned ? m.extendS(m.signExtend(ax, 16)) : m.extendU(ax);
  }
  const joined = m.or(m.stateLoad(RAX, 16), m.shl(m.stateLoad(RDX, 16), m.constant(16)));
  return isSigned ? m.extendS(joined) : m.extendU(joined);
}

export const multiplyInstructions: readonly Instruction[] = [
  {
    mnemonic: 'MUL',
    sdm: 'Vol. 2B, MUL—Unsigned Multiply',
    encodings: rows(['F6 /4', 'r/m8'], ['F7 /4', 'r/m16/32/64']),
    flags: FLAGS,
    execute(m, form) {
      const width = form.width as Narrow;
      const product = m.mul(m.extendU(m.stateLoad(RAX, width)), m.extendU(m.read(form.operands[0]!, width)));
      const high = m.wrap(m.shr(product, m.constant64(BigInt(width))));
      writeProduct(m, width, product);
      setOverflow(m, m.isZero(m.isZero(high)));
    },
  },
  {
    mnemonic: 'IMUL',
    sdm: 'Vol. 2A, IMUL—Signed Multiply',
    encodings: rows(['F6 /5', 'r/m8'], ['F7 /5', 'r/m16/32/64']),
    flags: FLAGS,
    execute(m, form) {
      const width = form.width as Narrow;
      const product = signedProduct(m, width, m.stateLoad(RAX, width), m.read(form.operands[0]!, width));
      writeProduct(m, width, product);
      setSignedFlags(m, width, product);
    },
  },
  {
    mnemonic: 'IMUL',
    sdm: 'Vol. 2A, IMUL—Signed Multiply',
    encodings: rows(['0F AF /r', 'r16/32/64, r/m16/32/64']),
    flags: FLAGS,
    execute: (m, { width, operands: [dst, src] }) => imulTwo(m, width, dst!, dst!, src!),
  },
  {
    mnemonic: 'IMUL',
    sdm: 'Vol. 2A, IMUL—Signed Multiply',
    encodings: rows(['6B /r ib', 'r16/32/64, r/m16/32/64, imm8'], ['69 /r iw/id', 'r16/32/64, r/m16/32/64, imm16/32']),
    flags: FLAGS,
    execute: (m, { width, operands: [dst, a, b] }) => imulTwo(m, width, dst!, a!, b!),
  },
  division('DIV', 6),
  division('IDIV', 7),
];
