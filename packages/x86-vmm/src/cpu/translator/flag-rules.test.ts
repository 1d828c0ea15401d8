import { assert, test } from 'vitest';
import { SeededRandom } from '../../verification/seeded-random.js';
import { type Node, noLocals, Values } from '../interpreter/values.js';
import { Eflags, readArithmeticFlags } from '../semantics/flags.js';
import { FLAG_CARRIES, FLAG_RESULT } from '../state.js';
import { Emitter } from '../wasm/emitter.js';
import { assembleModule, type ModuleFunction, TypeTable } from '../wasm/module.js';
import {
  carriesAfter,
  carryAfter,
  conditionAfter,
  FLAG_RULES,
  flagCarriesModule,
  flagRuleNumber,
  type KeptRule,
  regionFlagsNumber,
  type StaticFlags,
} from './flag-rules.js';

/*
 * What is kept of the last flag-setting instruction against its flags as the SDM defines them, computed here with plain numbers: the carries
 * through semantics/flags.ts, CF alone, and each condition code that has a short form.
 */
const WIDTHS = [8, 16, 32] as const;
const OPERANDS = 500;
const rules: readonly StaticFlags[] = FLAG_RULES.filter((rule) => rule !== 'words').flatMap((rule) =>
  WIDTHS.flatMap((width) => (rule === 'add' || rule === 'sub' ? [false, true] : [false]).map((withCarry) => ({ rule, width, withCarry }))),
);

interface Operation {
  readonly a: number;
  readonly b: number;
  /** Zero-extended. */
  readonly result: number;
  readonly eflags: number;
}

const { CF, PF, AF, ZF, SF, OF } = Eflags;

/** Operands as the builder keeps them, and OSZAPC after the operation. */
function operation(random: SeededRandom, { rule, width, withCarry }: StaticFlags): Operation {
  const mask = 2 ** width - 1;
  const value = (): number =>
    random.pick([0, 1, 2, mask, mask - 1, mask >>> 1, (mask >>> 1) + 1, random.u32() & mask, random.u32() & 15]) >>> 0;
  const signed = (x: number): number => (x > mask / 2 ? x - mask - 1 : x);
  const a = value();
  const b = value();
  const c = withCarry ? random.below(2) : 0;
  const of = (kept: { a: number; b: number }, exact: number, carry: boolean, overflow: boolean, adjust: boolean): Operation => {
    const result = Number(BigInt.asUintN(width, BigInt(exact)));
    let ones = 0;
    for (let bit = 0; bit < 8; bit++) ones += (result >> bit) & 1;
    const eflags =
      (carry ? CF : 0) |
      (ones % 2 === 0 ? PF : 0) |
      (adjust ? AF : 0) |
      (result === 0 ? ZF : 0) |
      (signed(result) < 0 ? SF : 0) |
      (overflow ? OF : 0);
    return { ...kept, result, eflags };
  };
  const isOutside = (x: number): boolean => x > signed(mask >>> 1) || x < -(mask >>> 1) - 1;
  // INC and DEC keep the operand in the result alone, and CF in b.
  const cf = random.below(2);
  // 1 to 31: a count of 0 changes no flags.
  const count = 1 + random.below(31);
  const high = (x: number, bit: number): number => Number((BigInt(x) >> BigInt(bit)) & 1n);
  const big = BigInt(a);
  switch (rule as Exclude<KeptRule, 'words'>) {
    case 'add':
      return of({ a, b }, a + b + c, a + b + c > mask, isOutside(signed(a) + signed(b) + c), (a & 15) + (b & 15) + c > 15);
    case 'sub':
      return of({ a, b }, a - b - c, a - b - c < 0, isOutside(signed(a) - signed(b) - c), (a & 15) - (b & 15) - c < 0);
    case 'logic':
      return of({ a: 0, b: 0 }, a, false, false, false);
    case 'inc':
      return of({ a: 0, b: cf }, a + 1, cf === 1, isOutside(signed(a) + 1), (a & 15) === 15);
    case 'dec':
      return of({ a: 0, b: cf }, a - 1, cf === 1, isOutside(signed(a) - 1), (a & 15) === 0);
    case 'shl': {
      const result = Number(BigInt.asUintN(width, big << BigInt(count)));
      const carry = ((big << BigInt(count)) >> BigInt(width)) & 1n;
      return of({ a, b: count }, result, carry === 1n, high(result, width - 1) !== Number(carry), true);
    }
    case 'shr': {
      const result = Number(big >> BigInt(count));
      const carry = (big >> BigInt(count - 1)) & 1n;
      return of({ a, b: count }, result, carry === 1n, high(result, width - 1) !== high(result, width - 2), true);
    }
    case 'sar': {
      const wide = BigInt(signed(a));
      const result = Number(BigInt.asUintN(width, wide >> BigInt(count)));
      return of({ a, b: count }, result, ((wide >> BigInt(count - 1)) & 1n) === 1n, false, true);
    }
  }
}

/** A condition code of SDM Vol. 1 appendix B, even ones. */
function conditionOf(eflags: number, code: number): boolean {
  const is = (flag: number): boolean => (eflags & flag) !== 0;
  return [is(OF), is(CF), is(ZF), is(CF) || is(ZF), is(SF), is(PF), is(SF) !== is(OF), is(ZF) || is(SF) !== is(OF)][code >> 1]!;
}

type Evaluated = (a: number, b: number, result: number) => number;

/** Expressions over (a, b, result) as functions. */
function compiled(expressions: readonly ((v: Values, a: Node, b: Node, result: Node) => Node | undefined)[]): (Evaluated | undefined)[] {
  const functions: ModuleFunction[] = [];
  const names = expressions.map((expression, i) => {
    const e = new Emitter();
    const v = new Values(e, { ...noLocals(), i32: 3 });
    v.begin();
    const value = expression(v, v.local(0), v.local(1), v.local(2));
    if (value === undefined) return undefined;
    v.evaluate(value);
    const name = `f${i}`;
    functions.push({ name, parameters: ['i32', 'i32', 'i32'], results: ['i32'], locals: [[36, 'i32']], body: e.body() });
    return name;
  });
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65_536, shared: true });
  const bytes = assembleModule(
    {
      memory: { minimumPages: 1024, maximumPages: 65_536 },
      imports: [],
      functions,
      table: [],
      exports: functions.map(({ name }) => name),
    },
    new TypeTable(),
  );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return names.map((name) => (name === undefined ? undefined : (exports[name] as Evaluated)));
}

const named = rules.map((flags) => ({ name: `${flags.rule}${flags.withCarry ? ' with carry' : ''} of ${flags.width} bits`, flags }));
const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65_536, shared: true });
const flagCarries = new WebAssembly.Instance(new WebAssembly.Module(flagCarriesModule()), { env: { memory } }).exports['flagCarries'] as (
  rule: number,
  a: number,
  b: number,
  baseResult: number,
  result: number,
) => number;

test.each(named)('$name gives the flags and conditions of its operands', ({ flags }) => {
  const codes = [0, 2, 4, 6, 8, 10, 12, 14];
  const [carries, carry, ...conditions] = compiled([
    (v, a, b, r) => carriesAfter(v, flags, a, b, r),
    (v, a, b, r) => carryAfter(v, flags, a, b, r),
    ...codes.map((code) => (v: Values, a: Node, b: Node, r: Node) => conditionAfter(v, flags, code, a, b, r)),
  ]);
  const random = new SeededRandom(flagRuleNumber(flags));
  const state = new Int32Array(FLAG_RESULT / 4 + 1);
  const hex = (x: number): string => (x >>> 0).toString(16);
  for (let i = 0; i < OPERANDS; i++) {
    const { a, b, result, eflags } = operation(random, flags);
    const kept = (result << (32 - flags.width)) >> (32 - flags.width);
    const what = `${hex(a)}, ${hex(b)} -> ${hex(result)}`;
    state[FLAG_RESULT >> 2] = kept;
    state[FLAG_CARRIES >> 2] = carries!(a, b, kept);
    assert.equal(hex(readArithmeticFlags(state)), hex(eflags), what);
    assert.equal(hex(flagCarries(flagRuleNumber(flags), a, b, 0, kept)), hex(state[FLAG_CARRIES >> 2]!), what);
    assert.equal(carry!(a, b, kept), eflags & CF, `CF of ${what}`);
    for (const [index, code] of codes.entries()) {
      const condition = conditions[index];
      if (condition) assert.equal(condition(a, b, kept) !== 0, conditionOf(eflags, code), `condition ${code} of ${what}`);
    }
  }
  // Equality and carry always have a short form.
  for (const code of [2, 4, 6]) assert.isDefined(conditions[code / 2]);
});

test('the rule numbers are apart, and words are 0', () => {
  const numbers = [...new Set(rules.map(flagRuleNumber))];
  assert.lengthOf(numbers, (FLAG_RULES.length - 1) * WIDTHS.length);
  assert.notInclude(numbers, 0);
  assert.equal(flagCarries(0, 0x1234, 1, 0, 2), 0x1234);
});

test.each(named)('INC and DEC after $name keep its CF', ({ flags }) => {
  const random = new SeededRandom(flagRuleNumber(flags) + 1);
  const state = new Int32Array(FLAG_RESULT / 4 + 1);
  for (const step of rules.filter((each) => each.rule === 'inc' || each.rule === 'dec')) {
    for (let i = 0; i < 50; i++) {
      const { a, b, result, eflags } = operation(random, flags);
      const kept = (result << (32 - flags.width)) >> (32 - flags.width);
      const stepped = operation(random, step);
      const after = (stepped.result << (32 - step.width)) >> (32 - step.width);
      const number = regionFlagsNumber({ base: flags, step: step as StaticFlags & { rule: 'inc' | 'dec' } });
      state[FLAG_RESULT >> 2] = after;
      // ADC and SBB: what the number does not say is in the operands.
      state[FLAG_CARRIES >> 2] = flagCarries(number, a, b, kept, after);
      const wanted = (stepped.eflags & ~CF) | (eflags & CF);
      assert.equal(readArithmeticFlags(state), wanted, `${step.rule} ${step.width} after ${flags.rule}`);
    }
  }
});
