import { CR0, CR4 } from '../architecture.js';
import { A20_MASK, CR, PHYSICAL_MMIO, PHYSICAL_READ } from '../state.js';

/** Bits of page-directory and page-table entries (SDM Vol. 3A tables 4-4 to 4-6). */
const PRESENT = 1;
const LARGE = 0x80;

/**
 * The guest's memory for somebody who only looks: through its page tables, without accessed bits, faults or translation-table entries,
 * and never from a device, whose registers may change when they are read. What is not there is undefined.
 */
export class PeekMemory {
  constructor(private readonly u32: Uint32Array) {}

  /** The aligned doubleword at a linear address. */
  read32(linear: number): number | undefined {
    if (linear & 3) return undefined;
    const physical = this.#physical(linear);
    return physical === undefined ? undefined : this.#physical32(physical);
  }

  #physical(linear: number): number | undefined {
    const { u32 } = this;
    const a20 = u32[A20_MASK >> 2]!;
    if (!(u32[CR >> 2]! & CR0.PG)) return (linear & a20) >>> 0;
    const directory = u32[(CR + 3 * 8) >> 2]! & 0xffff_f000;
    const pde = this.#physical32(((directory | ((linear >>> 20) & 0xffc)) & a20) >>> 0);
    if (pde === undefined || !(pde & PRESENT)) return undefined;
    if (pde & LARGE && u32[(CR + 4 * 8) >> 2]! & CR4.PSE) return (((pde & 0xffc0_0000) | (linear & 0x003f_ffff)) & a20) >>> 0;
    const pte = this.#physical32((((pde & 0xffff_f000) | ((linear >>> 10) & 0xffc)) & a20) >>> 0);
    if (pte === undefined || !(pte & PRESENT)) return undefined;
    return (((pte & 0xffff_f000) | (linear & 0xfff)) & a20) >>> 0;
  }

  #physical32(physical: number): number | undefined {
    const page = this.u32[(PHYSICAL_READ >> 2) + (physical >>> 12)]!;
    return page === PHYSICAL_MMIO ? undefined : this.u32[(page + (physical & 0xffc)) >>> 2];
  }
}
