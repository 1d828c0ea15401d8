import type { AccessSize } from '../../../bus/device.js';

/** One function of a PCI device, as the configuration mechanism sees it. Called synchronously from port accesses. */
export interface PciFunction {
  readonly name: string;
  /** @param offset aligned to nothing, `offset + size` at most 256 */
  readConfig(offset: number, size: AccessSize): number;
  writeConfig(offset: number, size: AccessSize, value: number): void;
  reset(): void;
  save(): ConfigSpaceState;
  restore(state: ConfigSpaceState): void;
}

/** What every function's configuration space saves. */
export interface ConfigSpaceState {
  readonly version: 1;
  readonly bytes: Uint8Array;
}

/** The part of the physical address space in which memory base addresses are decoded: from the end of RAM to the first fixed device. */
export interface PciWindow {
  readonly base: number;
  /** One past the last byte. */
  readonly end: number;
}
