import type { MachineClock, Timer } from '../../../bus/clock.js';
import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import { Counter, type CounterState } from './counter.js';
import { CONTROL_WORD, PIT_BASE, PIT_HZ, PIT_OFFSET, READ_BACK } from './registers.js';

/*
 * Intel 8254 programmable interval timer as a PC wires it: counter 0 is IRQ 0, counter 1 paced DRAM refresh and drives nothing,
 * counter 2 is gated by port 0x61 and drives the speaker. Source: 8254 data sheet, order no. 231164.
 *
 * Ticks are a function of guest time (1193182 a second, computed in whole numbers), so nothing drifts or is skipped.
 *
 * Differs: counter 0's line falls only right before it rises again, not for the low phase of modes 2 and 3. Only rises mean
 * anything to an edge-triggered input, and a guest that keeps interrupts off for half a period of mode 3 keeps its tick.
 * Left out: a count written to CE is seen by a read one CLK (838 ns) early.
 */

/**
 * Shortest cycle whose every edge is delivered (about 10 us). A guest that programs less gets the edges it could take: the chip
 * itself would merge the others in the interrupt controller, and one event for each would stop the machine.
 */
const SHORTEST_CYCLE_TICKS = 12;

const NS_PER_SECOND = 1_000_000_000n;
const HZ = BigInt(PIT_HZ);

/** CLK ticks up to guest time `ns`: safe as a number for two centuries. */
const ticksAt = (ns: bigint): number => Number((ns * HZ) / NS_PER_SECOND);
/** First nanosecond that belongs to `tick`. */
const nsOfTick = (tick: number): bigint => (BigInt(tick) * NS_PER_SECOND + HZ - 1n) / HZ;

export interface Pit8254State {
  readonly version: 1;
  readonly counters: readonly CounterState[];
  readonly line: boolean;
  /** Tick of the armed rise of counter 0. */
  readonly rise: number | null;
}

export interface Pit8254Options {
  readonly clock: MachineClock;
  /** OUT of counter 0. */
  readonly irq: InterruptLine;
  /** Counter 2 was programmed or gated: the speaker's tone may be another one. */
  readonly toneChanged?: () => void;
}

export class Pit8254 implements Device<Pit8254State> {
  readonly name = 'pit';
  readonly ports: readonly PortRange[] = [{ name: 'pit', base: PIT_BASE, length: 4 }];

  #counters: readonly Counter[] = powerOnCounters();
  readonly #timer: Timer;
  #line = false;
  #rise: number | undefined;

  constructor(private readonly options: Pit8254Options) {
    this.#timer = options.clock.createTimer('pit', () => this.#riseReached());
  }

  readPort(_range: PortRange, offset: number, _size: AccessSize): number {
    // The control word register cannot be read: no chip drives the bus.
    return offset === PIT_OFFSET.CONTROL ? 0xff : this.#counters[offset]!.read(this.#tick());
  }

  writePort(_range: PortRange, offset: number, _size: AccessSize, value: number): void {
    if (offset === PIT_OFFSET.CONTROL) {
      this.#writeControl(value);
      return;
    }
    const tick = this.#tick();
    this.#counters[offset]!.writeCount(value, tick);
    this.#changed(offset, tick);
  }

  /** Level of OUT of counter `n`. */
  output(n: 0 | 1 | 2): boolean {
    return this.#counters[n]!.outputAt(this.#tick());
  }

  /** GATE of counter 2 (port 0x61 bit 0). Those of counters 0 and 1 are tied high. */
  setGate2(level: boolean): void {
    const tick = this.#tick();
    this.#counters[2]!.setGate(level, tick);
    this.#changed(2, tick);
  }

  get gate2(): boolean {
    return this.#counters[2]!.gate;
  }

  /** Frequency on OUT of counter `n` while it runs in mode 2 or 3, 0 otherwise. */
  toneHz(n: 0 | 1 | 2): number {
    const period = this.#counters[n]!.period;
    return period === undefined ? 0 : PIT_HZ / period;
  }

  reset(): void {
    this.#counters = powerOnCounters();
    this.#line = false;
    this.options.irq.set(false);
    this.#arm(undefined);
    this.options.toneChanged?.();
  }

  save(): Pit8254State {
    return { version: 1, counters: this.#counters.map((counter) => counter.save()), line: this.#line, rise: this.#rise ?? null };
  }

  restore(state: Pit8254State): void {
    if (state.version !== 1 || state.counters.length !== 3) throw new Error('pit: unknown state');
    for (let i = 0; i < 3; i++) this.#counters[i]!.restore(state.counters[i]!);
    this.#line = state.line;
    this.options.irq.set(state.line);
    this.#arm(state.rise ?? undefined);
    this.options.toneChanged?.();
  }

  #writeControl(value: number): void {
    const select = value >> CONTROL_WORD.SELECT_SHIFT;
    if (select === CONTROL_WORD.READ_BACK) {
      this.#readBack(value);
    } else if (((value >> CONTROL_WORD.ACCESS_SHIFT) & 3) === CONTROL_WORD.ACCESS_LATCH) {
      this.#counters[select]!.latchCount(this.#tick());
    } else {
      this.#counters[select]!.writeControl(value);
      this.#changed(select, this.#tick());
    }
  }

  #readBack(value: number): void {
    const tick = this.#tick();
    for (let i = 0; i < 3; i++) {
      if (!(value & (READ_BACK.COUNTER_0 << i))) continue;
      if (!(value & READ_BACK.NO_COUNT)) this.#counters[i]!.latchCount(tick);
      if (!(value & READ_BACK.NO_STATUS)) this.#counters[i]!.latchStatus(tick);
    }
  }

  /** `tick` is that of the access: time goes on meanwhile, and a short count could be over before its rise is looked for. */
  #changed(counter: number, tick: number): void {
    if (counter === 2) this.options.toneChanged?.();
    if (counter !== 0) return;
    this.#drive(this.#counters[0]!.outputAt(tick) || this.#counters[0]!.period !== undefined);
    this.#arm(this.#counters[0]!.nextRise(tick));
  }

  #riseReached(): void {
    const rise = this.#rise;
    if (rise === undefined) return;
    this.#drive(false);
    this.#drive(true);
    const counter = this.#counters[0]!;
    let next = counter.nextRise(rise);
    if (next !== undefined && next - rise < SHORTEST_CYCLE_TICKS) next = counter.nextRise(rise + SHORTEST_CYCLE_TICKS);
    this.#arm(next);
  }

  #drive(level: boolean): void {
    this.#line = level;
    this.options.irq.set(level);
  }

  #arm(rise: number | undefined): void {
    this.#rise = rise;
    if (rise === undefined) this.#timer.cancel();
    else this.#timer.arm(nsOfTick(rise));
  }

  #tick(): number {
    return ticksAt(this.options.clock.now());
  }
}

function powerOnCounters(): readonly Counter[] {
  return [new Counter(true), new Counter(true), new Counter(false)];
}
