import { carryOf, conditionOf, type FlagWords, flagWordsAfter } from '../interpreter/flag-values.js';
import { GuestBuilder } from '../interpreter/guest-builder.js';
import type { Node } from '../interpreter/values.js';
import type { FlagRule, Value } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import { Op } from '../wasm/opcodes.js';
import {
  carriesAfter,
  carryAfter,
  conditionAfter,
  flagRuleNumber,
  type KeptRule,
  type RegionFlags,
  regionFlagsNumber,
  STEP,
  type StaticFlags,
  WORDS,
} from './flag-rules.js';
import { Local } from './region-locals.js';

/** Flags of the instruction being emitted, to be kept at its commit; what is absent stays. */
interface PendingFlags {
  /** undefined: known only at run time, `rule` is its number. */
  readonly flags: RegionFlags | undefined;
  readonly a?: Node;
  readonly b?: Node;
  readonly baseResult?: Node;
  readonly result?: Node;
  readonly rule?: Node;
  /** CF and OF over the flags, which stay as they are otherwise. */
  readonly over?: { readonly carry: Node; readonly overflow: Node };
}
function nodesOf({ a, b, baseResult, result, rule, over }: PendingFlags): Node[] {
  return [a, b, baseResult, result, rule, over?.carry, over?.overflow].filter((node): node is Node => node !== undefined);
}

/** What is known of the flags at a place in the code. */
export interface FlagState {
  /** Their rule; undefined: known only at run time, in its local. */
  readonly flags: RegionFlags | undefined;
  /** CF and OF are in locals of their own: a rotation or multiplication has written them and left the other flags. */
  readonly isOver: boolean;
}
const IN_WORDS: FlagState = { flags: { base: WORDS }, isOver: false };
const FROM_ELSEWHERE: FlagState = { flags: undefined, isOver: false };

/** The arithmetic flags of a region: kept as a rule with its operands, computed where an instruction asks for them (see flag-rules.ts). */
export abstract class RegionFlagsBuilder extends GuestBuilder {
  protected flagState: FlagState = IN_WORDS;
  #pending: PendingFlags | undefined;
  /** Flags of the instruction being emitted are written over before anybody can see them. */
  #areDead = false;

  protected beginFlags(areDead: boolean): void {
    this.#areDead = areDead;
    this.#pending = undefined;
  }
  protected set(local: number, value: Node): void {
    this.evaluate(value);
    this.e.op(Op.localSet, local);
  }
  protected flagsInWords(): void {
    this.flagState = IN_WORDS;
  }
  /** What a way to other code must find in the locals: the flags' rule. */
  makeFlagsDynamic(): void {
    this.noteFlagRule();
    this.flagsFromElsewhere();
  }
  /** Several ways lead here: the flags' rule is in its local. */
  flagsFromElsewhere(): void {
    this.flagState = FROM_ELSEWHERE;
  }
  protected noteFlagRule(): void {
    if (this.flagState.isOver) {
      this.set(Local.flagA, this.oldFlags().carries);
      this.set(Local.flagRule, this.constant(0));
    } else if (this.flagState.flags) this.set(Local.flagRule, this.constant(regionFlagsNumber(this.flagState.flags)));
  }
  /** CF and OF join the other flags in words. */
  #mergeOver(): void {
    if (!this.flagState.isOver) return;
    this.set(Local.flagA, this.oldFlags().carries);
    this.flagState = IN_WORDS;
  }
  #kept(): { readonly a: Node; readonly b: Node; readonly result: Node } {
    return { a: this.local(Local.flagA), b: this.local(Local.flagB), result: this.local(Local.flagResult) };
  }
  /** Carries of flags whose rule is known only at run time. */
  protected callFlagCarries(): void {
    for (const local of [Local.flagRule, Local.flagA, Local.flagB, Local.baseResult, Local.flagResult]) this.e.op(Op.localGet, local);
    this.call('flagCarries', ['i32', 'i32', 'i32', 'i32', 'i32'], 'i32');
  }
  protected oldFlags(): FlagWords {
    const under = this.#flagsUnder();
    if (!this.flagState.isOver) return under;
    return flagWordsAfter(this, 'rotate', 32, this.local(Local.overCarry), this.local(Local.overOverflow), under.result, under);
  }
  /** The flags without those that stand over them. */
  #flagsUnder(): FlagWords {
    const { a, b, result } = this.#kept();
    const { flags } = this.flagState;
    if (flags?.step) return { carries: carriesAfter(this, flags.step, a, this.#carryUnder(flags), result), result };
    if (flags) return { carries: carriesAfter(this, flags.base, a, b, result), result };
    this.callFlagCarries();
    return { carries: this.take(), result };
  }
  #carryUnder({ base, step }: RegionFlags): Node {
    const { a, b, result } = this.#kept();
    return carryAfter(this, base, a, b, step ? this.local(Local.baseResult) : result);
  }
  override carry(): Value {
    if (this.flagState.isOver) return this.local(Local.overCarry);
    return this.flagState.flags ? this.#carryUnder(this.flagState.flags) : carryOf(this, this.oldFlags());
  }
  override condition(code: number): Value {
    const { a, b, result } = this.#kept();
    const { flags } = this.flagState;
    let value: Node | undefined;
    if (this.flagState.isOver) value = this.#conditionOver(code >> 1, result);
    else if (flags?.step) value = conditionAfter(this, flags.step, code & ~1, a, this.#carryUnder(flags), result);
    else if (flags) value = conditionAfter(this, flags.base, code & ~1, a, b, result);
    else if (code >> 1 === 2) value = this.isZero(result);
    if (value === undefined) return conditionOf(this, this.oldFlags(), code);
    return code & 1 ? this.isZero(value) : value;
  }
  #conditionOver(pair: number, result: Node): Node | undefined {
    const carry = this.local(Local.overCarry);
    if (pair === 0) return this.local(Local.overOverflow);
    if (pair === 1) return carry;
    if (pair === 2) return this.isZero(result);
    return pair === 3 ? this.or(carry, this.isZero(result)) : undefined;
  }
  setFlags(rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void {
    if (this.#areDead) return;
    if (rule === 'rotate') return this.#keepFlags({ flags: this.flagState.flags, over: { carry: a as Node, overflow: b as Node } });
    this.#setWholeFlags(rule, width, a, b, result);
  }
  /** For the rules that do not leave the other flags as they are, or where they must be computed at once. */
  #setWholeFlags(rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void {
    const none = this.constant(0);
    const keep = (kept: KeptRule, left: Node, right: Node, withCarry = false): void =>
      this.#keepFlags({ flags: { base: { rule: kept, width, withCarry } }, a: left, b: right, result: this.signExtend(result, width) });
    switch (rule) {
      case 'add':
      case 'adc':
        return keep('add', a as Node, b as Node, rule === 'adc');
      case 'sub':
      case 'sbb':
        return keep('sub', a as Node, b as Node, rule === 'sbb');
      case 'logic':
        return keep('logic', none, none);
      case 'inc':
      case 'dec':
        return this.#keepStep({ rule, width, withCarry: false }, this.signExtend(result, width));
      case 'shl':
      case 'shr':
      case 'sar':
        return keep(rule, a as Node, b as Node);
      default: {
        const words = flagWordsAfter(this, rule, width, a as Node, b as Node, result as Node, this.oldFlags());
        return this.#keepFlags({ flags: { base: WORDS }, a: words.carries, b: none, result: words.result });
      }
    }
  }
  setFlagsIf(condition: Value, rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void {
    const fixed = condition as Node;
    if (fixed.kind === 'constant') {
      if (fixed.number) this.setFlags(rule, width, a, b, result);
      return;
    }
    if (this.#areDead) return;
    this.materialise(condition);
    this.#mergeOver();
    this.#setWholeFlags(rule, width, a, b, result);
    const after = this.#pending!;
    const old = this.#kept();
    this.#keepFlags({
      flags: undefined,
      a: this.select(condition, after.a!, old.a),
      b: this.select(condition, after.b!, old.b),
      result: this.select(condition, after.result!, old.result),
      rule: this.select(condition, this.constant(regionFlagsNumber(after.flags!)), this.#rule()),
    });
  }
  #rule(): Node {
    return this.flagState.flags ? this.constant(regionFlagsNumber(this.flagState.flags)) : this.local(Local.flagRule);
  }
  /** INC and DEC: over the base, whose operands and result stay for CF. */
  #keepStep(step: StaticFlags & { rule: 'inc' | 'dec' }, result: Node): void {
    this.#mergeOver();
    const { flags } = this.flagState;
    const old = this.local(Local.flagResult);
    if (flags) return this.#keepFlags({ flags: { base: flags.base, step }, result, ...(flags.step ? {} : { baseResult: old }) });
    const rule = this.local(Local.flagRule);
    this.#keepFlags({
      flags: undefined,
      result,
      baseResult: this.select(this.ltU(rule, this.constant(STEP)), old, this.local(Local.baseResult)),
      rule: this.or(this.and(rule, this.constant(STEP - 1)), this.constant(STEP * flagRuleNumber(step))),
    });
  }
  #keepFlags(pending: PendingFlags): void {
    for (const node of nodesOf(pending)) node.uses++;
    this.#pending = pending;
  }

  /** Values that the flags are made of after the instruction; undefined when it leaves them. */
  protected pendingFlags(): readonly Node[] | undefined {
    return this.#pending && nodesOf(this.#pending);
  }
  protected commitFlags(): void {
    const flags = this.#pending;
    if (!flags) return;
    if (flags.a) this.set(Local.flagA, flags.a);
    if (flags.b) this.set(Local.flagB, flags.b);
    if (flags.baseResult) this.set(Local.baseResult, flags.baseResult);
    if (flags.result) this.set(Local.flagResult, flags.result);
    if (flags.rule) this.set(Local.flagRule, flags.rule);
    if (flags.over) {
      this.set(Local.overCarry, flags.over.carry);
      this.set(Local.overOverflow, flags.over.overflow);
    }
    this.flagState = { flags: flags.flags, isOver: flags.over !== undefined };
  }
}
