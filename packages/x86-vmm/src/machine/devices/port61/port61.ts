import type { MachineClock } from '../../../bus/clock.js';
import type { AccessSize, Device, PortRange } from '../../../bus/device.js';
import { PORT_61, PORT_B, REFRESH_NS } from './registers.js';

/*
 * System control port B: gate of timer 2, speaker data, refresh toggle and timer 2's output.
 * Sources: IBM AT technical reference; 82371SB data sheet 2.5.5.1. Left out: parity and channel check (this RAM has no errors).
 */

export interface Port61State {
  readonly version: 1;
  readonly control: number;
}

/** What the port needs of the interval timer. */
export interface TimerTwo {
  setGate2(level: boolean): void;
  output(counter: 2): boolean;
}

export interface Port61Options {
  readonly clock: MachineClock;
  readonly timer: TimerTwo;
  /** Bit 1 changed: the speaker is joined to timer 2 or not. */
  readonly speakerChanged?: () => void;
}

export class Port61 implements Device<Port61State> {
  readonly name = 'port61';
  readonly ports: readonly PortRange[] = [{ name: 'port61', base: PORT_61, length: 1 }];
  #control = 0;

  constructor(private readonly options: Port61Options) {}

  /** Timer 2 reaches the speaker. */
  get speakerData(): boolean {
    return (this.#control & PORT_B.SPEAKER_DATA) !== 0;
  }

  readPort(_range: PortRange, _offset: number, _size: AccessSize): number {
    const refresh = (this.options.clock.now() / REFRESH_NS) & 1n ? PORT_B.REFRESH : 0;
    return this.#control | refresh | (this.options.timer.output(2) ? PORT_B.TIMER_2_OUT : 0);
  }

  writePort(_range: PortRange, _offset: number, _size: AccessSize, value: number): void {
    this.#control = value & PORT_B.WRITABLE;
    this.options.timer.setGate2((value & PORT_B.TIMER_2_GATE) !== 0);
    this.options.speakerChanged?.();
  }

  reset(): void {
    this.writePort(this.ports[0]!, 0, 1, 0);
  }

  save(): Port61State {
    return { version: 1, control: this.#control };
  }

  /** The timer restores its own gate. */
  restore(state: Port61State): void {
    if (state.version !== 1) throw new Error('port61: unknown state version');
    this.#control = state.control & PORT_B.WRITABLE;
    this.options.speakerChanged?.();
  }
}
