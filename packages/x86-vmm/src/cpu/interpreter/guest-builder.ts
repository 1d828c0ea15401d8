import type { Builder, FlagRule, FormOperand, Value } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import {
  ACCESS_BUFFER,
  ACCESS_BUFFER_BYTES,
  EFLAGS_SYSTEM,
  FAULT,
  FAULT_ERROR,
  FPU_REGISTERS,
  GPR,
  MODE_KEY,
  ModeKey,
  MXCSR,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
  SSE_ATTENTION,
} from '../state.js';
import type { Emitter } from '../wasm/emitter.js';
import { Op, Simd, type ValueType, WasmType } from '../wasm/opcodes.js';
import { carryOf, conditionOf, eflagsOf, type FlagWords } from './flag-values.js';
import type { FormSpec, Needs } from './forms.js';
import { type LocalCounts, type Node, Values } from './values.js';

/** Functions of the module and imports that emitted bodies call, by name. In a dry run it collects the names. */
export interface Callees {
  index(name: string, parameters: readonly ValueType[], result: ValueType | 'none'): number;
}

export const LOADS: Readonly<Record<number, number>> = { 8: Op.i32Load8U, 16: Op.i32Load16U, 32: Op.i32Load, 64: Op.i64Load };
/** Widths and loads of the types that are not integers. */
const FLOAT_WIDTHS = { f32: 32, f64: 64, v128: 128 } as const;
export const FLOAT_LOADS = { f32: Op.f32Load, f64: Op.f64Load, v128: Simd.load } as const;
export type MemoryWidth = Width | 128;
const GP = 13;
/** MXCSR without its exception flags but PE, and what it is then by default. */
const MXCSR_MODES = 0xffe0;
const MXCSR_DEFAULT_AND_PE = 0x1fa0;
export const STORES: Readonly<Record<number, number>> = { 8: Op.i32Store8, 16: Op.i32Store16, 32: Op.i32Store, 64: Op.i64Store };
/** The check function's second argument: bytes, plus this for a write. */
export const CHECK_WRITE = 0x100;
/** Plus this for one vector of sixteen bytes. */
export const CHECK_VECTOR = 0x200;
const ESP = GPR + 8 * 4;

/** A write that waits for the commit: to the CPU state at `address` + `offset`. */
export interface Queued {
  readonly address: Node;
  readonly offset: number;
  readonly width: MemoryWidth;
  value: Node;
}
export type Control =
  | { readonly kind: 'jump'; readonly target: Node }
  | { readonly kind: 'branch'; readonly condition: Node; readonly target: Node }
  | { readonly kind: 'repeat'; readonly goOn: Node };

/**
 * What the interpreter's builder and the translator's share: the order of things. Accesses are emitted as they are asked for; register,
 * flag and control writes wait in a queue until everything that may fault has been emitted, and a faulting access after a store is
 * refused. Where an operand comes from, how an instruction is abandoned and how the queue is written is each builder's own.
 */
export abstract class GuestBuilder extends Values implements Builder {
  protected form!: FormSpec;
  protected needs!: Needs;
  protected queue: Queued[] = [];
  protected control: Control | undefined;
  #effective: Node | undefined;
  #stackPointer: Node | undefined;
  #stackWrite: Queued | undefined;
  #stackMask: Node | undefined;
  #linear: Node | undefined;
  /** Address in this memory of a read-and-written operand. */
  #host: Node | undefined;
  #hasStored = false;
  #isProbed = false;
  #reads = new Set<number>();
  /** Conditional and other blocks that are open. */
  protected depth = 0;

  constructor(
    e: Emitter,
    protected readonly callees: Callees,
    first: LocalCounts,
  ) {
    super(e, first);
  }

  protected beginInstruction(form: FormSpec, needs: Needs): void {
    this.begin();
    this.form = form;
    this.needs = needs;
    this.queue = [];
    this.control = this.#effective = this.#stackPointer = this.#stackWrite = this.#stackMask = this.#linear = this.#host = undefined;
    this.#reads.clear();
    this.#hasStored = this.#isProbed = false;
  }

  // --- what each builder does in its own way
  /** Address in the CPU state of a register operand. */
  protected abstract registerAddress(operand: FormOperand): Node;
  protected abstract readRegister(operand: FormOperand, width: Width): Node;
  /** A whole XMM register, or its low lane. */
  protected abstract readXmm(operand: FormOperand, type: 'f32' | 'f64' | 'v128'): Node;
  /** The offset in the segment of the instruction's memory operand, not yet wrapped to the address size. */
  protected abstract address(): Node;
  protected abstract addressMask(): Node;
  /** Address of the segment register that memory operands go through. */
  protected abstract segment(): Node;
  protected abstract operandNumber(operand: FormOperand): Node;
  protected abstract relativeTarget(): Node;
  /** A word of the CPU state as it is now. */
  protected abstract state(offset: number, opcode?: number, type?: ValueType): Node;
  /** Abandons the instruction: nothing of it has been committed. FAULT is noted. */
  protected abstract leave(): void;
  /** The entry at `slot` (bytes) of the translation table for the current privilege. */
  protected abstract translationAt(slot: Node, access: 'read' | 'write'): Node;
  /** A write that took no short way. Returns without a value; `mayFault`: it was not probed. */
  protected abstract slowWrite(linear: Node, width: MemoryWidth, value: Node, mayFault: boolean): void;
  /** Kernel that gives the addend of an operand that is read and then written. */
  protected abstract readonly addendForUpdate: string;
  /** Raises the fault of writing `bytes`. */
  protected abstract slowProbe(linear: Node, bytes: number): void;
  protected abstract oldFlags(): FlagWords;
  abstract setFlags(rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void;
  abstract setFlagsIf(condition: Value, rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void;
  abstract fpuOpcode(): Value;
  abstract eip(): Value;
  abstract nextEip(): Value;

  // --- operands
  read(operand: FormOperand, width: Width): Value {
    switch (operand.kind) {
      case 'register':
      case 'xmm':
        return this.readRegister(operand, width);
      case 'mm':
        return this.materialise(this.load(LOADS[width]!, this.registerAddress(operand), 0, typeOf(width)));
      case 'memory':
        if (this.needs.readWrite.has(operand.position)) return this.#readForWrite(width);
        this.#reads.add(operand.position);
        return this.#loadLinear(this.#linearOf(0, width / 8, false), width);
      case 'relative': {
        this.needs.control = true;
        const target = this.relativeTarget();
        target.direct = true;
        return target;
      }
      default:
        return this.truncate(this.immediate(operand), width);
    }
  }
  write(operand: FormOperand, width: Width, value: Value): void {
    if (operand.kind === 'register' || operand.kind === 'xmm') this.enqueue(this.registerAddress(operand), 0, width, value);
    else if (operand.kind === 'mm') {
      this.enqueue(this.registerAddress(operand), 0, width, value);
      this.enqueue(this.registerAddress(operand), 8, 16, this.constant(0xffff));
    } else if (this.#host) this.#storeHost(width, value as Node);
    else {
      if (this.#reads.has(operand.position)) this.needs.readWrite.add(operand.position);
      this.#storeLinear(this.#linearOf(0, width / 8, true), width, value as Node);
    }
  }
  readVector(operand: FormOperand, aligned: boolean): Value {
    if (operand.kind === 'xmm') return this.readXmm(operand, 'v128');
    return this.#loadLinear(this.#vectorLinear(aligned, false), 128, 'v128');
  }
  writeVector(operand: FormOperand, value: Value, aligned: boolean): void {
    if (operand.kind === 'xmm') this.enqueue(this.registerAddress(operand), 0, 128, value);
    else this.#storeLinear(this.#vectorLinear(aligned, true), 128, value as Node);
  }
  #vectorLinear(aligned: boolean, write: boolean): Node {
    if (aligned) {
      // Before the segment's limit is looked at (measured).
      const effective = this.#effectiveAddress();
      const isGeneral = this.form.memory === 'general';
      const linear = isGeneral ? this.add(effective, this.load(Op.i32Load, this.segment(), SegmentField.base)) : effective;
      this.raiseIf(this.and(linear, this.constant(15)), GP, 0);
    }
    return this.#linearOf(0, 16 | CHECK_VECTOR, write);
  }
  readFloat(operand: FormOperand, type: 'f32' | 'f64'): Value {
    if (operand.kind === 'xmm') return this.readXmm(operand, type);
    const width = FLOAT_WIDTHS[type];
    return this.#loadLinear(this.#linearOf(0, width / 8, false), width, type);
  }
  writeFloat(operand: FormOperand, value: Value): void {
    const width = FLOAT_WIDTHS[value.type as 'f32' | 'f64'];
    if (operand.kind === 'xmm') this.enqueue(this.registerAddress(operand), 0, width, value);
    else this.#storeLinear(this.#linearOf(0, width / 8, true), width, value as Node);
  }
  abstract knownImmediate(operand: FormOperand): number | undefined;
  immediate(operand: FormOperand): Node {
    if (operand.kind === 'mm') return this.shr(this.sub(this.registerAddress(operand), this.constant(FPU_REGISTERS)), this.constant(4));
    const source = this.form.row.operands[operand.position];
    if (source?.from === 'one') return this.constant(source.value);
    if (source?.from === 'st' && source.fixed !== undefined) return this.constant(source.fixed);
    return this.operandNumber(operand);
  }
  effectiveAddress(_operand: FormOperand): Node {
    return this.#effectiveAddress();
  }
  displace(_operand: FormOperand, bytes: Value): void {
    const moved = this.add(this.#effectiveAddress(), bytes);
    this.#effective = this.materialise(this.form.memory === 'general' ? this.and(moved, this.addressMask()) : moved);
  }
  loadOperand(_operand: FormOperand, offsetBytes: number, width: Width): Value {
    return this.#loadLinear(this.#linearOf(offsetBytes, width / 8, false), width);
  }
  storeOperand(_operand: FormOperand, offsetBytes: number, width: Width, value: Value): void {
    this.#storeLinear(this.#linearOf(offsetBytes, width / 8, true), width, value as Node);
  }
  probeOperand(_operand: FormOperand, bytes: number): void {
    this.#probe(this.#linearOf(0, bytes, true), bytes);
  }
  operandSelector(_operand: FormOperand): Value {
    return this.load(Op.i32Load16U, this.segment(), SegmentField.selector);
  }

  // --- addresses
  #effectiveAddress(): Node {
    if (this.#effective) return this.#effective;
    const address = this.address();
    this.#effective = this.materialise(this.form.memory === 'general' ? this.and(address, this.addressMask()) : address);
    return this.#effective;
  }
  #linearOf(offsetBytes: number, bytes: number, write: boolean): Node {
    const effective = this.#effectiveAddress();
    if (this.form.memory !== 'general') return this.materialise(this.add(effective, this.constant(offsetBytes)));
    const offset = offsetBytes === 0 ? effective : this.and(this.add(effective, this.constant(offsetBytes)), this.addressMask());
    return this.#checked(this.segment(), offset, bytes, write);
  }
  /** Linear address of `bytes` at an offset in a segment, whose checks it makes. */
  #checked(segment: Node, offset: Node, bytes: number, write: boolean): Node {
    this.evaluate(segment);
    this.evaluate(offset);
    this.e.constant(bytes | (write ? CHECK_WRITE : 0));
    this.call('check', ['i32', 'i32', 'i32'], 'i32');
    const linear = this.take();
    this.leaveOnFault();
    return linear;
  }
  protected call(name: string, parameters: readonly ValueType[], result: ValueType | 'none'): void {
    this.e.op(Op.call, this.callees.index(name, parameters, result));
  }

  // --- guest memory, in the order of the calls
  #translation(linear: Node, access: 'read' | 'write'): Node {
    const slot = this.and(this.shr(linear, this.constant(10)), this.constant(0x3f_fffc));
    return this.materialise(this.translationAt(slot, access));
  }
  /**
   * True where the translation does not serve the access by itself. An entry is a multiple of the page size, or odd where it serves nobody: one
   * test of it together with the address tells accesses that are aligned, which cross no page. The kernels serve the unaligned.
   */
  #needsThought(entry: Node, linear: Node, bytes: number): Node {
    if (bytes === 1) return this.and(entry, this.constant(1));
    if (bytes <= 4) return this.and(this.or(linear, entry), this.constant(bytes - 1));
    const crosses = this.binary(Op.i32GtU, this.and(linear, this.constant(0xfff)), this.constant(0x1000 - bytes));
    return this.or(this.and(entry, this.constant(1)), crosses);
  }
  /** What to add to a linear address for that of `bytes` in this memory, where `kernel` has thought of what the translation does not serve. */
  #addend(linear: Node, bytes: number, access: 'read' | 'write', kernel: string): Node {
    this.materialise(linear);
    const addend = this.newTemporary('i32');
    this.evaluate(this.#translation(linear, access));
    this.e.op(Op.localSet, addend);
    this.evaluate(this.#needsThought(this.local(addend), linear, bytes));
    this.ifEver();
    this.evaluate(linear);
    this.e.constant(bytes);
    this.call(kernel, ['i32', 'i32'], 'i32');
    this.e.op(Op.localTee, addend);
    this.e.constant(1);
    this.e.u8(Op.i32And);
    this.ifEver();
    this.leave();
    this.end();
    this.end();
    return this.local(addend);
  }
  #loadLinear(linear: Node, width: MemoryWidth, type = typeOf(width)): Node {
    this.#assertMayFault();
    const addend = this.#addend(linear, width / 8, 'read', 'readAddend');
    this.evaluate(this.add(linear, addend));
    if (type === 'v128') this.e.vectorMemory(Simd.load, 0);
    else this.e.memory(type === 'i32' || type === 'i64' ? LOADS[width]! : FLOAT_LOADS[type], 0);
    return this.take(type);
  }
  #storeLinear(linear: Node, width: MemoryWidth, bits: Node): void {
    this.#assertMayFault();
    this.materialise(linear);
    const value = this.asStored(bits);
    this.materialise(value);
    const entry = this.materialise(this.#translation(linear, 'write'));
    this.evaluate(this.#needsThought(entry, linear, width / 8));
    this.ifEver();
    this.slowWrite(linear, width, value, !this.#isProbed);
    this.else();
    this.evaluate(this.add(linear, entry));
    this.evaluate(value);
    this.emitStore(width, 0);
    this.end();
    this.#hasStored = true;
  }
  /** A float as the integer of its bits: what stores and their slow paths take. */
  protected asStored(value: Node): Node {
    if (value.type === 'f32') return this.operate('i32.reinterpret_f32', value);
    return value.type === 'f64' ? this.operate('i64.reinterpret_f64', value) : value;
  }
  protected emitStore(width: MemoryWidth, offset: number): void {
    if (width === 128) this.e.vectorMemory(Simd.store, offset);
    else this.e.memory(STORES[width]!, offset);
  }
  /** Read of an operand that will be written: faults as a write, and the write finds the host address ready. */
  #readForWrite(width: Width): Node {
    this.#assertMayFault();
    const linear = this.#linearOf(0, width / 8, true);
    const addend = this.#addend(linear, width / 8, 'write', this.addendForUpdate);
    this.#host = this.materialise(this.add(linear, addend));
    this.#linear = linear;
    this.evaluate(this.#host);
    this.e.memory(LOADS[width]!, 0);
    return this.take(typeOf(width));
  }
  /** Of what was read from the buffer of the slow path, the write has to be told to the kernels. */
  #storeHost(width: Width, value: Node): void {
    this.materialise(value);
    this.evaluate(this.#host!);
    this.evaluate(value);
    this.e.memory(STORES[width]!, 0);
    this.evaluate(this.binary(Op.i32LtU, this.#host!, this.constant(ACCESS_BUFFER + ACCESS_BUFFER_BYTES)));
    this.ifEver();
    this.slowWrite(this.#linear!, width, value, false);
    this.end();
    this.#hasStored = true;
    this.#isProbed = true;
  }
  #probe(linear: Node, bytes: number): void {
    this.#assertMayFault();
    this.slowProbe(linear, bytes);
    this.#isProbed = true;
  }
  #assertMayFault(): void {
    if (this.#hasStored && !this.#isProbed) throw new Error(`semantics: ${this.form.name}: a faulting access after a store; probe first`);
  }
  protected leaveOnFault(): void {
    this.evaluate(this.load(Op.i32Load, this.constant(0), FAULT));
    this.ifEver();
    this.leave();
    this.end();
  }

  // --- state and kernels
  stateLoad(offset: number, width: 8 | 16 | 32 | 64): Value {
    return this.materialise(this.state(offset, LOADS[width]!, typeOf(width)));
  }
  stateStore(offset: number, width: 8 | 16 | 32 | 64, value: Value): void {
    this.enqueue(this.constant(0), offset, width, value);
  }
  kernel(
    name: string,
    args: readonly Value[],
    result: ValueType | 'none',
    options: { readonly mayFault?: boolean; readonly afterStores?: boolean } = {},
  ): Value {
    if (options.mayFault && !options.afterStores) this.#assertMayFault();
    for (const arg of args) this.materialise(arg);
    for (const arg of args) this.evaluate(arg);
    this.call(
      name,
      args.map((arg) => arg.type),
      result,
    );
    this.kernelCalled();
    const value = result === 'none' ? this.constant(0) : this.take(result);
    if (options.mayFault) this.leaveOnFault();
    return value;
  }
  /** A kernel may have written the state, apart from general and XMM registers. Its result is on the stack. */
  protected kernelCalled(): void {}
  fastOr(conditions: readonly Value[], fast: Value, kernel: string, args: readonly Value[]): Value {
    this.#assertMayFault();
    // What the kernel takes is computed on both paths; everything else only where it is reached.
    for (const arg of args) this.materialise(arg);
    this.openBlock(Op.block, fast.type);
    this.openBlock(Op.block);
    for (const condition of conditions) {
      this.evaluate(condition);
      this.e.u8(Op.i32Eqz);
      this.e.unlikely();
      this.e.op(Op.brIf, 0);
    }
    this.evaluate(fast);
    this.e.op(Op.br, 1);
    this.end();
    for (const arg of args) this.evaluate(arg);
    this.call(
      kernel,
      args.map((arg) => arg.type),
      fast.type,
    );
    this.kernelCalled();
    this.leaveOnFault();
    this.end();
    return this.take(fast.type);
  }
  requireSse(): void {
    this.#assertMayFault();
    this.evaluate(this.state(SSE_ATTENTION));
    this.ifEver();
    this.storeWord(FAULT_ERROR, this.constant(-1));
    this.storeWord(FAULT, this.state(SSE_ATTENTION));
    this.leave();
    this.end();
  }
  isFloatDefault(): Value {
    return this.eq(this.and(this.state(MXCSR), this.constant(MXCSR_MODES)), this.constant(MXCSR_DEFAULT_AND_PE));
  }
  raiseIf(condition: Value, vector: number, errorCode = -1): void {
    this.#assertMayFault();
    this.evaluate(condition);
    this.ifEver();
    this.storeWord(FAULT_ERROR, this.constant(errorCode));
    this.storeWord(FAULT, this.constant(vector + 1));
    this.leave();
    this.end();
  }

  // --- flags
  carry(): Value {
    this.needs.readsFlags = true;
    return carryOf(this, this.oldFlags());
  }
  condition(code: number): Value {
    this.needs.readsFlags = true;
    return conditionOf(this, this.oldFlags(), code);
  }
  arithmeticFlags(): Value {
    this.needs.readsFlags = true;
    return eflagsOf(this, this.oldFlags());
  }

  // --- stack
  #isStackGeneral(): boolean {
    this.needs.stack = true;
    return this.form.stack === 'general';
  }
  #masked(value: Node): Node {
    if (!this.#isStackGeneral()) return value;
    this.#stackMask ??= this.materialise(
      this.select(this.and(this.state(MODE_KEY), this.constant(ModeKey.stack32)), this.constant(-1), this.constant(0xffff)),
    );
    return this.and(value, this.#stackMask);
  }
  stackPointer(): Value {
    this.#stackPointer ??= this.materialise(this.#masked(this.state(ESP)));
    return this.#stackPointer;
  }
  setStackPointer(value: Value): void {
    const masked = this.materialise(this.#masked(value as Node));
    this.#stackPointer = masked;
    const whole = this.#isStackGeneral()
      ? this.or(masked, this.and(this.state(ESP), this.xor(this.#stackMask!, this.constant(-1))))
      : masked;
    whole.uses++;
    if (this.#stackWrite) this.#stackWrite.value = whole;
    else {
      this.#stackWrite = { address: this.constant(0), offset: ESP, width: 32, value: whole };
      this.queue.push(this.#stackWrite);
    }
  }
  #stackLinear(offset: Node, bytes: number, write: boolean): Node {
    if (!this.#isStackGeneral()) return this.materialise(offset);
    return this.#checked(this.constant(SEGMENT + SEGMENT_BYTES * SegmentIndex.SS), this.materialise(offset), bytes, write);
  }
  push(width: Width, value: Value): void {
    const top = this.materialise(this.#masked(this.sub(this.stackPointer(), this.constant(width / 8))));
    this.#storeLinear(this.#stackLinear(top, width / 8, true), width, value as Node);
    this.setStackPointer(top);
  }
  pop(width: Width): Value {
    const top = this.stackPointer() as Node;
    const value = this.#loadLinear(this.#stackLinear(top, width / 8, false), width);
    this.setStackPointer(this.add(top, this.constant(width / 8)));
    return value;
  }
  probeStack(bytes: number): void {
    const top = this.#masked(this.sub(this.stackPointer(), this.constant(bytes)));
    this.#probe(this.#stackLinear(top, bytes, true), bytes);
  }
  loadStack(offset: Value, width: Width): Value {
    return this.#loadLinear(this.#stackLinear(this.#masked(offset as Node), width / 8, false), width);
  }

  // --- strings
  protected indexWidth(): 16 | 32 {
    this.needs.string = true;
    return this.form.addressSize === 16 ? 16 : 32;
  }
  #stringRegister(index: number): Node {
    return this.state(GPR + 8 * index, LOADS[this.indexWidth()]!);
  }
  #stringLinear(at: 'source' | 'destination', width: Width, write: boolean): Node {
    const offset = this.materialise(this.#stringRegister(at === 'source' ? 6 : 7));
    if (this.form.memory !== 'general') return offset;
    const segment = at === 'source' ? this.segment() : this.constant(SEGMENT + SEGMENT_BYTES * SegmentIndex.ES);
    return this.#checked(segment, offset, width / 8, write);
  }
  loadString(at: 'source' | 'destination', width: Width): Value {
    return this.#loadLinear(this.#stringLinear(at, width, false), width);
  }
  storeString(width: Width, value: Value): void {
    this.materialise(value);
    this.#storeLinear(this.#stringLinear('destination', width, true), width, value as Node);
  }
  advanceString(which: 'source' | 'destination', width: Width): void {
    const backwards = this.and(this.state(EFLAGS_SYSTEM), this.constant(0x400));
    const step = this.select(backwards, this.constant(-width / 8), this.constant(width / 8));
    const index = which === 'source' ? 6 : 7;
    this.enqueue(this.constant(0), GPR + 8 * index, this.indexWidth(), this.add(this.#stringRegister(index), step));
  }
  loadSegment(offset: Value, width: Width): Value {
    this.needs.string = true;
    this.materialise(offset);
    return this.#loadLinear(
      this.form.memory === 'general' ? this.#checked(this.segment(), offset as Node, width / 8, false) : (offset as Node),
      width,
    );
  }
  repeat(goOn?: Value): void {
    this.needs.string = true;
    if (this.form.repeat === 0) return;
    const width = this.indexWidth();
    const left = this.materialise(this.truncate(this.sub(this.#stringRegister(1), this.constant(1)), width));
    this.enqueue(this.constant(0), GPR + 8, width, left);
    const more = this.binary(Op.i32Ne, left, this.constant(0));
    this.control = { kind: 'repeat', goOn: goOn ? this.and(more, goOn) : more };
    this.control.goOn.uses++;
  }

  // --- control
  jump(target: Value): void {
    this.#checkTarget(target as Node, undefined);
    (target as Node).uses++;
    this.control = { kind: 'jump', target: target as Node };
  }
  branch(condition: Value, target: Value): void {
    this.materialise(condition);
    this.#checkTarget(target as Node, condition as Node);
    (target as Node).uses++;
    this.control = { kind: 'branch', condition: condition as Node, target: target as Node };
  }
  #checkTarget(target: Node, condition: Node | undefined): void {
    this.needs.control = true;
    if (this.form.code !== 'general') return;
    this.materialise(target);
    const outside = this.binary(Op.i32GtU, target, this.state(SEGMENT + SEGMENT_BYTES * SegmentIndex.CS + SegmentField.limit));
    this.raiseIf(condition ? this.and(outside, this.binary(Op.i32Ne, condition, this.constant(0))) : outside, 13, 0);
  }

  // --- the queue
  protected enqueue(address: Node, offset: number, width: MemoryWidth, value: Value): void {
    (value as Node).uses++;
    this.queue.push({ address, offset, width, value: value as Node });
  }
  /** Stores an i32 to the CPU state at once. */
  protected storeWord(offset: number, value: Node): void {
    this.e.constant(0);
    this.evaluate(value);
    this.e.memory(Op.i32Store, offset);
  }

  // --- blocks
  protected if(type?: ValueType): void {
    this.openBlock(Op.if, type);
  }
  /** An IF whose condition is hardly ever true. */
  protected ifEver(type?: ValueType): void {
    this.e.unlikely();
    this.if(type);
  }
  protected openBlock(opcode: number, type?: ValueType): void {
    this.e.u8(opcode);
    this.e.u8(type ? WasmType[type] : WasmType.void);
    this.depth++;
  }
  protected else(): void {
    this.e.u8(Op.else);
  }
  protected end(): void {
    this.e.u8(Op.end);
    this.depth--;
  }
}

export function typeOf(width: MemoryWidth): ValueType {
  return width === 128 ? 'v128' : width === 64 ? 'i64' : 'i32';
}

/** Address of a general register's slot; 8-bit registers 4..7 are AH..BH. */
export function registerSlot(index: number, isByte: boolean): number {
  return isByte && index >= 4 && index < 8 ? GPR + 8 * (index - 4) + 1 : GPR + 8 * index;
}

/** The form as `execute` sees it: what it looks at is noted, so that forms that do not differ share a handler. */
export function watched(form: FormSpec, needs: Needs): FormSpec {
  return {
    ...form,
    get width() {
      if (form.width !== 8) needs.width = true;
      return form.width;
    },
    get addressSize() {
      needs.addressSize = true;
      return form.addressSize;
    },
  };
}
