import type { MachineClock, Timer } from '../../../bus/clock.js';
import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import {
  APM,
  APM_COMMAND,
  CONTROL,
  GPE0_ALIAS,
  PM,
  PM_BYTES,
  PM_TIMER,
  PM1,
  PM1_ENABLE_WRITABLE,
  SMB,
  SMB_BYTES,
  SMB_CONTROL,
  SMB_STATUS,
} from './registers.js';

/*
 * Power management of the PIIX4 as ACPI sees it: PM1 event and control, the PM timer, GPE0, the SMI command port by which a system
 * takes the machine from the firmware, and an SMBus on which nobody answers. Sources: 82371AB data sheet 290562 ch. 7;
 * ACPI 1.0b, 4.7. The PCI function that places the blocks is chipset/pci/piix4-pm-function.ts.
 *
 * Power-off is SLP_EN with SLP_TYP 0, what our DSDT's and QEMU's _S5 say; 5 and 7 are taken too, for tables written for other boards.
 * Left out: system management mode (a write to APMC acts at once), sleep states S1 to S4 (SLP_EN is ignored), device monitors.
 */

const NS_PER_SECOND = 1_000_000_000n;
const HZ = BigInt(PM_TIMER.HZ);
const HALF = BigInt(PM_TIMER.HALF);
const OFF_TYPES: readonly number[] = [0, 5, 7];
/** Status bits that raise the SCI when enabled. */
const PM1_EVENTS = PM1.TIMER | PM1.GLOBAL | PM1.POWER_BUTTON | PM1.RTC;

export interface Piix4PmState {
  readonly version: 1;
  readonly status: number;
  readonly enable: number;
  readonly control: number;
  readonly gpeStatus: number;
  readonly gpeEnable: number;
  /** Guest time in timer ticks at which TMR_STS is set next. */
  readonly timerDue: bigint;
  readonly apmControl: number;
  readonly apmStatus: number;
  readonly plain: Uint8Array;
  readonly smbus: Uint8Array;
}

export interface Piix4PmOptions {
  readonly clock: MachineClock;
  /** System control interrupt, a level (IRQ 9 on our board). */
  readonly sci: InterruptLine;
  /** The guest switched the machine off. */
  readonly powerOff: () => void;
}

export class Piix4Pm implements Device<Piix4PmState> {
  readonly name = 'piix4-pm';
  #base: number | undefined;
  #smbusBase: number | undefined;
  #status = 0;
  #enable = 0;
  #control = 0;
  #gpeStatus = 0;
  #gpeEnable = 0;
  #timerDue = HALF;
  #apmControl = 0;
  #apmStatus = 0;
  /** Registers of the block that are only kept. */
  readonly #plain = new Uint8Array(PM_BYTES);
  readonly #smbus = new Uint8Array(SMB_BYTES);
  readonly #timer: Timer;

  constructor(private readonly options: Piix4PmOptions) {
    this.#timer = options.clock.createTimer('pm-timer', () => this.#update());
  }

  get ports(): readonly PortRange[] {
    return [
      { name: 'apm', base: APM.CONTROL, length: 2 },
      { name: 'gpe0', base: GPE0_ALIAS.BASE, length: GPE0_ALIAS.BYTES, widest: 4 },
      ...(this.#base === undefined ? [] : [{ name: 'pm', base: this.#base, length: PM_BYTES, widest: 4 } as const]),
      ...(this.#smbusBase === undefined ? [] : [{ name: 'smbus', base: this.#smbusBase, length: SMB_BYTES }]),
    ];
  }

  /** The PCI function placed the register blocks. The caller has the bus decode anew. */
  place(base: number | undefined, smbusBase: number | undefined): void {
    this.#base = base;
    this.#smbusBase = smbusBase;
  }

  /** A person pressed the power button for a moment. True: the guest listens and will shut down; false: it was not told. */
  pressPowerButton(): boolean {
    this.#status |= PM1.POWER_BUTTON;
    this.#update();
    return (this.#control & CONTROL.SCI_ENABLE) !== 0 && (this.#enable & PM1.POWER_BUTTON) !== 0;
  }

  /** Raises a general-purpose event (bit 0..15 of GPE0). */
  raiseEvent(bit: number): void {
    this.#gpeStatus |= 1 << bit;
    this.#update();
  }

  readPort(range: PortRange, offset: number, size: AccessSize): number {
    if (range.name === 'smbus') return this.#readSmbus(offset);
    if (range.name === 'apm') return offset === 0 ? this.#apmControl : this.#apmStatus;
    const at = range.name === 'gpe0' ? PM.GPE0_STATUS + offset : offset;
    if (at === PM.PM_TIMER && size === 4) return this.#timerValue();
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#readByte(at + i) << (8 * i);
    return value >>> 0;
  }

  writePort(range: PortRange, offset: number, size: AccessSize, value: number): void {
    if (range.name === 'smbus') this.#writeSmbus(offset, value);
    else if (range.name === 'apm') this.#writeApm(offset, value);
    else {
      const at = range.name === 'gpe0' ? PM.GPE0_STATUS + offset : offset;
      for (let i = 0; i < size; i++) this.#writeByte(at + i, (value >>> (8 * i)) & 0xff);
      this.#update();
    }
  }

  reset(): void {
    this.#status = this.#enable = this.#control = this.#gpeStatus = this.#gpeEnable = 0;
    this.#apmControl = this.#apmStatus = 0;
    this.#plain.fill(0);
    this.#smbus.fill(0);
    this.#setTimerDue();
    this.#update();
  }

  save(): Piix4PmState {
    this.#noteTimer();
    return {
      version: 1,
      status: this.#status,
      enable: this.#enable,
      control: this.#control,
      gpeStatus: this.#gpeStatus,
      gpeEnable: this.#gpeEnable,
      timerDue: this.#timerDue,
      apmControl: this.#apmControl,
      apmStatus: this.#apmStatus,
      plain: this.#plain.slice(),
      smbus: this.#smbus.slice(),
    };
  }

  restore(state: Piix4PmState): void {
    if (state.version !== 1) throw new Error(`piix4-pm: unknown state version ${String(state.version)}`);
    this.#status = state.status;
    this.#enable = state.enable;
    this.#control = state.control;
    this.#gpeStatus = state.gpeStatus;
    this.#gpeEnable = state.gpeEnable;
    this.#timerDue = state.timerDue;
    this.#apmControl = state.apmControl;
    this.#apmStatus = state.apmStatus;
    this.#plain.set(state.plain);
    this.#smbus.set(state.smbus);
    this.#update();
  }

  /** Timer ticks since power-on. */
  #ticks(): bigint {
    return (this.options.clock.now() * HZ) / NS_PER_SECOND;
  }

  #timerValue(): number {
    return Number(this.#ticks() & BigInt(PM_TIMER.MASK));
  }

  /** The next change of the timer's top bit after now. */
  #setTimerDue(): void {
    this.#timerDue = (this.#ticks() / HALF + 1n) * HALF;
  }

  /** Sets TMR_STS when the top bit has changed since the last look. */
  #noteTimer(): void {
    if (this.#ticks() < this.#timerDue) return;
    this.#status |= PM1.TIMER;
    this.#setTimerDue();
  }

  #readByte(at: number): number {
    const shift = 8 * (at & 1);
    switch (at & ~1) {
      case PM.PM1_STATUS:
        this.#noteTimer();
        return (this.#status >> shift) & 0xff;
      case PM.PM1_ENABLE:
        return (this.#enable >> shift) & 0xff;
      case PM.PM1_CONTROL:
        return (this.#control >> shift) & 0xff;
      case PM.PM_TIMER:
      case PM.PM_TIMER + 2:
        return (this.#timerValue() >>> (8 * (at - PM.PM_TIMER))) & 0xff;
      case PM.GPE0_STATUS:
        return (this.#gpeStatus >> shift) & 0xff;
      case PM.GPE0_ENABLE:
        return (this.#gpeEnable >> shift) & 0xff;
      default:
        return this.#plain[at] ?? 0xff;
    }
  }

  #writeByte(at: number, value: number): void {
    const shift = 8 * (at & 1);
    const replace = (register: number): number => (register & ~(0xff << shift)) | (value << shift);
    switch (at & ~1) {
      case PM.PM1_STATUS:
        this.#noteTimer();
        this.#status &= ~(value << shift);
        break;
      case PM.PM1_ENABLE:
        this.#enable = replace(this.#enable) & PM1_ENABLE_WRITABLE;
        break;
      case PM.PM1_CONTROL:
        this.#writeControl(replace(this.#control));
        break;
      case PM.PM_TIMER:
      case PM.PM_TIMER + 2:
        break;
      case PM.GPE0_STATUS:
        this.#gpeStatus &= ~(value << shift);
        break;
      case PM.GPE0_ENABLE:
        this.#gpeEnable = replace(this.#gpeEnable);
        break;
      default:
        if (at < PM_BYTES) this.#plain[at] = value;
    }
  }

  #writeControl(value: number): void {
    this.#control = value & CONTROL.WRITABLE;
    const type = (value >> CONTROL.SLEEP_TYPE_SHIFT) & CONTROL.SLEEP_TYPE;
    if (value & CONTROL.SLEEP_ENABLE && OFF_TYPES.includes(type)) this.options.powerOff();
  }

  /** The firmware's SMI handler would do this; here the write itself does. */
  #writeApm(offset: number, value: number): void {
    if (offset !== 0) {
      this.#apmStatus = value;
      return;
    }
    this.#apmControl = value;
    if (value === APM_COMMAND.ACPI_ENABLE) this.#control |= CONTROL.SCI_ENABLE;
    else if (value === APM_COMMAND.ACPI_DISABLE) this.#control &= ~CONTROL.SCI_ENABLE;
    this.#update();
  }

  #readSmbus(offset: number): number {
    return this.#smbus[offset]!;
  }

  /** A transaction ends at once with "no device answered". */
  #writeSmbus(offset: number, value: number): void {
    if (offset === SMB.HOST_STATUS) this.#smbus[offset]! &= ~(value & SMB_STATUS.CLEARED_BY_ONE);
    else this.#smbus[offset] = offset === SMB.HOST_CONTROL ? value & ~SMB_CONTROL.START : value;
    if (offset === SMB.HOST_CONTROL && value & SMB_CONTROL.START) this.#smbus[SMB.HOST_STATUS]! |= SMB_STATUS.DEVICE_ERROR;
  }

  /** Drives the SCI from the events, and wakes up for the timer only when a guest wants its interrupt. */
  #update(): void {
    this.#noteTimer();
    const events = (this.#status & this.#enable & PM1_EVENTS) | (this.#gpeStatus & this.#gpeEnable);
    this.options.sci.set(events !== 0 && (this.#control & CONTROL.SCI_ENABLE) !== 0);
    if (this.#enable & PM1.TIMER && !(this.#status & PM1.TIMER)) this.#timer.arm((this.#timerDue * NS_PER_SECOND + HZ - 1n) / HZ);
    else this.#timer.cancel();
  }
}
