/**
 * What the vCPU's thread is doing. `start`: until the machine is built. `run`: inside a slice of the engine. `board`: between slices
 * (guest timers, interrupts, screen, serial lines). `disk`: requests of disks, saved states. `idle`: halted, paused or stopped.
 */
export type Activity = 'start' | 'idle' | 'disk' | 'run' | 'board' | 'decode';

/**
 * Wall time by activity. There is one activity at a time, an inner one interrupts the outer one, so that the times add up to the wall
 * time. Two looks at the clock a change, some 0.1 us: for what happens some thousand times a second at most.
 */
export class TimeLedger {
  readonly #spent: Record<Activity, number> = { start: 0, idle: 0, disk: 0, run: 0, board: 0, decode: 0 };
  #activity: Activity = 'start';
  #since: number;

  /** @param since when the first activity began; a worker's clock counts from the worker's own start */
  constructor(
    private readonly now: () => number = () => performance.now(),
    since = 0,
  ) {
    this.#since = since;
  }

  /** When the activity began, by the clock. */
  get since(): number {
    return this.#since;
  }

  /** Goes over to another activity and returns the one before. */
  enter(activity: Activity): Activity {
    const before = this.#activity;
    const now = this.now();
    this.#spent[before] += now - this.#since;
    this.#since = now;
    this.#activity = activity;
    return before;
  }

  during<T>(activity: Activity, work: () => T): T {
    const before = this.enter(activity);
    try {
      return work();
    } finally {
      this.enter(before);
    }
  }

  async duringAsync<T>(activity: Activity, work: () => Promise<T>): Promise<T> {
    const before = this.enter(activity);
    try {
      return await work();
    } finally {
      this.enter(before);
    }
  }

  /** ms in one activity, until now. */
  spentIn(activity: Activity): number {
    return this.#spent[activity] + (activity === this.#activity ? this.now() - this.#since : 0);
  }

  /** ms in each, until now. */
  spent(): Readonly<Record<Activity, number>> {
    this.enter(this.#activity);
    return { ...this.#spent };
  }
}

/** One of so many calls is timed. */
const EVERY = 16;
/** A call that took longer, ms, was interrupted by the host: counted whole and multiplied it would be a lie. */
const LONGEST_MS = 1;

/** Time spent in calls that are too frequent for two looks at the clock each: every sixteenth is timed and counts for all sixteen. */
export class SampledTimer {
  #calls = 0;
  #timed = 0;
  #timedMs = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Before a call. The answer is for `end`. */
  begin(): number {
    return this.#calls++ % EVERY === 0 ? this.now() : -1;
  }
  end(begun: number): void {
    if (begun < 0) return;
    this.#timedMs += Math.min(this.now() - begun, LONGEST_MS);
    this.#timed++;
  }

  measure<T>(work: () => T): T {
    const begun = this.begin();
    const result = work();
    this.end(begun);
    return result;
  }

  get ms(): number {
    return this.#timed === 0 ? 0 : (this.#timedMs * this.#calls) / this.#timed;
  }
}
