import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import { FPU_ERROR_PORT } from './registers.js';

/*
 * The board's half of x87 errors in the PC's compatible way (CR0.NE = 0): FERR# raises IRQ 13; the handler's write to port F0 lowers it
 * and asserts IGNNE#, with which the CPU runs x87 instructions although an error is pending, until FERR# falls.
 * Sources: 82371SB data sheet 2.5.6; SDM Vol. 1 appendix D.
 */

export interface FpuErrorState {
  readonly version: 1;
  readonly irq: boolean;
}

/** The two wires to the CPU. */
export interface FpuErrorPins {
  /** FERR# is asserted. */
  readonly ferr: boolean;
  /** IGNNE#. The CPU's side drops it together with FERR#, as the flip-flop between the two wires does. */
  readonly ignne: InterruptLine & { readonly level: boolean };
}

export class FpuError implements Device<FpuErrorState> {
  readonly name = 'fpu-error';
  readonly ports: readonly PortRange[] = [{ name: 'fpu-error', base: FPU_ERROR_PORT, length: 1 }];
  #irq = false;

  constructor(
    private readonly pins: FpuErrorPins,
    private readonly irq: InterruptLine,
  ) {}

  /** To be called when FERR# may have risen. An error that IGNNE# covers is answered already. */
  ferrChanged(): void {
    if (this.pins.ferr && !this.pins.ignne.level) this.#drive(true);
  }

  readPort(): number {
    return 0xff;
  }

  writePort(_range: PortRange, _offset: number, _size: AccessSize, _value: number): void {
    this.#drive(false);
    if (this.pins.ferr) this.pins.ignne.set(true);
  }

  reset(): void {
    this.#drive(false);
  }

  save(): FpuErrorState {
    return { version: 1, irq: this.#irq };
  }

  /** The interrupt controller restores its own inputs; the wires are the CPU's. */
  restore(state: FpuErrorState): void {
    if (state.version !== 1) throw new Error('fpu-error: unknown state version');
    this.#irq = state.irq;
    this.irq.set(state.irq);
  }

  #drive(level: boolean): void {
    this.#irq = level;
    this.irq.set(level);
  }
}
