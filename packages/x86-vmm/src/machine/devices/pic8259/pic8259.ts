import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import { ICW1, ICW4, OCW2, OCW3, POLL_INTERRUPT } from './registers.js';

/*
 * Intel 8259A programmable interrupt controller, one chip of the PC's pair, with the edge/level control register (ELCR) of the PIIX.
 *
 * Sources: Intel 8259A data sheet, order no. 231468-003; 82371SB (PIIX3) data sheet 2.5.3. Register and command names are theirs.
 *
 * As in the PIIX, ICW1's LTIM bit does nothing: the ELCR decides for each input.
 * Left out: MCS-80 mode and buffered mode (no PC is wired for them).
 */

/** Next byte the chip expects at A0=1: an initialization word, or `operational` for OCW1. */
type Expecting = 'icw2' | 'icw3' | 'icw4' | 'operational';

export interface Pic8259State {
  readonly version: 1;
  readonly irr: number;
  readonly isr: number;
  readonly imr: number;
  readonly elcr: number;
  readonly levels: number;
  readonly vectorBase: number;
  readonly cascade: number;
  readonly lowestPriority: number;
  readonly expecting: Expecting;
  readonly needsIcw4: boolean;
  readonly single: boolean;
  readonly automaticEoi: boolean;
  readonly rotateInAutomaticEoi: boolean;
  readonly specialFullyNested: boolean;
  readonly specialMask: boolean;
  readonly poll: boolean;
  readonly readsIsr: boolean;
}

export interface Pic8259Options {
  readonly base: number;
  readonly elcrPort: number;
  /** Bits of the ELCR that the guest may set. */
  readonly elcrWritable: number;
  /** Pin SP/EN: the first chip of a pair, whose special fully nested mode looks at its cascade inputs. */
  readonly first: boolean;
  /** INT. */
  readonly output: InterruptLine;
}

export class Pic8259 implements Device<Pic8259State> {
  readonly ports: readonly PortRange[];

  #irr = 0;
  #isr = 0;
  #imr = 0;
  #elcr = 0;
  /** Input levels: an edge is a change of these. */
  #levels = 0;
  #vectorBase = 0;
  /** ICW3: inputs with another 8259A behind them (first chip), or this chip's number (second chip). */
  #cascade = 0;
  #lowestPriority = 7;
  #expecting: Expecting = 'operational';
  #needsIcw4 = false;
  #single = false;
  #automaticEoi = false;
  #rotateInAutomaticEoi = false;
  #specialFullyNested = false;
  #specialMask = false;
  #poll = false;
  #readsIsr = false;

  constructor(
    readonly name: string,
    private readonly options: Pic8259Options,
  ) {
    this.ports = [
      { name, base: options.base, length: 2 },
      { name: `${name}-elcr`, base: options.elcrPort, length: 1 },
    ];
  }

  /** An interrupt input changed. Edge-triggered: a rise latches a request, a fall withdraws it; level-triggered: the level is the request. */
  setInput(input: number, level: boolean): void {
    const bit = 1 << input;
    if (level === ((this.#levels & bit) !== 0)) return;
    this.#levels ^= bit;
    if (level) this.#irr |= bit;
    else this.#irr &= ~bit;
    this.#drive();
  }

  /** First INTA pulse: takes the most urgent request into service and returns its input; 7 without service when there is none (spurious). */
  acknowledge(): number {
    const input = this.#pending();
    // INT falls with the acknowledgement even when the next request waits: an edge-triggered cascade input needs the rise.
    this.options.output.set(false);
    if (input < 0) return 7;
    const bit = 1 << input;
    if (!(this.#elcr & bit)) this.#irr &= ~bit;
    if (!this.#automaticEoi) this.#isr |= bit;
    else if (this.#rotateInAutomaticEoi) this.#lowestPriority = input;
    this.#drive();
    return input;
  }

  /** Second INTA pulse: the vector the chip puts on the bus for `input`. */
  vectorOf(input: number): number {
    return this.#vectorBase + input;
  }

  /** Another 8259A answers the second INTA pulse for `input` (ICW3 of a first chip). */
  hasCascadeAt(input: number): boolean {
    return this.options.first && !this.#single && (this.#cascade & (1 << input)) !== 0;
  }

  readPort(range: PortRange, offset: number, _size: AccessSize): number {
    if (range.length === 1) return this.#elcr;
    if (this.#poll) return this.#answerPoll();
    if (offset === 1) return this.#imr;
    return this.#readsIsr ? this.#isr : this.#irr;
  }

  writePort(range: PortRange, offset: number, _size: AccessSize, value: number): void {
    if (range.length === 1) this.#writeElcr(value);
    else if (offset === 1) this.#writeA1(value);
    else if (value & ICW1.INIT) this.#beginInitialization(value);
    else if (value & OCW3.SELECT) this.#writeOcw3(value);
    else this.#writeOcw2(value);
    this.#drive();
  }

  reset(): void {
    this.#elcr = 0;
    this.#vectorBase = 0;
    this.#cascade = 0;
    this.#beginInitialization(0);
    this.#expecting = 'operational';
    this.#drive();
  }

  save(): Pic8259State {
    return {
      version: 1,
      irr: this.#irr,
      isr: this.#isr,
      imr: this.#imr,
      elcr: this.#elcr,
      levels: this.#levels,
      vectorBase: this.#vectorBase,
      cascade: this.#cascade,
      lowestPriority: this.#lowestPriority,
      expecting: this.#expecting,
      needsIcw4: this.#needsIcw4,
      single: this.#single,
      automaticEoi: this.#automaticEoi,
      rotateInAutomaticEoi: this.#rotateInAutomaticEoi,
      specialFullyNested: this.#specialFullyNested,
      specialMask: this.#specialMask,
      poll: this.#poll,
      readsIsr: this.#readsIsr,
    };
  }

  restore(state: Pic8259State): void {
    if (state.version !== 1) throw new Error(`${this.name}: unknown state version ${String(state.version)}`);
    this.#irr = state.irr;
    this.#isr = state.isr;
    this.#imr = state.imr;
    this.#elcr = state.elcr;
    this.#levels = state.levels;
    this.#vectorBase = state.vectorBase;
    this.#cascade = state.cascade;
    this.#lowestPriority = state.lowestPriority;
    this.#expecting = state.expecting;
    this.#needsIcw4 = state.needsIcw4;
    this.#single = state.single;
    this.#automaticEoi = state.automaticEoi;
    this.#rotateInAutomaticEoi = state.rotateInAutomaticEoi;
    this.#specialFullyNested = state.specialFullyNested;
    this.#specialMask = state.specialMask;
    this.#poll = state.poll;
    this.#readsIsr = state.readsIsr;
    this.#drive();
  }

  /** ICW1: the edge circuit forgets what it saw, masks and modes are cleared, input 7 has the lowest priority. */
  #beginInitialization(icw1: number): void {
    this.#irr = this.#levels & this.#elcr;
    this.#isr = 0;
    this.#imr = 0;
    this.#lowestPriority = 7;
    this.#needsIcw4 = (icw1 & ICW1.NEEDS_ICW4) !== 0;
    this.#single = (icw1 & ICW1.SINGLE) !== 0;
    this.#automaticEoi = false;
    this.#rotateInAutomaticEoi = false;
    this.#specialFullyNested = false;
    this.#specialMask = false;
    this.#poll = false;
    this.#readsIsr = false;
    this.#expecting = 'icw2';
  }

  #writeA1(value: number): void {
    switch (this.#expecting) {
      case 'icw2':
        this.#vectorBase = value & 0xf8;
        this.#expecting = this.#single ? this.#afterIcw3() : 'icw3';
        break;
      case 'icw3':
        this.#cascade = value;
        this.#expecting = this.#afterIcw3();
        break;
      case 'icw4':
        this.#automaticEoi = (value & ICW4.AUTOMATIC_EOI) !== 0;
        this.#specialFullyNested = (value & ICW4.SPECIAL_FULLY_NESTED) !== 0;
        this.#expecting = 'operational';
        break;
      case 'operational':
        this.#imr = value;
        break;
    }
  }

  #afterIcw3(): Expecting {
    return this.#needsIcw4 ? 'icw4' : 'operational';
  }

  #writeOcw2(value: number): void {
    const level = value & 7;
    switch (value >> 5) {
      case OCW2.ROTATE_IN_AUTOMATIC_EOI_CLEAR:
        this.#rotateInAutomaticEoi = false;
        break;
      case OCW2.ROTATE_IN_AUTOMATIC_EOI_SET:
        this.#rotateInAutomaticEoi = true;
        break;
      case OCW2.NON_SPECIFIC_EOI:
        this.#endOfInterrupt(this.#mostUrgent(this.#blocking()), false);
        break;
      case OCW2.ROTATE_ON_NON_SPECIFIC_EOI:
        this.#endOfInterrupt(this.#mostUrgent(this.#blocking()), true);
        break;
      case OCW2.SPECIFIC_EOI:
        this.#endOfInterrupt(level, false);
        break;
      case OCW2.ROTATE_ON_SPECIFIC_EOI:
        this.#endOfInterrupt(level, true);
        break;
      case OCW2.SET_PRIORITY:
        this.#lowestPriority = level;
        break;
      default:
        break; // OCW2.NO_OPERATION
    }
  }

  #endOfInterrupt(input: number, rotate: boolean): void {
    if (input < 0) return;
    this.#isr &= ~(1 << input);
    if (rotate) this.#lowestPriority = input;
  }

  #writeOcw3(value: number): void {
    if (value & OCW3.ENABLE_SPECIAL_MASK) this.#specialMask = (value & OCW3.SPECIAL_MASK) !== 0;
    if (value & OCW3.POLL) this.#poll = true;
    else if ((value & 3) === OCW3.READ_IRR) this.#readsIsr = false;
    else if ((value & 3) === OCW3.READ_ISR) this.#readsIsr = true;
  }

  /** The read after a poll command is an acknowledgement that the program does itself ("Poll Command" of the data sheet). */
  #answerPoll(): number {
    this.#poll = false;
    return this.#pending() < 0 ? 0 : POLL_INTERRUPT | this.acknowledge();
  }

  #writeElcr(value: number): void {
    this.#elcr = value & this.options.elcrWritable;
    this.#irr = (this.#irr & ~this.#elcr) | (this.#levels & this.#elcr);
  }

  /** In-service inputs that hold others back: in special mask mode the masked ones do not. */
  #blocking(): number {
    return this.#specialMask ? this.#isr & ~this.#imr : this.#isr;
  }

  /** The unmasked request that may interrupt what is in service, or -1. */
  #pending(): number {
    const requests = this.#irr & ~this.#imr;
    if (requests === 0) return -1;
    const input = this.#mostUrgent(requests);
    const held = this.#mostUrgent(this.#blocking());
    if (held < 0 || this.#rank(input) < this.#rank(held)) return input;
    // Special fully nested: more urgent inputs of the second chip come through while one of its others is in service.
    return input === held && this.#specialFullyNested && this.hasCascadeAt(input) ? input : -1;
  }

  /** 0 is the most urgent. Priorities rotate: the one after the lowest is the highest. */
  #rank(input: number): number {
    return (input - this.#lowestPriority - 1) & 7;
  }

  #mostUrgent(inputs: number): number {
    if (inputs === 0) return -1;
    const first = (this.#lowestPriority + 1) & 7;
    const rotated = ((inputs >> first) | (inputs << (8 - first))) & 0xff;
    return (31 - Math.clz32(rotated & -rotated) + first) & 7;
  }

  #drive(): void {
    this.options.output.set(this.#pending() >= 0);
  }
}
