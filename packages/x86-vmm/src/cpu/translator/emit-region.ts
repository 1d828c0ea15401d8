import type { Block } from '../interpreter/block-cache.js';
import type { Callees } from '../interpreter/guest-builder.js';
import { RECORD_BYTES } from '../interpreter/record.js';
import type { Node } from '../interpreter/values.js';
import type { Emitter } from '../wasm/emitter.js';
import { type ModuleFunction } from '../wasm/module.js';
import { Op } from '../wasm/opcodes.js';
import { type ControlFlow, controlFlowOf } from './control-flow.js';
import type { RegionBlock, RegionShape } from './find-region.js';
import { type Forms, RegionBuilder } from './region-builder.js';
import type { LeavePoint } from './region-frame.js';

/** Records outside of the region that the region leaves to. */
export interface LeaveRecords {
  /** Leads to a linear address in the way of an ordinary edge between blocks. `codeBase`: of the block that is left. */
  edgeTo(linear: number, codeBase: number): number;
  /** Stands for a block's first record and never leads into a region; undefined: the block begins one already. */
  withoutRegion(block: Block): number | undefined;
}

export interface RegionCode {
  readonly code: ModuleFunction;
  /** Blocks that the code was made from. */
  readonly blocks: readonly RegionBlock[];
  readonly instructions: number;
}

/**
 * One region as one WebAssembly function (record) -> record, structured along the dominator tree (see control-flow.ts). `number` stands for
 * the region in REGION_EXITS.
 */
export function emitRegion(
  name: string,
  shape: RegionShape,
  mode: number,
  records: LeaveRecords,
  e: Emitter,
  callees: Callees,
  forms: Forms,
  number: number,
): RegionCode {
  e.restart();
  const emission = new RegionEmission(shape, mode, records, e, callees, forms, number);
  emission.emit();
  const { blocks, instructions, locals } = emission;
  return { code: { name, parameters: ['i32'], results: ['i32'], locals, body: e.body() }, blocks, instructions };
}

class RegionEmission {
  readonly #flow: ControlFlow;
  readonly #builder: RegionBuilder;
  readonly #indexOf: ReadonlyMap<number, number>;
  /** Label of each loop header and of each merge whose block is open. */
  readonly #loops = new Map<number, number>();
  readonly #merges = new Map<number, number>();
  readonly #longest: number;
  readonly #records = new Map<number, number | undefined>();

  constructor(
    private readonly shape: RegionShape,
    mode: number,
    private readonly records: LeaveRecords,
    e: Emitter,
    callees: Callees,
    forms: Forms,
    number: number,
  ) {
    this.#flow = controlFlowOf(shape.successors, shape.dispatched.length > 0 ? shape.blocks.length : 0);
    const usesXmm = shape.blocks.some(({ instructions }) =>
      instructions.some(({ operands }) => operands.some(({ kind }) => kind === 'xmm')),
    );
    this.#builder = new RegionBuilder(e, callees, mode, forms, usesXmm, number);
    this.#indexOf = new Map(shape.blocks.map(({ linear }, i) => [linear, i]));
    this.#longest = this.instructions;
  }

  get blocks(): RegionBlock[] {
    return this.#flow.order.filter((node) => node !== this.#dispatch).map((node) => this.shape.blocks[node]!);
  }
  get instructions(): number {
    return this.blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
  }
  get locals(): ModuleFunction['locals'] {
    return this.#builder.locals;
  }

  /** Node of the dispatch, if there is one. */
  get #dispatch(): number {
    return this.shape.dispatched.length > 0 ? this.shape.blocks.length : -1;
  }

  emit(): void {
    this.#builder.enter(this.#recordOf(0), this.#longest);
    if (this.#dispatch === -1) this.#tree(0);
    else {
      const { linear } = this.shape.blocks[0]!;
      this.#builder.setTarget(this.#builder.constant(linear), 0);
      this.#tree(this.#dispatch);
    }
    this.#builder.finish();
  }

  /** A node and everything it dominates. */
  #tree(node: number): void {
    const b = this.#builder;
    const merges = this.#flow.children[node]!.filter((child) => this.#flow.isMerge[child]);
    if (!this.#flow.isLoopHeader[node]) return this.#within(node, merges);
    b.makeFlagsDynamic();
    b.open(Op.loop);
    this.#loops.set(node, b.openBlocks);
    this.#within(node, merges);
    b.close();
  }
  /** The node's own code inside blocks whose ends are the merges that it dominates. */
  #within(node: number, merges: readonly number[]): void {
    const [merge, ...rest] = merges;
    if (merge === undefined) return node === this.#dispatch ? this.#toTarget() : this.#node(node);
    const b = this.#builder;
    b.open(Op.block);
    this.#merges.set(merge, b.openBlocks);
    this.#within(node, rest);
    b.close();
    b.flagsFromElsewhere();
    this.#tree(merge);
  }

  #node(node: number): void {
    const b = this.#builder;
    b.beginBlock();
    const region = this.shape.blocks[node]!;
    const { block, instructions, end, linear } = region;
    const codeBase = (linear & ~0xfff) >>> 0;
    const isCrossing = block.secondHost !== 0;
    if (isCrossing) b.leaveUnlessMapped(codeBase + 0x1000, block.secondHost, this.#recordOf(node));
    const first = block.record + (isCrossing ? RECORD_BYTES : 0);
    const dead = b.deadFlags(instructions);
    for (const [i, decoded] of instructions.entries()) {
      const record = first + i * RECORD_BYTES;
      const here = record === this.shape.blocks[0]!.block.record ? this.#recordOf(0) : { record, codeBase };
      const isLast = i === instructions.length - 1;
      if (!b.canEmit(decoded)) {
        // A record that begins a region would be run by that region: regions would call each other without end.
        const alone = record === block.record ? this.#alone(node) : record;
        if (alone === undefined) return b.leaveTo({ record, codeBase });
        if (end === 'slow' && isLast) return this.#slow(node, { record: alone, codeBase });
        b.run({ record: alone, codeBase }, { record: alone + RECORD_BYTES, codeBase }, this.#longest);
        continue;
      }
      const control = b.emit(decoded, here, dead[i]!);
      if (!isLast) continue;
      b.count(instructions.length);
      if (control?.kind === 'branch')
        return b.when(
          control.condition,
          () => this.#edge(node, region.target),
          () => this.#edge(node, region.next),
        );
      if (control?.kind === 'jump' && end !== 'jump' && end !== 'call') return this.#indirect(node, control.target);
      return this.#edge(node, end === 'open' ? region.next : region.target);
    }
    // The last instruction was run by the interpreter's handler, which counts only what it leaves at.
    b.count(instructions.length);
    this.#edge(node, region.next);
  }

  /** A slow instruction ends the block: the interpreter runs it, and the region goes on if the next block follows as expected. */
  #slow(node: number, here: LeavePoint): void {
    const { next } = this.shape.blocks[node]!;
    const to = this.#insideTo(node, next);
    const b = this.#builder;
    if (to === undefined || this.#flow.isBackEdge(node, to) || to === 0) return b.runAndLeave(here);
    const { block, linear } = this.shape.blocks[to]!;
    b.run(here, { record: block.record, codeBase: (linear & ~0xfff) >>> 0 }, this.#longest);
    this.#enter(node, to);
  }

  #indirect(node: number, target: Node): void {
    const b = this.#builder;
    const codeBase = (this.shape.blocks[node]!.linear & ~0xfff) >>> 0;
    const all = this.shape.successors[node]!;
    const [point, ...rest] = all.filter((to) => to !== this.#dispatch);
    const chain = (to: number | undefined, others: readonly number[]): void => {
      if (to === undefined && all.includes(this.#dispatch)) return this.#toDispatch(node, target);
      if (to === undefined) return b.leaveToTarget(target, this.shape.blocks[node]!.linear, codeBase);
      const { linear } = this.shape.blocks[to]!;
      b.when(
        b.equals(target, linear),
        () => this.#edge(node, linear),
        () => chain(others[0], others.slice(1)),
      );
    };
    chain(point, rest);
  }

  /** From a block to the dispatch node, which finds the way to `target`. */
  #toDispatch(node: number, target: Node): void {
    const b = this.#builder;
    const { linear } = this.shape.blocks[node]!;
    b.setTarget(target, linear);
    b.leaveToTargetWithout(this.#longest, (linear & ~0xfff) >>> 0);
    this.#enter(node, this.#dispatch);
  }
  /** The dispatch node: a jump through a table, or out of the region. */
  #toTarget(): void {
    const b = this.#builder;
    const codeBase = (this.shape.blocks[0]!.linear & ~0xfff) >>> 0;
    b.dispatch(
      this.shape.dispatched.map((to) => {
        const { block, linear } = this.shape.blocks[to]!;
        const way = (): void => {
          b.leaveToTargetUnlessMapped(linear, block.host, codeBase);
          this.#enter(this.#dispatch, to);
        };
        return { linear, way };
      }),
      () => b.leaveToKnownTarget(codeBase),
    );
  }

  /** The node of a linear address that an edge of the region leads to. */
  #insideTo(node: number, linear: number): number | undefined {
    const to = this.#indexOf.get(linear);
    return to !== undefined && this.shape.successors[node]!.includes(to) ? to : undefined;
  }

  /** From the end of a block to a linear address. */
  #edge(node: number, linear: number): void {
    const b = this.#builder;
    const from = this.shape.blocks[node]!;
    const codeBase = (from.linear & ~0xfff) >>> 0;
    const inside = this.#indexOf.get(linear);
    const isIntoLoop = inside !== undefined && !this.shape.successors[node]!.includes(inside) && this.shape.dispatched.includes(inside);
    if (isIntoLoop) return this.#toDispatch(node, b.constant(linear));
    const to = this.#insideTo(node, linear);
    if (to === undefined) return b.leaveTo({ record: this.records.edgeTo(linear, codeBase), codeBase });
    const { block } = this.shape.blocks[to]!;
    if ((linear ^ from.linear) & ~0xfff)
      b.leaveUnlessMapped(linear, block.host, { record: this.records.edgeTo(linear, codeBase), codeBase });
    if (this.#flow.isBackEdge(node, to)) b.leaveWithout(this.#longest, this.#recordOf(to));
    this.#enter(node, to);
  }
  #enter(node: number, to: number): void {
    const b = this.#builder;
    if (this.#flow.isBackEdge(node, to)) {
      b.makeFlagsDynamic();
      b.branchTo(this.#loops.get(to)!);
    } else if (this.#flow.isMerge[to]) {
      b.makeFlagsDynamic();
      b.branchTo(this.#merges.get(to)!);
    } else this.#tree(to);
  }

  #recordOf(node: number): LeavePoint {
    const { block, linear } = this.shape.blocks[node]!;
    return { record: node === 0 ? this.#alone(0)! : block.record, codeBase: (linear & ~0xfff) >>> 0 };
  }
  /** A block's first record apart from any region that the block begins; undefined: it begins one already. */
  #alone(node: number): number | undefined {
    if (!this.#records.has(node)) this.#records.set(node, this.records.withoutRegion(this.shape.blocks[node]!.block));
    return this.#records.get(node);
  }
}
