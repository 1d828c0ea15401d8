import type { MachineClock, Timer } from '../../../bus/clock.js';
import { TimerQueue } from '../../clock/timer-queue.js';

/** A clock that a device's test moves by hand; deadlines on the way expire in order, each at its own time. */
export class ManualClock implements MachineClock {
  readonly #timers = new TimerQueue();
  #nowNs = 0n;

  now(): bigint {
    return this.#nowNs;
  }

  createTimer(name: string, expired: () => void): Timer {
    return this.#timers.create(name, expired);
  }

  /** Moves guest time on by `ns` (rounded up to a whole nanosecond). */
  advance(ns: number | bigint): void {
    const target = this.#nowNs + (typeof ns === 'bigint' ? ns : BigInt(Math.ceil(ns)));
    for (let due = this.#timers.earliest(); due !== undefined && due <= target; due = this.#timers.earliest()) {
      if (due > this.#nowNs) this.#nowNs = due;
      this.#timers.expireOne(this.#nowNs);
    }
    this.#nowNs = target;
  }
}
