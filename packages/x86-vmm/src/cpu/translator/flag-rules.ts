import { flagWordsAfter } from '../interpreter/flag-values.js';
import { type Node, noLocals, Values } from '../interpreter/values.js';
import type { FlagRule } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import { Emitter } from '../wasm/emitter.js';
import { assembleModule, type ModuleFunction, TypeTable } from '../wasm/module.js';
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

/**
 * The flags as a region knows them: a kept rule, and an INC or DEC after it, which leaves CF as the rule has it. The rule's own result then has a
 * local of its own, for CF.
 */
export interface RegionFlags {
  readonly base: StaticFlags;
  readonly step?: StaticFlags & { readonly rule: 'inc' | 'dec' };
}

export const WORDS: StaticFlags = { rule: 'words', width: 32, withCarry: false };
/** A number of the rule's local is the base's plus this times that of the step. */
export const STEP = 64;

/** The number of a rule at a width, as the rule's local has it; 0 is `words`. */
export function flagRuleNumber({ rule, width }: StaticFlags): number {
  return rule === 'words' ? 0 : FLAG_RULES.indexOf(rule) * 4 + (31 - Math.clz32(width / 8));
}

/** The number of base and step, as the rule's local has it. */
export function regionFlagsNumber({ base, step }: RegionFlags): number {
  return flagRuleNumber(base) + STEP * (step ? flagRuleNumber(step) : 0);
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

/** CF after a kept rule, 0 or 1. */
export function carryAfter(v: Values, { rule, width, withCarry }: StaticFlags, a: Node, b: Node, result: Node): Node {
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
  const carry = (): Node => carryAfter(v, flags, a, b, result);
  if (code === Condition.equal) return v.isZero(result);
  if (code === Condition.below) return carry();
  if (code === Condition.belowOrEqual) {
    if (rule === 'sub' && !withCarry) return v.isZero(v.ltU(b, a));
    return v.or(carry(), v.isZero(result));
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

/**
 * A module that exports `flagCarries(rule, a, b, baseResult, result)`, for places where the rule is known only at run time. `baseResult` counts
 * only after a step.
 */
export function flagCarriesModule(): Uint8Array<ArrayBuffer> {
  const [rule, a, b, baseResult, result] = [0, 1, 2, 3, 4];
  const base = dispatched((v, flags) => carriesAfter(v, flags, v.local(1), v.local(2), v.local(3)), 4);
  const e = new Emitter(1 << 12);
  // With a step: the base's carries give CF, which the step's rule takes as b.
  const callBase = (resultLocal: number): void => {
    e.op(Op.localGet, rule);
    e.constant(STEP - 1);
    e.u8(Op.i32And);
    for (const local of [a, b, resultLocal]) e.op(Op.localGet, local);
    e.op(Op.call, 0);
  };
  e.op(Op.localGet, rule);
  e.constant(STEP);
  e.u8(Op.i32LtU);
  e.u8(Op.if);
  e.u8(WasmType.void);
  callBase(result);
  e.u8(Op.return);
  e.u8(Op.end);
  e.op(Op.localGet, rule);
  e.constant(Math.log2(STEP));
  e.u8(Op.i32ShrU);
  e.constant(0);
  callBase(baseResult);
  e.constant(31);
  e.u8(Op.i32ShrU);
  e.op(Op.localGet, result);
  e.op(Op.call, 0);
  const parameters = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
  const flagCarries = { name: 'flagCarries', parameters, results: ['i32'], locals: [], body: e.body() } as const;
  return assembleModule(
    {
      memory: { minimumPages: 1024, maximumPages: 65_536 },
      imports: [],
      functions: [base, flagCarries],
      table: [],
      exports: ['flagCarries'],
    },
    new TypeTable(),
  );
}

/** A function (rule number, a, b, result) that evaluates an expression for the rule. */
function dispatched(expression: (v: Values, flags: Pick<StaticFlags, 'rule' | 'width'>) => Node, parameters: number): ModuleFunction {
  const e = new Emitter(1 << 16);
  const widths = [8, 16, 32] as const;
  const cases = FLAG_RULES.length * 4;
  const v = new Values(e, { ...noLocals(), i32: parameters });
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
    v.evaluate(expression(v, { rule: FLAG_RULES[number >> 2]!, width }));
    e.u8(Op.return);
  }
  e.u8(Op.unreachable);
  return {
    name: 'carriesOfRule',
    parameters: ['i32', 'i32', 'i32', 'i32'],
    results: ['i32'],
    locals: [[v.highest.i32, 'i32']],
    body: e.body(),
  };
}
