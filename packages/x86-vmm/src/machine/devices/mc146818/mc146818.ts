import type { MachineClock, Timer } from '../../../bus/clock.js';
import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import type { CmosRam } from './cmos-set-up.js';
import { ALARM_ANY, HOURS_PM, NMI_MASK, REGISTER_A, REGISTER_B, REGISTER_C, REGISTER_D_VALID, RTC, RTC_PORTS } from './registers.js';

/*
 * Motorola MC146818A real-time clock with 128 bytes of CMOS RAM, at ports 0x70 and 0x71.
 *
 * Source: MC146818A data sheet. The time is a function of guest time: no event is armed unless an interrupt is enabled, and flags
 * are worked out when register C is read. Guest time stands still while the machine is paused or saved; on its battery the chip
 * does not: `followHost` makes good what it missed. The date registers follow the proleptic Gregorian calendar; the century (RAM byte
 * 0x32, a PC's convention) counts with them.
 *
 * Left out: daylight saving (DSE), the square wave pin, time bases other than 32.768 kHz (another divider stops the clock).
 */

const SECOND_NS = 1_000_000_000n;
const MS_NS = 1_000_000;
/** A host's clock is read in whole milliseconds: what is less is no lag, and would set the clock back now and then. */
const HOST_RESOLUTION_NS = 1_000_000n;
const CRYSTAL_HZ = 32_768n;
/** t_BUC + t_UC of a 32.768 kHz time base: 244 us of warning and 1984 us of update (data sheet, table 4). */
const UPDATE_NS = 2_228_000n;
/** "When the divider is changed from reset to an operating time base, the first update cycle is one-half second later." */
const AFTER_DIVIDER_RESET_NS = 500_000_000n;
const DAY_SECONDS = 86_400;
/** RAM addresses that are time, not RAM. */
const TIME_REGISTERS: readonly number[] = [
  RTC.SECONDS,
  RTC.MINUTES,
  RTC.HOURS,
  RTC.DAY_OF_WEEK,
  RTC.DAY_OF_MONTH,
  RTC.MONTH,
  RTC.YEAR,
  RTC.CENTURY,
];

export interface Mc146818State {
  readonly version: 1;
  readonly ram: Uint8Array;
  readonly index: number;
  readonly nmiMasked: boolean;
  readonly baseSeconds: number;
  readonly baseNs: bigint;
  readonly weekday: number;
  readonly checkedNs: bigint;
  /** States from before the clock followed the host have none. */
  readonly aheadOfHostMs?: number;
}

export interface Mc146818Options {
  readonly clock: MachineClock;
  /** IRQ 8. */
  readonly irq: InterruptLine;
  /** What the clock shows at guest time zero: milliseconds since 1970, in whichever zone the guest is to see. */
  readonly startDateMs: number;
  /** The host's clock, milliseconds since 1970. Absent: guest time is all there is, so that runs repeat. */
  readonly hostNowMs?: () => number;
  /** NMI is masked (bit 7 of the index port). */
  readonly nmiMask?: InterruptLine;
}

export class Mc146818 implements Device<Mc146818State> {
  readonly name = 'rtc';
  readonly ports: readonly PortRange[] = [{ name: 'rtc', base: RTC_PORTS.INDEX, length: 2 }];

  readonly #timer: Timer;
  /** Registers and RAM. The time bytes in it hold only while the clock stands. */
  readonly #ram = new Uint8Array(128);
  #index = 0;
  #nmiMasked = false;
  /** The clock showed #baseSeconds (since 1970) from guest time #baseNs on. */
  #baseSeconds: number;
  #baseNs = 0n;
  /** Day of week is a register of its own: what is added to the date's. */
  #weekday = 0;
  /** Up to here flags have been worked out. */
  #checkedNs = 0n;
  /** What the clock shows less the host's clock; the guest changes it when it sets the time. */
  #aheadOfHostMs = 0;

  constructor(private readonly options: Mc146818Options) {
    this.#timer = options.clock.createTimer('rtc', () => this.#refresh());
    this.#baseSeconds = Math.floor(options.startDateMs / 1000);
    this.#ram[RTC.REGISTER_A] = REGISTER_A.DIVIDER_32768_HZ | 6;
    this.#ram[RTC.REGISTER_B] = REGISTER_B.HOURS_24;
    if (options.hostNowMs) this.#aheadOfHostMs = options.startDateMs - options.hostNowMs();
  }

  /** The RAM (and registers) as firmware would see them, for the board's set-up and for tests. */
  readonly cmos: CmosRam = {
    read: (index) => this.#read(index & 0x7f),
    write: (index, value) => this.#write(index & 0x7f, value & 0xff),
  };

  get nmiMasked(): boolean {
    return this.#nmiMasked;
  }

  readPort(_range: PortRange, offset: number, _size: AccessSize): number {
    // The index port is write-only.
    return offset === 0 ? 0xff : this.#read(this.#index);
  }

  writePort(_range: PortRange, offset: number, _size: AccessSize, value: number): void {
    if (offset === 1) {
      this.#write(this.#index, value);
      return;
    }
    this.#index = value & 0x7f;
    this.#nmiMasked = (value & NMI_MASK) !== 0;
    this.options.nmiMask?.set(this.#nmiMasked);
  }

  /** The RESET pin: interrupts off, flags clear. Time and RAM go on, on the battery. */
  reset(): void {
    this.#collectFlags();
    this.#ram[RTC.REGISTER_B]! &= ~(REGISTER_B.PERIODIC | REGISTER_B.ALARM | REGISTER_B.UPDATE_ENDED | REGISTER_B.SQUARE_WAVE);
    this.#ram[RTC.REGISTER_C] = 0;
    this.#index = 0;
    this.#nmiMasked = false;
    this.options.nmiMask?.set(false);
    this.#refresh();
  }

  /**
   * Called when guest time has fallen behind the host's. What it missed passes here at once; like a clock whose interrupts nobody
   * took meanwhile, it has one update, one alarm and one periodic interrupt to tell of. A host's clock that was set back is
   * followed too.
   * @param lagNs what guest time is going to catch up
   */
  followHost(lagNs: bigint): void {
    const { clock, hostNowMs } = this.options;
    if (!hostNowMs || !this.#isRunning) return;
    this.#collectFlags();
    const missedMs = hostNowMs() + this.#aheadOfHostMs - this.#shownMs(clock.now());
    const missedNs = BigInt(Math.round(missedMs * MS_NS)) - lagNs;
    if (missedNs > -HOST_RESOLUTION_NS && missedNs < HOST_RESOLUTION_NS) return;
    this.#baseNs -= missedNs;
    this.#checkedNs -= missedNs;
    this.#refresh();
  }

  save(): Mc146818State {
    return {
      version: 1,
      ram: this.#ram.slice(),
      index: this.#index,
      nmiMasked: this.#nmiMasked,
      baseSeconds: this.#baseSeconds,
      baseNs: this.#baseNs,
      weekday: this.#weekday,
      checkedNs: this.#checkedNs,
      aheadOfHostMs: this.#aheadOfHostMs,
    };
  }

  restore(state: Mc146818State): void {
    if (state.version !== 1) throw new Error('rtc: unknown state version');
    this.#ram.set(state.ram.subarray(0, this.#ram.length));
    this.#index = state.index & 0x7f;
    this.#nmiMasked = state.nmiMasked;
    this.#baseSeconds = state.baseSeconds;
    this.#baseNs = state.baseNs;
    this.#weekday = state.weekday;
    this.#checkedNs = state.checkedNs;
    this.#aheadOfHostMs = state.aheadOfHostMs ?? 0;
    this.options.nmiMask?.set(this.#nmiMasked);
    this.#drive();
  }

  #read(index: number): number {
    switch (index) {
      case RTC.REGISTER_A:
        return this.#ram[index]! | (this.#isUpdating() ? REGISTER_A.UPDATE_IN_PROGRESS : 0);
      case RTC.REGISTER_C: {
        this.#collectFlags();
        const flags = this.#ram[index]!;
        this.#ram[index] = 0;
        this.options.irq.set(false);
        this.#arm();
        return flags;
      }
      case RTC.REGISTER_D:
        return REGISTER_D_VALID;
      default:
        if (TIME_REGISTERS.includes(index) && this.#isRunning) this.#showTime();
        return this.#ram[index]!;
    }
  }

  #write(index: number, value: number): void {
    if (index === RTC.REGISTER_C || index === RTC.REGISTER_D) return; // read-only
    this.#collectFlags();
    if (index === RTC.REGISTER_A) this.#writeA(value & ~REGISTER_A.UPDATE_IN_PROGRESS);
    else if (index === RTC.REGISTER_B) this.#writeB(value);
    else if (!TIME_REGISTERS.includes(index)) this.#ram[index] = value;
    else {
      if (this.#isRunning) this.#showTime();
      this.#ram[index] = value;
      if (this.#isRunning) this.#takeTime();
    }
    this.#refresh();
  }

  #writeA(value: number): void {
    const wasDividing = this.#isDividing;
    if (this.#isRunning) this.#showTime();
    const wasRunning = this.#isRunning;
    this.#ram[RTC.REGISTER_A] = value;
    const now = this.options.clock.now();
    if (!wasDividing && this.#isDividing) this.#baseNs = now + AFTER_DIVIDER_RESET_NS - SECOND_NS;
    if (this.#isRunning && !wasRunning) this.#takeTime();
  }

  #writeB(value: number): void {
    const wasRunning = this.#isRunning;
    if (wasRunning) this.#showTime();
    // "Setting SET clears UIE."
    const written = value & REGISTER_B.SET ? value & ~REGISTER_B.UPDATE_ENDED : value;
    this.#ram[RTC.REGISTER_B] = written;
    if (!wasRunning && this.#isRunning) this.#takeTime();
  }

  get #isDividing(): boolean {
    return (this.#ram[RTC.REGISTER_A]! & REGISTER_A.DIVIDER) === REGISTER_A.DIVIDER_32768_HZ;
  }

  /** Time goes on: the divider runs and no program is setting the registers. */
  get #isRunning(): boolean {
    return this.#isDividing && !(this.#ram[RTC.REGISTER_B]! & REGISTER_B.SET);
  }

  #secondsAt(ns: bigint): number {
    return this.#baseSeconds + Number(floorDivide(ns - this.#baseNs, SECOND_NS));
  }

  /** The time with the divider's part of a second, in milliseconds since 1970. */
  #shownMs(ns: bigint): number {
    return this.#baseSeconds * 1000 + Number(ns - this.#baseNs) / MS_NS;
  }

  /** Time left until the registers change. */
  #untilUpdate(now: bigint): bigint {
    const into = (now - this.#baseNs) % SECOND_NS;
    return SECOND_NS - (into < 0n ? into + SECOND_NS : into);
  }

  #isUpdating(): boolean {
    return this.#isRunning && this.#untilUpdate(this.options.clock.now()) <= UPDATE_NS;
  }

  /** Brings the running time into the register bytes, in the format of register B. */
  #showTime(): void {
    const seconds = this.#secondsAt(this.options.clock.now());
    const date = new Date(seconds * 1000);
    const hours = date.getUTCHours();
    const ram = this.#ram;
    ram[RTC.SECONDS] = this.#encode(date.getUTCSeconds());
    ram[RTC.MINUTES] = this.#encode(date.getUTCMinutes());
    ram[RTC.HOURS] = this.#encodeHours(hours);
    ram[RTC.DAY_OF_WEEK] = this.#encode(((date.getUTCDay() + this.#weekday) % 7) + 1);
    ram[RTC.DAY_OF_MONTH] = this.#encode(date.getUTCDate());
    ram[RTC.MONTH] = this.#encode(date.getUTCMonth() + 1);
    ram[RTC.YEAR] = this.#encode(date.getUTCFullYear() % 100);
    // BCD whatever register B says: firmware keeps it so.
    ram[RTC.CENTURY] = toBcd(Math.floor(date.getUTCFullYear() / 100) % 100);
  }

  /** The register bytes are the time from now on; the divider's phase stays. Values out of range carry over. */
  #takeTime(): void {
    const ram = this.#ram;
    const date = new Date(0);
    const year = fromBcd(ram[RTC.CENTURY]!) * 100 + this.#decode(ram[RTC.YEAR]!);
    date.setUTCFullYear(year, this.#decode(ram[RTC.MONTH]!) - 1, this.#decode(ram[RTC.DAY_OF_MONTH]!));
    date.setUTCHours(this.#decodeHours(ram[RTC.HOURS]!), this.#decode(ram[RTC.MINUTES]!), this.#decode(ram[RTC.SECONDS]!));
    this.#weekday = (this.#decode(ram[RTC.DAY_OF_WEEK]!) - 1 - date.getUTCDay() + 7 * 40) % 7;
    const now = this.options.clock.now();
    const whole = floorDivide(now - this.#baseNs, SECOND_NS);
    this.#baseNs += whole * SECOND_NS;
    this.#baseSeconds = Math.floor(date.getTime() / 1000);
    const { hostNowMs } = this.options;
    if (hostNowMs) this.#aheadOfHostMs = this.#shownMs(now) - hostNowMs();
  }

  /** Works out which flags rose since the last look. */
  #collectFlags(): void {
    const now = this.options.clock.now();
    const from = this.#checkedNs;
    this.#checkedNs = now;
    if (!this.#isDividing || now <= from) return;
    let flags = 0;
    const period = this.#periodCycles;
    if (period !== 0n && this.#cycles(now) / period !== this.#cycles(from) / period) flags |= REGISTER_C.PERIODIC;
    if (this.#isRunning) {
      const first = this.#secondsAt(from) + 1;
      const last = this.#secondsAt(now);
      if (last >= first) flags |= REGISTER_C.UPDATE_ENDED;
      if (this.#alarmWithin(first, last)) flags |= REGISTER_C.ALARM;
    }
    const all = this.#ram[RTC.REGISTER_C]! | flags;
    const requests = all & this.#ram[RTC.REGISTER_B]! & (REGISTER_B.PERIODIC | REGISTER_B.ALARM | REGISTER_B.UPDATE_ENDED);
    this.#ram[RTC.REGISTER_C] = (all & ~REGISTER_C.INTERRUPT_REQUEST) | (requests ? REGISTER_C.INTERRUPT_REQUEST : 0);
  }

  /** Crystal cycles since the divider's phase; shifted by a century of seconds to stay positive. */
  #cycles(ns: bigint): bigint {
    return ((ns - this.#baseNs) * CRYSTAL_HZ) / SECOND_NS + (CRYSTAL_HZ << 32n);
  }

  /** Cycles of the periodic interrupt (table 5), 0: none. */
  get #periodCycles(): bigint {
    const rate = this.#ram[RTC.REGISTER_A]! & REGISTER_A.RATE;
    if (rate === 0) return 0n;
    return 1n << BigInt(rate < 3 ? rate + 6 : rate - 1);
  }

  /** Whether one of the seconds `first` to `last` (since 1970) matches the alarm. */
  #alarmWithin(first: number, last: number): boolean {
    // After a whole day every alarm that can match has matched; this also bounds the walk.
    const end = Math.min(last, first + DAY_SECONDS - 1);
    for (let second = first; second <= end; second++) if (this.#matchesAlarm(second)) return true;
    return false;
  }

  #matchesAlarm(second: number): boolean {
    const ofDay = ((second % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
    const ram = this.#ram;
    return (
      matches(ram[RTC.SECONDS_ALARM]!, this.#encode(ofDay % 60)) &&
      matches(ram[RTC.MINUTES_ALARM]!, this.#encode(Math.floor(ofDay / 60) % 60)) &&
      matches(ram[RTC.HOURS_ALARM]!, this.#encodeHours(Math.floor(ofDay / 3600)))
    );
  }

  #refresh(): void {
    this.#collectFlags();
    this.#drive();
  }

  /** IRQ 8 follows register C. */
  #drive(): void {
    const flags = this.#ram[RTC.REGISTER_C]!;
    const enabled = flags & this.#ram[RTC.REGISTER_B]! & (REGISTER_B.PERIODIC | REGISTER_B.ALARM | REGISTER_B.UPDATE_ENDED);
    this.#ram[RTC.REGISTER_C] = (flags & ~REGISTER_C.INTERRUPT_REQUEST) | (enabled ? REGISTER_C.INTERRUPT_REQUEST : 0);
    this.options.irq.set(enabled !== 0);
    this.#arm();
  }

  /** The next moment at which an enabled interrupt can rise. While one is pending nothing new can be seen. */
  #arm(): void {
    const b = this.#ram[RTC.REGISTER_B]!;
    const pending = this.#ram[RTC.REGISTER_C]! & REGISTER_C.INTERRUPT_REQUEST;
    const now = this.options.clock.now();
    let next: bigint | undefined;
    const period = this.#periodCycles;
    if (b & REGISTER_B.PERIODIC && period !== 0n && this.#isDividing) {
      const cycles = (this.#cycles(now) / period + 1n) * period - (CRYSTAL_HZ << 32n);
      next = this.#baseNs + ceilDivide(cycles * SECOND_NS, CRYSTAL_HZ);
    }
    if (b & (REGISTER_B.UPDATE_ENDED | REGISTER_B.ALARM) && this.#isRunning) {
      const update = now + this.#untilUpdate(now);
      if (next === undefined || update < next) next = update;
    }
    if (next === undefined || pending) this.#timer.cancel();
    else this.#timer.arm(next);
  }

  #encode(value: number): number {
    return this.#ram[RTC.REGISTER_B]! & REGISTER_B.BINARY ? value : toBcd(value);
  }

  #decode(value: number): number {
    return this.#ram[RTC.REGISTER_B]! & REGISTER_B.BINARY ? value : fromBcd(value);
  }

  #encodeHours(hours: number): number {
    if (this.#ram[RTC.REGISTER_B]! & REGISTER_B.HOURS_24) return this.#encode(hours);
    return this.#encode(hours % 12 || 12) | (hours >= 12 ? HOURS_PM : 0);
  }

  #decodeHours(value: number): number {
    if (this.#ram[RTC.REGISTER_B]! & REGISTER_B.HOURS_24) return this.#decode(value);
    return (this.#decode(value & ~HOURS_PM) % 12) + (value & HOURS_PM ? 12 : 0);
  }
}

const toBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
const fromBcd = (value: number): number => (value >> 4) * 10 + (value & 15);
const matches = (alarm: number, value: number): boolean => alarm >= ALARM_ANY || alarm === value;
const floorDivide = (a: bigint, b: bigint): bigint => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);
const ceilDivide = (a: bigint, b: bigint): bigint => -floorDivide(-a, b);
