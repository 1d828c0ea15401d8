import type { GuestStack } from '@millwright/x86-vmm';
import type { SystemMap } from './system-map.js';

/** What a frame and those inside of it have cost; `ms` and `instructions` of `own` are the frame's alone. */
export interface ProfileNode {
  readonly name: string;
  ms: number;
  instructions: number;
  readonly own: { ms: number; instructions: number };
  readonly children: Map<string, ProfileNode>;
}

/** Frames of a whole profile; deeper ones count for their callers then. A guest decides about its addresses, so it is bounded. */
const MOST_NODES = 100_000;

/** Sums stacks by their frames' names, the outermost first. */
export class ProfileTree {
  readonly root: ProfileNode = node('all');
  #nodes = 1;

  constructor(private readonly symbols: SystemMap | undefined) {}

  add(stacks: readonly GuestStack[]): void {
    for (const stack of stacks) this.#add(framesOf(stack, this.symbols), stack);
  }

  #add(frames: readonly string[], { ms, instructions }: GuestStack): void {
    let at = this.root;
    count(at, ms, instructions);
    for (const name of frames) {
      let inner = at.children.get(name);
      if (inner === undefined) {
        if (this.#nodes >= MOST_NODES) break;
        inner = node(name);
        at.children.set(name, inner);
        this.#nodes++;
      }
      count(inner, ms, instructions);
      at = inner;
    }
    count(at.own, ms, instructions);
  }

  /** Each stack that has a cost of its own, outermost frame first. */
  *stacks(): Generator<{ readonly frames: readonly string[]; readonly ms: number; readonly instructions: number }> {
    const frames: string[] = [];
    function* within(inner: ProfileNode): Generator<{ frames: readonly string[]; ms: number; instructions: number }> {
      if (inner.own.instructions > 0) yield { frames: [...frames], ...inner.own };
      for (const child of inner.children.values()) {
        frames.push(child.name);
        yield* within(child);
        frames.pop();
      }
    }
    yield* within(this.root);
  }
}

function node(name: string): ProfileNode {
  return { name, ms: 0, instructions: 0, own: { ms: 0, instructions: 0 }, children: new Map() };
}

function count(at: { ms: number; instructions: number }, ms: number, instructions: number): void {
  at.ms += ms;
  at.instructions += instructions;
}

const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`;
const page = (address: number): string => `page ${hex((address & 0xffff_f000) >>> 0)}`;

/** A stack's frames, the outermost first: in the kernel functions or addresses; elsewhere whose code it is, and the page. */
export function framesOf({ mode, cpl, cr3, addresses }: GuestStack, symbols: SystemMap | undefined): string[] {
  const [instruction] = addresses;
  if (mode === '32-bit' && cpl === 3)
    return ['user', ...(cr3 === 0 ? [] : [`process ${hex(cr3)}`]), ...(instruction === undefined ? [] : [page(instruction)])];
  if (mode !== '32-bit') {
    const name = mode === '16-bit' ? `16-bit protected mode, CPL ${cpl}` : mode === 'real' ? 'real mode' : 'virtual-8086 mode';
    return [name, ...(instruction === undefined ? [] : [page(instruction)])];
  }
  // A return address is behind its call: the last call of a function that does not return leads to the next one.
  // Code without a symbol in a kernel that has some (its decompressor, say) is told apart by page, or each sample would be a frame.
  const unnamed = (address: number, depth: number): string => (symbols && depth === 0 ? page(address) : hex(address));
  const names = addresses.map((address, depth) => symbols?.at(depth === 0 ? address : (address - 1) >>> 0) ?? unnamed(address, depth));
  return [cpl === 0 ? 'kernel' : `CPL ${cpl}`, ...names.reverse()];
}
