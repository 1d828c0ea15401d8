import type { AccessSize, Device, PortRange } from '../../../bus/device.js';
import type { ConfigSpaceState, PciFunction } from './pci-function.js';
import { CONFIG_ADDRESS, CONFIG_PORT } from './registers.js';

/*
 * Configuration mechanism #1: CONFADD (only whole doublewords) and CONFDATA (any size), for the one bus of this board.
 * Source: PCI Local Bus Specification 2.1, 3.7.4.1. Byte accesses to CF9 belong to the reset control register: attach that device
 * after this one.
 */

const OPEN = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;

export interface ConfigurationState {
  readonly version: 1;
  readonly address: number;
  /** By function name. */
  readonly functions: Readonly<Record<string, ConfigSpaceState>>;
}

export class ConfigurationMechanism implements Device<ConfigurationState> {
  readonly name = 'pci';
  readonly ports: readonly PortRange[] = [
    { name: 'pci-address', base: CONFIG_PORT.ADDRESS, length: 4, widest: 4 },
    { name: 'pci-data', base: CONFIG_PORT.DATA, length: 4, widest: 4 },
  ];
  /** By device number times 8 plus function number. */
  readonly #functions = new Map<number, PciFunction>();
  #address = 0;

  /** Puts a function into a slot. Function 0 of a device with several must have the multi-function bit. */
  plug(device: number, number: number, pciFunction: PciFunction): void {
    this.#functions.set(device * 8 + number, pciFunction);
  }

  readPort(range: PortRange, offset: number, size: AccessSize): number {
    if (range.base === CONFIG_PORT.ADDRESS) return size === 4 ? this.#address >>> 0 : OPEN[size];
    return this.#selected()?.readConfig((this.#address & 0xfc) + offset, size) ?? OPEN[size];
  }

  writePort(range: PortRange, offset: number, size: AccessSize, value: number): void {
    if (range.base === CONFIG_PORT.ADDRESS) {
      if (size === 4) this.#address = value & CONFIG_ADDRESS.STORED;
    } else this.#selected()?.writeConfig((this.#address & 0xfc) + offset, size, value);
  }

  reset(): void {
    this.#address = 0;
    for (const pciFunction of this.#functions.values()) pciFunction.reset();
  }

  save(): ConfigurationState {
    const functions = Object.fromEntries([...this.#functions.values()].map((pciFunction) => [pciFunction.name, pciFunction.save()]));
    return { version: 1, address: this.#address >>> 0, functions };
  }

  restore(state: ConfigurationState): void {
    if (state.version !== 1) throw new Error(`pci: unknown state version ${String(state.version)}`);
    this.#address = state.address | 0;
    for (const pciFunction of this.#functions.values()) {
      const saved = state.functions[pciFunction.name];
      if (saved === undefined) throw new Error(`pci: no saved state of ${pciFunction.name}`);
      pciFunction.restore(saved);
    }
  }

  /** The function that CONFADD names; only bus 0 exists. */
  #selected(): PciFunction | undefined {
    if (!(this.#address & CONFIG_ADDRESS.ENABLE) || (this.#address >> 16) & 0xff) return undefined;
    return this.#functions.get((this.#address >> 8) & 0xff);
  }
}
