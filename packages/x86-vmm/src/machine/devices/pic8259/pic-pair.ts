import type { InterruptLine } from '../../../bus/device.js';
import { Pic8259 } from './pic8259.js';
import { CASCADE_INPUT, ELCR_WRITABLE, PIC_PORTS } from './registers.js';

/** The PC's two interrupt controllers and the wire between them. Attach `first` and `second` to the bus and to the snapshot. */
export class PicPair {
  readonly first: Pic8259;
  readonly second: Pic8259;

  /** @param output the CPU's INTR pin */
  constructor(output: InterruptLine) {
    this.first = new Pic8259('pic0', {
      base: PIC_PORTS.FIRST,
      elcrPort: PIC_PORTS.ELCR_FIRST,
      elcrWritable: ELCR_WRITABLE.FIRST,
      first: true,
      output,
    });
    this.second = new Pic8259('pic1', {
      base: PIC_PORTS.SECOND,
      elcrPort: PIC_PORTS.ELCR_SECOND,
      elcrWritable: ELCR_WRITABLE.SECOND,
      first: false,
      output: { set: (level) => this.first.setInput(CASCADE_INPUT, level) },
    });
  }

  /** INTA cycle: called by the CPU when it takes an interrupt. Returns the vector; IRQ 7's or 15's for a request that vanished. */
  acknowledge(): number {
    const input = this.first.acknowledge();
    if (!this.first.hasCascadeAt(input)) return this.first.vectorOf(input);
    return this.second.vectorOf(this.second.acknowledge());
  }

  /** Level of interrupt request `irq` (0-15). IRQ 2 has no pin: it is the cascade. */
  setIrq(irq: number, level: boolean): void {
    if (irq >= 8) this.second.setInput(irq - 8, level);
    else if (irq !== CASCADE_INPUT) this.first.setInput(irq, level);
  }

  /** The end of interrupt request `irq` that a device drives. */
  line(irq: number): InterruptLine {
    return { set: (level) => this.setIrq(irq, level) };
  }
}
