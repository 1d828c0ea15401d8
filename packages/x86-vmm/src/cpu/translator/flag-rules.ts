import { flagWordsAfter } from '../interpreter/flag-values.js';
import { type Node, noLocals, Values } from '../interpreter/values.js';
import type { FlagRule } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import { Emitter } from '../wasm/emitter.js';
import { assembleModule, TypeTable } from '../wasm/module.js';
import { Op, WasmType } from '../wasm/opcodes.js';

/*
 * OSZAPC inside a region: what the last flag-setting instruction did, kept as a rule with its operands a and b and its result, in locals.
 * The carries (see semantics/flags.ts) are computed only where they are needed: most are overwritten before anybody looks.
 *
 *   rule     a              b              result (always FLAG_RESULT: sign-extended)
 *   words    FLAG_CARRIES   -              r
 *   add sub  left           right          r
 *   logic    -              -              r
 *   inc dec  -              CF before      r
 *   shifts   operand        count          r
 *
 * Inside a block the rule is known when code is emitted; where control flow joins it is a number in a local.
 */
export const FLAG_RULES = ['words', 'add', 'sub', 'logic', 'inc', 'dec', 'shl', 'shr', 'sar'] as const;
export type KeptRule = (typeof FLAG_RULES)[number];

export interface StaticFlags {
  readonly rule: KeptRule;
  readonly width: Width;
  /** ADC and SBB: the carry in is not in the operands. */
  readonly withCarry: boolean;
}

export const WORDS: StaticFlags = { rule: 'words', width: 32, withCarry: false };

/** The number of a rule at a width, as the rule's local has it; 0 is `words`. */
export function flagRuleNumber({ rule, width }: StaticFlags): number {
  return rule === 'words' ? 0 : FLAG_RULES.indexOf(rule) * 4 + (31 - Math.clz32(width / 8));
}

/** FLAG_CARRIES after a kept rule. */
export function carriesAfter(v: Values, { rule, width }: Pick<StaticFlags, 'rule' | 'width'>, a: Node, b: Node, result: Node): Node {
  if (rule === 'words') return a;
  const r = v.truncate(result, width);
  const before = (step: 1 | -1): Node => v.truncate(v.add(r, v.constant(step)), width);
  const operand = rule === 'inc' ? before(-1) : rule === 'dec' ? before(1) : a;
  // INC and DEC keep CF: the old words with CF alone.
  const old = { carries: v.shl(b, v.constant(31)), result };
  return flagWordsAfter(v, rule satisfies FlagRule, width, operand, b, r, old).carries;
}

/** CF after a kept rule, 0 or 1, where that is cheaper than all carries; undefined: it is not. */
export function carryAfter(v: Values, { rule, width, withCarry }: StaticFlags, a: Node, b: Node, result: Node): Node | undefined {
  const top = (bits: Node): Node => v.and(v.shr(bits, v.constant(width - 1)), v.constant(1));
  const not = (bits: Node): Node => v.xor(bits, v.constant(-1));
  switch (rule) {
    case 'add':
      if (withCarry) return top(v.or(v.and(a, b), v.and(v.or(a, b), not(result))));
      return v.ltU(v.truncate(result, width), a);
    case 'sub':
      if (withCarry) return top(v.or(v.and(not(a), b), v.and(v.or(not(a), b), result)));
      return v.ltU(a, b);
    case 'logic':
      return v.constant(0);
    case 'inc':
    case 'dec':
      return b;
    case 'shl':
      return v.and(width === 32 ? v.shr(a, v.sub(v.constant(32), b)) : v.shr(v.shl(a, b), v.constant(width)), v.constant(1));
    case 'shr':
      return v.and(v.shr(a, v.sub(b, v.constant(1))), v.constant(1));
    case 'sar':
      return v.and(v.sar(v.signExtend(a, width), v.sub(b, v.constant(1))), v.constant(1));
    case 'words':
      return v.shr(a, v.constant(31));
  }
}

/** An even condition code (SDM Vol. 1 appendix B) after a kept rule, where the operands tell it directly. */
export function conditionAfter(v: Values, flags: StaticFlags, code: number, a: Node, b: Node, result: Node): Node | undefined {
  const { rule, width, withCarry } = flags;
  const signed = (x: Node): Node => v.signExtend(x, width);
  const isBelow = (x: Node, limit: number): Node => v.ltS(x, v.constant(limit));
  const carry = (): Node | undefined => carryAfter(v, flags, a, b, result);
  if (code === Condition.equal) return v.isZero(result);
  if (code === Condition.below) return carry();
  if (code === Condition.belowOrEqual) {
    if (rule === 'sub' && !withCarry) return v.isZero(v.ltU(b, a));
    const cf = carry();
    return cf && v.or(cf, v.isZero(result));
  }
  if (rule === 'words') return undefined;
  if (code === Condition.sign) return isBelow(result, 0);
  if (rule === 'sub' && !withCarry) {
    if (code === Condition.less) return v.ltS(signed(a), signed(b));
    if (code === Condition.lessOrEqual) return v.isZero(v.ltS(signed(b), signed(a)));
  }
  // The operand before INC or DEC, in which the signed comparison with zero does not overflow.
  const before = (step: 1 | -1): Node => signed(v.add(result, v.constant(step)));
  if (rule === 'dec' && code === Condition.less) return isBelow(before(1), 1);
  if (rule === 'dec' && code === Condition.lessOrEqual) return isBelow(before(1), 2);
  if (rule === 'inc' && code === Condition.less) return isBelow(before(-1), -1);
  if (rule === 'inc' && code === Condition.lessOrEqual) return isBelow(before(-1), 0);
  if (rule !== 'logic') return undefined;
  if (code === Condition.overflow) return v.constant(0);
  if (code === Condition.less) return isBelow(result, 0);
  return code === Condition.lessOrEqual ? isBelow(result, 1) : undefined;
}
const Condition = { overflow: 0, below: 2, equal: 4, belowOrEqual: 6, sign: 8, less: 12, lessOrEqual: 14 } as const;

/** A module that exports `flagCarries(rule, a, b, result)`, for places where the rule is known only at run time. */
export function flagCarriesModule(): Uint8Array<ArrayBuffer> {
  const e = new Emitter();
  const widths = [8, 16, 32] as const;
  const cases = FLAG_RULES.length * 4;
  const v = new Values(e, { ...noLocals(), i32: 4 });
  for (let i = 0; i < cases; i++) {
    e.u8(Op.block);
    e.u8(WasmType.void);
  }
  e.op(Op.localGet, 0);
  e.u8(Op.brTable);
  e.u32(cases - 1);
  for (let i = 0; i < cases; i++) e.u32(i);
  for (let number = 0; number < cases; number++) {
    e.u8(Op.end);
    const width = widths[number & 3];
    if (width === undefined) {
      e.u8(Op.unreachable);
      continue;
    }
    v.begin();
    v.evaluate(carriesAfter(v, { rule: FLAG_RULES[number >> 2]!, width }, v.local(1), v.local(2), v.local(3)));
    e.u8(Op.return);
  }
  e.u8(Op.unreachable);
  const flagCarries = {
    name: 'flagCarries',
    parameters: ['i32', 'i32', 'i32', 'i32'],
    results: ['i32'],
    locals: [[36, 'i32']],
    body: e.bytes.slice(0, e.at),
  } as const;
  return assembleModule(
    { memory: { minimumPages: 1024, maximumPages: 65_536 }, imports: [], functions: [flagCarries], table: [], exports: ['flagCarries'] },
    new TypeTable(),
  );
}
