import type { FlagRule, FormOperand, Value } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import { BUDGET, CODE_BASE, FLAG_CARRIES, FLAG_RESULT, GPR, INSTRUCTIONS, TLB_READ, TLB_WRITE } from '../state.js';
import type { Emitter } from '../wasm/emitter.js';
import { Op, type ValueType } from '../wasm/opcodes.js';
import { type FlagWords, flagWordsAfter } from './flag-values.js';
import type { FormSpec, Needs } from './forms.js';
import { type Callees, type Control, FLOAT_LOADS, GuestBuilder, LOADS, type MemoryWidth, typeOf, watched } from './guest-builder.js';
import { RECORD_BYTES, RecordField } from './record.js';
import type { LocalCounts, Node } from './values.js';

/** How control leaves a handler: inside the dispatch loop by a branch, in a function of its own by returning the next record. */
export type Placement = { readonly kind: 'called' } | { readonly kind: 'inline'; readonly loopDepth: number };

/** Local 0 of every handler: address of the record. */
const REC = 0;

/** Rules after which some flag is as it was. */
const KEEPING_RULES: ReadonlySet<FlagRule> = new Set(['inc', 'dec', 'rotate', 'carry']);

/** The builder whose operands are read at run time from a decoded record: one call of `emit` turns a form into a handler. */
export class InterpreterBuilder extends GuestBuilder {
  #fields = new Map<number, Node>();
  #flags: FlagWords | undefined;

  constructor(
    e: Emitter,
    callees: Callees,
    private readonly placement: Placement,
    first: LocalCounts,
  ) {
    super(e, callees, first);
  }

  /** Emits the whole handler. `needs` is read and, in a dry run, filled. */
  emit(form: FormSpec, needs: Needs): void {
    this.beginInstruction(form, needs);
    this.#flags = undefined;
    this.#fields = new Map();
    this.depth = 0;
    if (form.repeat !== 0) this.#beginRepeated();
    form.row.instruction.execute!(this, watched(form, needs));
    this.#commit();
  }

  // --- the decoded record
  #field(offset: number, opcode: number = Op.i32Load): Node {
    let node = this.#fields.get(offset);
    if (!node) {
      node = this.load(opcode, this.local(REC), offset);
      this.#fields.set(offset, node);
    }
    return node;
  }
  /** For use inside conditional blocks, where a shared field would get its local on one path only. */
  #freshField(offset: number, opcode: number = Op.i32Load): Node {
    return this.load(opcode, this.local(REC), offset);
  }
  protected registerAddress(operand: FormOperand): Node {
    return this.#field(RecordField.operand + 4 * operand.position);
  }
  protected operandNumber(operand: FormOperand): Node {
    return this.#field(RecordField.operand + 4 * operand.position);
  }
  protected readRegister(operand: FormOperand, width: Width): Node {
    return this.load(LOADS[width]!, this.registerAddress(operand), 0, typeOf(width));
  }
  protected readXmm(operand: FormOperand, type: 'f32' | 'f64' | 'v128'): Node {
    return this.load(FLOAT_LOADS[type], this.registerAddress(operand), 0, type);
  }
  knownImmediate(): undefined {
    return undefined;
  }
  protected address(): Node {
    const register = (field: number): Node => this.load(Op.i32Load, this.#field(field), 0);
    const base = register(RecordField.base);
    const based =
      this.form.memory === 'based' ? base : this.add(base, this.shl(register(RecordField.index), this.#field(RecordField.scale)));
    return this.add(based, this.#field(RecordField.displacement));
  }
  protected addressMask(): Node {
    return this.#field(RecordField.addressMask);
  }
  protected segment(): Node {
    return this.#field(RecordField.segment);
  }
  fpuOpcode(): Value {
    return this.#field(RecordField.fpuOpcode, Op.i32Load16U);
  }
  eip(): Value {
    return this.materialise(this.add(this.state(CODE_BASE), this.#field(RecordField.offset, Op.i32Load16U)));
  }
  nextEip(): Value {
    return this.materialise(this.add(this.state(CODE_BASE), this.#field(RecordField.nextOffset, Op.i32Load16U)));
  }
  protected relativeTarget(): Node {
    return this.truncate(this.add(this.state(CODE_BASE), this.#field(RecordField.target)), this.form.operandSize);
  }

  // --- state
  protected state(offset: number, opcode: number = Op.i32Load, type: ValueType = 'i32'): Node {
    return this.load(opcode, this.constant(0), offset, type);
  }
  protected translationAt(slot: Node, access: 'read' | 'write'): Node {
    return this.load(Op.i32Load, this.add(this.state(access === 'read' ? TLB_READ : TLB_WRITE), slot), 0);
  }
  protected slowWrite(linear: Node, width: MemoryWidth, value: Node, mayFault: boolean): void {
    this.evaluate(linear);
    this.evaluate(value);
    this.call(`write${width}`, ['i32', typeOf(width)], 'none');
    if (mayFault) this.leaveOnFault();
  }
  protected readonly addendForUpdate = 'writeAddend';
  protected slowProbe(linear: Node, bytes: number): void {
    this.evaluate(linear);
    this.e.constant(bytes);
    this.call('probeWrite', ['i32', 'i32'], 'i32');
    this.e.u8(Op.drop);
    this.leaveOnFault();
  }
  /** EIP stays at the instruction, what was completed before it is counted. */
  protected leave(): void {
    this.needs.leaves = true;
    this.e.op(Op.localGet, REC);
    this.call('leaveFault', ['i32'], 'i32');
    this.#goOrLeave();
  }

  // --- flags
  protected oldFlags(): FlagWords {
    return { carries: this.state(FLAG_CARRIES), result: this.state(FLAG_RESULT) };
  }
  setFlags(rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void {
    if (!KEEPING_RULES.has(rule)) this.needs.setsFlags = 'all';
    this.#keepFlags(flagWordsAfter(this, rule, width, a as Node, b as Node, result as Node, this.oldFlags()));
  }
  setFlagsIf(condition: Value, rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void {
    const fixed = condition as Node;
    if (fixed.kind === 'constant') {
      if (fixed.number) this.setFlags(rule, width, a, b, result);
      return;
    }
    if (!KEEPING_RULES.has(rule)) this.needs.setsFlags = 'counted';
    const old = this.oldFlags();
    const after = flagWordsAfter(this, rule, width, a as Node, b as Node, result as Node, old);
    this.#keepFlags({
      carries: this.select(condition, after.carries, old.carries),
      result: this.select(condition, after.result, old.result),
    });
  }
  #keepFlags(words: FlagWords): void {
    words.carries.uses++;
    words.result.uses++;
    this.#flags = words;
  }

  // --- repeated strings
  #beginRepeated(): void {
    const width = this.indexWidth();
    this.evaluate(this.state(GPR + 8, LOADS[width]!));
    this.e.u8(Op.i32Eqz);
    this.if();
    this.#next();
    this.end();
    const { repeatKernel } = this.form.row.instruction;
    if (repeatKernel === undefined || this.form.memory === 'general') return;
    this.e.constant(31 - Math.clz32(this.form.width / 8));
    this.call(repeatKernel, ['i32'], 'i32');
    const done = this.take();
    this.evaluate(done);
    this.if();
    this.#count(done);
    // After the last element the instruction is complete: a trap behind it is not at it again.
    this.evaluate(this.state(GPR + 8, LOADS[width]!));
    this.if();
    this.#repeatOrLeave();
    this.end();
    this.#next();
    this.end();
  }
  /** The same record again, unless the budget is used up. */
  #repeatOrLeave(): void {
    this.evaluate(this.state(BUDGET));
    this.e.constant(0);
    this.e.u8(Op.i32LtS);
    this.ifEver();
    this.e.op(Op.localGet, REC);
    this.call('leaveBudget', ['i32'], 'i32');
    this.e.u8(Op.return);
    this.end();
    this.#goTo(this.local(REC));
  }

  // --- commit
  #commit(): void {
    const flags = this.#flags;
    const { control, queue } = this;
    for (const queued of queue) queued.value = this.asStored(queued.value);
    const alone = queue.length === 1 && !flags && !control;
    if (flags) {
      this.materialise(flags.carries);
      this.materialise(flags.result);
    }
    if (!alone) for (const queued of queue) this.materialise(queued.value);
    if (control?.kind === 'repeat') this.materialise(control.goOn);
    else if (control?.kind === 'branch') this.materialise(control.condition);
    else if (control && !control.target.direct) this.materialise(control.target);
    for (const queued of queue) {
      this.evaluate(queued.address);
      this.evaluate(queued.value);
      this.emitStore(queued.width, queued.offset);
    }
    if (flags) {
      this.storeWord(FLAG_CARRIES, flags.carries);
      this.storeWord(FLAG_RESULT, flags.result);
    }
    if (!control) this.#next();
    else if (control.kind === 'repeat') this.#emitRepeat(control.goOn);
    else this.#emitControl(control);
  }
  #emitRepeat(goOn: Node): void {
    this.#count(this.constant(1));
    this.evaluate(goOn);
    this.if();
    this.#repeatOrLeave();
    this.end();
    this.#next();
  }
  /** BUDGET and INSTRUCTIONS move on together. */
  #count(instructions: Node): void {
    this.storeWord(BUDGET, this.sub(this.state(BUDGET), instructions));
    this.e.constant(0);
    this.evaluate(this.binary(Op.i64Add, this.state(INSTRUCTIONS, Op.i64Load, 'i64'), this.extendU(instructions), 'i64'));
    this.e.memory(Op.i64Store, INSTRUCTIONS);
  }
  #emitControl(control: Exclude<Control, { kind: 'repeat' }>): void {
    this.#count(this.materialise(this.#freshField(RecordField.count, Op.i32Load16U)));
    this.e.op(Op.localGet, REC);
    this.evaluate(this.add(this.#freshField(RecordField.executions, Op.i32Load16U), this.constant(1)));
    this.e.memory(Op.i32Store16, RecordField.executions);
    if (control.kind === 'branch') {
      this.evaluate(control.condition);
      this.if();
      this.#follow(RecordField.linkTaken);
      this.end();
      this.#follow(RecordField.linkNext);
    } else if (control.target.direct) this.#follow(RecordField.linkTaken);
    else {
      this.evaluate(control.target);
      this.call('lookup', ['i32'], 'i32');
      this.#goOrLeave();
    }
  }
  #follow(link: number): void {
    const to = this.newTemporary('i32');
    this.evaluate(this.#freshField(link));
    this.e.op(Op.localTee, to);
    this.e.u8(Op.i32Eqz);
    this.evaluate(this.state(BUDGET));
    this.e.constant(0);
    this.e.u8(Op.i32LtS);
    this.e.u8(Op.i32Or);
    this.ifEver();
    this.e.op(Op.localGet, REC);
    this.e.constant(link);
    this.e.constant(this.form.operandSize === 16 ? 0xffff : -1);
    this.call('leaveLink', ['i32', 'i32', 'i32'], 'i32');
    this.e.u8(Op.return);
    this.end();
    this.#goTo(this.local(to));
  }
  /** An end of a handler: to the next record of the block. */
  #next(): void {
    this.#goTo(this.add(this.local(REC), this.constant(RECORD_BYTES)));
  }
  #goTo(record: Node): void {
    this.evaluate(record);
    if (this.placement.kind === 'called') return this.e.u8(Op.return);
    this.e.op(Op.localSet, REC);
    this.e.op(Op.br, this.placement.loopDepth + this.depth);
  }
  /** To the record on the stack, or out of `run` when that is 0. */
  #goOrLeave(): void {
    if (this.placement.kind === 'called') return this.e.u8(Op.return);
    this.e.op(Op.localSet, REC);
    this.e.op(Op.br, this.placement.loopDepth - 1 + this.depth);
  }
}
