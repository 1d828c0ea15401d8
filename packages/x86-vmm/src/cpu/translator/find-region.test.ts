import fc from 'fast-check';
import { assert, describe, test } from 'vitest';
import { type DecodedRow, decode } from '../decoder/decode.js';
import type { Block, BlockCache } from '../interpreter/block-cache.js';
import { ModeKey } from '../state.js';
import { controlFlowOf } from './control-flow.js';
import { findRegion, type RegionShape, type TargetsBySite } from './find-region.js';

const MODE = ModeKey.code32 | ModeKey.stack32 | ModeKey.flatCode | ModeKey.flatData | ModeKey.protectedMode;
const AT = 0x1000;
/** Bytes from the beginning of one block to the next. */
const APART = 0x10;

const at = (block: number): number => AT + APART * block;
const rel32 = (from: number, to: number): number[] => {
  const distance = to - from;
  return [distance & 0xff, (distance >> 8) & 0xff, (distance >> 16) & 0xff, (distance >> 24) & 0xff];
};
const jump = (from: number, to: number): number[] => [0x90, 0xe9, ...rel32(at(from) + 6, at(to))];
/** To `to`, or on at the next block. */
const branch = (from: number, to: number): number[] => [
  0x40,
  0x0f,
  0x84,
  ...rel32(at(from) + 7, at(to)),
  0xe9,
  ...rel32(at(from) + 12, at(from + 1)),
];
const call = (from: number, to: number): number[] => [0xe8, ...rel32(at(from) + 5, at(to)), 0xe9, ...rel32(at(from) + 10, at(from + 1))];
const RETURN = [0x90, 0xc3];
const JUMP_EAX = [0x90, 0xff, 0xe0];

/** Code whose blocks have all been decoded and have run equally often. */
function cacheOf(blocks: readonly (readonly number[])[]): BlockCache {
  const bytes = new Uint8Array(AT + APART * blocks.length + APART);
  blocks.forEach((code, i) => {
    bytes.set(code, at(i));
  });
  return {
    known: (_mode: number, linear: number) => (linear >= AT && linear < at(blocks.length) ? ({ record: linear } as Block) : undefined),
    instructionsOf: (_block: Block, linear: number) => {
      const list: DecodedRow[] = [];
      for (let eip = linear; ; eip = list.at(-1)!.nextEip) {
        list.push(decode((i) => bytes[eip + i] ?? 0, MODE, eip) as DecodedRow);
        if (list.at(-1)!.instruction.endsBlock) return list;
      }
    },
    executions: () => 100,
  } as unknown as BlockCache;
}

const linears = (shape: RegionShape): number[] => shape.blocks.map(({ linear }) => (linear - AT) / APART);
/** Edges of a block of the program, as blocks of the program; the dispatch node is 'dispatch'. */
function edges(shape: RegionShape, block: number): (number | 'dispatch')[] {
  const index = shape.blocks.findIndex(({ linear }) => linear === at(block));
  return shape.successors[index]!.map((to) => (to === shape.blocks.length ? 'dispatch' : (shape.blocks[to]!.linear - AT) / APART));
}

describe('regions', () => {
  test('a loop with a branch in it is one region without a dispatch node', () => {
    const shape = findRegion(cacheOf([branch(0, 2), jump(1, 2), jump(2, 0)]), MODE, at(0))!;
    assert.sameMembers(linears(shape).filter(Number.isInteger), [0, 1, 2]);
    assert.deepEqual(shape.dispatched, []);
  });

  test('a return leads to the points behind the calls', () => {
    const shape = findRegion(cacheOf([call(0, 3), call(1, 3), jump(2, 0), RETURN]), MODE, at(0))!;
    const behind = edges(shape, 3) as number[];
    assert.sameMembers(behind, [5 / APART, 1 + 5 / APART]);
  });

  test('a jump whose targets are known goes through the dispatch node, which also begins the region', () => {
    const program = cacheOf([JUMP_EAX, jump(1, 0), jump(2, 0), jump(3, 0)]);
    const targets: TargetsBySite = new Map([[at(0), [at(1), at(3)]]]);
    const shape = findRegion(program, MODE, at(0), targets)!;
    assert.sameMembers(linears(shape), [0, 1, 3]);
    assert.deepEqual(edges(shape, 0), ['dispatch']);
    assert.sameMembers(
      shape.dispatched.map((index) => (shape.blocks[index]!.linear - AT) / APART),
      [0, 1, 3],
    );
  });

  test('whatever the jumps: every edge that is kept can be structured', () => {
    const program = fc.array(fc.record({ kind: fc.constantFrom('jump', 'branch', 'call', 'return', 'eax'), to: fc.nat(11) }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(program, fc.array(fc.nat(11), { maxLength: 6 }), (blocks, targets) => {
        const code = blocks.map(({ kind, to }, i) => {
          if (kind === 'jump') return jump(i, to);
          if (kind === 'branch') return branch(i, to);
          return kind === 'call' ? call(i, to) : kind === 'return' ? RETURN : JUMP_EAX;
        });
        const shape = findRegion(cacheOf(code), MODE, at(0), new Map(blocks.map((_, i) => [at(i), targets.map(at)])))!;
        const hasDispatch = shape.dispatched.length > 0;
        const flow = controlFlowOf(shape.successors, hasDispatch ? shape.blocks.length : 0);
        if (hasDispatch) assert.include(shape.dispatched, 0);
        for (const node of flow.order) for (const to of shape.successors[node]!) assert.isTrue(flow.follows(node, to), `${node} to ${to}`);
      }),
      { numRuns: 500 },
    );
  });
});
