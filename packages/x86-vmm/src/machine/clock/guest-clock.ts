import type { MachineClock, Timer } from '../../bus/clock.js';
import { TimerQueue } from './timer-queue.js';

/** A lag beyond this is given up instead of caught up, and shows as a speed below 1. */
export const MAX_LAG_NS = 250_000_000n;
/** While catching up, guest time runs at most this many times as fast as the wall clock, so that each tick still gets its share of work. */
const CATCH_UP = 2n;

/** What the run loop needs of a clock besides what devices see. */
export interface GuestClock extends MachineClock {
  /**
   * Called between two slices. Moves guest time forward, never beyond the earliest deadline, and expires at most one timer, so
   * that the CPU runs between two ticks. Returns whether another deadline is already due.
   * @param instructions completed since power-on
   * @param idle the CPU is halted: time may pass without work
   */
  advance(instructions: bigint, idle: boolean): boolean;
  /** Nanoseconds of wall time until the next deadline; undefined: none armed. Zero or less: due. */
  untilNextDeadline(): bigint | undefined;
  /** Most instructions the next slice should run for guest time not to pass the next deadline by more than a little. */
  sliceBudget(): number;
  /** Guest time over wall time since the last call, 1 when it keeps up. */
  takeSpeed(): number;
  pause(): void;
  resume(): void;
  /** For save and restore. */
  setNow(nowNs: bigint): void;
}

/** Guest time follows the wall clock: never ahead of it, no tick skipped, slower when the engine cannot keep up. */
export class RealTimeClock implements GuestClock {
  readonly #timers: TimerQueue;
  /** Guest time at the last `advance`, and the wall time of that moment. */
  #guestNs = 0n;
  #wallNs: bigint;
  /** Wall time at which guest time would be zero. */
  #originNs: bigint;
  /** Guest time that reads may not pass: the next deadline, which has not been delivered yet. */
  #limitNs: bigint | undefined;
  #lastReadNs = 0n;
  #paused = true;
  #speedGuestNs = 0n;
  #speedWallNs: bigint;
  /** Instructions per millisecond, from the last slices. */
  #rate = 100_000;
  #lastInstructions = 0n;

  constructor(
    private readonly wall: () => bigint,
    /** A deadline changed in mid-slice. */
    deadlineChanged: () => void,
    /** Guest time goes on after it stood still, or a lag was given up: what it missed is not caught up, but for `lagNs`. */
    private readonly fellBehind: (lagNs: bigint) => void,
  ) {
    this.#timers = new TimerQueue(deadlineChanged);
    this.#wallNs = wall();
    this.#originNs = this.#wallNs;
    this.#speedWallNs = this.#wallNs;
  }

  createTimer(name: string, expired: () => void): Timer {
    return this.#timers.create(name, expired);
  }

  /** Inside a slice time goes on, up to the next undelivered deadline. */
  now(): bigint {
    if (this.#paused) return this.#guestNs;
    let now = this.#guestNs + (this.wall() - this.#wallNs);
    if (this.#limitNs !== undefined && now > this.#limitNs) now = this.#limitNs;
    if (now < this.#lastReadNs) now = this.#lastReadNs;
    this.#lastReadNs = now;
    return now;
  }

  advance(instructions: bigint, idle: boolean): boolean {
    const wall = this.wall();
    const elapsed = wall - this.#wallNs;
    this.#measureRate(instructions, elapsed, idle);
    this.#wallNs = wall;
    let lag = wall - this.#originNs - this.#guestNs;
    const isGivenUp = lag > MAX_LAG_NS && !idle;
    if (isGivenUp) {
      this.#originNs += lag - MAX_LAG_NS;
      lag = MAX_LAG_NS;
    }
    const step = idle ? lag : min(lag, elapsed * CATCH_UP);
    const target = max(this.#guestNs + step, this.#lastReadNs);
    const due = this.#timers.earliest();
    if (due !== undefined && due <= target) {
      this.#guestNs = max(due, this.#lastReadNs);
      this.#lastReadNs = this.#guestNs;
      this.#timers.expireOne(this.#guestNs);
    } else {
      this.#guestNs = target;
    }
    if (isGivenUp) this.fellBehind(wall - this.#originNs - this.#guestNs);
    this.#limitNs = this.#timers.earliest();
    return this.#limitNs !== undefined && this.#limitNs <= target;
  }

  untilNextDeadline(): bigint | undefined {
    const due = this.#timers.earliest();
    return due === undefined ? undefined : due - (this.wall() - this.#originNs);
  }

  sliceBudget(): number {
    const due = this.#timers.earliest();
    const ns = due === undefined ? 1_000_000 : Number(min(max(due - this.#guestNs, 50_000n), 1_000_000n));
    return Math.max(2_000, Math.floor((this.#rate * ns) / 1_000_000));
  }

  takeSpeed(): number {
    const wall = this.wall();
    const speed = Number(this.#guestNs - this.#speedGuestNs) / Math.max(1, Number(wall - this.#speedWallNs));
    this.#speedGuestNs = this.#guestNs;
    this.#speedWallNs = wall;
    return Math.min(1, speed);
  }

  pause(): void {
    this.#guestNs = this.now();
    this.#paused = true;
  }

  resume(): void {
    this.#wallNs = this.wall();
    this.#originNs = this.#wallNs - this.#guestNs;
    this.#limitNs = this.#timers.earliest();
    this.#speedGuestNs = this.#guestNs;
    this.#speedWallNs = this.#wallNs;
    this.#paused = false;
    this.fellBehind(0n);
  }

  setNow(nowNs: bigint): void {
    this.#guestNs = nowNs;
    this.#lastReadNs = nowNs;
    this.#originNs = this.wall() - nowNs;
  }

  #measureRate(instructions: bigint, elapsedNs: bigint, idle: boolean): void {
    const done = Number(instructions - this.#lastInstructions);
    this.#lastInstructions = instructions;
    if (idle || done < 1_000 || elapsedNs < 10_000n) return;
    const rate = (done * 1_000_000) / Number(elapsedNs);
    this.#rate += (Math.min(rate, 2_000_000) - this.#rate) / 8;
  }
}

/**
 * Guest time is a function of executed instructions, and of nothing else: runs repeat exactly. The processor stops at the very instruction
 * at which a deadline is reached, so it does not matter where slices begin and end (a pause, a save).
 */
export class InstructionClock implements GuestClock {
  readonly #timers: TimerQueue;
  #guestNs = 0n;
  #instructions = 0n;

  constructor(
    /** Guest nanoseconds an instruction takes. */
    private readonly nsPerInstruction: bigint,
    /** Completed since power-on, exact whenever a device is accessed through a port. */
    private readonly instructions: () => bigint,
    deadlineChanged: () => void,
  ) {
    this.#timers = new TimerQueue(deadlineChanged);
  }

  createTimer(name: string, expired: () => void): Timer {
    return this.#timers.create(name, expired);
  }

  now(): bigint {
    const instructions = this.instructions();
    this.#guestNs += (instructions - this.#instructions) * this.nsPerInstruction;
    this.#instructions = instructions;
    return this.#guestNs;
  }

  advance(_instructions: bigint, idle: boolean): boolean {
    this.now();
    const due = this.#timers.earliest();
    if (due !== undefined && idle && due > this.#guestNs) this.#guestNs = due;
    if (due !== undefined && due <= this.#guestNs) this.#timers.expireOne(this.#guestNs);
    const next = this.#timers.earliest();
    return next !== undefined && next <= this.#guestNs;
  }

  untilNextDeadline(): bigint | undefined {
    return this.#timers.earliest() === undefined ? undefined : 0n;
  }

  sliceBudget(): number {
    const due = this.#timers.earliest();
    const ns = due === undefined ? 1_000_000n : min(max(due - this.#guestNs, 0n), 1_000_000n);
    return Math.max(1, Number((ns + this.nsPerInstruction - 1n) / this.nsPerInstruction));
  }

  takeSpeed(): number {
    return 1;
  }

  pause(): void {}
  resume(): void {}

  /** The instruction count was restored before. */
  setNow(nowNs: bigint): void {
    this.#guestNs = nowNs;
    this.#instructions = this.instructions();
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
