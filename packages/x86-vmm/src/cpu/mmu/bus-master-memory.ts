import type { GuestMemory } from '../../bus/guest-memory.js';
import { CODE_GRANULES, PAGE_HAS_CODE, PHYSICAL_MMIO, PHYSICAL_READ, PHYSICAL_WRITE, VIDEO_DIRTY, VIDEO_RAM } from '../state.js';
import type { LinearMemory } from './linear-memory.js';

const PAGE_BYTES = 0x1000;

/** Guest-physical memory as DMA controllers and bus masters reach it, page by page through the chipset's map. A20 does not apply to them. */
export class BusMasterMemory implements GuestMemory {
  readonly #memory: LinearMemory;
  readonly #codeWritten: (physical: number, bytes: number) => void;

  /** @param codeWritten the engine's invalidation, as the kernels call it: bytes inside one page that held decoded code */
  constructor(memory: LinearMemory, codeWritten: (physical: number, bytes: number) => void) {
    this.#memory = memory;
    this.#codeWritten = codeWritten;
  }

  read(physical: number, into: Uint8Array): void {
    const { u8, u32 } = this.#memory;
    for (let done = 0; done < into.length; ) {
      const at = (physical + done) >>> 0;
      const bytes = Math.min(into.length - done, PAGE_BYTES - (at & 0xfff));
      const backing = u32[(PHYSICAL_READ >> 2) + (at >>> 12)]!;
      if (backing === PHYSICAL_MMIO) into.fill(0xff, done, done + bytes);
      else {
        const host = backing + (at & 0xfff);
        into.set(u8.subarray(host, host + bytes), done);
      }
      done += bytes;
    }
  }

  write(physical: number, from: Uint8Array): void {
    const { u8, u32 } = this.#memory;
    for (let done = 0; done < from.length; ) {
      const at = (physical + done) >>> 0;
      const bytes = Math.min(from.length - done, PAGE_BYTES - (at & 0xfff));
      const backing = u32[(PHYSICAL_WRITE >> 2) + (at >>> 12)]!;
      if (backing !== PHYSICAL_MMIO) {
        const host = backing - (backing & 1) + (at & 0xfff);
        u8.set(from.subarray(done, done + bytes), host);
        if (backing & 1) u8[VIDEO_DIRTY + ((host - VIDEO_RAM) >>> 12)] = 1;
        if (u8[PAGE_HAS_CODE + (at >>> 12)] !== 0 && this.#holdsCode(at, bytes)) this.#codeWritten(at, bytes);
      }
      done += bytes;
    }
  }

  #holdsCode(physical: number, bytes: number): boolean {
    const granules = CODE_GRANULES + (physical >>> 12) * 8;
    const last = ((physical & 0xfff) + bytes - 1) >>> 6;
    for (let granule = (physical & 0xfff) >>> 6; granule <= last; granule++)
      if ((this.#memory.u8[granules + (granule >>> 3)]! >>> (granule & 7)) & 1) return true;
    return false;
  }
}
