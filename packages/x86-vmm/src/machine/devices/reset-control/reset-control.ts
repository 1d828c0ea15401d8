import type { AccessSize, Device, PortRange } from '../../../bus/device.js';
import { RESET_CONTROL, RESET_CONTROL_PORT } from './registers.js';

/*
 * Reset control register at 0xCF9: a rise of bit 2 resets, bit 1 says whether the CPU only (soft) or the board too (hard).
 * Source: 82371SB (PIIX3) data sheet 2.5.5.6. It sits among the PCI configuration ports; the bus prefers it for byte accesses.
 */

export interface ResetControlState {
  readonly version: 1;
  readonly value: number;
}

export interface ResetControlOptions {
  readonly resetCpu: () => void;
  readonly resetBoard: () => void;
}

export class ResetControl implements Device<ResetControlState> {
  readonly name = 'reset-control';
  readonly ports: readonly PortRange[] = [{ name: 'reset-control', base: RESET_CONTROL_PORT, length: 1 }];
  #value = 0;

  constructor(private readonly options: ResetControlOptions) {}

  readPort(_range: PortRange, _offset: number, _size: AccessSize): number {
    return this.#value;
  }

  writePort(_range: PortRange, _offset: number, _size: AccessSize, value: number): void {
    const rose = value & ~this.#value & RESET_CONTROL.RESET_CPU;
    this.#value = value & RESET_CONTROL.WRITABLE;
    if (!rose) return;
    if (value & RESET_CONTROL.SYSTEM_RESET) this.options.resetBoard();
    else this.options.resetCpu();
  }

  reset(): void {
    this.#value = 0;
  }

  save(): ResetControlState {
    return { version: 1, value: this.#value };
  }

  restore(state: ResetControlState): void {
    if (state.version !== 1) throw new Error('reset-control: unknown state version');
    this.#value = state.value & RESET_CONTROL.WRITABLE;
  }
}
