import type { AccessSize } from '../../../bus/device.js';
import type { IdeChannel } from '../../devices/ide/ide-channel.js';
import { ConfigSpace } from './config-space.js';
import type { ConfigSpaceState, PciFunction } from './pci-function.js';
import { CLASS, ID, PIIX3_IDE, SUBSYSTEM } from './registers.js';

/*
 * PIIX3 IDE function: places the bus master registers of both channels (BMIBA). Source: 82371SB data sheet 290550, 2.3.
 * Differs: the channels answer at their legacy ports whether or not IDETIM's decode enable bits are set, because firmware that never
 * heard of this chipset expects its disks there. The timing registers are kept without effect.
 */

const BUS_MASTER_BYTES = 16;
const CHANNEL_BYTES = 8;

export class Piix3Ide implements PciFunction {
  readonly name = 'piix3-ide';
  readonly #config: ConfigSpace;

  /** @param rangesChanged has the bus decode device ranges anew */
  constructor(primary: IdeChannel, secondary: IdeChannel, rangesChanged: () => void) {
    const placed = (base: number | undefined): void => {
      primary.placeBusMaster(base);
      secondary.placeBusMaster(base === undefined ? undefined : base + CHANNEL_BYTES);
      rangesChanged();
    };
    this.#config = new ConfigSpace(
      {
        vendor: ID.INTEL,
        device: ID.PIIX3_IDE,
        revision: 0,
        classCode: CLASS.IDE_BUS_MASTER,
        subsystemVendor: SUBSYSTEM.VENDOR,
        subsystem: SUBSYSTEM.DEVICE,
        status: 0x0280,
      },
      [{ register: 4, kind: 'io', size: BUS_MASTER_BYTES, placed }],
      { base: 0, end: 0 },
    );
    this.#config.define(PIIX3_IDE.IDETIM_PRIMARY, 2, 0, 0xffff);
    this.#config.define(PIIX3_IDE.IDETIM_SECONDARY, 2, 0, 0xffff);
    this.#config.define(PIIX3_IDE.SIDETIM, 1, 0, 0xff);
  }

  readConfig(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }
  writeConfig(offset: number, size: AccessSize, value: number): void {
    this.#config.write(offset, size, value);
  }
  reset(): void {
    this.#config.reset();
  }
  save(): ConfigSpaceState {
    return this.#config.save();
  }
  restore(state: ConfigSpaceState): void {
    this.#config.restore(state);
  }
}
