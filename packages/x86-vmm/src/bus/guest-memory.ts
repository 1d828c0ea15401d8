/**
 * Guest-physical memory as a bus master (DMA controller, IDE bus master) sees it: RAM through the chipset's map.
 * Reads outside RAM give 0xff, writes there are dropped, as on a real bus. Writes invalidate decoded code.
 */
export interface GuestMemory {
  read(physical: number, into: Uint8Array): void;
  write(physical: number, from: Uint8Array): void;
}

/** Where a page of guest-physical memory is backed: an offset in bytes into one of the machine's memory regions. */
export interface Backing {
  readonly region: 'ram' | 'vram' | 'rom';
  readonly offset: number;
}

/** The chipset's view of the guest-physical address space, in whole 4 KiB pages. The CPU's translations follow at once. */
export interface PhysicalMap {
  /**
   * Maps `[base, base + length)`. `read`/`write` absent: accesses of that kind go to the bus (a device's MMIO range, or open bus).
   * Used for PAM shadowing (read ROM, write RAM), the linear framebuffer, and A20 is not handled here but by the CPU.
   */
  map(base: number, length: number, read: Backing | undefined, write: Backing | undefined): void;
}
