import fc from 'fast-check';
import { assert, describe, test } from 'vitest';
import { controlFlowOf } from './control-flow.js';

type Graph = readonly (readonly number[])[];

const indexesOf = (flags: readonly boolean[]): number[] => flags.flatMap((is, i) => (is ? [i] : []));
const parentOf = (children: Graph, node: number): number => children.findIndex((list) => list.includes(node));

test('a straight line has no loops and no merges', () => {
  const flow = controlFlowOf([[1], [2], []]);
  assert.deepEqual([...flow.order], [0, 1, 2]);
  assert.deepEqual(flow.children, [[1], [2], []]);
  assert.deepEqual([indexesOf(flow.isLoopHeader), indexesOf(flow.isMerge)], [[], []]);
});

test('two ways that meet: the meeting is a merge, dominated by the branch', () => {
  const flow = controlFlowOf([[1, 2], [3], [3], []]);
  assert.deepEqual(indexesOf(flow.isMerge), [3]);
  assert.equal(parentOf(flow.children, 3), 0);
  assert.equal(flow.order[0], 0);
  assert.equal(flow.order.at(-1), 3);
});

test('duplicate edges count once', () => {
  assert.deepEqual(indexesOf(controlFlowOf([[1, 1], []]).isMerge), []);
});

test('nested loops: both headers, edges back to them are followed', () => {
  // 0 -> 1 -> 2 -> 2, 2 -> 1, 1 -> 3
  const flow = controlFlowOf([[1], [2, 3], [2, 1], []]);
  assert.deepEqual(indexesOf(flow.isLoopHeader), [1, 2]);
  for (const [from, to] of [
    [2, 2],
    [2, 1],
  ] as const) {
    assert.isTrue(flow.follows(from, to));
    assert.isTrue(flow.isBackEdge(from, to));
  }
  assert.isFalse(flow.isBackEdge(1, 3));
});

test('a loop entered in its middle: the edge back to the node that does not dominate it is refused', () => {
  // 0 -> 1, 0 -> 2, 1 <-> 2
  const flow = controlFlowOf([[1, 2], [2], [1]]);
  const refused = (
    [
      [1, 2],
      [2, 1],
    ] as const
  ).filter(([from, to]) => !flow.follows(from, to));
  assert.lengthOf(refused, 1);
  assert.deepEqual(indexesOf(flow.isLoopHeader), []);
});

test('what cannot be reached has no place', () => {
  const flow = controlFlowOf([[2], [2], []]);
  assert.deepEqual([...flow.order], [0, 2]);
  assert.equal(flow.position[1], -1);
  assert.deepEqual(indexesOf(flow.isMerge), []);
});

/** Nodes reachable from 0 by edges that `may` be followed, without `without`. */
function reachable(graph: Graph, may: (from: number, to: number) => boolean, without = -1): Set<number> {
  const seen = new Set(without === 0 ? [] : [0]);
  for (const node of seen) for (const to of graph[node]!) if (to !== without && may(node, to)) seen.add(to);
  return seen;
}

describe('random graphs against definitions', () => {
  const graphs = fc
    .integer({ min: 1, max: 14 })
    .chain((size) => fc.array(fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }), { minLength: size, maxLength: size }));
  const holds = (name: string, check: (graph: Graph, flow: ReturnType<typeof controlFlowOf>) => void): void =>
    test(name, () =>
      fc.assert(
        fc.property(graphs, (graph) => check(graph, controlFlowOf(graph))),
        { numRuns: 1_000 },
      ),
    );
  const all = (): boolean => true;

  holds('the order has each reachable node once, the entry first', (graph, flow) => {
    assert.equal(flow.order[0], 0);
    assert.deepEqual(new Set(flow.order), reachable(graph, all));
    assert.lengthOf(flow.order, new Set(flow.order).size);
  });

  holds('a node is below exactly those that every way of followed edges passes', (graph, flow) => {
    for (const node of flow.order) {
      const above = new Set<number>();
      for (let at = parentOf(flow.children, node); at >= 0; at = parentOf(flow.children, at)) above.add(at);
      const naive = flow.order.filter((other) => other !== node && !reachable(graph, flow.follows, other).has(node));
      assert.deepEqual(above, new Set(naive));
    }
  });

  holds('an edge back is followed exactly when its target dominates its source', (graph, flow) => {
    const headers = new Set<number>();
    for (const from of flow.order)
      for (const to of graph[from]!) {
        const isBack = flow.position[to]! <= flow.position[from]!;
        assert.equal(flow.isBackEdge(from, to), isBack);
        const dominates = from === to || !reachable(graph, flow.follows, to).has(from);
        assert.equal(flow.follows(from, to), !isBack || dominates);
        if (isBack && dominates) headers.add(to);
      }
    assert.deepEqual(new Set(indexesOf(flow.isLoopHeader)), headers);
  });

  holds('merges are the targets of two forward edges; children come last in the order first', (graph, flow) => {
    for (const node of flow.order) {
      const sources = flow.order.filter((from) => graph[from]!.includes(node) && flow.position[from]! < flow.position[node]!);
      assert.equal(flow.isMerge[node], sources.length > 1);
      const places = flow.children[node]!.map((child) => flow.position[child]!);
      assert.deepEqual(
        places,
        [...places].sort((a, b) => b - a),
      );
    }
  });
});
