import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import { PORT_92, PORT_A } from './registers.js';

/*
 * System control port A: fast A20 gate and fast CPU reset. Source: 82371SB (PIIX3) data sheet 2.5.5.5.
 *
 * The A20 line belongs to whoever wrote it last, this port or the keyboard controller: every guest that switches it with one of
 * them gets what it asked for. It is driven at each write; at reset the keyboard controller drives it.
 */

export interface Port92State {
  readonly version: 1;
  readonly value: number;
}

export interface Port92Options {
  readonly a20: InterruptLine;
  /** Bit 0 rose: the CPU is reset. */
  readonly resetCpu: () => void;
}

export class Port92 implements Device<Port92State> {
  readonly name = 'port92';
  readonly ports: readonly PortRange[] = [{ name: 'port92', base: PORT_92, length: 1 }];
  #value: number = PORT_A.FAST_A20;

  constructor(private readonly options: Port92Options) {}

  readPort(_range: PortRange, _offset: number, _size: AccessSize): number {
    return this.#value;
  }

  writePort(_range: PortRange, _offset: number, _size: AccessSize, value: number): void {
    const rose = value & ~this.#value & PORT_A.FAST_INIT;
    this.#value = value & (PORT_A.FAST_INIT | PORT_A.FAST_A20);
    this.options.a20.set((value & PORT_A.FAST_A20) !== 0);
    if (rose) this.options.resetCpu();
  }

  reset(): void {
    this.#value = PORT_A.FAST_A20;
  }

  save(): Port92State {
    return { version: 1, value: this.#value };
  }

  restore(state: Port92State): void {
    if (state.version !== 1) throw new Error('port92: unknown state version');
    this.#value = state.value & (PORT_A.FAST_INIT | PORT_A.FAST_A20);
  }
}
