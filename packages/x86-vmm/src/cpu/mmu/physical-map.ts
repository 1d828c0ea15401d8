import type { Backing, PhysicalMap } from '../../bus/guest-memory.js';
import { PHYSICAL_MMIO, PHYSICAL_READ, PHYSICAL_WRITE, RAM, ROM, ROM_BYTES, VIDEO_RAM, VIDEO_RAM_BYTES } from '../state.js';
import type { LinearMemory } from './linear-memory.js';

const PAGE_BYTES = 0x1000;

/** The chipset's view of the physical address space as the two page tables PHYSICAL_READ and PHYSICAL_WRITE. */
export class PagedPhysicalMap implements PhysicalMap {
  readonly #memory: LinearMemory;
  readonly #changed: (base: number, length: number) => void;

  /** @param changed drops translations and decoded code of the range; called after every change */
  constructor(memory: LinearMemory, changed: (base: number, length: number) => void) {
    this.#memory = memory;
    this.#changed = changed;
  }

  /** @throws RangeError when a range is not whole pages or leaves its region: a defect of the board, not of the guest */
  map(base: number, length: number, read: Backing | undefined, write: Backing | undefined): void {
    if (base % PAGE_BYTES !== 0 || length % PAGE_BYTES !== 0 || base + length > 0x1_0000_0000)
      throw new RangeError(`Physical range ${base.toString(16)}+${length.toString(16)} is not whole pages.`);
    this.#fill(PHYSICAL_READ, base, length, read, 0);
    this.#fill(PHYSICAL_WRITE, base, length, write, write?.region === 'vram' ? 1 : 0);
    this.#changed(base, length);
  }

  #fill(table: number, base: number, length: number, backing: Backing | undefined, mark: number): void {
    const { u32 } = this.#memory;
    const first = (table + (base / PAGE_BYTES) * 4) >> 2;
    const pages = length / PAGE_BYTES;
    if (backing === undefined) {
      u32.fill(PHYSICAL_MMIO, first, first + pages);
      return;
    }
    const { start, bytes } = this.#region(backing.region);
    if (backing.offset % PAGE_BYTES !== 0 || backing.offset + length > bytes)
      throw new RangeError(`${backing.region} has no ${length.toString(16)} bytes at ${backing.offset.toString(16)}.`);
    for (let page = 0; page < pages; page++) u32[first + page] = start + backing.offset + page * PAGE_BYTES + mark;
  }

  #region(region: Backing['region']): { start: number; bytes: number } {
    if (region === 'ram') return { start: RAM, bytes: this.#memory.ramBytes };
    return region === 'vram' ? { start: VIDEO_RAM, bytes: VIDEO_RAM_BYTES } : { start: ROM, bytes: ROM_BYTES };
  }
}
