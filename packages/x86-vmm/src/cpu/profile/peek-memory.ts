import type { Kernels } from '../mmu/kernels.js';
import { PHYSICAL_MMIO, PHYSICAL_READ } from '../state.js';

/**
 * The guest's memory for somebody who only looks: through its page tables, without accessed bits, faults or translation-table entries,
 * and never from a device, whose registers may change when they are read. What is not there is undefined.
 */
export class PeekMemory {
  constructor(
    private readonly u32: Uint32Array,
    private readonly kernels: Pick<Kernels, 'peekTranslation'>,
  ) {}

  /** The aligned doubleword at a linear address. */
  read32(linear: number): number | undefined {
    const physical = linear & 3 ? -1 : Number(this.kernels.peekTranslation(linear));
    if (physical < 0) return undefined;
    const page = this.u32[(PHYSICAL_READ >> 2) + (physical >>> 12)]!;
    return page === PHYSICAL_MMIO ? undefined : this.u32[(page + (physical & 0xffc)) >>> 2];
  }
}
