import type { DecodedRow } from '../decoder/decode.js';
import type { Row } from '../decoder/encoding.js';
import { type FormSpec, type Needs, variantOf } from '../interpreter/forms.js';
import type { Callees, Control, MemoryWidth } from '../interpreter/guest-builder.js';
import { typeOf } from '../interpreter/guest-builder.js';
import type { Node } from '../interpreter/values.js';
import type { FormOperand, Value } from '../semantics/builder.js';
import type { Operand, Width } from '../semantics/instruction.js';
import { FPU_REGISTERS, GPR, MODE_KEY, MXCSR, SEGMENT, SEGMENT_BYTES, XMM } from '../state.js';
import type { Emitter } from '../wasm/emitter.js';
import { Op, type ValueType } from '../wasm/opcodes.js';
import { type LeavePoint, RegionFrame } from './region-frame.js';
import { FIRST_REGISTER, FIRST_XMM } from './region-locals.js';

const ESP = 4;

/** A form with what a dry run of its `execute` showed. */
export interface KnownForm {
  readonly form: FormSpec;
  readonly needs: Needs;
}
/** The form of a row in a variant. */
export type Forms = (row: Row, variant: number) => KnownForm;

/** The builder whose operands are known: instructions of a region become WebAssembly with the guest's registers and flags in locals. */
export class RegionBuilder extends RegionFrame {
  #decoded!: DecodedRow;
  #here!: LeavePoint;

  constructor(
    e: Emitter,
    callees: Callees,
    mode: number,
    private readonly forms: Forms,
    usesXmm: boolean,
    number: number,
  ) {
    super(e, callees, mode, usesXmm, number);
  }

  // --- instructions
  /** Whether `emit` can translate it; otherwise `run` hands it to the interpreter's handler. */
  canEmit({ row, instruction, repeat }: DecodedRow): boolean {
    return row !== undefined && instruction.execute !== undefined && !(repeat !== 0 && instruction.repeats);
  }

  /** Of each instruction of a block: whether its flags are written over before an instruction reads them or the region can be left. */
  deadFlags(instructions: readonly DecodedRow[]): boolean[] {
    const dead: boolean[] = [];
    for (let i = instructions.length - 1, isDead = false; i >= 0; i--) {
      dead[i] = isDead;
      isDead = this.#areFlagsDeadBefore(instructions[i]!, isDead);
    }
    return dead;
  }
  #areFlagsDeadBefore(decoded: DecodedRow, areDeadAfter: boolean): boolean {
    if (!this.canEmit(decoded)) return false;
    const { leaves, readsFlags, setsFlags } = this.#known(decoded).needs;
    if (leaves || readsFlags) return false;
    const count = decoded.operands.find((operand) => operand.kind === 'immediate');
    return areDeadAfter || setsFlags === 'all' || (setsFlags === 'counted' && count !== undefined && (count.value & 31) !== 0);
  }
  #known(decoded: DecodedRow): KnownForm {
    return this.forms(decoded.row!, variantOf(decoded, this.mode));
  }

  /**
   * Emits one instruction. Returns where it leads to, when it is a jump or branch. `here`: its own record, to which it is abandoned.
   * `areFlagsDead`: nobody will see the flags that it sets.
   */
  emit(decoded: DecodedRow, here: LeavePoint, areFlagsDead: boolean): Control | undefined {
    const { form, needs } = this.#known(decoded);
    this.beginFlags(areFlagsDead);
    this.beginInstruction(form, needs);
    this.#decoded = decoded;
    this.#here = here;
    decoded.instruction.execute!(this, form);
    this.#commit();
    return this.control;
  }

  protected leave(): void {
    this.leaveTo(this.#here);
  }

  // --- operands
  #operand(operand: FormOperand): Operand {
    return this.#decoded.operands[operand.position]!;
  }
  #memoryOperand(): Extract<Operand, { kind: 'memory' }> | undefined {
    return this.#decoded.operands.find((operand): operand is Extract<Operand, { kind: 'memory' }> => operand.kind === 'memory');
  }
  protected registerAddress(operand: FormOperand): Node {
    const decoded = this.#operand(operand);
    if (decoded.kind === 'register') return this.constant(GPR + 8 * decoded.index + (decoded.high ? 1 : 0));
    if (decoded.kind === 'mm') return this.constant(FPU_REGISTERS + 16 * decoded.index);
    if (decoded.kind === 'xmm') return this.constant(XMM + 16 * decoded.index);
    throw new Error(`translator: ${decoded.kind} is no register`);
  }
  protected readRegister(operand: FormOperand, width: Width): Node {
    const decoded = this.#operand(operand);
    if (decoded.kind === 'xmm')
      return this.operateLane(width === 64 ? 'i64x2.extract_lane' : 'i32x4.extract_lane', 0, this.#xmm(decoded.index));
    if (decoded.kind !== 'register') throw new Error(`translator: ${decoded.kind} is no register`);
    return this.#register(decoded.index, width, decoded.high === true);
  }
  #xmm(index: number): Node {
    return this.local(FIRST_XMM + index, 'v128');
  }
  protected readXmm(operand: FormOperand, type: 'f32' | 'f64' | 'v128'): Node {
    const decoded = this.#operand(operand);
    if (decoded.kind !== 'xmm') throw new Error(`translator: ${decoded.kind} is no XMM register`);
    const whole = this.#xmm(decoded.index);
    if (type === 'v128') return whole;
    return this.operateLane(type === 'f64' ? 'f64x2.extract_lane' : 'f32x4.extract_lane', 0, whole);
  }
  knownImmediate(operand: FormOperand): number | undefined {
    const decoded = this.#operand(operand);
    return decoded.kind === 'immediate' ? decoded.value : undefined;
  }
  #register(index: number, width: Width, high: boolean): Node {
    const whole = this.local(FIRST_REGISTER + index);
    return this.truncate(high ? this.shr(whole, this.constant(8)) : whole, width);
  }
  protected address(): Node {
    const { base, index, scale, displacement } = this.#memoryOperand()!;
    // POP with a base of ESP: the address uses ESP after the pop (SDM Vol. 2B POP).
    const moved = base === ESP && this.#decoded.instruction.mnemonic === 'POP' ? this.#decoded.operandSize / 8 : 0;
    let address: Node = this.constant(0);
    if (base >= 0) address = this.#register(base, 32, false);
    if (index >= 0) address = this.add(address, this.shl(this.#register(index, 32, false), this.constant(scale)));
    return this.add(address, this.constant(displacement + moved));
  }
  protected addressMask(): Node {
    return this.constant(this.#decoded.addressSize === 16 ? 0xffff : -1);
  }
  protected segment(): Node {
    return this.constant(SEGMENT + SEGMENT_BYTES * (this.#memoryOperand()?.segment ?? this.#decoded.segment));
  }
  protected operandNumber(operand: FormOperand): Node {
    const decoded = this.#operand(operand);
    if (decoded.kind === 'immediate') return this.constant(decoded.value);
    if ('index' in decoded) return this.constant(decoded.index);
    throw new Error(`translator: ${decoded.kind} has no number`);
  }
  protected relativeTarget(): Node {
    const relative = this.#decoded.operands.find((operand) => operand.kind === 'relative');
    return this.constant(relative?.kind === 'relative' ? relative.target : 0);
  }
  fpuOpcode(): Value {
    return this.constant(((this.#decoded.opcodeByte & 7) << 8) | this.#decoded.modRM);
  }
  eip(): Value {
    return this.constant(this.#decoded.eip);
  }
  nextEip(): Value {
    return this.constant(this.#decoded.nextEip);
  }

  // --- state
  protected state(offset: number, opcode: number = Op.i32Load, type: ValueType = 'i32'): Node {
    if (offset >= GPR && offset < GPR + 64) {
      const width = opcode === Op.i32Load8U ? 8 : opcode === Op.i32Load16U ? 16 : 32;
      return this.#register((offset - GPR) >> 3, width, (offset & 7) === 1);
    }
    if (offset === MODE_KEY) return this.constant(this.mode);
    return this.load(opcode, this.constant(0), offset, type);
  }
  /** Writes that would fault or meet code are left to the interpreter: nothing of the instruction has happened yet. */
  protected slowWrite(linear: Node, width: MemoryWidth, value: Node, mayFault: boolean): void {
    this.evaluate(linear);
    this.evaluate(value);
    if (!mayFault) return this.call(`write${width}`, ['i32', typeOf(width)], 'none');
    this.call(`tryWrite${width}`, ['i32', typeOf(width)], 'i32');
    this.#leaveIf();
  }
  protected readonly addendForUpdate = 'tryWriteAddend';
  protected slowProbe(linear: Node, bytes: number): void {
    this.evaluate(linear);
    this.e.constant(bytes);
    this.call('tryProbeWrite', ['i32', 'i32'], 'i32');
    this.#leaveIf();
  }
  #leaveIf(): void {
    this.ifEver();
    this.leave();
    this.end();
  }

  // --- commit
  #commit(): void {
    const { queue, control } = this;
    const flags = this.pendingFlags();
    const alone = queue.length === 1 && flags === undefined && control === undefined;
    const kept: Node[] = [];
    const keep = (node: Node): void => {
      kept.push(this.materialise(node));
    };
    for (const node of flags ?? []) keep(node);
    if (!alone) for (const { value } of queue) keep(value);
    if (control?.kind === 'branch') keep(control.condition);
    else if (control?.kind === 'jump') keep(control.target);
    this.written |= this.#registersWritten();
    this.#saveFromWrites(kept);
    for (const queued of queue) this.#write(queued.address.number + queued.offset, queued.width, queued.value);
    this.commitFlags();
  }
  #registersWritten(): number {
    let written = 0;
    for (const { address, offset } of this.queue) {
      const at = address.number + offset;
      if (at >= GPR && at < GPR + 64) written |= 1 << ((at - GPR) >> 3);
      else if (at >= XMM && at < XMM + 128) written |= 0x100 << ((at - XMM) >> 4);
    }
    return written;
  }
  /** A value that is a register itself is copied, if the queue writes that register. */
  #saveFromWrites(values: readonly Node[]): void {
    const written = this.#registersWritten();
    for (const node of values) {
      if (node.kind !== 'local') continue;
      const first = node.type === 'v128' ? FIRST_XMM - 8 : FIRST_REGISTER;
      const register = node.index - first;
      const isRegister = node.type === 'v128' ? register >= 8 && register < 16 : node.type === 'i32' && register >= 0 && register < 8;
      if (!isRegister || !(written & (1 << register))) continue;
      const copy = this.newTemporary(node.type);
      this.e.op(Op.localGet, node.index);
      this.e.op(Op.localSet, copy);
      node.index = copy;
    }
  }
  #write(at: number, width: MemoryWidth, value: Node): void {
    if (at >= XMM && at < XMM + 128) return this.#writeXmm((at - XMM) >> 4, value);
    if (at < GPR || at >= GPR + 64) {
      this.e.constant(0);
      this.evaluate(this.asStored(value));
      this.emitStore(width, at);
      if (at === MXCSR) this.noteFloatDefault();
      return;
    }
    const local = FIRST_REGISTER + ((at - GPR) >> 3);
    if (width === 32) return this.set(local, value);
    const shift = (at & 7) * 8;
    const mask = (width === 8 ? 0xff : 0xffff) << shift;
    const low = this.truncate(value, width as Width);
    this.set(local, this.or(this.and(this.local(local), this.constant(~mask)), this.shl(low, this.constant(shift))));
  }
  /** A whole XMM register or its low lane; the other lanes stay. */
  #writeXmm(index: number, value: Node): void {
    const local = FIRST_XMM + index;
    if (value.type === 'v128') return this.set(local, value);
    const lane = { i32: 'i32x4.replace_lane', i64: 'i64x2.replace_lane', f32: 'f32x4.replace_lane', f64: 'f64x2.replace_lane' } as const;
    this.set(local, this.operateLane(lane[value.type], 0, this.local(local, 'v128'), value));
  }
}
