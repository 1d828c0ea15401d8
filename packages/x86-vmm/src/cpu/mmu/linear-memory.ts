import { FLAG_CARRIES, PHYSICAL_MMIO, PHYSICAL_READ, PHYSICAL_WRITE, RAM, TLB, TLB_BYTES, TLB_LIST_COUNT } from '../state.js';

const WASM_PAGE_BYTES = 0x1_0000;
/** 4 GiB: all that wasm32 addresses. The kernels and every generated module import the memory with this maximum. */
export const MAXIMUM_WASM_PAGES = 65_536;
/** Guest RAM a machine may have: what is left of 4 GiB above the tables, and below the PCI hole that begins at 3 GiB. */
export const MAXIMUM_MEMORY_MIB = 3_072;

/** The one linear memory of a machine, with views over all of it. Indexes of the wider views are `state.ts` offsets over the element size. */
export interface LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  /** Guest RAM, `memoryMiB` MiB from offset `RAM`. */
  readonly ramBytes: number;
}

/** Allocates a machine's memory and fills the tables with "not valid". @throws RangeError for a size no machine has */
export function createLinearMemory(memoryMiB: number): LinearMemory {
  if (!Number.isInteger(memoryMiB) || memoryMiB < 1 || memoryMiB > MAXIMUM_MEMORY_MIB)
    throw new RangeError(`Memory must be 1 to ${MAXIMUM_MEMORY_MIB} MiB, not ${memoryMiB}.`);
  const ramBytes = memoryMiB * 0x10_0000;
  const memory = new WebAssembly.Memory({ initial: (RAM + ramBytes) / WASM_PAGE_BYTES, maximum: MAXIMUM_WASM_PAGES, shared: true });
  const { buffer } = memory;
  const linear: LinearMemory = {
    memory,
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    i32: new Int32Array(buffer),
    ramBytes,
  };
  clearTranslationTables(linear);
  linear.u32.fill(PHYSICAL_MMIO, PHYSICAL_READ >> 2, (PHYSICAL_READ >> 2) + 0x10_0000);
  linear.u32.fill(PHYSICAL_MMIO, PHYSICAL_WRITE >> 2, (PHYSICAL_WRITE >> 2) + 0x10_0000);
  linear.u32[FLAG_CARRIES >> 2] = 0;
  return linear;
}

/** All four translation tables to "take the slow path"; also after a saved state was loaded. */
export function clearTranslationTables({ u32 }: LinearMemory): void {
  u32.fill(1, TLB >> 2, (TLB + 4 * TLB_BYTES) >> 2);
  u32[TLB_LIST_COUNT >> 2] = 0;
}
