import type { Builder, FormOperand, Value } from './builder.js';
import type { Encoding, Instruction, Width } from './instruction.js';
import { rows } from './notation.js';

/** Shift group 2 (SDM Vol. 2D table A-6): by 1, by imm8, by CL; bytes and operand-size. */
function shiftEncodings(digit: number): Encoding[] {
  return rows(
    [`D0 /${digit}`, 'r/m8, 1'],
    [`D1 /${digit}`, 'r/m16/32/64, 1'],
    [`C0 /${digit} ib`, 'r/m8, imm8'],
    [`C1 /${digit} ib`, 'r/m16/32/64, imm8'],
    [`D2 /${digit}`, 'r/m8, CL'],
    [`D3 /${digit}`, 'r/m16/32/64, CL'],
  );
}

/** The count that counts: five bits (SDM: "masked to 5 bits"). */
function countOf(m: Builder, operand: FormOperand): Value {
  return m.and(m.read(operand, 8), m.constant(31));
}

/** Undefined after a shift; an AMD EPYC sets it (measured). */
const AF = 0x10;
const SHIFT = { flags: { writes: 'OSZPC', undefined: 'A' } } as const;

function shift(mnemonic: 'SHL' | 'SHR' | 'SAR', digits: readonly number[], synonyms: readonly string[] = []): Instruction {
  return {
    ...SHIFT,
    mnemonic,
    synonyms,
    sdm: 'Vol. 2B, SAL/SAR/SHL/SHR—Shift',
    encodings: digits.flatMap(shiftEncodings),
    execute(m, { width, operands: [dst, src] }) {
      const old = m.read(dst!, width);
      const count = countOf(m, src!);
      const shifted =
        mnemonic === 'SHL' ? m.shl(old, count) : mnemonic === 'SHR' ? m.shr(old, count) : m.sar(m.signExtend(old, width), count);
      const result = m.truncate(shifted, width);
      m.write(dst!, width, result);
      m.setFlagsIf(count, mnemonic === 'SHL' ? 'shl' : mnemonic === 'SHR' ? 'shr' : 'sar', width, old, count, result);
    },
  };
}

/** A `width`-bit rotation left of a zero-extended value; `count` below `width`. */
function rotateLeft(m: Builder, value: Value, count: Value, width: Width): Value {
  if (width === 32) return m.rotl(value, count);
  const back = m.sub(m.constant(width), count);
  return m.truncate(m.or(m.shl(value, count), m.shr(value, back)), width);
}

/** One bit of a value. */
function bit(m: Builder, value: Value, number: number): Value {
  return m.and(m.shr(value, m.constant(number)), m.constant(1));
}

function rotate(mnemonic: 'ROL' | 'ROR', digit: number): Instruction {
  return {
    mnemonic,
    sdm: 'Vol. 2B, RCL/RCR/ROL/ROR—Rotate',
    encodings: shiftEncodings(digit),
    flags: { writes: 'OC' },
    execute(m, { width, operands: [dst, src] }) {
      const old = m.read(dst!, width);
      const count = countOf(m, src!);
      const modulo = m.and(count, m.constant(width - 1));
      const left = mnemonic === 'ROL' ? modulo : m.and(m.sub(m.constant(0), modulo), m.constant(width - 1));
      const result = rotateLeft(m, old, left, width);
      m.write(dst!, width, result);
      const top = bit(m, result, width - 1);
      const carry = mnemonic === 'ROL' ? m.and(result, m.constant(1)) : top;
      // OF is defined for one-bit rotates only; processors compute it the same way for all counts.
      const overflow = mnemonic === 'ROL' ? m.xor(top, carry) : m.xor(top, bit(m, result, width - 2));
      m.setFlagsIf(count, 'rotate', width, carry, overflow, result);
    },
  };
}

/** RCL and RCR: rotations of width + 1 bits, carry on top. Done in 64 bits so that one shift serves every width. */
function rotateThroughCarry(mnemonic: 'RCL' | 'RCR', digit: number): Instruction {
  return {
    mnemonic,
    sdm: 'Vol. 2B, RCL/RCR/ROL/ROR—Rotate',
    encodings: shiftEncodings(digit),
    flags: { writes: 'OC', reads: 'C' },
    execute(m, { width, operands: [dst, src] }) {
      const old = m.read(dst!, width);
      const count = countOf(m, src!);
      const bits = width + 1;
      const modulo = width === 32 ? count : m.remU(count, m.constant(bits));
      const whole = m.or(m.extendU(old), m.shl(m.extendU(m.carry()), m.constant64(BigInt(width))));
      const left = m.extendU(mnemonic === 'RCL' ? modulo : m.sub(m.constant(bits), modulo));
      const right = m.extendU(mnemonic === 'RCL' ? m.sub(m.constant(bits), modulo) : modulo);
      const rotated = m.or(m.shl(whole, left), m.shr(whole, right));
      const result = m.truncate(m.wrap(rotated), width);
      const carry = m.wrap(m.and(m.shr(rotated, m.constant64(BigInt(width))), m.constant64(1n)));
      m.write(dst!, width, result);
      const top = bit(m, result, width - 1);
      const overflow = mnemonic === 'RCL' ? m.xor(top, carry) : m.xor(top, bit(m, result, width - 2));
      m.setFlagsIf(count, 'rotate', width, carry, overflow, result);
    },
  };
}

/** SHLD and SHRD on the 64-bit concatenation. */
function doubleShift(mnemonic: 'SHLD' | 'SHRD', opcode: number): Instruction {
  const code = opcode.toString(16).toUpperCase();
  const codeCl = (opcode + 1).toString(16).toUpperCase();
  return {
    mnemonic,
    sdm: mnemonic === 'SHLD' ? 'Vol. 2B, SHLD—Double Precision Shift Left' : 'Vol. 2B, SHRD—Double Precision Shift Right',
    encodings: rows([`0F ${code} /r ib`, 'r/m16/32/64, r16/32/64, imm8'], [`0F ${codeCl} /r`, 'r/m16/32/64, r16/32/64, CL']),
    flags: { writes: 'OSZPC', undefined: 'A' },
    execute(m, { width, operands: [dst, src, by] }) {
      const old = m.read(dst!, width);
      const fill = m.read(src!, width);
      const count = countOf(m, by!);
      const isLeft = mnemonic === 'SHLD';
      const long = m.extendU(count);
      let shifted: Value;
      let carry: Value;
      let isWithin = m.constant(1);
      if (width === 32) {
        const joined = isLeft ? joinWords(m, old, fill, 32) : joinWords(m, fill, old, 32);
        shifted = isLeft ? m.wrap(m.shr(m.shl(joined, long), m.constant64(32n))) : m.wrap(m.shr(joined, long));
        carry = isLeft
          ? m.and(m.shr(old, m.sub(m.constant(32), count)), m.constant(1))
          : m.and(m.shr(old, m.sub(count, m.constant(1))), m.constant(1));
      } else {
        // 48 bits: operand, source, source (left) or source, source, operand (right): counts above 16 are undefined, this is an AMD EPYC's result.
        const [high, low] = isLeft ? [old, fill] : [fill, old];
        const joined = m.or(m.shl(m.extendU(high), m.constant64(32n)), m.or(m.shl(m.extendU(fill), m.constant64(16n)), m.extendU(low)));
        shifted = isLeft ? m.wrap(m.shr(m.shl(joined, long), m.constant64(32n))) : m.wrap(m.shr(joined, long));
        const last = isLeft
          ? m.and(m.shr(m.shl(joined, long), m.constant64(48n)), m.constant64(1n))
          : m.and(m.shr(joined, m.sub(long, m.constant64(1n))), m.constant64(1n));
        carry = m.and(m.wrap(last), m.ltU(count, m.constant(17)));
        isWithin = m.ltU(count, m.constant(16));
      }
      const result = m.truncate(shifted, width);
      m.write(dst!, width, result);
      const top = bit(m, result, width - 1);
      // Defined for a count of 1 only; computed the same way for all but SHLD of 16 bits by 16 and more, where an AMD EPYC leaves CF.
      const overflow = isLeft ? m.select(isWithin, m.xor(top, carry), carry) : m.xor(top, bit(m, result, width - 2));
      m.setFlagsIf(
        count,
        'set',
        width,
        m.constant(0),
        m.constant(0),
        m.or(eflagsOfResult(m, result, width, carry, overflow), m.constant(AF)),
      );
    },
  };
}

function joinWords(m: Builder, high: Value, low: Value, width: 16 | 32): Value {
  return m.or(m.shl(m.extendU(high), m.constant64(BigInt(width))), m.extendU(low));
}

/** EFLAGS bits of a result with CF and OF given and AF clear. */
export function eflagsOfResult(m: Builder, result: Value, width: Width, carry: Value, overflow: Value): Value {
  const parity = m.xor(m.and(m.popcnt(m.and(result, m.constant(0xff))), m.constant(1)), m.constant(1));
  const zero = m.isZero(result);
  const sign = bit(m, result, width - 1);
  return m.or(
    m.or(m.or(carry, m.shl(overflow, m.constant(11))), m.or(m.shl(zero, m.constant(6)), m.shl(sign, m.constant(7)))),
    m.shl(parity, m.constant(2)),
  );
}

export const shiftInstructions: readonly Instruction[] = [
  // Group 2 /6 is another SHL on every processor, though not in the SDM.
  shift('SHL', [4, 6], ['SAL']),
  shift('SHR', [5]),
  shift('SAR', [7]),
  rotate('ROL', 0),
  rotate('ROR', 1),
  rotateThroughCarry('RCL', 2),
  rotateThroughCarry('RCR', 3),
  doubleShift('SHLD', 0xa4),
  doubleShift('SHRD', 0xac),
];
