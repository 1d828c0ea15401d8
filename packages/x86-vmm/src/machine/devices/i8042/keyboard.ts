import type { MachineClock, Timer } from '../../../bus/clock.js';
import { ByteQueue } from '../support/byte-queue.js';
import type { Ps2Device } from './ps2-device.js';
import { DEFAULT_TYPEMATIC, KEYBOARD, KEYBOARD_ID, REPLY } from './registers.js';
import { defaultKeyTypes, EXTENDED, isKey, KEY_TYPE, set2Code, set3Code, translateToSet1, USAGE } from './scan-codes.js';

/*
 * A PS/2 (MF2) keyboard: scan code sets 1 to 3, typematic repeat in guest time, LEDs.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)".
 * Keys come in as USB HID usages (page 7): physical positions; the layout is the guest's.
 *
 * Differs: a full buffer refuses a key (the typist waits) where the real one drops it and sends an overrun code; no 0xAA at
 * power-on (firmware that does not flush would never see an edge of IRQ 1 again).
 * Left out: the shift codes that a real keyboard wraps around grey keys while Num Lock or Shift is on.
 */

/** Bytes of scan codes the keyboard holds: a real one has 16, and what waits in it the guest has not seen, so more helps nobody. */
const BUFFER_BYTES = 16;
/** The longest make code: Pause in set 2. */
const LONGEST_MAKE_BYTES = 8;
/** Releases are never refused: each held key may add its break code (six bytes at most) beyond the buffer. */
const RELEASE_RESERVE_BYTES = 64 * 6;
/** Time of the basic assurance test; a real keyboard takes 300 to 500 ms, and a guest only has to see that it is not at once. */
const BAT_NS = 5_000_000n;

/** How a held Print Screen was sent, because its break code must match its make code. */
const PRINT = { PLAIN: 0, WITH_SHIFT_OR_CONTROL: 1, SYSTEM_REQUEST: 2 } as const;

export interface Ps2KeyboardState {
  readonly version: 1;
  readonly replies: Uint8Array;
  readonly scanCodes: Uint8Array;
  readonly lastSent: number;
  readonly parameterOf: number;
  readonly enabled: boolean;
  readonly set: number;
  readonly leds: number;
  readonly typematic: number;
  readonly keyTypes: Uint8Array;
  readonly held: readonly (readonly [usage: number, variant: number])[];
  readonly repeating: number;
  readonly repeatNs: bigint | null;
  readonly batNs: bigint | null;
}

export interface Ps2KeyboardOptions {
  readonly clock: MachineClock;
  /** There is something to take. */
  readonly outputReady: () => void;
}

export class Ps2Keyboard implements Ps2Device {
  readonly #replies = new ByteQueue(16);
  readonly #scanCodes = new ByteQueue(BUFFER_BYTES + RELEASE_RESERVE_BYTES);
  readonly #repeatTimer: Timer;
  readonly #batTimer: Timer;
  readonly #spaceListeners = new Set<() => void>();
  readonly #ledListeners = new Set<(leds: number) => void>();
  #lastSent = 0;
  /** Command that waits for its second byte, or 0. */
  #parameterOf = 0;
  #enabled = true;
  #set = 2;
  #leds = 0;
  #typematic = DEFAULT_TYPEMATIC;
  #keyTypes = defaultKeyTypes();
  /** Held keys, with the variant of Print Screen. */
  readonly #held = new Map<number, number>();
  /** Usage that repeats, or 0. */
  #repeating = 0;

  constructor(private readonly options: Ps2KeyboardOptions) {
    this.#repeatTimer = options.clock.createTimer('keyboard-typematic', () => this.#repeat());
    this.#batTimer = options.clock.createTimer('keyboard-bat', () => this.#reply(REPLY.TEST_PASSED));
  }

  /**
   * A key goes down. False: the buffer is full and nothing happened; ask again when `canAccept()` or after `onSpace`.
   * Unknown usages and keys already down are accepted and ignored.
   */
  pressKey(usage: number): boolean {
    if (!isKey(usage) || this.#held.has(usage)) return true;
    if (!this.canAccept()) return false;
    const variant = usage === USAGE.PRINT_SCREEN ? this.#printVariant() : 0;
    // Bounds the reserve for releases; nobody has so many fingers.
    if (this.#held.size < 64) this.#held.set(usage, variant);
    if (!this.#enabled) return true;
    this.#sendMake(usage, variant, false);
    if (this.#repeats(usage)) {
      this.#repeating = usage;
      this.#repeatTimer.arm(this.options.clock.now() + this.#delayNs);
    } else {
      this.#stopRepeat();
    }
    this.options.outputReady();
    return true;
  }

  /** A key goes up. Never refused; a key that is not down is ignored. */
  releaseKey(usage: number): void {
    const variant = this.#held.get(usage);
    if (variant === undefined) return;
    this.#held.delete(usage);
    if (this.#repeating === usage) this.#stopRepeat();
    if (!this.#enabled) return;
    this.#sendBreak(usage, variant);
    this.options.outputReady();
  }

  /** Lets go of every key (a viewer lost focus or connection). */
  releaseAll(): void {
    for (const usage of [...this.#held.keys()]) this.releaseKey(usage);
  }

  /** Whether `pressKey` would take any key now. */
  canAccept(): boolean {
    return this.#scanCodes.length + LONGEST_MAKE_BYTES <= BUFFER_BYTES;
  }

  /** Calls `listener` whenever a full buffer has space again. Returns the way to stop it. */
  onSpace(listener: () => void): () => void {
    this.#spaceListeners.add(listener);
    return () => this.#spaceListeners.delete(listener);
  }

  /** Calls `listener` with LED bits (1 Scroll Lock, 2 Num Lock, 4 Caps Lock) when the guest changes them. */
  onLeds(listener: (leds: number) => void): () => void {
    this.#ledListeners.add(listener);
    return () => this.#ledListeners.delete(listener);
  }

  get leds(): number {
    return this.#leds;
  }

  get hasOutput(): boolean {
    return this.#replies.length > 0 || (this.#scanCodes.length > 0 && this.#parameterOf === 0);
  }

  takeOutput(): number {
    const couldAccept = this.canAccept();
    const byte = this.#replies.shift() ?? this.#scanCodes.shift() ?? 0;
    this.#lastSent = byte;
    if (!couldAccept && this.canAccept()) for (const listener of [...this.#spaceListeners]) listener();
    return byte;
  }

  receive(byte: number): void {
    const command = this.#parameterOf;
    this.#parameterOf = 0;
    if (command !== 0 && this.#takesParameter(command, byte)) return;
    this.#command(byte);
  }

  reset(): void {
    this.#replies.clear();
    this.#batTimer.cancel();
    this.#held.clear();
    this.#lastSent = 0;
    this.#parameterOf = 0;
    this.#setLeds(0);
    this.#setDefaults();
    this.#enabled = true;
  }

  save(): Ps2KeyboardState {
    return {
      version: 1,
      replies: this.#replies.save(),
      scanCodes: this.#scanCodes.save(),
      lastSent: this.#lastSent,
      parameterOf: this.#parameterOf,
      enabled: this.#enabled,
      set: this.#set,
      leds: this.#leds,
      typematic: this.#typematic,
      keyTypes: this.#keyTypes.slice(),
      held: [...this.#held],
      repeating: this.#repeating,
      repeatNs: this.#repeatTimer.deadlineNs ?? null,
      batNs: this.#batTimer.deadlineNs ?? null,
    };
  }

  restore(state: Ps2KeyboardState): void {
    if (state.version !== 1) throw new Error('keyboard: unknown state version');
    this.#replies.restore(state.replies);
    this.#scanCodes.restore(state.scanCodes);
    this.#lastSent = state.lastSent;
    this.#parameterOf = state.parameterOf;
    this.#enabled = state.enabled;
    this.#set = state.set;
    this.#typematic = state.typematic;
    this.#keyTypes = state.keyTypes.slice();
    this.#held.clear();
    for (const [usage, variant] of state.held) this.#held.set(usage, variant);
    this.#repeating = state.repeating;
    rearm(this.#repeatTimer, state.repeatNs);
    rearm(this.#batTimer, state.batNs);
    this.#setLeds(state.leds);
  }

  #command(byte: number): void {
    switch (byte) {
      case KEYBOARD.SET_LEDS:
      case KEYBOARD.SCAN_CODE_SET:
      case KEYBOARD.TYPEMATIC:
      case KEYBOARD.KEY_TYPEMATIC:
      case KEYBOARD.KEY_MAKE_BREAK:
      case KEYBOARD.KEY_MAKE:
        this.#parameterOf = byte;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case KEYBOARD.ECHO:
        this.#reply(REPLY.ECHO);
        return;
      case KEYBOARD.IDENTIFY:
        this.#reply(REPLY.ACKNOWLEDGE, ...KEYBOARD_ID);
        return;
      case KEYBOARD.ENABLE:
        this.#scanCodes.clear();
        this.#enabled = true;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case KEYBOARD.DEFAULT_DISABLE:
      case KEYBOARD.DEFAULT:
        this.#setDefaults();
        this.#enabled = byte === KEYBOARD.DEFAULT;
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      case KEYBOARD.ALL_TYPEMATIC:
        this.#setAllTypes(KEY_TYPE.TYPEMATIC);
        return;
      case KEYBOARD.ALL_MAKE_BREAK:
        this.#setAllTypes(KEY_TYPE.BREAK);
        return;
      case KEYBOARD.ALL_MAKE:
        this.#setAllTypes(0);
        return;
      case KEYBOARD.ALL_TYPEMATIC_MAKE_BREAK:
        this.#setAllTypes(KEY_TYPE.TYPEMATIC | KEY_TYPE.BREAK);
        return;
      case KEYBOARD.RESEND:
        this.#reply(this.#lastSent);
        return;
      case KEYBOARD.RESET:
        this.#replies.clear();
        this.#setDefaults();
        this.#setLeds(0);
        this.#enabled = true;
        this.#batTimer.arm(this.options.clock.now() + BAT_NS);
        this.#reply(REPLY.ACKNOWLEDGE);
        return;
      default:
        this.#reply(REPLY.RESEND);
        return;
    }
  }

  /** Second byte of a command. False: it is a command itself, which ends the waiting one. */
  #takesParameter(command: number, byte: number): boolean {
    if (byte >= KEYBOARD.SET_LEDS && command !== KEYBOARD.SET_LEDS) return false;
    switch (command) {
      case KEYBOARD.SET_LEDS:
        if (byte > 7) return false;
        this.#setLeds(byte);
        break;
      case KEYBOARD.SCAN_CODE_SET:
        if (byte > 3) {
          this.#reply(REPLY.RESEND);
          return true;
        }
        if (byte === 0) {
          this.#reply(REPLY.ACKNOWLEDGE, this.#set);
          return true;
        }
        this.#set = byte;
        this.#scanCodes.clear();
        break;
      case KEYBOARD.TYPEMATIC:
        this.#typematic = byte & 0x7f;
        break;
      default: {
        // FB, FC, FD take any number of key codes, until the next command.
        const types = { [KEYBOARD.KEY_TYPEMATIC]: KEY_TYPE.TYPEMATIC, [KEYBOARD.KEY_MAKE_BREAK]: KEY_TYPE.BREAK } as Record<number, number>;
        this.#keyTypes[byte] = types[command] ?? 0;
        this.#parameterOf = command;
      }
    }
    this.#reply(REPLY.ACKNOWLEDGE);
    return true;
  }

  #setDefaults(): void {
    this.#scanCodes.clear();
    this.#stopRepeat();
    this.#set = 2;
    this.#typematic = DEFAULT_TYPEMATIC;
    this.#keyTypes = defaultKeyTypes();
    for (const listener of [...this.#spaceListeners]) listener();
  }

  #setAllTypes(type: number): void {
    this.#keyTypes.fill(type);
    this.#reply(REPLY.ACKNOWLEDGE);
  }

  #setLeds(leds: number): void {
    if (leds === this.#leds) return;
    this.#leds = leds;
    for (const listener of [...this.#ledListeners]) listener(leds);
  }

  #reply(...bytes: number[]): void {
    for (const byte of bytes) this.#replies.push(byte);
    this.options.outputReady();
  }

  #sendMake(usage: number, variant: number, isRepeat: boolean): void {
    if (this.#set === 3) {
      const code = set3Code(usage);
      if (code !== 0) this.#scanCodes.push(code);
    } else if (usage === USAGE.PAUSE) {
      if (this.#isHeld(USAGE.LEFT_CONTROL, USAGE.RIGHT_CONTROL)) this.#send(0xe0, 0x7e, 0xe0, 0xf0, 0x7e);
      else this.#send(0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77);
    } else if (usage === USAGE.PRINT_SCREEN && variant === PRINT.SYSTEM_REQUEST) {
      this.#send(0x84);
    } else if (usage === USAGE.PRINT_SCREEN && variant === PRINT.PLAIN && !isRepeat) {
      this.#send(0xe0, 0x12, 0xe0, 0x7c);
    } else {
      const code = set2Code(usage);
      if (code & EXTENDED) this.#send(0xe0, code & 0xff);
      else this.#send(code);
    }
  }

  #sendBreak(usage: number, variant: number): void {
    if (this.#set === 3) {
      const code = set3Code(usage);
      if (code !== 0 && this.#keyTypes[code]! & KEY_TYPE.BREAK) this.#send(0xf0, code);
    } else if (usage === USAGE.PAUSE || usage === USAGE.HANGUL || usage === USAGE.HANJA) {
      return; // these keys have no break code
    } else if (usage === USAGE.PRINT_SCREEN && variant === PRINT.SYSTEM_REQUEST) {
      this.#send(0xf0, 0x84);
    } else if (usage === USAGE.PRINT_SCREEN && variant === PRINT.PLAIN) {
      this.#send(0xe0, 0xf0, 0x7c, 0xe0, 0xf0, 0x12);
    } else {
      const code = set2Code(usage);
      if (code & EXTENDED) this.#send(0xe0, 0xf0, code & 0xff);
      else this.#send(0xf0, code);
    }
  }

  /** Queues codes of set 2; in set 1 as the keyboard itself would send them, F0 folded into bit 7. */
  #send(...codes: number[]): void {
    let breaks = 0;
    for (const code of codes) {
      if (this.#set !== 1) this.#scanCodes.push(code);
      else if (code === 0xf0) breaks = 0x80;
      else {
        this.#scanCodes.push(translateToSet1(code) | breaks);
        breaks = 0;
      }
    }
  }

  #repeats(usage: number): boolean {
    if (this.#set === 3) return (this.#keyTypes[set3Code(usage)]! & KEY_TYPE.TYPEMATIC) !== 0;
    return usage !== USAGE.PAUSE && usage !== USAGE.HANGUL && usage !== USAGE.HANJA;
  }

  #repeat(): void {
    const variant = this.#held.get(this.#repeating);
    if (variant === undefined || !this.#enabled) {
      this.#stopRepeat();
      return;
    }
    // A guest that does not read gets no backlog of repeats.
    if (this.#scanCodes.length === 0) {
      this.#sendMake(this.#repeating, variant, true);
      this.options.outputReady();
    }
    this.#repeatTimer.arm(this.options.clock.now() + this.#periodNs);
  }

  #stopRepeat(): void {
    this.#repeating = 0;
    this.#repeatTimer.cancel();
  }

  /** Bits 6 and 5 of the typematic byte: 250 ms steps. */
  get #delayNs(): bigint {
    return BigInt(((this.#typematic >> 5) & 3) + 1) * 250_000_000n;
  }

  /** Bits 4 to 0: (8 + A) * 2^B * 4.17 ms. */
  get #periodNs(): bigint {
    return BigInt((8 + (this.#typematic & 7)) << ((this.#typematic >> 3) & 3)) * 4_170_000n;
  }

  #printVariant(): number {
    if (this.#isHeld(USAGE.LEFT_ALT, USAGE.RIGHT_ALT)) return PRINT.SYSTEM_REQUEST;
    const modified = this.#isHeld(USAGE.LEFT_SHIFT, USAGE.RIGHT_SHIFT) || this.#isHeld(USAGE.LEFT_CONTROL, USAGE.RIGHT_CONTROL);
    return modified ? PRINT.WITH_SHIFT_OR_CONTROL : PRINT.PLAIN;
  }

  #isHeld(left: number, right: number): boolean {
    return this.#held.has(left) || this.#held.has(right);
  }
}

function rearm(timer: Timer, deadlineNs: bigint | null): void {
  if (deadlineNs === null) timer.cancel();
  else timer.arm(deadlineNs);
}
