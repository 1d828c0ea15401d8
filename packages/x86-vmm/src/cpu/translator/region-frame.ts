import type { Callees } from '../interpreter/guest-builder.js';
import type { Node } from '../interpreter/values.js';
import type { Value } from '../semantics/builder.js';
import {
  BUDGET,
  CODE_BASE,
  FAULT,
  FLAG_CARRIES,
  FLAG_RESULT,
  GPR,
  INSTRUCTIONS,
  ModeKey,
  REGION_ENTRIES,
  REGION_EPOCH,
  REGION_EXITS,
  REGION_EXITS_COUNT,
  REGION_EXITS_ENTRIES,
  TRANSLATED_INSTRUCTIONS,
  translationTable,
  XMM,
} from '../state.js';
import type { Emitter } from '../wasm/emitter.js';
import { Op, Simd, type ValueType } from '../wasm/opcodes.js';
import { RegionFlagsBuilder } from './region-flags.js';
import { FIRST, FIRST_REGISTER, FIRST_TEMPORARY, FIRST_XMM, Local, MOST, RECORD } from './region-locals.js';

const ALL_REGISTERS = 0xffff;

/** Where control leaves a region to. */
export interface LeavePoint {
  readonly record: number;
  readonly codeBase: number;
}

/** A region as a function: its entry and its ends, the ways between its blocks, and calls of the interpreter's handlers. */
export abstract class RegionFrame extends RegionFlagsBuilder {
  /** Registers that some instruction writes: general ones by bit, XMM from bit 8. */
  protected written = 0;
  #isSseChecked = false;

  constructor(
    e: Emitter,
    callees: Callees,
    protected readonly mode: number,
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
      [FIRST_TEMPORARY - FIRST_REGISTER + highest.i32, 'i32'],
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
    this.set(Local.epoch, this.#memory(REGION_EPOCH));
    this.#reload();
  }

  /** The end of the function: everything goes back to memory. */
  finish(): void {
    this.e.u8(Op.unreachable);
    this.end();
    this.#writeBack(this.written);
    this.storeWord(FAULT, this.constant(0));
    this.storeWord(CODE_BASE, this.local(Local.codeBase));
    this.e.op(Op.localGet, RECORD);
    this.if();
    this.e.op(Op.localGet, RECORD);
    this.e.u8(Op.return);
    this.end();
    this.e.op(Op.localGet, Local.site);
    this.if();
    this.#noteExit();
    this.end();
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
    this.callFlagCarries();
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
    for (let i = 0; i < 8; i++) this.set(FIRST_REGISTER + i, this.#memory(GPR + 8 * i));
    for (let i = 0; this.usesXmm && i < 8; i++) this.set(FIRST_XMM + i, this.load(Simd.load, this.constant(0), XMM + 16 * i, 'v128'));
    this.set(Local.flagA, this.#memory(FLAG_CARRIES));
    this.set(Local.flagResult, this.#memory(FLAG_RESULT));
    this.flagsInWords();
    this.#isSseChecked = false;
    this.noteFloatDefault();
  }
  protected noteFloatDefault(): void {
    if (this.usesXmm) this.set(Local.isFloatDefault, super.isFloatDefault() as Node);
  }
  protected override kernelCalled(): void {
    this.noteFloatDefault();
  }
  override isFloatDefault(): Value {
    if (!this.usesXmm) return super.isFloatDefault();
    return this.local(Local.isFloatDefault);
  }
  /** Once for the block: what it depends on is changed by slow instructions only. */
  override requireSse(): void {
    if (!this.#isSseChecked) super.requireSse();
    this.#isSseChecked = true;
  }
  #memory(offset: number): Node {
    return this.load(Op.i32Load, this.constant(0), offset);
  }
  // --- control flow between blocks
  beginBlock(): void {
    this.#isSseChecked = false;
  }
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
    const { flagState } = this;
    then();
    this.flagState = flagState;
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
    this.set(Local.done, this.add(this.local(Local.done), this.constant(instructions)));
  }
  /** Leaves to a record. Emits no change of what is known of the flags: other paths go on. */
  leaveTo({ record, codeBase }: LeavePoint): void {
    this.noteFlagRule();
    this.set(RECORD, this.constant(record));
    this.set(Local.codeBase, this.constant(codeBase));
    this.branchTo(1);
  }
  /** Leaves to whatever block is at an offset in CS. `site`: linear address of the block that is left. */
  leaveToTarget(target: Node, site: number, codeBase: number): void {
    this.setTarget(target, site);
    this.leaveToKnownTarget(codeBase);
  }
  setTarget(target: Node, site: number): void {
    this.set(Local.target, target);
    this.set(Local.site, this.constant(site));
  }
  leaveToKnownTarget(codeBase: number): void {
    this.leaveTo({ record: 0, codeBase });
  }
  /** Leaves to a target that is known: nothing is to be learnt from it. */
  leaveToTargetWithout(budget: number, codeBase: number): void {
    this.#leaveIf(this.#isShortOf(budget), () => this.#leaveUnnoted(codeBase));
  }
  leaveToTargetUnlessMapped(linear: number, host: number, codeBase: number): void {
    this.#leaveIf(this.#isUnmapped(linear, host), () => this.#leaveUnnoted(codeBase));
  }
  #leaveUnnoted(codeBase: number): void {
    this.set(Local.site, this.constant(0));
    this.leaveToKnownTarget(codeBase);
  }
  #leaveIf(condition: Node, leave: () => void): void {
    this.evaluate(condition);
    this.ifEver();
    leave();
    this.end();
  }
  /**
   * Goes by the target: through a table that is indexed by a few of its bits in which the cases differ, with a comparison behind it; cases that
   * share an index are compared one after the other. `otherwise` for targets that are no case.
   */
  dispatch(cases: readonly { readonly linear: number; readonly way: () => void }[], otherwise: () => void): void {
    const target = this.local(Local.target);
    const { shift, mask } = distinguishingBits(cases.map(({ linear }) => linear));
    const none = cases.length;
    const byIndex = new Map<number, number>();
    const nextAt: number[] = [];
    for (let i = none - 1; i >= 0; i--) {
      const index = (cases[i]!.linear >>> shift) & mask;
      nextAt[i] = byIndex.get(index) ?? none;
      byIndex.set(index, i);
    }
    for (let i = 0; i <= none; i++) this.openBlock(Op.block);
    this.evaluate(this.and(this.shr(target, this.constant(shift)), this.constant(mask)));
    this.e.op(Op.brTable, mask + 1);
    for (let i = 0; i <= mask; i++) this.e.u32(byIndex.get(i) ?? none);
    this.e.u32(none);
    const { flagState } = this;
    for (const [i, { linear, way }] of cases.entries()) {
      this.end();
      this.flagState = flagState;
      this.evaluate(this.binary(Op.i32Ne, target, this.constant(linear)));
      this.e.unlikely();
      this.e.op(Op.brIf, nextAt[i]! - 1 - i);
      way();
    }
    this.end();
    this.flagState = flagState;
    otherwise();
  }
  /** Leaves unless the budget allows another way through the region. */
  leaveWithout(budget: number, to: LeavePoint): void {
    this.#leaveIf(this.#isShortOf(budget), () => this.leaveTo(to));
  }
  #isShortOf(budget: number): Node {
    return this.binary(Op.i32LtS, this.sub(this.#memory(BUDGET), this.local(Local.done)), this.constant(budget));
  }
  /** Leaves unless a linear page is translated to what the code was decoded from. */
  leaveUnlessMapped(linear: number, host: number, to: LeavePoint): void {
    this.#leaveIf(this.#isUnmapped(linear, host), () => this.leaveTo(to));
  }
  #isUnmapped(linear: number, host: number): Node {
    const entry = this.translationAt(this.constant((linear >>> 12) * 4), 'read');
    return this.binary(Op.i32Ne, entry, this.constant(((host & ~0xfff) - (linear & ~0xfff)) | 0));
  }

  // --- calls of the interpreter
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
    this.set(Local.done, this.constant(0));
    this.storeWord(CODE_BASE, this.constant(here.codeBase));
    this.e.constant(here.record);
    this.call('execute', ['i32'], 'i32');
  }

  protected translationAt(slot: Node, access: 'read' | 'write'): Node {
    return this.load(Op.i32Load, slot, translationTable(access, (this.mode & ModeKey.user) !== 0));
  }
}

/** The fewest bits, side by side, in which all addresses differ; where a table of LARGEST_TABLE does not suffice, its lowest bits, in which some agree. */
function distinguishingBits(addresses: readonly number[]): { readonly shift: number; readonly mask: number } {
  for (let mask = 1; mask < LARGEST_TABLE; mask = 2 * mask + 1)
    for (let shift = 0; shift < 32; shift++)
      if (new Set(addresses.map((each) => (each >>> shift) & mask)).size === addresses.length) return { shift, mask };
  return { shift: 0, mask: LARGEST_TABLE - 1 };
}
const LARGEST_TABLE = 256;
