import type { DecodedRow } from '../decoder/decode.js';
import type { Block, BlockCache } from '../interpreter/block-cache.js';
import { controlFlowOf } from './control-flow.js';

/** How a block ends: what follows is known (`open`: the next instruction is in another block), or only at run time. */
export type BlockEnd = 'open' | 'jump' | 'branch' | 'call' | 'return' | 'indirect' | 'indirectCall' | 'slow';

/** A decoded block as part of a region. Linear addresses are offsets in CS: regions are of flat code. */
export interface RegionBlock {
  readonly block: Block;
  readonly linear: number;
  readonly instructions: readonly DecodedRow[];
  readonly end: BlockEnd;
  /** Of jump, branch and call. */
  readonly target: number;
  /** Linear address behind the last instruction. */
  readonly next: number;
  /** How often the interpreter has run it; undefined: not known. */
  readonly executions: number | undefined;
}

export interface RegionShape {
  /** The first is the entry. */
  readonly blocks: readonly RegionBlock[];
  /** Targets of each block's edges inside the region, by index. A return leads to the return points of the calls that can have led to it. */
  readonly successors: readonly (readonly number[])[];
  /**
   * Blocks reached through the dispatch node, whose index is the number of blocks: by jumps and returns with several targets, by edges into the
   * middle of a loop, and the first block at the entry, so that every way to the node is a loop around it. Empty: there is no such node.
   */
  readonly dispatched: readonly number[];
}

/** Linear addresses that the jump or return at the end of a block has led to, as far as known, by the block's linear address. */
export type TargetsBySite = ReadonlyMap<number, readonly number[]>;
const NO_TARGETS: TargetsBySite = new Map();

/**
 * V8's register allocation takes super-linear time, and larger regions hold more of what other regions hold, too: with 420 instructions a boot of
 * Debian translated 150,000 and optimised twice as long as with 200, which translated 86,000 (docs/adr/0019).
 */
const MOST_BLOCKS = 64;
const MOST_INSTRUCTIONS = 200;
/** A block that ran less often than the head by this factor stays outside. */
const COLDER = 32;
/** Return points compared at a return; more are left to the jump cache. */
const MOST_RETURN_POINTS = 6;

/**
 * The blocks that are worth translating together with the one at `linear`: those that its direct jumps, branches, calls and their returns
 * lead to and that are executed about as often, the hottest first; and where its indirect jumps and returns are known to lead.
 */
export function findRegion(cache: BlockCache, mode: number, linear: number, targets = NO_TARGETS): RegionShape | undefined {
  const head = regionBlock(cache, mode, linear);
  if (head === undefined) return undefined;
  const blocks: RegionBlock[] = [];
  const indexOf = new Map<number, number>();
  const least = Math.max(2, (head.executions ?? 0) / COLDER);
  const waiting = [head];
  const seen = new Set([linear]);
  const observed = new Set([...targets.values()].flat());
  let instructions = 0;
  while (waiting.length > 0 && blocks.length < MOST_BLOCKS) {
    const next = takeHottest(waiting);
    if (blocks.length > 0 && instructions + next.instructions.length > MOST_INSTRUCTIONS) continue;
    instructions += next.instructions.length;
    indexOf.set(next.linear, blocks.length);
    blocks.push(next);
    for (const address of [...followers(next), ...(targets.get(next.linear) ?? [])]) {
      if (seen.has(address)) continue;
      seen.add(address);
      const found = regionBlock(cache, mode, address);
      // What runs inside of regions is not counted.
      const isHot = found && (found.executions === undefined || found.executions >= least || observed.has(address));
      if (isHot) waiting.push(found);
    }
  }
  return withDispatch(blocks, edgesOf(blocks, indexOf, targets), indexOf, targets);
}

/** Adds the dispatch node where it is of use. */
function withDispatch(
  blocks: readonly RegionBlock[],
  successors: number[][],
  indexOf: ReadonlyMap<number, number>,
  targets: TargetsBySite,
): RegionShape {
  const dispatch = blocks.length;
  const dispatched = new Set<number>();
  blocks.forEach(({ linear, end }, node) => {
    if (end !== 'return' && end !== 'indirect' && end !== 'indirectCall') return;
    const known = (targets.get(linear) ?? [])
      .map((target) => indexOf.get(target))
      .filter((index): index is number => index !== undefined && !successors[node]!.includes(index));
    if (known.length === 0) return;
    for (const index of known) dispatched.add(index);
    successors[node]!.push(dispatch);
  });
  // A way more from the dispatch node can make another edge one into the middle of a loop.
  while (leadThroughDispatch(successors, dispatched));
  return { blocks, successors: dispatched.size > 0 ? [...successors, [...dispatched]] : successors, dispatched: [...dispatched] };
}

/** Edges that cannot be structured go through the dispatch node instead. False: there was none. */
function leadThroughDispatch(successors: number[][], dispatched: Set<number>): boolean {
  const dispatch = successors.length;
  if (dispatched.size > 0) dispatched.add(0);
  const flow = dispatched.size > 0 ? controlFlowOf([...successors, [...dispatched]], dispatch) : controlFlowOf(successors);
  const refused: [node: number, to: number][] = [];
  for (const [node, edges] of successors.entries())
    for (const to of edges) if (to !== dispatch && flow.position[node]! >= 0 && !flow.follows(node, to)) refused.push([node, to]);
  for (const [node, to] of refused) {
    dispatched.add(to);
    successors[node] = [...successors[node]!.filter((each) => each !== to && each !== dispatch), dispatch];
  }
  return refused.length > 0;
}

function takeHottest(waiting: RegionBlock[]): RegionBlock {
  let best = 0;
  for (let i = 1; i < waiting.length; i++) if ((waiting[i]!.executions ?? 0) > (waiting[best]!.executions ?? 0)) best = i;
  return waiting.splice(best, 1)[0]!;
}

function followers({ end, target, next }: RegionBlock): number[] {
  switch (end) {
    case 'jump':
      return [target];
    case 'branch':
    case 'call':
      return [target, next];
    case 'open':
    case 'slow':
    case 'indirectCall':
      return [next];
    default:
      return [];
  }
}

function regionBlock(cache: BlockCache, mode: number, linear: number): RegionBlock | undefined {
  const block = cache.known(mode, linear);
  const instructions = block && cache.instructionsOf(block, linear);
  if (instructions === undefined || instructions.length === 0) return undefined;
  const last = instructions.at(-1)!;
  const relative = last.operands.find((operand) => operand.kind === 'relative');
  const target = relative?.kind === 'relative' ? relative.target : 0;
  return {
    block: block!,
    linear,
    instructions,
    end: endOf(last, relative !== undefined),
    target,
    next: last.nextEip,
    executions: cache.executions(block!),
  };
}

function endOf({ instruction, row }: DecodedRow, isDirect: boolean): BlockEnd {
  if (row === undefined || instruction.slow) return 'slow';
  if (!instruction.endsBlock) return 'open';
  if (instruction.mnemonic === 'RET') return 'return';
  if (!isDirect) return instruction.mnemonic === 'CALL' ? 'indirectCall' : 'indirect';
  return instruction.mnemonic === 'JMP' ? 'jump' : instruction.mnemonic === 'CALL' ? 'call' : 'branch';
}

function edgesOf(blocks: readonly RegionBlock[], indexOf: ReadonlyMap<number, number>, targets: TargetsBySite): number[][] {
  const known = (...linears: number[]): number[] =>
    linears.map((linear) => indexOf.get(linear)).filter((index): index is number => index !== undefined);
  const successors = blocks.map(({ end, target, next }) => {
    switch (end) {
      case 'open':
      case 'slow':
        return known(next);
      case 'branch':
        return known(next, target);
      case 'jump':
      case 'call':
        return known(target);
      default:
        return [];
    }
  });
  blocks.forEach(({ linear, end, target, next }) => {
    const callees = end === 'call' ? known(target) : end === 'indirectCall' ? known(...(targets.get(linear) ?? [])) : [];
    const [returnPoint] = known(next);
    if (returnPoint === undefined) return;
    for (const callee of callees)
      for (const node of procedureFrom(callee, blocks, successors, indexOf)) {
        if (blocks[node]!.end !== 'return') continue;
        const points = successors[node]!;
        if (!points.includes(returnPoint) && points.length < MOST_RETURN_POINTS) points.push(returnPoint);
      }
  });
  return successors;
}

/** Nodes that a call of `entry` runs through, without those of the procedures it calls. */
function procedureFrom(
  entry: number,
  blocks: readonly RegionBlock[],
  successors: readonly (readonly number[])[],
  indexOf: ReadonlyMap<number, number>,
): ReadonlySet<number> {
  const seen = new Set([entry]);
  for (const node of seen) {
    const { end, next } = blocks[node]!;
    const after = indexOf.get(next);
    const following =
      end === 'return' ? [] : end === 'call' || end === 'indirectCall' ? (after === undefined ? [] : [after]) : successors[node]!;
    for (const to of following) seen.add(to);
  }
  return seen;
}
