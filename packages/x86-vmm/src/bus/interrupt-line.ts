import type { InterruptLine } from './device.js';

/** Wired-OR: several devices on one level-triggered input (a PCI interrupt). The input is high while any of them drives it. */
export class SharedLine {
  #drivers = 0;
  #next = 0;
  constructor(private readonly input: InterruptLine) {}

  /** A new driver's end. At most 31 drivers share a line. */
  driver(): InterruptLine {
    const bit = 1 << this.#next++;
    return {
      set: (level) => {
        this.#drivers = level ? this.#drivers | bit : this.#drivers & ~bit;
        this.input.set(this.#drivers !== 0);
      },
    };
  }
}
