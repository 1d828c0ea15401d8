import type { AccessSize, InterruptLine } from '../../../bus/device.js';
import { ConfigSpace } from './config-space.js';
import type { ConfigSpaceState, PciFunction } from './pci-function.js';
import { CLASS, ID, PIIX3_ISA, PIRQ_ROUTE, SUBSYSTEM } from './registers.js';

/*
 * PIIX3 PCI-to-ISA bridge: it steers the four PCI interrupts to inputs of the interrupt controllers. Source: 82371SB data sheet
 * 290550, 2.2.9 (PIRQRC). Other registers are kept without effect.
 *
 * Slots are wired as on most boards of its time: pin p (0 = INTA#) of device d reaches PIRQ[(d - 1 + p) mod 4], so that a
 * firmware's routing table for this chipset fits.
 */

const IRQS = 16;
/** IRQs that can be steered to: not 0, 1, 2, 8, 13. */
const STEERABLE = 0b1101_1110_1111_1000;

export class Piix3Isa implements PciFunction {
  readonly name = 'piix3-isa';
  readonly #config = new ConfigSpace(
    {
      vendor: ID.INTEL,
      device: ID.PIIX3_ISA,
      revision: 0,
      classCode: CLASS.ISA_BRIDGE,
      multiFunction: true,
      subsystemVendor: SUBSYSTEM.VENDOR,
      subsystem: SUBSYSTEM.DEVICE,
      command: 0x0007,
      status: 0x0200,
    },
    [],
    { base: 0, end: 0 },
  );
  /** Drivers of each PIRQ, one bit a slot and pin that asserts it. */
  readonly #asserted = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  #driven = 0;

  /** @param irqs inputs 0..15 of the interrupt controllers; a steered PCI interrupt is a level */
  constructor(private readonly irqs: readonly InterruptLine[]) {
    for (let i = 0; i < 4; i++) this.#config.define(PIIX3_ISA.PIRQRC_A + i, 1, PIRQ_ROUTE.DISABLED, 0x8f);
    this.#config.define(PIIX3_ISA.IORT, 1, 0x4d, 0x7f);
    this.#config.define(PIIX3_ISA.XBCS, 2, 0x0003, 0x01ff);
    this.#config.define(PIIX3_ISA.TOM, 1, 0x02, 0xfe);
    this.#config.define(PIIX3_ISA.MSTAT, 2, 0, 0x80fe);
    this.#config.define(PIIX3_ISA.MBIRQ_0, 2, 0x8080, 0xefef);
    this.#config.define(0x76, 2, 0x0c0c, 0x8f8f);
    this.#config.define(PIIX3_ISA.DLC, 1, 0, 0x0f);
    this.#config.define(PIIX3_ISA.SMICNTL, 1, 0x08, 0x1f);
  }

  /** The interrupt pin (0 = INTA#) of the device in a slot. Level: asserted as long as it is set. */
  interruptPin(device: number, pin: number): InterruptLine {
    const asserted = this.#asserted[(device - 1 + pin) & 3]!;
    const driver = device * 4 + pin;
    return {
      set: (level) => {
        if (level) asserted.add(driver);
        else asserted.delete(driver);
        this.#drive();
      },
    };
  }

  readConfig(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }

  writeConfig(offset: number, size: AccessSize, value: number): void {
    this.#config.write(offset, size, value);
    this.#drive();
  }

  reset(): void {
    this.#config.reset();
    this.#drive();
  }

  save(): ConfigSpaceState {
    return this.#config.save();
  }

  /** Devices drive their pins again in their own `restore`. */
  restore(state: ConfigSpaceState): void {
    this.#config.restore(state);
    this.#drive();
  }

  #drive(): void {
    let wanted = 0;
    for (let i = 0; i < 4; i++) {
      const route = this.#config.bytes[PIIX3_ISA.PIRQRC_A + i]!;
      if (this.#asserted[i]!.size > 0 && !(route & PIRQ_ROUTE.DISABLED)) wanted |= 1 << (route & PIRQ_ROUTE.IRQ);
    }
    wanted &= STEERABLE;
    for (let irq = 0, changed = wanted ^ this.#driven; irq < IRQS && changed >> irq; irq++) {
      if ((changed >> irq) & 1) this.irqs[irq]!.set(((wanted >> irq) & 1) === 1);
    }
    this.#driven = wanted;
  }
}
