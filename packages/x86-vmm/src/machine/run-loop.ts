import type { TimeLedger } from '../bus/time-ledger.js';
import type { GuestClock } from './clock/guest-clock.js';

/** What the loop needs of the processor: the engine and event delivery behind one face. */
export interface Processor {
  /** Runs at most about `budget` instructions; returns at a block border. A triple fault is reported by `tripleFault`. */
  run(budget: number): void;
  /** Instructions completed since power-on. */
  readonly instructions: bigint;
  readonly halted: boolean;
  /** Interrupts are enabled and not in a shadow. */
  readonly interruptible: boolean;
  readonly tripleFault: boolean;
  /** Delivers an external interrupt; the CPU leaves HLT. */
  interrupt(vector: number): void;
}

/** What the loop needs of the board. */
export interface InterruptController {
  /** INT output of the first 8259A. */
  readonly pending: boolean;
  /** INTA cycle: the vector. */
  acknowledge(): number;
}

export interface CompletionSource {
  readonly pending: number;
  /** Hands what is finished to the devices; that takes `disk`'s time. */
  drain(times: TimeLedger): void;
  takeWait?(): Promise<unknown> | undefined;
}

/** The loop gives the event loop a turn at least this often while the guest is busy, ms; more often while backends work. */
const TURN_MS = 4;
const TURN_WITH_IO_MS = 0.3;
/** Longest idle wait without a deadline, ms: a bound for anything that forgot to wake us. */
const IDLE_MS = 1_000;
/** Instructions after a deadline when another is already due: enough to take the interrupt. */
const CATCH_UP_BUDGET = 2_000;
const MOST_BUDGET = 0x3fff_ffff;

/**
 * The vCPU's turn-taking: guest time, timers, completions, interrupts, a slice of instructions, and again. Runs until `stop`
 * says so, then resolves with the machine between two instructions.
 */
export class RunLoop {
  #wake: (() => void) | undefined;
  #woken = false;
  #busyMs = 0;

  constructor(
    private readonly processor: Processor,
    private readonly interrupts: InterruptController,
    private readonly clock: GuestClock,
    private readonly completions: CompletionSource,
    /** Between slices, on the vCPU's turn: resets, screen updates. Must be cheap when there is nothing. */
    private readonly afterSlice: () => void,
    /** Before the event loop gets its turn, at least every TURN_MS: output that slices have collected. */
    private readonly beforeTurn: () => void,
    private readonly times: TimeLedger,
  ) {}

  /** Wall time spent executing, ms. */
  get busyMs(): number {
    return this.#busyMs;
  }

  /** Ends an idle wait: input, a completion, a request has arrived. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** @param mostInstructions also ends when so many more are completed; exactly there in instruction-counted mode */
  async run(stopAsked: () => boolean, mostInstructions?: number): Promise<void> {
    const first = this.processor.instructions;
    const left = (): number =>
      mostInstructions === undefined ? Number.MAX_SAFE_INTEGER : mostInstructions - Number(this.processor.instructions - first);
    const stop = (): boolean => stopAsked() || left() <= 0;
    this.clock.resume();
    this.times.enter('board');
    let turn = performance.now();
    while (!stop()) {
      const idle = this.processor.halted && !this.#mayInterrupt();
      const moreDue = this.clock.advance(this.processor.instructions, idle);
      const wait = this.completions.takeWait?.();
      if (wait) await this.times.duringAsync('disk', () => wait);
      this.completions.drain(this.times);
      if (this.#mayInterrupt()) this.processor.interrupt(this.interrupts.acknowledge());
      if (stop()) break;
      if (this.processor.halted) {
        this.afterSlice();
        this.beforeTurn();
        if (!moreDue) await this.#turn(() => this.#idle(), 'idle');
        turn = performance.now();
        continue;
      }
      this.times.enter('run');
      const before = this.times.since;
      this.processor.run(Math.min(left(), moreDue ? CATCH_UP_BUDGET : MOST_BUDGET, this.clock.sliceBudget()));
      this.times.enter('board');
      const now = this.times.since;
      this.#busyMs += now - before;
      this.afterSlice();
      if (now - turn > (this.completions.pending > 0 ? TURN_WITH_IO_MS : TURN_MS)) {
        this.beforeTurn();
        await this.#turn(() => new Promise((resolve) => setImmediate(resolve)), 'board');
        turn = performance.now();
      }
    }
    this.clock.pause();
    this.times.enter('idle');
  }

  /** The event loop's turn: the disks' while requests are under way, for then it works on them or waits for them. */
  #turn(turn: () => Promise<void>, otherwise: 'board' | 'idle'): Promise<void> {
    return this.times.duringAsync(this.completions.pending > 0 ? 'disk' : otherwise, turn);
  }

  #mayInterrupt(): boolean {
    return this.interrupts.pending && this.processor.interruptible;
  }

  async #idle(): Promise<void> {
    const due = this.clock.untilNextDeadline();
    const ms = due === undefined ? IDLE_MS : Math.min(IDLE_MS, Number(due) / 1e6);
    if (ms <= 0 || this.#woken) {
      this.#woken = false;
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    this.#woken = false;
  }
}
