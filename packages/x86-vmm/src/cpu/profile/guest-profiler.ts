import type { MemoryViews } from '../interpreter/code-reader.js';
import type { Kernels } from '../mmu/kernels.js';
import { CPL, CR, EIP, GPR, MODE_KEY, ModeKey, SEGMENT, SEGMENT_BYTES, SegmentField, SegmentIndex } from '../state.js';
import { PeekMemory } from './peek-memory.js';
import { walkStack } from './walk-stack.js';

export type GuestMode = 'real' | 'virtual-8086' | '16-bit' | '32-bit';

/** Where the guest was, and what it has cost it there. */
export interface GuestStack {
  readonly mode: GuestMode;
  readonly cpl: number;
  /** Page directory: tells processes apart. 0 in modes without paging. */
  readonly cr3: number;
  /** Linear addresses: of the next instruction, then of the callers as far as frame pointers lead. User code has the first only. */
  readonly addresses: readonly number[];
  readonly instructions: number;
  /** Host time in slices, without translation. */
  readonly ms: number;
}

/** Different stacks that are kept until somebody takes them; what is met beyond them counts as a stack without addresses. */
const MOST_STACKS = 16_384;
const EBP = 5;

/**
 * Samples of the guest's instruction pointer and stack, summed by stack. It looks between two parts of a slice, where the guest's state
 * is exact, and leaves no trace in it. A part ends at a block's border, in regions at a loop's: the sample may be some instructions late.
 */
export class GuestProfiler {
  readonly #u32: Uint32Array;
  readonly #memory: PeekMemory;
  #stacks = new Map<string, { -readonly [Key in keyof GuestStack]: GuestStack[Key] }>();

  /** @param period instructions between two samples, about */
  constructor(
    { u32 }: MemoryViews,
    kernels: Pick<Kernels, 'peekTranslation'>,
    readonly period: number,
  ) {
    this.#u32 = u32;
    this.#memory = new PeekMemory(u32, kernels);
  }

  /** Counts what was executed since the last sample for where the guest is now. */
  sample(instructions: number, ms: number): void {
    const u32 = this.#u32;
    const key = u32[MODE_KEY >> 2]!;
    const mode = modeOf(key);
    const cpl = u32[CPL >> 2]!;
    const isPaged = (u32[CR >> 2]! & 0x8000_0000) !== 0;
    const cr3 = isPaged ? (u32[(CR + 3 * 8) >> 2]! & 0xffff_f000) >>> 0 : 0;
    const base = (segment: number): number => u32[(SEGMENT + SEGMENT_BYTES * segment + SegmentField.base) >> 2]!;
    const code = base(SegmentIndex.CS);
    let addresses = [(code + u32[EIP >> 2]!) >>> 0];
    if (mode === '32-bit' && cpl < 3) {
      const frame = (base(SegmentIndex.SS) + u32[(GPR >> 2) + 2 * EBP]!) >>> 0;
      for (const address of walkStack(this.#memory, frame)) addresses.push((code + address) >>> 0);
    }
    let name = `${mode} ${cpl} ${cr3} ${addresses.join(' ')}`;
    if (this.#stacks.size >= MOST_STACKS && !this.#stacks.has(name)) {
      addresses = [];
      name = `${mode} ${cpl}`;
    }
    const known = this.#stacks.get(name);
    if (known) {
      known.instructions += instructions;
      known.ms += ms;
    } else this.#stacks.set(name, { mode, cpl, cr3: addresses.length === 0 ? 0 : cr3, addresses, instructions, ms });
  }

  /** What has come together since it was last taken. */
  take(): GuestStack[] {
    const stacks = [...this.#stacks.values()];
    this.#stacks = new Map();
    return stacks;
  }
}

function modeOf(key: number): GuestMode {
  if (key & ModeKey.virtual8086) return 'virtual-8086';
  if (!(key & ModeKey.protectedMode)) return 'real';
  return key & ModeKey.code32 ? '32-bit' : '16-bit';
}
