import type { Completions } from '../bus/backends.js';
import type { MachineClock, Timer } from '../bus/clock.js';
import type { TimeLedger } from '../bus/time-ledger.js';

/** Guest time a request takes in instruction-counted mode: a fast disk's. */
const FIXED_LATENCY_NS = 200_000n;

interface Finished {
  readonly done: (failure?: unknown) => void;
  readonly failure: unknown;
  readonly generation: number;
}

/**
 * Backend completions in real time: queued when the promise settles, handed to the device by `drain` between two slices.
 * A machine reset starts a new generation; what was asked before it is dropped.
 */
export class RealTimeCompletions implements Completions {
  readonly #finished: Finished[] = [];
  #generation = 0;
  #pending = 0;

  /** @param wake ends the run loop's idle wait */
  constructor(private readonly wake: () => void) {}

  /** Requests that have not settled. The run loop yields to the event loop more often while there are some. */
  get pending(): number {
    return this.#pending;
  }

  deliver(work: Promise<void>, done: (failure?: unknown) => void): void {
    const generation = this.#generation;
    this.#pending++;
    const settle = (failure: unknown): void => {
      this.#pending--;
      this.#finished.push({ done, failure, generation });
      this.wake();
    };
    work.then(
      () => settle(undefined),
      (reason: unknown) => settle(reason ?? new Error('request failed')),
    );
  }

  drain(times: TimeLedger): void {
    if (this.#finished.length > 0) times.during('disk', () => this.#handOver());
  }

  #handOver(): void {
    for (let next = this.#finished.shift(); next !== undefined; next = this.#finished.shift()) {
      if (next.generation !== this.#generation) continue;
      if (next.failure === undefined) next.done();
      else next.done(next.failure);
    }
  }

  /** Resolves when nothing is under way and everything was handed over (before a save). */
  async quiesce(): Promise<void> {
    while (this.#pending > 0 || this.#finished.length > 0) {
      this.#handOver();
      if (this.#pending > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  reset(): void {
    this.#generation++;
  }
}

interface Counted {
  readonly deadlineNs: bigint;
  readonly settled: Promise<void>;
  readonly finish: () => void;
}

/**
 * Backend completions in instruction-counted mode: each is delivered at a guest time fixed when it was asked for; the run loop
 * waits there for the real work when that is slower. The latency is the same for all, so the queue is in deadline order.
 */
export class CountedCompletions implements Completions {
  readonly #queue: Counted[] = [];
  readonly #timer: Timer;
  #due = 0;

  constructor(private readonly clock: MachineClock) {
    this.#timer = clock.createTimer('completion', () => {
      this.#due++;
      this.#arm(this.#queue[this.#due]);
    });
  }

  /** The loop never needs to look around for completions: it is told by `takeWait`. */
  get pending(): number {
    return 0;
  }

  deliver(work: Promise<void>, done: (failure?: unknown) => void): void {
    let failure: unknown;
    const settled = work.catch((reason: unknown) => {
      failure = reason ?? new Error('request failed');
    });
    const finish = (): void => (failure === undefined ? done() : done(failure));
    this.#queue.push({ deadlineNs: this.clock.now() + FIXED_LATENCY_NS, settled, finish });
    if (this.#queue.length === this.#due + 1) this.#arm(this.#queue[this.#due]);
  }

  /** What the run loop must await before `drain` and the next slice; undefined: nothing is due. */
  takeWait(): Promise<unknown> | undefined {
    return this.#due === 0 ? undefined : Promise.all(this.#queue.slice(0, this.#due).map(({ settled }) => settled));
  }

  drain(times: TimeLedger): void {
    if (this.#due > 0) times.during('disk', () => this.#handOver());
  }

  #handOver(): void {
    const due = this.#queue.splice(0, this.#due);
    this.#due = 0;
    for (const { finish } of due) finish();
  }

  /** Delivers everything that is under way, whatever its time (before a save). */
  async quiesce(): Promise<void> {
    while (this.#queue.length > 0) {
      this.#due = this.#queue.length;
      this.#timer.cancel();
      await this.takeWait();
      this.#handOver();
    }
  }

  reset(): void {
    this.#queue.length = 0;
    this.#due = 0;
    this.#timer.cancel();
  }

  #arm(next: Counted | undefined): void {
    if (next) this.#timer.arm(next.deadlineNs);
  }
}
