import type { Timer } from '../../bus/clock.js';

class QueuedTimer implements Timer {
  deadlineNs: bigint | undefined = undefined;

  constructor(
    readonly name: string,
    readonly expired: () => void,
    private readonly changed: () => void,
  ) {}

  arm(deadlineNs: bigint): void {
    this.deadlineNs = deadlineNs;
    this.changed();
  }

  cancel(): void {
    if (this.deadlineNs === undefined) return;
    this.deadlineNs = undefined;
    this.changed();
  }
}

/**
 * The machine's armed deadlines. A board has about a dozen timers, so the earliest is found by a scan whenever one changed;
 * equal deadlines expire in order of creation, which keeps instruction-counted runs repeatable.
 */
export class TimerQueue {
  readonly #timers: QueuedTimer[] = [];
  #earliest: QueuedTimer | undefined;
  #stale = false;

  /** @param changed called when a deadline was armed or cancelled: the current slice may have to end earlier. */
  constructor(private readonly changed: () => void = () => {}) {}

  create(name: string, expired: () => void): Timer {
    const timer = new QueuedTimer(name, expired, () => {
      this.#stale = true;
      this.changed();
    });
    this.#timers.push(timer);
    return timer;
  }

  /** The next deadline, if any timer is armed. */
  earliest(): bigint | undefined {
    return this.#find()?.deadlineNs;
  }

  /** Disarms and runs the earliest timer when its deadline is not after `nowNs`. Returns whether one ran. */
  expireOne(nowNs: bigint): boolean {
    const timer = this.#find();
    if (timer?.deadlineNs === undefined || timer.deadlineNs > nowNs) return false;
    timer.deadlineNs = undefined;
    this.#stale = true;
    timer.expired();
    return true;
  }

  #find(): QueuedTimer | undefined {
    if (this.#stale) {
      this.#stale = false;
      this.#earliest = undefined;
      for (const timer of this.#timers) {
        if (timer.deadlineNs === undefined) continue;
        if (this.#earliest?.deadlineNs === undefined || timer.deadlineNs < this.#earliest.deadlineNs) this.#earliest = timer;
      }
    }
    return this.#earliest;
  }
}
