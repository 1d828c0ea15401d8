import { CONTROL_WORD, MODE, STATUS } from './registers.js';

export interface CounterState {
  readonly control: number;
  readonly reload: number;
  readonly hasCount: boolean;
  readonly count: number;
  readonly start: number | null;
  readonly reloadAt: number | null;
  readonly isCountNew: boolean;
  readonly elapsed: number | null;
  readonly gate: boolean;
  readonly firstByte: number | null;
  readonly highNext: boolean;
  readonly latchedCount: number | null;
  readonly latchedStatus: number | null;
}

/**
 * One counter of the 8254 as a function of time: instead of counting, it remembers the CLK tick at which the counting element
 * was loaded and derives count and OUT from the ticks since. All times are CLK ticks since power-on; callers pass the tick
 * of the access. Source: 8254 data sheet 231164, "Mode Definitions"; register names CR (count register) and CE (counting
 * element) are the data sheet's.
 */
export class Counter {
  #control = CONTROL_WORD.ACCESS_BOTH << CONTROL_WORD.ACCESS_SHIFT;
  /** CR as the guest wrote it, 0: 65536 (10000 in BCD). */
  #reload = 0;
  /** A count was written since the control word: modes 1 and 5 may be triggered. */
  #hasCount = false;
  /** Count that CE was loaded with, 1..65536. */
  #count = 0x1_0000;
  /** Tick at which CE was loaded with #count (may lie one ahead). Undefined: not loaded since the control word, or waits for a trigger. */
  #start: number | undefined;
  /** Modes 2 and 3: the tick at which a running counter takes a new count. */
  #reloadAt: number | undefined;
  /** CR holds a count that CE has not taken yet ("null count"). */
  #isCountNew = true;
  /** Ticks counted when GATE stopped a counter that goes on where it was (modes 0 and 4), or a first byte stopped mode 0. */
  #elapsed: number | undefined;
  #gate: boolean;
  /** First byte of a two-byte count. */
  #firstByte: number | undefined;
  /** A two-byte read has its second half to come. */
  #highNext = false;
  #latchedCount: number | undefined;
  #latchedStatus: number | undefined;

  constructor(gate: boolean) {
    this.#gate = gate;
  }

  get mode(): number {
    const mode = (this.#control >> CONTROL_WORD.MODE_SHIFT) & 7;
    return mode > 5 ? mode - 4 : mode;
  }

  get gate(): boolean {
    return this.#gate;
  }

  /** Ticks of a cycle in the periodic modes 2 and 3 while the counter runs; undefined otherwise. */
  get period(): number | undefined {
    const periodic = this.mode === MODE.RATE_GENERATOR || this.mode === MODE.SQUARE_WAVE;
    return periodic && this.#gate && this.#start !== undefined ? this.#count : undefined;
  }

  writeControl(control: number): void {
    this.#control = control & CONTROL_WORD.PROGRAMMED;
    this.#hasCount = false;
    this.#start = undefined;
    this.#reloadAt = undefined;
    this.#isCountNew = true;
    this.#elapsed = undefined;
    this.#firstByte = undefined;
    this.#highNext = false;
    this.#latchedCount = undefined;
    this.#latchedStatus = undefined;
  }

  writeCount(value: number, tick: number): void {
    switch (this.#access) {
      case CONTROL_WORD.ACCESS_LOW:
        this.#writeCountRegister(value, tick);
        return;
      case CONTROL_WORD.ACCESS_HIGH:
        this.#writeCountRegister(value << 8, tick);
        return;
      default:
        if (this.#firstByte === undefined) {
          this.#firstByte = value;
          // "Writing the first byte disables counting. OUT is set low immediately" (mode 0).
          if (this.mode === MODE.INTERRUPT_ON_TERMINAL_COUNT && this.#start !== undefined) this.#stop(tick);
        } else {
          const count = this.#firstByte | (value << 8);
          this.#firstByte = undefined;
          this.#writeCountRegister(count, tick);
        }
    }
  }

  read(tick: number): number {
    if (this.#latchedStatus !== undefined) {
      const status = this.#latchedStatus;
      this.#latchedStatus = undefined;
      return status;
    }
    const count = this.#latchedCount ?? this.countAt(tick);
    if (this.#access === CONTROL_WORD.ACCESS_BOTH) {
      const high = this.#highNext;
      this.#highNext = !high;
      if (high) this.#latchedCount = undefined;
      return high ? count >> 8 : count & 0xff;
    }
    this.#latchedCount = undefined;
    return this.#access === CONTROL_WORD.ACCESS_HIGH ? count >> 8 : count & 0xff;
  }

  /** Counter latch command: a second one before the read is ignored. */
  latchCount(tick: number): void {
    this.#latchedCount ??= this.countAt(tick);
  }

  latchStatus(tick: number): void {
    if (this.#latchedStatus !== undefined) return;
    const output = this.outputAt(tick) ? STATUS.OUTPUT : 0;
    this.#latchedStatus = output | (this.#isCountNew || this.#sinceLoad(tick) < 0 ? STATUS.NULL_COUNT : 0) | this.#control;
  }

  /** GATE: a level that holds the count in modes 0, 2, 3 and 4; its rise is the trigger of modes 1 and 5 and restarts 2 and 3. */
  setGate(level: boolean, tick: number): void {
    if (level === this.#gate) return;
    this.#settle(tick);
    this.#gate = level;
    switch (this.mode) {
      case MODE.ONE_SHOT:
      case MODE.HARDWARE_STROBE:
        if (level && this.#hasCount) this.#load(tick + 1);
        break;
      case MODE.RATE_GENERATOR:
      case MODE.SQUARE_WAVE:
        if (this.#start === undefined) break;
        if (level) this.#load(tick + 1);
        else this.#elapsed = Math.max(0, tick - this.#start);
        this.#reloadAt = undefined;
        break;
      default:
        if (level) this.#continue(tick);
        else if (this.#start !== undefined) this.#elapsed = Math.max(0, tick - this.#start);
    }
  }

  /** The counting element, in BCD when so programmed, as a 16-bit value. */
  countAt(tick: number): number {
    this.#settle(tick);
    const modulus = this.#isBcd ? 10_000 : 0x1_0000;
    const count = this.#start === undefined ? this.#count : this.#countAfter(this.#elapsedAt(tick));
    const wrapped = ((count % modulus) + modulus) % modulus;
    return this.#isBcd ? toBcd(wrapped) : wrapped;
  }

  outputAt(tick: number): boolean {
    this.#settle(tick);
    const elapsed = this.#sinceLoad(tick);
    switch (this.mode) {
      case MODE.INTERRUPT_ON_TERMINAL_COUNT:
        return this.#firstByte === undefined && this.#start !== undefined && elapsed >= this.#count;
      case MODE.ONE_SHOT:
        return elapsed < 0 || elapsed >= this.#count;
      case MODE.RATE_GENERATOR:
        return !this.#gate || elapsed < 0 || elapsed % this.#count !== this.#count - 1;
      case MODE.SQUARE_WAVE:
        return !this.#gate || elapsed < 0 || elapsed % this.#count < this.#highTicks;
      default:
        return elapsed !== this.#count;
    }
  }

  /** The first tick after `tick` at which OUT rises if nothing is written; undefined: never. */
  nextRise(tick: number): number | undefined {
    this.#settle(tick);
    if (this.#start === undefined || this.#elapsed !== undefined) return undefined;
    switch (this.mode) {
      case MODE.INTERRUPT_ON_TERMINAL_COUNT:
      case MODE.ONE_SHOT:
        return after(this.#start + this.#count, tick);
      case MODE.RATE_GENERATOR:
      case MODE.SQUARE_WAVE: {
        if (!this.#gate) return undefined;
        const cycles = Math.max(0, Math.floor((tick - this.#start) / this.#count));
        const rise = this.#start + (cycles + 1) * this.#count;
        // A new count that comes in at the end of mode 3's high half sets the length of the low one.
        if (this.#reloadAt === undefined || this.#reloadAt >= rise) return rise;
        return this.#reloadAt + (Math.max(2, this.#countRegister) >> 1);
      }
      default:
        return after(this.#start + this.#count + 1, tick);
    }
  }

  save(): CounterState {
    return {
      control: this.#control,
      reload: this.#reload,
      hasCount: this.#hasCount,
      count: this.#count,
      start: this.#start ?? null,
      reloadAt: this.#reloadAt ?? null,
      isCountNew: this.#isCountNew,
      elapsed: this.#elapsed ?? null,
      gate: this.#gate,
      firstByte: this.#firstByte ?? null,
      highNext: this.#highNext,
      latchedCount: this.#latchedCount ?? null,
      latchedStatus: this.#latchedStatus ?? null,
    };
  }

  restore(state: CounterState): void {
    this.#control = state.control;
    this.#reload = state.reload;
    this.#hasCount = state.hasCount;
    this.#count = state.count;
    this.#start = state.start ?? undefined;
    this.#reloadAt = state.reloadAt ?? undefined;
    this.#isCountNew = state.isCountNew;
    this.#elapsed = state.elapsed ?? undefined;
    this.#gate = state.gate;
    this.#firstByte = state.firstByte ?? undefined;
    this.#highNext = state.highNext;
    this.#latchedCount = state.latchedCount ?? undefined;
    this.#latchedStatus = state.latchedStatus ?? undefined;
  }

  get #access(): number {
    return (this.#control >> CONTROL_WORD.ACCESS_SHIFT) & 3;
  }

  get #isBcd(): boolean {
    return (this.#control & CONTROL_WORD.BCD) !== 0;
  }

  /** CR's count in ticks: 0 is the largest. */
  get #countRegister(): number {
    return this.#isBcd ? fromBcd(this.#reload) || 10_000 : this.#reload || 0x1_0000;
  }

  #writeCountRegister(value: number, tick: number): void {
    this.#settle(tick);
    this.#reload = value;
    this.#hasCount = true;
    this.#isCountNew = true;
    switch (this.mode) {
      case MODE.ONE_SHOT:
      case MODE.HARDWARE_STROBE:
        break; // waits for the trigger
      case MODE.RATE_GENERATOR:
      case MODE.SQUARE_WAVE:
        if (this.#start === undefined) this.#load(tick + 1);
        else this.#reloadAt = this.#gate ? this.#endOfCycle(tick) : undefined;
        break;
      default:
        this.#load(tick + 1);
    }
  }

  /** CE takes CR's count at `tick` ("the initial count is loaded on the next CLK pulse"); with GATE low it stays there. */
  #load(tick: number): void {
    const isPeriodic = this.mode === MODE.RATE_GENERATOR || this.mode === MODE.SQUARE_WAVE;
    // A count of 1 is illegal in modes 2 and 3; two ticks is the shortest cycle that has an edge.
    this.#count = isPeriodic ? Math.max(2, this.#countRegister) : this.#countRegister;
    this.#start = tick;
    this.#reloadAt = undefined;
    const needsGate = this.mode !== MODE.ONE_SHOT && this.mode !== MODE.HARDWARE_STROBE;
    this.#elapsed = needsGate && !this.#gate ? 0 : undefined;
    this.#isCountNew = false;
  }

  #stop(tick: number): void {
    if (this.#start !== undefined) this.#elapsed = this.#elapsedAt(tick);
  }

  #continue(tick: number): void {
    if (this.#elapsed === undefined || this.#firstByte !== undefined) return;
    this.#start = tick - this.#elapsed;
    this.#elapsed = undefined;
  }

  /** Modes 2 and 3: a count written while counting takes effect at the end of the cycle, in mode 3 of the half cycle. */
  #settle(tick: number): void {
    const at = this.#reloadAt;
    if (at === undefined || tick < at) return;
    const endsHighHalf = this.#start !== undefined && this.mode === MODE.SQUARE_WAVE && (at - this.#start) % this.#count !== 0;
    this.#load(at);
    if (endsHighHalf) this.#start = at - this.#highTicks;
  }

  #endOfCycle(tick: number): number {
    const start = this.#start ?? tick;
    const cycle = start + Math.max(0, Math.floor((tick - start) / this.#count)) * this.#count;
    const isHigh = tick - cycle < this.#highTicks;
    return this.mode === MODE.SQUARE_WAVE && isHigh ? cycle + this.#highTicks : cycle + this.#count;
  }

  /** Mode 3: OUT is high for half of the count, for one tick more when it is odd. */
  get #highTicks(): number {
    return (this.#count + 1) >> 1;
  }

  /** Ticks since the load; -1 while the load is still to come. */
  #sinceLoad(tick: number): number {
    if (this.#start === undefined) return -1;
    return this.#elapsed ?? tick - this.#start;
  }

  #elapsedAt(tick: number): number {
    return Math.max(0, this.#sinceLoad(tick));
  }

  #countAfter(elapsed: number): number {
    switch (this.mode) {
      case MODE.RATE_GENERATOR:
        return this.#count - (elapsed % this.#count);
      case MODE.SQUARE_WAVE: {
        const phase = elapsed % this.#count;
        const even = this.#count & ~1;
        return phase < this.#highTicks ? even - 2 * phase : even - 2 * (phase - this.#highTicks);
      }
      default:
        return this.#count - elapsed;
    }
  }
}

const after = (event: number, tick: number): number | undefined => (event > tick ? event : undefined);

/** Four BCD digits as a number; digits above 9 count as they stand, as in the chip's decrementer they would. */
function fromBcd(value: number): number {
  return (value >> 12) * 1000 + ((value >> 8) & 15) * 100 + ((value >> 4) & 15) * 10 + (value & 15);
}

function toBcd(count: number): number {
  return (Math.floor(count / 1000) << 12) | ((Math.floor(count / 100) % 10) << 8) | ((Math.floor(count / 10) % 10) << 4) | (count % 10);
}
