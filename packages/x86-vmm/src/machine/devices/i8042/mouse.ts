import type { MachineClock, Timer } from '../../../bus/clock.js';
import { ByteQueue } from '../support/byte-queue.js';
import type { Ps2Device } from './ps2-device.js';
import { BUTTON, MOUSE, MOUSE_ID, MOUSE_STATUS, PACKET, REPLY, UNLOCK_EXPLORER, UNLOCK_WHEEL } from './registers.js';

/*
 * A PS/2 mouse: standard three-button, IntelliMouse (wheel) and IntelliMouse Explorer (wheel, five buttons) packets.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Mouse"; Microsoft IntelliMouse identification.
 *
 * Differs: motion beyond a packet's range goes into the next packet instead of setting an overflow bit, so that no movement is
 * lost; no 0xAA 0x00 at power-on, as with the keyboard.
 */

/** Largest motion of one packet (nine bits with sign). */
const MAX_MOTION = 255;
/** Wheel steps of one packet: four bits with sign. */
const MAX_WHEEL = 7;
/** Motion that waits is bounded to a few screens, however long the guest does not look. */
const MAX_WAITING = 0x7fff;
/** Button changes remembered between two reports: a click within one sample must not vanish. */
const MAX_STEPS = 16;
/** As the keyboard's. */
const BAT_NS = 5_000_000n;

/** Scaling 2:1 of the first five counts; from six on it doubles. */
const SCALED = [0, 1, 1, 3, 6, 9] as const;

/** Motion with the buttons at its end. */
interface Step {
  dx: number;
  dy: number;
  dz: number;
  buttons: number;
}

export interface Ps2MouseState {
  readonly version: 1;
  readonly replies: Uint8Array;
  readonly packet: Uint8Array;
  readonly lastReply: Uint8Array;
  readonly parameterOf: number;
  readonly id: number;
  readonly rates: readonly number[];
  readonly sampleRate: number;
  readonly resolution: number;
  readonly scaling: boolean;
  readonly enabled: boolean;
  readonly remote: boolean;
  readonly wrap: boolean;
  readonly buttons: number;
  readonly steps: readonly Readonly<Step>[];
  readonly nudged: boolean;
  readonly nextReportNs: bigint;
  readonly reportNs: bigint | null;
  readonly batNs: bigint | null;
}

export interface Ps2MouseOptions {
  readonly clock: MachineClock;
  /** There is something to take. */
  readonly outputReady: () => void;
}

export class Ps2Mouse implements Ps2Device {
  readonly #replies = new ByteQueue(16);
  readonly #packet = new ByteQueue(4);
  readonly #reportTimer: Timer;
  readonly #batTimer: Timer;
  /** What FE sends again. */
  #lastReply: Uint8Array = Uint8Array.of();
  #parameterOf = 0;
  #id: number = MOUSE_ID.STANDARD;
  /** The last three sample rates: the unlock sequences. */
  #rates: number[] = [];
  #sampleRate = 100;
  #resolution = 2;
  #scaling = false;
  #enabled = false;
  #remote = false;
  #wrap = false;
  /** Buttons as they are now. */
  #buttons = 0;
  /** Motion not reported yet, one entry for each state of the buttons. */
  #steps: Step[] = [];
  /** A packet without motion is wanted. */
  #nudged = false;
  #nextReportNs = 0n;

  constructor(private readonly options: Ps2MouseOptions) {
    this.#reportTimer = options.clock.createTimer('mouse-sample', () => this.#report());
    this.#batTimer = options.clock.createTimer('mouse-bat', () => this.#reply(REPLY.TEST_PASSED, MOUSE_ID.STANDARD));
  }

  /**
   * The mouse moved by `dx` to the right and `dy` down (counts), its wheel by `dz` steps towards the user, and has `buttons` down
   * (BUTTON). Movement adds up until the guest's next sample.
   */
  move(dx: number, dy: number, dz: number, buttons: number): void {
    if (dx === 0 && dy === 0 && dz === 0 && (buttons & 0x1f) === this.#buttons) return;
    const step = this.#stepFor(buttons & 0x1f);
    step.dx = clamp(step.dx + Math.trunc(dx), MAX_WAITING);
    step.dy = clamp(step.dy + Math.trunc(dy), MAX_WAITING);
    step.dz = clamp(step.dz + Math.trunc(dz), MAX_WAITING);
    this.#schedule();
  }

  /** Sends one packet without motion: how VMware's absolute pointer wakes the guest's PS/2 driver. */
  nudge(): void {
    this.#nudged = true;
    this.#schedule();
  }

  /** The guest takes motion from this mouse (stream mode with reporting on, or it polls). */
  get isEnabled(): boolean {
    return this.#enabled || this.#remote;
  }

  get hasOutput(): boolean {
    return this.#replies.length > 0 || this.#packet.length > 0;
  }

  takeOutput(): number {
    const byte = this.#replies.shift() ?? this.#packet.shift() ?? 0;
    if (this.#packet.length === 0) this.#schedule();
    return byte;
  }

  receive(byte: number): void {
    // A command interrupts a report: what was not sent of it is lost, as on the real line.
    this.#packet.clear();
    const command = this.#parameterOf;
    this.#parameterOf = 0;
    if (this.#wrap && byte !== MOUSE.RESET && byte !== MOUSE.RESET_WRAP) this.#reply(byte);
    else if (command !== 0) this.#takeParameter(command, byte);
    else this.#command(byte);
    this.#schedule();
  }

  reset(): void {
    this.#batTimer.cancel();
    this.#replies.clear();
    this.#packet.clear();
    this.#lastReply = Uint8Array.of();
    this.#parameterOf = 0;
    this.#buttons = 0;
    this.#id = MOUSE_ID.STANDARD;
    this.#setDefaults();
  }

  save(): Ps2MouseState {
    return {
      version: 1,
      replies: this.#replies.save(),
      packet: this.#packet.save(),
      lastReply: this.#lastReply.slice(),
      parameterOf: this.#parameterOf,
      id: this.#id,
      rates: [...this.#rates],
      sampleRate: this.#sampleRate,
      resolution: this.#resolution,
      scaling: this.#scaling,
      enabled: this.#enabled,
      remote: this.#remote,
      wrap: this.#wrap,
      buttons: this.#buttons,
      steps: this.#steps.map((step) => ({ ...step })),
      nudged: this.#nudged,
      nextReportNs: this.#nextReportNs,
      reportNs: this.#reportTimer.deadlineNs ?? null,
      batNs: this.#batTimer.deadlineNs ?? null,
    };
  }

  restore(state: Ps2MouseState): void {
    if (state.version !== 1) throw new Error('mouse: unknown state version');
    this.#replies.restore(state.replies);
    this.#packet.restore(state.packet);
    this.#lastReply = state.lastReply.slice();
    this.#parameterOf = state.parameterOf;
    this.#id = state.id;
    this.#rates = [...state.rates];
    this.#sampleRate = state.sampleRate;
    this.#resolution = state.resolution;
    this.#scaling = state.scaling;
    this.#enabled = state.enabled;
    this.#remote = state.remote;
    this.#wrap = state.wrap;
    this.#buttons = state.buttons;
    this.#steps = state.steps.map((step) => ({ ...step }));
    this.#nudged = state.nudged;
    this.#nextReportNs = state.nextReportNs;
    if (state.reportNs === null) this.#reportTimer.cancel();
    else this.#reportTimer.arm(state.reportNs);
    if (state.batNs === null) this.#batTimer.cancel();
    else this.#batTimer.arm(state.batNs);
  }

  #command(byte: number): void {
    switch (byte) {
      case MOUSE.SCALING_1_1:
      case MOUSE.SCALING_2_1:
        this.#scaling = byte === MOUSE.SCALING_2_1;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.RESOLUTION:
      case MOUSE.SAMPLE_RATE:
        this.#parameterOf = byte;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.STATUS:
        this.#reply(REPLY.ACKNOWLEDGE, this.#status(), this.#resolution, this.#sampleRate);
        return;
      case MOUSE.STREAM_MODE:
        this.#remote = false;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.READ_DATA:
        this.#reply(REPLY.ACKNOWLEDGE);
        this.#nudged = true;
        this.#queuePacket();
        return;
      case MOUSE.RESET_WRAP:
      case MOUSE.WRAP_MODE:
        this.#wrap = byte === MOUSE.WRAP_MODE;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.REMOTE_MODE:
        this.#remote = true;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.READ_ID:
        this.#reply(REPLY.ACKNOWLEDGE, this.#id);
        return;
      case MOUSE.ENABLE:
        this.#enabled = true;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.DISABLE:
        this.#enabled = false;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.DEFAULT:
        this.#setDefaults();
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case MOUSE.RESEND:
        this.#reply(...this.#lastReply);
        return;
      case MOUSE.RESET:
        this.#replies.clear();
        this.#id = MOUSE_ID.STANDARD;
        this.#setDefaults();
        this.#batTimer.arm(this.options.clock.now() + BAT_NS);
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      default:
        this.#reply(REPLY.RESEND);
        return;
    }
  }

  #takeParameter(command: number, byte: number): void {
    if (command === MOUSE.RESOLUTION) {
      this.#resolution = byte & 3;
    } else {
      this.#sampleRate = byte;
      this.#rates = [...this.#rates.slice(-2), byte];
      if (endsWith(this.#rates, UNLOCK_WHEEL)) this.#id = MOUSE_ID.WHEEL;
      if (endsWith(this.#rates, UNLOCK_EXPLORER)) this.#id = MOUSE_ID.EXPLORER;
    }
    this.#reply(REPLY.ACKNOWLEDGE);
  }

  #setDefaults(): void {
    this.#rates = [];
    this.#sampleRate = 100;
    this.#resolution = 2;
    this.#scaling = false;
    this.#enabled = false;
    this.#remote = false;
    this.#wrap = false;
    this.#steps = [];
    this.#nudged = false;
    this.#reportTimer.cancel();
  }

  /** Status byte: unlike in a packet, bit 0 is the right button, bit 1 the middle and bit 2 the left one. */
  #status(): number {
    const buttons = this.#buttons;
    return (
      (this.#remote ? MOUSE_STATUS.REMOTE : 0) |
      (this.#enabled ? MOUSE_STATUS.ENABLED : 0) |
      (this.#scaling ? MOUSE_STATUS.SCALING_2_1 : 0) |
      (buttons & BUTTON.LEFT ? 4 : 0) |
      (buttons & BUTTON.MIDDLE ? 2 : 0) |
      (buttons & BUTTON.RIGHT ? 1 : 0)
    );
  }

  #reply(...bytes: number[]): void {
    this.#lastReply = Uint8Array.from(bytes);
    for (const byte of bytes) this.#replies.push(byte);
    if (bytes.length > 0) this.options.outputReady();
  }

  /** The entry that motion with these buttons adds to. */
  #stepFor(buttons: number): Step {
    const last = this.#steps.at(-1);
    const isSame = last ? last.buttons === buttons : this.#buttons === buttons;
    this.#buttons = buttons;
    if (last && (isSame || this.#steps.length >= MAX_STEPS)) {
      last.buttons = buttons;
      return last;
    }
    const step: Step = { dx: 0, dy: 0, dz: 0, buttons };
    this.#steps.push(step);
    return step;
  }

  get #hasNews(): boolean {
    return this.#steps.length > 0 || this.#nudged;
  }

  /** Arms the next report of stream mode: not sooner than the sample rate allows, and after the last packet has left. */
  #schedule(): void {
    if (!this.#enabled || this.#remote || this.#wrap) {
      // Without a listener motion does not pile up; where the mouse stands is all a guest can learn later.
      if (!this.#remote) {
        this.#steps = [];
        this.#nudged = false;
      }
      return;
    }
    if (!this.#hasNews || this.#packet.length > 0 || this.#reportTimer.deadlineNs !== undefined) return;
    const now = this.options.clock.now();
    if (now >= this.#nextReportNs) this.#report();
    else this.#reportTimer.arm(this.#nextReportNs);
  }

  #report(): void {
    if (!this.#enabled || this.#remote || this.#wrap || !this.#hasNews || this.#packet.length > 0) return;
    this.#nextReportNs = this.options.clock.now() + 1_000_000_000n / BigInt(Math.max(10, this.#sampleRate));
    this.#queuePacket();
  }

  /** Puts one packet together from the oldest motion; what does not fit stays for the next. */
  #queuePacket(): void {
    this.#nudged = false;
    const step = this.#steps[0] ?? { dx: 0, dy: 0, dz: 0, buttons: this.#buttons };
    const dx = clamp(step.dx, MAX_MOTION);
    const dy = clamp(step.dy, MAX_MOTION);
    const hasWheel = this.#id !== MOUSE_ID.STANDARD;
    const dz = hasWheel ? clamp(step.dz, MAX_WHEEL) : step.dz;
    step.dx -= dx;
    step.dy -= dy;
    step.dz -= dz;
    if (step.dx === 0 && step.dy === 0 && step.dz === 0) this.#steps.shift();
    const x = this.#scaled(dx);
    // The mouse counts upwards where the screen counts downwards.
    const y = this.#scaled(-dy);
    this.#packet.push(PACKET.ALWAYS | (step.buttons & 7) | (x < 0 ? PACKET.X_SIGN : 0) | (y < 0 ? PACKET.Y_SIGN : 0));
    this.#packet.push(x & 0xff);
    this.#packet.push(y & 0xff);
    if (this.#id === MOUSE_ID.WHEEL) this.#packet.push(dz & 0xff);
    else if (this.#id === MOUSE_ID.EXPLORER) this.#packet.push((dz & 0x0f) | ((step.buttons & (BUTTON.BACK | BUTTON.FORWARD)) << 1));
    this.options.outputReady();
  }

  /** Scaling 2:1 applies to reports of stream mode only. */
  #scaled(motion: number): number {
    if (!this.#scaling || this.#remote) return motion;
    const size = Math.abs(motion);
    return Math.sign(motion) * Math.min(MAX_MOTION, SCALED[size] ?? 2 * size);
  }
}

const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));
const endsWith = (rates: readonly number[], sequence: readonly number[]): boolean =>
  rates.length === sequence.length && sequence.every((rate, i) => rates[i] === rate);
