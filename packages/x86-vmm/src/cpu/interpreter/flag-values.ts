import type { FlagRule } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import type { Node, Values } from './values.js';

/*
 * The flag words of semantics/flags.ts as values of generated code. Carry vectors: with r = a + b (+ c), the carries out of the bits are
 * a ^ ((r ^ b) & (b ^ a)); with r = a - b (- c), the borrows are r ^ ((a ^ b) & (b ^ r)).
 */
export interface FlagWords {
  readonly carries: Node;
  readonly result: Node;
}

/** CF, CF xor OF, AF of a carry vector. */
const KEPT_CARRIES = 0xc000_0008 | 0;
const CF_AND_OF = 0xc000_0000 | 0;
/** Shifts leave AF undefined; an AMD EPYC sets it (measured). */
const AF_SET = 8;

/** The words after an operation of `rule`; `old` are those before it. Undefined flags as measured, see the rows of the instructions. */
export function flagWordsAfter(v: Values, rule: FlagRule, width: Width, a: Node, b: Node, r: Node, old: FlagWords): FlagWords {
  const result = (): Node => v.signExtend(r, width);
  const top = (carries: Node): Node => v.shl(carries, v.constant(32 - width));
  switch (rule) {
    case 'add':
    case 'adc':
      return { carries: placed(v, width, v.xor(a, v.and(v.xor(r, b), v.xor(b, a)))), result: result() };
    case 'sub':
    case 'sbb':
      return { carries: placed(v, width, v.xor(r, v.and(v.xor(a, b), v.xor(b, r)))), result: result() };
    case 'logic':
      return { carries: v.constant(0), result: result() };
    case 'inc':
    case 'dec': {
      const carries = rule === 'inc' ? v.and(a, v.xor(r, v.constant(-1))) : v.and(r, v.xor(a, v.constant(-1)));
      const high = top(carries);
      const overflow = v.and(v.xor(high, v.shr(high, v.constant(1))), v.constant(0x4000_0000));
      const kept = v.and(v.sar(old.carries, v.constant(1)), v.constant(CF_AND_OF));
      return { carries: v.or(v.xor(kept, overflow), v.and(carries, v.constant(8))), result: result() };
    }
    case 'shl': {
      const cf = width === 32 ? v.shr(a, v.sub(v.constant(32), b)) : v.shr(v.shl(a, b), v.constant(width));
      const sign = v.and(v.shr(r, v.constant(width - 1)), v.constant(1));
      return { carries: v.or(v.or(v.shl(cf, v.constant(31)), v.shl(sign, v.constant(30))), v.constant(AF_SET)), result: result() };
    }
    case 'shr': {
      const cf = v.and(v.shr(a, v.sub(b, v.constant(1))), v.constant(1));
      const of = v.and(v.xor(v.shr(r, v.constant(width - 1)), v.shr(r, v.constant(width - 2))), v.constant(1));
      return { carries: v.or(carryAndOverflow(v, cf, of), v.constant(AF_SET)), result: result() };
    }
    case 'sar': {
      const cf = v.and(v.sar(v.signExtend(a, width), v.sub(b, v.constant(1))), v.constant(1));
      return { carries: v.or(carryAndOverflow(v, cf, v.constant(0)), v.constant(AF_SET)), result: result() };
    }
    case 'rotate':
      return { carries: v.or(v.and(old.carries, v.constant(~CF_AND_OF)), carryAndOverflow(v, a, b)), result: old.result };
    case 'carry': {
      const changed = v.xor(v.shr(old.carries, v.constant(31)), a);
      return { carries: v.xor(old.carries, v.and(v.sub(v.constant(0), changed), v.constant(CF_AND_OF))), result: old.result };
    }
    case 'set':
      return fromEflags(v, r);
  }
}

function placed(v: Values, width: Width, carries: Node): Node {
  if (width === 32) return v.and(carries, v.constant(KEPT_CARRIES));
  return v.or(v.and(v.shl(carries, v.constant(32 - width)), v.constant(CF_AND_OF)), v.and(carries, v.constant(8)));
}

function carryAndOverflow(v: Values, cf: Node, of: Node): Node {
  return v.or(v.shl(cf, v.constant(31)), v.shl(v.xor(cf, of), v.constant(30)));
}

function fromEflags(v: Values, eflags: Node): FlagWords {
  const bit = (n: number): Node => v.and(v.shr(eflags, v.constant(n)), v.constant(1));
  const zf = bit(6);
  const pfInverted = v.shl(v.xor(bit(2), zf), v.constant(8));
  const af = v.and(v.shr(eflags, v.constant(1)), v.constant(8));
  const sf = v.shl(bit(7), v.constant(16));
  return {
    carries: v.or(v.or(carryAndOverflow(v, bit(0), bit(11)), v.or(pfInverted, af)), sf),
    result: v.xor(zf, v.constant(1)),
  };
}

/** CF, 0 or 1. */
export function carryOf(v: Values, f: FlagWords): Node {
  return v.shr(f.carries, v.constant(31));
}

/** A condition code (SDM Vol. 1 appendix B), 0 or 1; odd codes negate. */
export function conditionOf(v: Values, f: FlagWords, code: number): Node {
  const topBit = (x: Node): Node => v.shr(x, v.constant(31));
  const overflow = (): Node => v.xor(f.carries, v.shl(f.carries, v.constant(1)));
  const sign = (): Node => v.xor(f.result, v.shl(f.carries, v.constant(15)));
  const zero = (): Node => v.isZero(f.result);
  const less = (): Node => topBit(v.xor(sign(), overflow()));
  const parity = (): Node =>
    v.xor(v.and(v.popcnt(v.and(v.xor(f.result, v.shr(f.carries, v.constant(8))), v.constant(0xff))), v.constant(1)), v.constant(1));
  const value = [
    () => topBit(overflow()),
    () => carryOf(v, f),
    zero,
    () => v.or(carryOf(v, f), zero()),
    () => topBit(sign()),
    parity,
    less,
    () => v.or(less(), zero()),
  ][code >> 1]!();
  return code & 1 ? v.isZero(value) : value;
}

/** OSZAPC as EFLAGS bits. */
export function eflagsOf(v: Values, f: FlagWords): Node {
  const at = (code: number, bit: number): Node => v.shl(conditionOf(v, f, code), v.constant(bit));
  const af = v.shl(v.and(f.carries, v.constant(8)), v.constant(1));
  return v.or(v.or(v.or(carryOf(v, f), at(10, 2)), v.or(af, at(4, 6))), v.or(at(8, 7), at(0, 11)));
}
