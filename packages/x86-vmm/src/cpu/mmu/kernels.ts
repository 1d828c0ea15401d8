import { readFileSync } from 'node:fs';
import { WALK_PERIOD, WALKS_LEFT, WALKS_TIMED, WALKS_TIMED_MS } from '../state.js';
import type { LinearMemory } from './linear-memory.js';

/** What the kernels call back. The engine sets `codeWritten`, the board the others; until then they answer as an open bus. */
export interface KernelHooks {
  /** A device's register or open bus at a physical address, A20 applied; zero-extended. */
  mmioRead(physical: number, bytes: 1 | 2 | 4): number;
  mmioWrite(physical: number, value: number, bytes: 1 | 2 | 4): void;
  /** Bytes (inside one page) from which code was decoded have just been written. */
  codeWritten(physical: number, bytes: number): void;
  /** The board's ports and the guest clock's time stamp counter, as the processor has them (`CpuOptions`). */
  readPort(port: number, bytes: 1 | 2 | 4): number;
  writePort(port: number, bytes: 1 | 2 | 4, value: number): void;
  timeStampCounter(): bigint;
}

/**
 * Exports of dist/kernels.wasm that the TypeScript side calls; generated code imports them all. Linear accesses that fault note FAULT,
 * FAULT_ERROR and CR2 and return 0. Values are i32 as JavaScript sees them: take `>>> 0` where the sign matters.
 */
export interface Kernels {
  read8(linear: number): number;
  read16(linear: number): number;
  read32(linear: number): number;
  read64(linear: number): bigint;
  write8(linear: number, value: number): void;
  write16(linear: number, value: number): void;
  write32(linear: number, value: number): void;
  write64(linear: number, value: bigint): void;
  /** As the processor itself, whatever the CPL: descriptor tables, task-state segments. */
  readSystem8(linear: number): number;
  readSystem16(linear: number): number;
  readSystem32(linear: number): number;
  writeSystem8(linear: number, value: number): void;
  writeSystem16(linear: number, value: number): void;
  writeSystem32(linear: number, value: number): void;
  /** Note the fault of any byte in the range; 0: noted. */
  probeRead(linear: number, bytes: number): number;
  probeWrite(linear: number, bytes: number): number;
  probeReadSystem(linear: number, bytes: number): number;
  probeWriteSystem(linear: number, bytes: number): number;
  /** Host address of a code byte, good to the end of its page, its physical address in SCRATCH; 0: fault; -1: no memory behind it. */
  translateFetch(linear: number): number;
  /** Physical address without faulting or marking the tables; -1: not present. */
  peekTranslation(linear: number): bigint;
  /** Bytes inside one physical page have become decoded code. */
  markCode(physical: number, bytes: number): void;
  /** See SlowCpu; `extensions`: the processor's bits of MODE_KEY. */
  modeChanged(extensions: number): void;
  /** The noted exception, and an interrupt from the interrupt controller, where that is simple (assembly/events.ts); 0: not done. */
  exceptionShortcut(): number;
  externalShortcut(vector: number): number;
  flushTranslations(includingGlobal: number): void;
  invalidatePage(linear: number): void;
  disarmVideoWrites(): void;
  readPhysical8(physical: number): number;
  readPhysical32(physical: number): number;
  writePhysical8(physical: number, value: number): void;
  writePhysical32(physical: number, value: number): void;
  /** What a look at the clock costs the kernels, ms. */
  clockCost(): number;
}

let compiled: WebAssembly.Module | undefined;

/** The kernels over a machine's memory. All instances of a process share one compiled module. @throws Error when the package is not built */
export function instantiateKernels(
  { memory }: LinearMemory,
  hooks: KernelHooks,
): { readonly kernels: Kernels; readonly exports: WebAssembly.Exports } {
  compiled ??= new WebAssembly.Module(readModule());
  const { exports } = new WebAssembly.Instance(compiled, {
    env: {
      memory,
      mmioRead: (physical: number, bytes: 1 | 2 | 4) => hooks.mmioRead(physical >>> 0, bytes),
      mmioWrite: (physical: number, value: number, bytes: 1 | 2 | 4) => hooks.mmioWrite(physical >>> 0, value >>> 0, bytes),
      codeWritten: (physical: number, bytes: number) => hooks.codeWritten(physical >>> 0, bytes),
      readPort: (port: number, bytes: 1 | 2 | 4) => hooks.readPort(port, bytes),
      writePort: (port: number, bytes: 1 | 2 | 4, value: number) => hooks.writePort(port, bytes, value >>> 0),
      timeStampCounter: () => hooks.timeStampCounter(),
      now: () => performance.now(),
    },
  });
  return { kernels: exports as unknown as Kernels, exports };
}

/** How often the page tables were walked, and what that has taken: all walks as long as those that were timed. */
export function pageWalks({ memory, u32 }: LinearMemory, { clockCost }: Kernels): { readonly walks: number; readonly ms: number } {
  const timed = u32[WALKS_TIMED >> 2]!;
  if (timed === 0) return { walks: 0, ms: 0 };
  const walks = timed * WALK_PERIOD - u32[WALKS_LEFT >> 2]!;
  const timedMs = new DataView(memory.buffer).getFloat64(WALKS_TIMED_MS, true);
  return { walks, ms: (Math.max(0, timedMs - timed * clockCost()) / timed) * walks };
}

function readModule(): Uint8Array<ArrayBuffer> {
  try {
    // The same path from src/cpu/mmu and from dist/cpu/mmu.
    return new Uint8Array(readFileSync(new URL('../../../dist/kernels.wasm', import.meta.url)));
  } catch (cause) {
    throw new Error('dist/kernels.wasm is missing; run npm run build in packages/x86-vmm first', { cause });
  }
}
