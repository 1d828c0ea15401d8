import type { AccessSize } from '../../../bus/device.js';
import type { Piix4Pm } from '../../devices/piix4-pm/piix4-pm.js';
import { ConfigSpace } from './config-space.js';
import type { ConfigSpaceState, PciFunction } from './pci-function.js';
import { CLASS, DEVACTB_APMC_EN, ID, PIIX4_PM, PMREGMISC, SMBHSTCFG, SUBSYSTEM } from './registers.js';

/*
 * PIIX4 power management function: places the PM and SMBus blocks. Source: 82371AB data sheet 290562, 7.1.
 *
 * Differs: APMC_EN in DEVACTB is set at reset. SeaBIOS takes it as "system management mode is set up already" and so does not wait
 * for an SMI that a CPU without that mode never takes.
 */

const BLOCK_ADDRESS = 0xffc0;
const SMBUS_ADDRESS = 0xfff0;

export class Piix4PmFunction implements PciFunction {
  readonly name = 'piix4-pm';
  readonly #config = new ConfigSpace(
    {
      vendor: ID.INTEL,
      device: ID.PIIX4_PM,
      revision: 3,
      classCode: CLASS.OTHER_BRIDGE,
      subsystemVendor: SUBSYSTEM.VENDOR,
      subsystem: SUBSYSTEM.DEVICE,
      interruptPin: 1,
      status: 0x0280,
    },
    [],
    { base: 0, end: 0 },
  );
  #base: number | undefined;
  #smbusBase: number | undefined;

  /** @param rangesChanged has the bus decode device ranges anew */
  constructor(
    private readonly pm: Piix4Pm,
    private readonly rangesChanged: () => void,
  ) {
    this.#config.define(PIIX4_PM.PMBA, 4, 0x01, BLOCK_ADDRESS);
    for (let offset = 0x44; offset < 0x78; offset += 4)
      this.#config.define(offset, 4, offset === PIIX4_PM.DEVRESB ? DEVACTB_APMC_EN : 0, 0xffff_ffff);
    this.#config.define(PIIX4_PM.PMREGMISC, 1, 0, 0x01);
    this.#config.define(PIIX4_PM.SMBBA, 4, 0x01, SMBUS_ADDRESS);
    this.#config.define(PIIX4_PM.SMBHSTCFG, 1, 0, 0x0f);
  }

  readConfig(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }

  writeConfig(offset: number, size: AccessSize, value: number): void {
    this.#config.write(offset, size, value);
    this.#place();
  }

  reset(): void {
    this.#config.reset();
    this.#place();
  }

  save(): ConfigSpaceState {
    return this.#config.save();
  }

  restore(state: ConfigSpaceState): void {
    this.#config.restore(state);
    this.#place();
  }

  #place(): void {
    const config = this.#config;
    const base = config.bytes[PIIX4_PM.PMREGMISC]! & PMREGMISC.PMIOSE ? config.read(PIIX4_PM.PMBA, 2) & BLOCK_ADDRESS : 0;
    const smbus = config.bytes[PIIX4_PM.SMBHSTCFG]! & SMBHSTCFG.ENABLE ? config.read(PIIX4_PM.SMBBA, 2) & SMBUS_ADDRESS : 0;
    // Nobody places a block at port 0, where the DMA controller is.
    const placed = base || undefined;
    const smbusPlaced = smbus || undefined;
    if (placed === this.#base && smbusPlaced === this.#smbusBase) return;
    this.#base = placed;
    this.#smbusBase = smbusPlaced;
    this.pm.place(placed, smbusPlaced);
    this.rangesChanged();
  }
}
