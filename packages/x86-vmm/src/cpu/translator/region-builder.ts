import type { DecodedRow } from '../decoder/decode.js';
import type { Row } from '../decoder/encoding.js';
import { carryOf, conditionOf, type FlagWords, flagWordsAfter } from '../interpreter/flag-values.js';
import { type FormSpec, type Needs, variantOf } from '../interpreter/forms.js';
import { type Callees, type Control, GuestBuilder, type MemoryWidth, typeOf } from '../interpreter/guest-builder.js';
import type { LocalCounts, Node } from '../interpreter/values.js';
import type { FlagRule, FormOperand, Value } from '../semantics/builder.js';
import type { Operand, Width } from '../semantics/instruction.js';
import {
  BUDGET,
  CODE_BASE,
  FAULT,
  FLAG_CARRIES,
  FLAG_RESULT,
  FPU_REGISTERS,
  GPR,
  INSTRUCTIONS,
  MODE_KEY,
  ModeKey,
  REGION_ENTRIES,
  REGION_EPOCH,
  REGION_EXITS,
  REGION_EXITS_COUNT,
  REGION_EXITS_ENTRIES,
  SEGMENT,
  SEGMENT_BYTES,
  TRANSLATED_INSTRUCTIONS,
  translationTable,
  XMM,
} from '../state.js';
import type { Emitter } from '../wasm/emitter.js';
import { Op, Simd, type ValueType } from '../wasm/opcodes.js';
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

/** Local 0: the record to go on at, when the region is left; 0: the block at `target`. */
const RECORD = 0;
/** Locals of the other types have their place before the i32 ones, whose number is not known beforehand: temporaries of one instruction, and XMM0..XMM7. */
const MOST: LocalCounts = { i32: 0, i64: 16, f32: 12, f64: 12, v128: 24 };
const FIRST: LocalCounts = { i32: 0, i64: 1, f32: 17, f64: 29, v128: 49 };
const FIRST_XMM = 41;
const FIRST_I32 = 73;
/** Index of a general register's local: first register + SDM number. */
const FIRST_REGISTER = FIRST_I32;
const Local = {
  flagA: FIRST_I32 + 8,
  flagB: FIRST_I32 + 9,
  flagResult: FIRST_I32 + 10,
  flagRule: FIRST_I32 + 11,
  /** Instructions completed since the counters in memory were brought up to date. */
  done: FIRST_I32 + 12,
  /** CODE_BASE for the record left to. */
  codeBase: FIRST_I32 + 13,
  /** Offset in CS to go on at when RECORD is 0. */
  target: FIRST_I32 + 14,
  epoch: FIRST_I32 + 15,
  /** Result of the flags' base while an INC or DEC stands over it. */
  baseResult: FIRST_I32 + 16,
  /** CF and OF, 0 or 1, while a rotation or multiplication stands over the other flags. */
  overCarry: FIRST_I32 + 17,
  overOverflow: FIRST_I32 + 18,
  /** Linear address of the block that leads to `target`. */
  site: FIRST_I32 + 19,
} as const;
const FIRST_TEMPORARY = FIRST_I32 + 20;
const ESP = 4;
const ALL_REGISTERS = 0xffff;

/** Where control leaves a region to. */
export interface LeavePoint {
  readonly record: number;
  readonly codeBase: number;
}

/** A form with what a dry run of its `execute` showed. */
export interface KnownForm {
  readonly form: FormSpec;
  readonly needs: Needs;
}
/** The form of a row in a variant. */
export type Forms = (row: Row, variant: number) => KnownForm;

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

/** The builder whose operands are known: instructions of a region become WebAssembly with the guest's registers and flags in locals. */
export class RegionBuilder extends GuestBuilder {
  #decoded!: DecodedRow;
  #here!: LeavePoint;
  /** The rule of the flags as they are now; undefined: known only at run time, in its local. */
  #flags: RegionFlags | undefined = { base: WORDS };
  /** CF and OF are in locals of their own: a rotation or multiplication has written them and left the other flags. */
  #isOver = false;
  #pending: PendingFlags | undefined;
  /** Flags of the instruction being emitted are written over before anybody can see them. */
  #areFlagsDead = false;
  /** Registers that some instruction writes: general ones by bit, XMM from bit 8. */
  #written = 0;

  constructor(
    e: Emitter,
    callees: Callees,
    private readonly mode: number,
    private readonly forms: Forms,
    /** XMM registers are in locals: some instruction of the region uses them. */
    private readonly usesXmm: boolean,
    /** Stands for the region in REGION_EXITS. */
    private readonly number: number,
  ) {
    super(e, callees, { ...FIRST, i32: FIRST_TEMPORARY });
  }

  /** Locals of the finished function beyond its parameter. */
  get locals(): [number, ValueType][] {
    const { highest } = this;
    if (highest.i64 > MOST.i64 || highest.f32 > MOST.f32 || highest.f64 > MOST.f64 || highest.v128 > MOST.v128)
      throw new Error('translator: too many temporaries');
    return [
      [MOST.i64, 'i64'],
      [MOST.f32, 'f32'],
      [MOST.f64, 'f64'],
      [8 + MOST.v128, 'v128'],
      [FIRST_TEMPORARY - FIRST_I32 + highest.i32, 'i32'],
    ];
  }

  // --- the region as a whole
  /**
   * Entry: with less budget than any way through the region needs, or at another linear address than the region was made for (its first
   * block is known by its physical address, and a page may be mapped at several), that block is interpreted instead.
   */
  enter(head: LeavePoint, longest: number): void {
    this.open(Op.block);
    const isShort = this.binary(Op.i32LtS, this.#memory(BUDGET), this.constant(longest));
    this.evaluate(this.or(isShort, this.binary(Op.i32Ne, this.#memory(CODE_BASE), this.constant(head.codeBase))));
    this.ifEver();
    this.e.constant(head.record);
    this.e.u8(Op.return);
    this.end();
    this.storeWord(REGION_ENTRIES, this.add(this.#memory(REGION_ENTRIES), this.constant(1)));
    this.#set(Local.epoch, this.#memory(REGION_EPOCH));
    this.#reload();
  }

  /** The end of the function: everything goes back to memory. */
  finish(): void {
    this.e.u8(Op.unreachable);
    this.end();
    this.#writeBack(this.#written);
    this.storeWord(FAULT, this.constant(0));
    this.storeWord(CODE_BASE, this.local(Local.codeBase));
    this.e.op(Op.localGet, RECORD);
    this.if();
    this.e.op(Op.localGet, RECORD);
    this.e.u8(Op.return);
    this.end();
    this.#noteExit();
    this.e.op(Op.localGet, Local.target);
    this.call('lookup', ['i32'], 'i32');
  }
  #noteExit(): void {
    const count = this.materialise(this.#memory(REGION_EXITS_COUNT));
    this.storeWord(REGION_EXITS_COUNT, this.add(count, this.constant(1)));
    const entry = this.materialise(this.shl(this.and(count, this.constant(REGION_EXITS_ENTRIES - 1)), this.constant(4)));
    for (const [i, value] of [this.constant(this.number), this.local(Local.site), this.local(Local.target)].entries()) {
      this.evaluate(entry);
      this.evaluate(value);
      this.e.memory(Op.i32Store, REGION_EXITS + 4 * i);
    }
  }

  /** Registers (a bit each, XMM from bit 8), flags and counters to memory. FLAG_CARRIES needs the rule's local. */
  #writeBack(registers: number): void {
    for (let i = 0; i < 8; i++) if (registers & (1 << i)) this.storeWord(GPR + 8 * i, this.local(FIRST_REGISTER + i));
    for (let i = 0; this.usesXmm && i < 8; i++) {
      if (!(registers & (0x100 << i))) continue;
      this.e.constant(0);
      this.e.op(Op.localGet, FIRST_XMM + i);
      this.e.vectorMemory(Simd.store, XMM + 16 * i);
    }
    this.e.constant(0);
    this.e.op(Op.localGet, Local.flagRule);
    this.if('i32');
    this.#callFlagCarries();
    this.else();
    this.e.op(Op.localGet, Local.flagA);
    this.end();
    this.e.memory(Op.i32Store, FLAG_CARRIES);
    this.storeWord(FLAG_RESULT, this.local(Local.flagResult));
    this.storeWord(BUDGET, this.sub(this.#memory(BUDGET), this.local(Local.done)));
    for (const counter of [INSTRUCTIONS, TRANSLATED_INSTRUCTIONS]) {
      this.e.constant(0);
      this.evaluate(this.add(this.load(Op.i64Load, this.constant(0), counter, 'i64'), this.extendU(this.local(Local.done))));
      this.e.memory(Op.i64Store, counter);
    }
  }
  #reload(): void {
    for (let i = 0; i < 8; i++) this.#set(FIRST_REGISTER + i, this.#memory(GPR + 8 * i));
    for (let i = 0; this.usesXmm && i < 8; i++) this.#set(FIRST_XMM + i, this.load(Simd.load, this.constant(0), XMM + 16 * i, 'v128'));
    this.#set(Local.flagA, this.#memory(FLAG_CARRIES));
    this.#set(Local.flagResult, this.#memory(FLAG_RESULT));
    this.#flags = { base: WORDS };
    this.#isOver = false;
  }
  #memory(offset: number): Node {
    return this.load(Op.i32Load, this.constant(0), offset);
  }
  #set(local: number, value: Node): void {
    this.evaluate(value);
    this.e.op(Op.localSet, local);
  }

  // --- control flow between blocks
  open(opcode: number): void {
    this.openBlock(opcode);
  }
  close(): void {
    this.end();
  }
  get openBlocks(): number {
    return this.depth;
  }
  /** Branch to the block or loop that was the `label`th to be opened. */
  branchTo(label: number): void {
    this.e.op(Op.br, this.depth - label);
  }
  when(condition: Node, then: () => void, otherwise: () => void): void {
    this.evaluate(condition);
    this.if();
    const [flags, isOver] = [this.#flags, this.#isOver];
    then();
    [this.#flags, this.#isOver] = [flags, isOver];
    this.else();
    otherwise();
    this.end();
    this.e.u8(Op.unreachable);
  }
  equals(value: Node, constant: number): Node {
    return this.binary(Op.i32Eq, value, this.constant(constant));
  }
  /** So many instructions have been completed. */
  count(instructions: number): void {
    this.#set(Local.done, this.add(this.local(Local.done), this.constant(instructions)));
  }
  /** What a way to other code must find in the locals: the flags' rule. */
  makeFlagsDynamic(): void {
    this.#noteFlagRule();
    this.flagsFromElsewhere();
  }
  /** Several ways lead here: the flags' rule is in its local. */
  flagsFromElsewhere(): void {
    this.#flags = undefined;
    this.#isOver = false;
  }
  #noteFlagRule(): void {
    if (this.#isOver) {
      this.#set(Local.flagA, this.oldFlags().carries);
      this.#set(Local.flagRule, this.constant(0));
    } else if (this.#flags) this.#set(Local.flagRule, this.constant(regionFlagsNumber(this.#flags)));
  }
  /** CF and OF join the other flags in words. */
  #mergeOver(): void {
    if (!this.#isOver) return;
    this.#set(Local.flagA, this.oldFlags().carries);
    this.#flags = { base: WORDS };
    this.#isOver = false;
  }
  /** Leaves to a record. Emits no change of what is known of the flags: other paths go on. */
  leaveTo({ record, codeBase }: LeavePoint): void {
    this.#noteFlagRule();
    this.#set(RECORD, this.constant(record));
    this.#set(Local.codeBase, this.constant(codeBase));
    this.branchTo(1);
  }
  /** Leaves to whatever block is at an offset in CS. `site`: linear address of the block that is left. */
  leaveToTarget(target: Node, site: number, codeBase: number): void {
    this.setTarget(target, site);
    this.leaveToKnownTarget(codeBase);
  }
  setTarget(target: Node, site: number): void {
    this.#set(Local.target, target);
    this.#set(Local.site, this.constant(site));
  }
  leaveToKnownTarget(codeBase: number): void {
    this.leaveTo({ record: 0, codeBase });
  }
  leaveToTargetWithout(budget: number, codeBase: number): void {
    this.leaveWithout(budget, { record: 0, codeBase });
  }
  leaveToTargetUnlessMapped(linear: number, host: number, codeBase: number): void {
    this.leaveUnlessMapped(linear, host, { record: 0, codeBase });
  }
  /**
   * Goes by the target: through a table that is indexed by a few of its bits in which the cases differ, with a comparison behind it. `otherwise` for
   * targets that are no case.
   */
  dispatch(cases: readonly { readonly linear: number; readonly way: () => void }[], otherwise: () => void): void {
    const target = this.local(Local.target);
    const { shift, mask } = distinguishingBits(cases.map(({ linear }) => linear));
    const byIndex = new Map(cases.map((each, i) => [(each.linear >>> shift) & mask, i]));
    for (let i = 0; i <= cases.length; i++) this.openBlock(Op.block);
    this.evaluate(this.and(this.shr(target, this.constant(shift)), this.constant(mask)));
    this.e.op(Op.brTable, mask + 1);
    for (let i = 0; i <= mask; i++) this.e.u32(byIndex.get(i) ?? cases.length);
    this.e.u32(cases.length);
    const [flags, isOver] = [this.#flags, this.#isOver];
    for (const [i, { linear, way }] of cases.entries()) {
      this.end();
      [this.#flags, this.#isOver] = [flags, isOver];
      this.evaluate(this.binary(Op.i32Ne, target, this.constant(linear)));
      this.e.unlikely();
      this.e.op(Op.brIf, cases.length - 1 - i);
      way();
    }
    this.end();
    [this.#flags, this.#isOver] = [flags, isOver];
    otherwise();
  }
  /** Leaves unless the budget allows another way through the region. */
  leaveWithout(budget: number, to: LeavePoint): void {
    this.evaluate(this.binary(Op.i32LtS, this.sub(this.#memory(BUDGET), this.local(Local.done)), this.constant(budget)));
    this.ifEver();
    this.leaveTo(to);
    this.end();
  }
  /** Leaves unless a linear page is translated to what the code was decoded from. */
  leaveUnlessMapped(linear: number, host: number, to: LeavePoint): void {
    const page = linear & ~0xfff;
    const entry = this.translationAt(this.constant((linear >>> 12) * 4), 'read');
    this.evaluate(this.binary(Op.i32Ne, entry, this.constant(((host & ~0xfff) - page) | 0)));
    this.ifEver();
    this.leaveTo(to);
    this.end();
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
    this.#areFlagsDead = areFlagsDead;
    this.beginInstruction(form, needs);
    this.#decoded = decoded;
    this.#here = here;
    this.#pending = undefined;
    decoded.instruction.execute!(this, form);
    this.#commit();
    return this.control;
  }

  /**
   * Has the interpreter run the record at `here`, and goes on in the region if it then stands at `expected`, at the linear address that the
   * region was made for, with budget for the `longest` way through the region; returns to the dispatch loop otherwise.
   */
  run(here: LeavePoint, expected: LeavePoint, longest: number): void {
    this.#execute(here);
    this.e.op(Op.localTee, RECORD);
    this.e.constant(expected.record);
    this.e.u8(Op.i32Ne);
    this.evaluate(this.binary(Op.i32Ne, this.#memory(CODE_BASE), this.constant(expected.codeBase)));
    this.e.u8(Op.i32Or);
    this.evaluate(this.#memory(REGION_EPOCH));
    this.e.op(Op.localGet, Local.epoch);
    this.e.u8(Op.i32Ne);
    this.e.u8(Op.i32Or);
    this.ifEver();
    this.e.op(Op.localGet, RECORD);
    this.e.u8(Op.return);
    this.end();
    this.#reload();
    // Repetitions and devices take from the budget.
    this.leaveWithout(longest, expected);
  }
  /** Has the interpreter run the record at `here` and returns to the dispatch loop with what follows. */
  runAndLeave(here: LeavePoint): void {
    this.#execute(here);
    this.e.u8(Op.return);
  }
  /** Everything goes back to memory, and the interpreter's handler runs; the next record is left on the stack. */
  #execute(here: LeavePoint): void {
    this.begin();
    this.makeFlagsDynamic();
    // Code that is emitted later may run before it, in a loop.
    this.#writeBack(ALL_REGISTERS);
    this.#set(Local.done, this.constant(0));
    this.storeWord(CODE_BASE, this.constant(here.codeBase));
    this.e.constant(here.record);
    this.call('execute', ['i32'], 'i32');
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
  protected translationAt(slot: Node, access: 'read' | 'write'): Node {
    return this.load(Op.i32Load, slot, translationTable(access, (this.mode & ModeKey.user) !== 0));
  }
  /** Writes that would fault or meet code are left to the interpreter: nothing of the instruction has happened yet. */
  protected slowWrite(linear: Node, width: MemoryWidth, value: Node, mayFault: boolean): void {
    this.evaluate(linear);
    this.evaluate(value);
    if (!mayFault) return this.call(`write${width}`, ['i32', typeOf(width)], 'none');
    this.call(`tryWrite${width}`, ['i32', typeOf(width)], 'i32');
    this.#leaveIf();
  }
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

  // --- flags
  #kept(): { readonly a: Node; readonly b: Node; readonly result: Node } {
    return { a: this.local(Local.flagA), b: this.local(Local.flagB), result: this.local(Local.flagResult) };
  }
  /** Carries of flags whose rule is known only at run time. */
  #callFlagCarries(): void {
    for (const local of [Local.flagRule, Local.flagA, Local.flagB, Local.baseResult, Local.flagResult]) this.e.op(Op.localGet, local);
    this.call('flagCarries', ['i32', 'i32', 'i32', 'i32', 'i32'], 'i32');
  }
  protected oldFlags(): FlagWords {
    const under = this.#flagsUnder();
    if (!this.#isOver) return under;
    return flagWordsAfter(this, 'rotate', 32, this.local(Local.overCarry), this.local(Local.overOverflow), under.result, under);
  }
  /** The flags without those that stand over them. */
  #flagsUnder(): FlagWords {
    const { a, b, result } = this.#kept();
    const flags = this.#flags;
    if (flags?.step) return { carries: carriesAfter(this, flags.step, a, this.#carryUnder(flags), result), result };
    if (flags) return { carries: carriesAfter(this, flags.base, a, b, result), result };
    this.#callFlagCarries();
    return { carries: this.take(), result };
  }
  #carryUnder({ base, step }: RegionFlags): Node {
    const { a, b, result } = this.#kept();
    return carryAfter(this, base, a, b, step ? this.local(Local.baseResult) : result);
  }
  override carry(): Value {
    if (this.#isOver) return this.local(Local.overCarry);
    return this.#flags ? this.#carryUnder(this.#flags) : carryOf(this, this.oldFlags());
  }
  override condition(code: number): Value {
    const { a, b, result } = this.#kept();
    const flags = this.#flags;
    let value: Node | undefined;
    if (this.#isOver) value = this.#conditionOver(code >> 1, result);
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
    if (this.#areFlagsDead) return;
    if (rule === 'rotate') return this.#keepFlags({ flags: this.#flags, over: { carry: a as Node, overflow: b as Node } });
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
    if (this.#areFlagsDead) return;
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
    return this.#flags ? this.constant(regionFlagsNumber(this.#flags)) : this.local(Local.flagRule);
  }
  /** INC and DEC: over the base, whose operands and result stay for CF. */
  #keepStep(step: StaticFlags & { rule: 'inc' | 'dec' }, result: Node): void {
    this.#mergeOver();
    const flags = this.#flags;
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

  // --- commit
  #commit(): void {
    const { queue, control } = this;
    const flags = this.#pending;
    const alone = queue.length === 1 && flags === undefined && control === undefined;
    const kept: Node[] = [];
    const keep = (node: Node | undefined): void => {
      if (node) kept.push(this.materialise(node));
    };
    if (flags) for (const node of nodesOf(flags)) keep(node);
    if (!alone) for (const { value } of queue) keep(value);
    if (control?.kind === 'branch') keep(control.condition);
    else if (control?.kind === 'jump') keep(control.target);
    this.#written |= this.#registersWritten();
    this.#saveFromWrites(kept);
    for (const queued of queue) this.#write(queued.address.number + queued.offset, queued.width, queued.value);
    if (!flags) return;
    if (flags.a) this.#set(Local.flagA, flags.a);
    if (flags.b) this.#set(Local.flagB, flags.b);
    if (flags.baseResult) this.#set(Local.baseResult, flags.baseResult);
    if (flags.result) this.#set(Local.flagResult, flags.result);
    if (flags.rule) this.#set(Local.flagRule, flags.rule);
    if (flags.over) {
      this.#set(Local.overCarry, flags.over.carry);
      this.#set(Local.overOverflow, flags.over.overflow);
    }
    this.#flags = flags.flags;
    this.#isOver = flags.over !== undefined;
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
      return;
    }
    const local = FIRST_REGISTER + ((at - GPR) >> 3);
    if (width === 32) return this.#set(local, value);
    const shift = (at & 7) * 8;
    const mask = (width === 8 ? 0xff : 0xffff) << shift;
    const low = this.truncate(value, width as Width);
    this.#set(local, this.or(this.and(this.local(local), this.constant(~mask)), this.shl(low, this.constant(shift))));
  }
  /** A whole XMM register or its low lane; the other lanes stay. */
  #writeXmm(index: number, value: Node): void {
    const local = FIRST_XMM + index;
    if (value.type === 'v128') return this.#set(local, value);
    const lane = { i32: 'i32x4.replace_lane', i64: 'i64x2.replace_lane', f32: 'f32x4.replace_lane', f64: 'f64x2.replace_lane' } as const;
    this.#set(local, this.operateLane(lane[value.type], 0, this.local(local, 'v128'), value));
  }
}

/** The fewest bits, side by side, in which addresses differ; with more cases than bits can tell apart in a table of this size, some share an index and are left out. */
function distinguishingBits(addresses: readonly number[]): { readonly shift: number; readonly mask: number } {
  for (let mask = 1; mask < LARGEST_TABLE; mask = 2 * mask + 1)
    for (let shift = 0; shift < 16; shift++)
      if (new Set(addresses.map((each) => (each >>> shift) & mask)).size === addresses.length) return { shift, mask };
  return { shift: 0, mask: LARGEST_TABLE - 1 };
}
const LARGEST_TABLE = 256;
