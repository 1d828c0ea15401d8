/*
 * The control-flow graph of a region and what structured code needs to know of it: an order, dominators, loops. There is one entry.
 *
 * Source: Cooper, Harvey, Kennedy, "A Simple, Fast Dominance Algorithm" (2001); Ramsey, "Beyond Relooper" (ICFP 2022) for the use of the
 * dominator tree in structured code. Edges back to a node that does not dominate their source (a loop entered in its middle) cannot be
 * structured: find-region.ts leads them through the dispatch node.
 */
export interface ControlFlow {
  /** Reachable nodes in reverse postorder. */
  readonly order: readonly number[];
  /** Position of each node in `order`; -1: not reachable. */
  readonly position: readonly number[];
  /** Children in the dominator tree, the last in the order first. */
  readonly children: readonly (readonly number[])[];
  /** The target of an edge from a node that it dominates. */
  readonly isLoopHeader: readonly boolean[];
  /** Two or more forward edges lead here. */
  readonly isMerge: readonly boolean[];
  /** Whether the edge is one of the structured ones. */
  follows(from: number, to: number): boolean;
  isBackEdge(from: number, to: number): boolean;
}

/** @param successors targets of each node's edges; duplicates count once */
export function controlFlowOf(successors: readonly (readonly number[])[], entry = 0): ControlFlow {
  const order = reversePostorder(successors, entry);
  const position = new Array<number>(successors.length).fill(-1);
  order.forEach((node, i) => {
    position[node] = i;
  });
  const forward: number[][] = successors.map(() => []);
  const backward: [from: number, to: number][] = [];
  for (const from of order)
    for (const to of new Set(successors[from]!))
      if (position[to]! > position[from]!) forward[to]!.push(from);
      else backward.push([from, to]);
  const dominator = immediateDominators(order, position, forward);
  const dominates = (above: number, node: number): boolean => {
    let at = node;
    while (position[at]! > position[above]!) at = dominator[at]!;
    return at === above;
  };
  const isLoopHeader = successors.map(() => false);
  const refused = new Set<number>();
  for (const [from, to] of backward)
    if (dominates(to, from)) isLoopHeader[to] = true;
    else refused.add(from * successors.length + to);
  const children: number[][] = successors.map(() => []);
  for (const node of order.slice(1).reverse()) children[dominator[node]!]!.push(node);
  return {
    order,
    position,
    children,
    isLoopHeader,
    isMerge: forward.map((from) => from.length > 1),
    follows: (from, to) => !refused.has(from * successors.length + to),
    isBackEdge: (from, to) => position[to]! <= position[from]!,
  };
}

function reversePostorder(successors: readonly (readonly number[])[], entry: number): number[] {
  const seen = new Uint8Array(successors.length);
  const order: number[] = [];
  // The first successor is visited last, so that it comes first in the order: the likelier way stays near.
  const stack: { readonly node: number; next: number }[] = [{ node: entry, next: successors[entry]!.length }];
  seen[entry] = 1;
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    if (top.next === 0) {
      order.push(top.node);
      stack.pop();
      continue;
    }
    const to = successors[top.node]![--top.next]!;
    if (seen[to]) continue;
    seen[to] = 1;
    stack.push({ node: to, next: successors[to]!.length });
  }
  return order.reverse();
}

/** Forward edges alone decide: an edge back never changes who dominates whom. */
function immediateDominators(order: readonly number[], position: readonly number[], forward: readonly (readonly number[])[]): number[] {
  const dominator = new Array<number>(forward.length).fill(-1);
  dominator[order[0]!] = order[0]!;
  for (const node of order.slice(1)) {
    let common = -1;
    for (const from of forward[node]!) {
      if (common === -1) {
        common = from;
        continue;
      }
      let a = common;
      let b = from;
      while (a !== b)
        if (position[a]! > position[b]!) a = dominator[a]!;
        else b = dominator[b]!;
      common = a;
    }
    dominator[node] = common;
  }
  return dominator;
}
