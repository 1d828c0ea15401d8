import type { SerialBackend } from '../../../bus/backends.js';
import type { MachineClock, Timer } from '../../../bus/clock.js';
import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import { ByteQueue } from '../support/byte-queue.js';
import { FCR, FIFO_CHARACTERS, IER, IIR, LCR, LSR, MCR, MSR, TRIGGER_LEVELS, UART, UART_HZ } from './registers.js';

/*
 * National Semiconductor PC16550D UART. Source: its data sheet TL/C/8652.
 *
 * A character takes its bits' time at the divisor's rate in guest time, both ways. Interrupts leave the chip through OUT2, as PCs
 * are wired.
 *
 * Differs: the far side waits while the receiver is full, as a flow-controlled line would, so overrun happens in loopback only.
 * Left out: DMA mode of RXRDY/TXRDY (no PC wires the pins), sticky parity (nothing is ever garbled).
 */

/** Characters that may be on their way to the receiver: a pasted page. */
const LINE_BYTES = 4096;
/** CTS, DSR and DCD of a far side that is switched on. */
const CONNECTED = MSR.CTS | MSR.DSR | MSR.DCD;
/** 9600 baud, what every firmware sets first; a program that sets none is heard at that speed. */
const POWER_ON_DIVISOR = 12;

export interface Uart16550State {
  readonly version: 1;
  readonly ier: number;
  readonly lcr: number;
  readonly mcr: number;
  readonly scr: number;
  readonly divisor: number;
  readonly fifos: boolean;
  readonly trigger: number;
  readonly receiver: readonly number[];
  readonly errors: number;
  readonly inputs: number;
  readonly deltas: number;
  readonly transmitter: Uint8Array;
  readonly shifting: number | null;
  readonly thrInterrupt: boolean;
  readonly timeout: boolean;
  readonly line: Uint8Array;
  readonly arrived: boolean;
  readonly transmitNs: bigint | null;
  readonly receiveNs: bigint | null;
  readonly timeoutNs: bigint | null;
}

export interface Uart16550Options {
  readonly base: number;
  readonly clock: MachineClock;
  readonly irq: InterruptLine;
  /** The far side; absent: nothing is plugged in, bytes vanish. */
  readonly backend?: SerialBackend;
  /** `receive` has room again after it refused bytes. */
  readonly receiveSpace?: () => void;
  /** The guest began or ended a break (LCR bit 6). */
  readonly breakChanged?: (on: boolean) => void;
}

export class Uart16550 implements Device<Uart16550State> {
  readonly ports: readonly PortRange[];

  readonly #transmitTimer: Timer;
  readonly #receiveTimer: Timer;
  readonly #timeoutTimer: Timer;
  #ier = 0;
  #lcr = 0;
  #mcr = 0;
  #scr = 0;
  #divisor = POWER_ON_DIVISOR;
  #fifos = false;
  #trigger = 1;
  /** Received characters, error bits of LSR above bit 7. */
  #receiver: number[] = [];
  /** Errors that LSR shows: overrun, and those of the character on top. */
  #errors = 0;
  /** Modem inputs as the far side drives them. */
  #inputs: number;
  #deltas = 0;
  readonly #transmitter = new ByteQueue(FIFO_CHARACTERS);
  /** Character in the transmitter's shift register. */
  #shifting: number | undefined;
  #thrInterrupt = false;
  #timeout = false;
  /** Characters of the far side that have not arrived yet. */
  readonly #line = new ByteQueue(LINE_BYTES);
  /** The first of them is complete in the shift register. */
  #arrived = false;
  #refused = false;

  constructor(
    readonly name: string,
    private readonly options: Uart16550Options,
  ) {
    this.ports = [{ name, base: options.base, length: 8 }];
    this.#inputs = options.backend ? CONNECTED : 0;
    this.#transmitTimer = options.clock.createTimer(`${name}-transmit`, () => this.#characterSent());
    this.#receiveTimer = options.clock.createTimer(`${name}-receive`, () => this.#characterArrived());
    this.#timeoutTimer = options.clock.createTimer(`${name}-timeout`, () => this.#timedOut());
  }

  /** Puts bytes on the line to the guest; returns how many were taken (the rest when `receiveSpace` is called). */
  receive(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && this.#line.push(bytes[taken]!)) taken++;
    this.#refused = taken < bytes.length;
    this.#listen();
    return taken;
  }

  /** Bytes that `receive` would take now. */
  canReceive(): number {
    return this.#line.free;
  }

  /** The far side sends a break: a zero character with the break bit, at once. */
  receiveBreak(): void {
    this.#take(LSR.BREAK << 8);
  }

  /** The far side's modem lines: MSR.CTS, DSR, RI, DCD. */
  setModemInputs(inputs: number): void {
    const before = this.#modemInputs;
    this.#inputs = inputs & 0xf0;
    this.#modemInputsChanged(before);
  }

  /** DTR and RTS as the guest drives them (MCR bits 0 and 1). */
  get modemOutputs(): number {
    return this.#mcr & MCR.LOOP ? 0 : this.#mcr & (MCR.DTR | MCR.RTS);
  }

  readPort(_range: PortRange, offset: number, _size: AccessSize): number {
    switch (offset) {
      case UART.RBR_THR:
        return this.#lcr & LCR.DLAB ? this.#divisor & 0xff : this.#readReceiver();
      case UART.IER:
        return this.#lcr & LCR.DLAB ? this.#divisor >> 8 : this.#ier;
      case UART.IIR_FCR:
        return this.#readIdentification();
      case UART.LCR:
        return this.#lcr;
      case UART.MCR:
        return this.#mcr;
      case UART.LSR:
        return this.#readLineStatus();
      case UART.MSR:
        return this.#readModemStatus();
      default:
        return this.#scr;
    }
  }

  writePort(_range: PortRange, offset: number, _size: AccessSize, value: number): void {
    switch (offset) {
      case UART.RBR_THR:
        if (this.#lcr & LCR.DLAB) this.#divisor = (this.#divisor & 0xff00) | value;
        else this.#writeTransmitter(value);
        break;
      case UART.IER:
        if (this.#lcr & LCR.DLAB) this.#divisor = (this.#divisor & 0x00ff) | (value << 8);
        else this.#writeInterruptEnable(value & 0x0f);
        break;
      case UART.IIR_FCR:
        this.#writeFifoControl(value);
        break;
      case UART.LCR:
        this.#writeLineControl(value);
        break;
      case UART.MCR:
        this.#writeModemControl(value & 0x1f);
        break;
      case UART.SCR:
        this.#scr = value;
        break;
      default:
        break; // LSR and MSR are read-only (factory test)
    }
    this.#drive();
  }

  /** Master reset (table III); the divisor latch and the far side's bytes stay. */
  reset(): void {
    this.#ier = 0;
    this.#lcr = 0;
    this.#mcr = 0;
    this.#fifos = false;
    this.#trigger = 1;
    this.#receiver = [];
    this.#errors = 0;
    this.#deltas = 0;
    this.#transmitter.clear();
    this.#shifting = undefined;
    this.#thrInterrupt = false;
    this.#timeout = false;
    this.#divisor = POWER_ON_DIVISOR;
    this.#transmitTimer.cancel();
    this.#timeoutTimer.cancel();
    this.#listen();
    this.#drive();
  }

  save(): Uart16550State {
    return {
      version: 1,
      ier: this.#ier,
      lcr: this.#lcr,
      mcr: this.#mcr,
      scr: this.#scr,
      divisor: this.#divisor,
      fifos: this.#fifos,
      trigger: this.#trigger,
      receiver: [...this.#receiver],
      errors: this.#errors,
      inputs: this.#inputs,
      deltas: this.#deltas,
      transmitter: this.#transmitter.save(),
      shifting: this.#shifting ?? null,
      thrInterrupt: this.#thrInterrupt,
      timeout: this.#timeout,
      line: this.#line.save(),
      arrived: this.#arrived,
      transmitNs: this.#transmitTimer.deadlineNs ?? null,
      receiveNs: this.#receiveTimer.deadlineNs ?? null,
      timeoutNs: this.#timeoutTimer.deadlineNs ?? null,
    };
  }

  restore(state: Uart16550State): void {
    if (state.version !== 1) throw new Error(`${this.name}: unknown state version`);
    this.#ier = state.ier;
    this.#lcr = state.lcr;
    this.#mcr = state.mcr;
    this.#scr = state.scr;
    this.#divisor = state.divisor;
    this.#fifos = state.fifos;
    this.#trigger = state.trigger;
    this.#receiver = [...state.receiver];
    this.#errors = state.errors;
    this.#inputs = state.inputs;
    this.#deltas = state.deltas;
    this.#transmitter.restore(state.transmitter);
    this.#shifting = state.shifting ?? undefined;
    this.#thrInterrupt = state.thrInterrupt;
    this.#timeout = state.timeout;
    this.#line.restore(state.line);
    this.#arrived = state.arrived;
    rearm(this.#transmitTimer, state.transmitNs);
    rearm(this.#receiveTimer, state.receiveNs);
    rearm(this.#timeoutTimer, state.timeoutNs);
    this.#drive();
  }

  /** Start bit, data, parity and stop bits (one, two, or one and a half with five data bits) of 16 clocks times the divisor each. */
  get #characterNs(): bigint {
    const data = 5 + (this.#lcr & LCR.WORD_LENGTH);
    const halfStopBits = !(this.#lcr & LCR.TWO_STOP_BITS) ? 2 : data === 5 ? 3 : 4;
    const halfBits = 2 * (1 + data + (this.#lcr & LCR.PARITY ? 1 : 0)) + halfStopBits;
    return (BigInt(halfBits * 8 * Math.max(1, this.#divisor)) * 1_000_000_000n) / BigInt(UART_HZ);
  }

  get #wordMask(): number {
    return 0xff >> (3 - (this.#lcr & LCR.WORD_LENGTH));
  }

  // Transmitter

  #writeTransmitter(value: number): void {
    this.#thrInterrupt = false;
    if (!this.#fifos) this.#transmitter.clear();
    this.#transmitter.push(value);
    if (this.#shifting === undefined) this.#startCharacter(this.options.clock.now());
  }

  #startCharacter(now: bigint): void {
    const next = this.#transmitter.shift();
    if (next === undefined) return;
    this.#shifting = next & this.#wordMask;
    this.#transmitTimer.arm(now + this.#characterNs);
    if (this.#transmitter.length === 0) this.#thrInterrupt = true;
  }

  #characterSent(): void {
    const sent = this.#shifting;
    this.#shifting = undefined;
    this.#startCharacter(this.options.clock.now());
    if (sent !== undefined) {
      if (this.#mcr & MCR.LOOP) this.#take(sent);
      else this.options.backend?.transmitted(sent);
    }
    this.#drive();
  }

  // Receiver

  /** Takes the character that has arrived as soon as there is room for it, and starts the next one on the line. */
  #listen(): void {
    if (this.#mcr & MCR.LOOP) return;
    if (this.#arrived) {
      if (this.#isReceiverFull) return;
      this.#arrived = false;
      this.#take((this.#line.shift() ?? 0) & this.#wordMask);
      this.#askForMore();
    }
    if (this.#line.length > 0 && this.#receiveTimer.deadlineNs === undefined) {
      this.#receiveTimer.arm(this.options.clock.now() + this.#characterNs);
    }
  }

  #askForMore(): void {
    if (!this.#refused || this.#line.free < LINE_BYTES / 2) return;
    this.#refused = false;
    this.options.receiveSpace?.();
  }

  get #isReceiverFull(): boolean {
    return this.#receiver.length >= (this.#fifos ? FIFO_CHARACTERS : 1);
  }

  #characterArrived(): void {
    this.#arrived = true;
    this.#listen();
  }

  /** A character (with errors above bit 7) reaches the receiver buffer. */
  #take(character: number): void {
    if (!this.#isReceiverFull) this.#receiver.push(character);
    else {
      this.#errors |= LSR.OVERRUN;
      // Without FIFOs the new character takes the place of the unread one; with them it is lost in the shift register.
      if (!this.#fifos) this.#receiver[0] = character;
    }
    if (this.#receiver.length === 1) this.#errors |= character >> 8;
    this.#timeout = false;
    this.#watchTimeout();
    this.#drive();
  }

  #readReceiver(): number {
    const character = this.#receiver.shift() ?? 0;
    if (this.#receiver.length > 0) this.#errors |= this.#receiver[0]! >> 8;
    this.#timeout = false;
    this.#watchTimeout();
    this.#listen();
    this.#drive();
    return character & 0xff;
  }

  /** FIFO time-out: four character times without a character coming or being read, with some waiting. */
  #watchTimeout(): void {
    if (this.#fifos && this.#receiver.length > 0) this.#timeoutTimer.arm(this.options.clock.now() + 4n * this.#characterNs);
    else if (this.#timeoutTimer.deadlineNs !== undefined) this.#timeoutTimer.cancel();
  }

  #timedOut(): void {
    this.#timeout = this.#receiver.length > 0;
    this.#drive();
  }

  #readLineStatus(): number {
    const hasMoreErrors = this.#fifos && this.#receiver.some((character) => character > 0xff);
    const status =
      (this.#receiver.length > 0 ? LSR.DATA_READY : 0) |
      this.#errors |
      (this.#transmitter.length === 0 ? LSR.THR_EMPTY : 0) |
      (this.#transmitter.length === 0 && this.#shifting === undefined ? LSR.TRANSMITTER_EMPTY : 0) |
      (hasMoreErrors ? LSR.FIFO_ERROR : 0);
    this.#errors = 0;
    if (this.#receiver.length > 0) this.#receiver[0]! &= 0xff;
    this.#drive();
    return status;
  }

  // Controls

  #writeInterruptEnable(value: number): void {
    const enabled = value & ~this.#ier;
    this.#ier = value;
    // Enabling the interrupt while the holding register is empty requests it.
    if (enabled & IER.TRANSMITTER_EMPTY && this.#transmitter.length === 0) this.#thrInterrupt = true;
  }

  #writeFifoControl(value: number): void {
    const fifos = (value & FCR.ENABLE) !== 0;
    const toggled = fifos !== this.#fifos;
    this.#fifos = fifos;
    if (toggled || (fifos && value & FCR.RESET_RECEIVER)) {
      this.#receiver = [];
      this.#errors &= LSR.OVERRUN;
      this.#timeout = false;
    }
    if (toggled || (fifos && value & FCR.RESET_TRANSMITTER)) {
      this.#transmitter.clear();
      this.#thrInterrupt = true;
    }
    this.#trigger = fifos ? TRIGGER_LEVELS[value >> FCR.TRIGGER_SHIFT]! : 1;
    this.#watchTimeout();
    this.#listen();
  }

  #writeLineControl(value: number): void {
    const changed = value ^ this.#lcr;
    this.#lcr = value;
    if (!(changed & LCR.BREAK)) return;
    const on = (value & LCR.BREAK) !== 0;
    if (!(this.#mcr & MCR.LOOP)) this.options.breakChanged?.(on);
    else if (on) this.#take(LSR.BREAK << 8);
  }

  #writeModemControl(value: number): void {
    const before = this.#modemInputs;
    this.#mcr = value;
    this.#modemInputsChanged(before);
    this.#listen();
  }

  /** In loopback the outputs come back: RTS as CTS, DTR as DSR, OUT1 as RI, OUT2 as DCD. */
  get #modemInputs(): number {
    if (!(this.#mcr & MCR.LOOP)) return this.#inputs;
    return (
      (this.#mcr & MCR.RTS ? MSR.CTS : 0) |
      (this.#mcr & MCR.DTR ? MSR.DSR : 0) |
      (this.#mcr & MCR.OUT1 ? MSR.RI : 0) |
      (this.#mcr & MCR.OUT2 ? MSR.DCD : 0)
    );
  }

  #modemInputsChanged(before: number): void {
    const changed = before ^ this.#modemInputs;
    this.#deltas |= (changed >> 4) & (MSR.DELTA_CTS | MSR.DELTA_DSR | MSR.DELTA_DCD);
    if (changed & before & MSR.RI) this.#deltas |= MSR.TRAILING_RI;
    this.#drive();
  }

  #readModemStatus(): number {
    const status = this.#modemInputs | this.#deltas;
    this.#deltas = 0;
    this.#drive();
    return status;
  }

  // Interrupts

  /** The most urgent enabled condition (table V). */
  #pending(): number {
    if (this.#ier & IER.LINE_STATUS && this.#errors) return IIR.LINE_STATUS;
    if (this.#ier & IER.RECEIVED_DATA) {
      if (this.#receiver.length >= this.#trigger) return IIR.RECEIVED_DATA;
      if (this.#timeout) return IIR.CHARACTER_TIMEOUT;
    }
    if (this.#ier & IER.TRANSMITTER_EMPTY && this.#thrInterrupt) return IIR.TRANSMITTER_EMPTY;
    if (this.#ier & IER.MODEM_STATUS && this.#deltas) return IIR.MODEM_STATUS;
    return IIR.NONE;
  }

  #readIdentification(): number {
    const pending = this.#pending();
    if (pending === IIR.TRANSMITTER_EMPTY) {
      this.#thrInterrupt = false;
      this.#drive();
    }
    return pending | (this.#fifos ? IIR.FIFOS : 0);
  }

  #drive(): void {
    this.options.irq.set((this.#mcr & MCR.OUT2) !== 0 && this.#pending() !== IIR.NONE);
  }
}

function rearm(timer: Timer, deadlineNs: bigint | null): void {
  if (deadlineNs === null) timer.cancel();
  else timer.arm(deadlineNs);
}
