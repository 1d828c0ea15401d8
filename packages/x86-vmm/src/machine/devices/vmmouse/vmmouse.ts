import type { AccessSize, Device, PortRange } from '../../../bus/device.js';
import { BUTTON } from '../i8042/registers.js';
import {
  BACKDOOR,
  BACKDOOR_MAGIC,
  PACKET,
  POINTER_COMMAND,
  STATUS_ERROR,
  VERSION,
  VERSION_ID,
  VMMOUSE_PORT,
  WORDS_PER_PACKET,
} from './registers.js';

/*
 * VMware's absolute pointer. Its port takes and gives whole CPU registers, so the chip is called by `execute`, not by port reads;
 * as a bus device it only keeps the port from belonging to anybody else.
 *
 * New packets are announced by a PS/2 packet without motion (`announce`), because the driver in the guest is called by IRQ 12.
 */

/** Packets that wait for the guest. Motion beyond is folded into the newest; button changes are kept while there is room. */
const MAX_PACKETS = 32;

/** General registers of the guest at an IN or OUT on the port; `execute` changes them. */
export interface BackdoorRegisters {
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
}

export interface VmMouseState {
  readonly version: 1;
  readonly enabled: boolean;
  readonly absolute: boolean;
  readonly buttons: number;
  readonly queue: readonly number[];
}

export interface VmMouseOptions {
  /** Something is in the queue: the PS/2 mouse is to send an empty packet (`Ps2Mouse.nudge`). */
  readonly announce: () => void;
  /** The guest switched between absolute and relative (or off). */
  readonly absoluteChanged?: (absolute: boolean) => void;
}

export class VmMouse implements Device<VmMouseState> {
  readonly name = 'vmmouse';
  readonly ports: readonly PortRange[] = [{ name: 'vmmouse', base: VMMOUSE_PORT, length: 4, widest: 4 }];

  #enabled = false;
  #absolute = false;
  #buttons = 0;
  /** Words the guest will read, oldest first. */
  #queue: number[] = [];

  constructor(private readonly options: VmMouseOptions) {}

  /** The guest takes absolute positions from here; otherwise the PS/2 mouse is the pointer. */
  get absoluteEnabled(): boolean {
    return this.#enabled && this.#absolute;
  }

  /**
   * An access to port 0x5658 with the guest's registers; changes them to the answer. False: not a backdoor call (wrong magic),
   * the port is then one that nobody answers.
   */
  execute(registers: BackdoorRegisters): boolean {
    if (registers.eax >>> 0 !== BACKDOOR_MAGIC) return false;
    switch (registers.ecx & 0xffff) {
      case BACKDOOR.GET_VERSION:
        registers.eax = VERSION.PROTOCOL;
        registers.ebx = BACKDOOR_MAGIC;
        registers.ecx = VERSION.PRODUCT;
        break;
      case BACKDOOR.POINTER_STATUS:
        registers.eax = this.#enabled ? this.#queue.length : STATUS_ERROR;
        break;
      case BACKDOOR.POINTER_DATA:
        this.#readWords(registers);
        break;
      case BACKDOOR.POINTER_COMMAND:
        this.#command(registers.ebx >>> 0);
        break;
      default:
        registers.eax = 0xffff_ffff;
    }
    return true;
  }

  /** The pointer is at `x`, `y` (0 to 0xFFFF across the screen), the wheel went `dz` steps towards the user, `buttons` are down (BUTTON). */
  move(x: number, y: number, dz: number, buttons: number): void {
    if (!this.absoluteEnabled) return;
    const status = statusOf(buttons);
    const last = this.#queue.length - WORDS_PER_PACKET;
    const isFull = this.#queue.length >= MAX_PACKETS * WORDS_PER_PACKET;
    // Only the newest position matters: it takes the place of a waiting one with the same buttons, unless that one may be half read.
    const mayReplace = isFull || (last > 0 && this.#buttons === status);
    const wheel = mayReplace ? (this.#queue[last + 3]! | 0) + Math.trunc(dz) : Math.trunc(dz);
    this.#buttons = status;
    if (mayReplace) this.#queue.length = last;
    this.#queue.push(status, clamp(x), clamp(y), wheel >>> 0);
    this.options.announce();
  }

  readPort(_range: PortRange, _offset: number, size: AccessSize): number {
    return size === 4 ? 0xffff_ffff : (1 << (8 * size)) - 1;
  }

  writePort(_range: PortRange, _offset: number, _size: AccessSize, _value: number): void {}

  reset(): void {
    this.#queue = [];
    this.#buttons = 0;
    this.#setMode(false, false);
  }

  save(): VmMouseState {
    return { version: 1, enabled: this.#enabled, absolute: this.#absolute, buttons: this.#buttons, queue: [...this.#queue] };
  }

  restore(state: VmMouseState): void {
    if (state.version !== 1) throw new Error('vmmouse: unknown state version');
    this.#buttons = state.buttons;
    this.#queue = state.queue.slice(0, MAX_PACKETS * WORDS_PER_PACKET);
    this.#setMode(state.enabled, state.absolute);
  }

  #command(command: number): void {
    switch (command) {
      case POINTER_COMMAND.ENABLE:
        this.#queue = [VERSION_ID];
        this.#setMode(true, this.#absolute);
        break;
      case POINTER_COMMAND.DISABLE:
        this.#queue = [];
        this.#setMode(false, false);
        break;
      case POINTER_COMMAND.ABSOLUTE:
        this.#setMode(this.#enabled, true);
        break;
      case POINTER_COMMAND.RELATIVE:
        this.#setMode(this.#enabled, false);
        break;
      default:
        break; // unknown commands are ignored
    }
  }

  /** EBX words (at most four) into EAX, EBX, ECX, EDX. Asking for more than there is disables the pointer: the guest lost its place. */
  #readWords(registers: BackdoorRegisters): void {
    const words = registers.ebx >>> 0;
    if (!this.#enabled || words > WORDS_PER_PACKET || words > this.#queue.length) {
      this.#queue = [];
      this.#setMode(false, false);
      registers.eax = STATUS_ERROR;
      return;
    }
    const names = ['eax', 'ebx', 'ecx', 'edx'] as const;
    for (let i = 0; i < words; i++) registers[names[i]!] = this.#queue[i]!;
    this.#queue.splice(0, words);
  }

  #setMode(enabled: boolean, absolute: boolean): void {
    const before = this.absoluteEnabled;
    this.#enabled = enabled;
    this.#absolute = absolute;
    if (this.absoluteEnabled !== before) this.options.absoluteChanged?.(this.absoluteEnabled);
  }
}

function statusOf(buttons: number): number {
  return (
    (buttons & BUTTON.LEFT ? PACKET.LEFT : 0) | (buttons & BUTTON.RIGHT ? PACKET.RIGHT : 0) | (buttons & BUTTON.MIDDLE ? PACKET.MIDDLE : 0)
  );
}

const clamp = (position: number): number => Math.max(0, Math.min(0xffff, Math.round(position)));
