import type { GuestMemory } from '../../../bus/guest-memory.js';
import type { DmaChannel } from './dma-channel.js';
import { COMMAND, DMA, MODE, SET_BIT } from './registers.js';

/*
 * Intel 8237A DMA controller, one chip of the PC's pair. Source: Intel 8237A data sheet, order no. 231466.
 *
 * A transfer takes no guest time of its own: the device paces it. Single, demand and block mode therefore differ only in what the
 * device asks for at once. Left out: memory-to-memory and software requests that no device answers (a PC's board cannot use them).
 */

export interface Dma8237State {
  readonly command: number;
  readonly mask: number;
  readonly requests: number;
  readonly reached: number;
  readonly highByte: boolean;
  readonly modes: readonly number[];
  readonly baseAddress: readonly number[];
  readonly baseCount: readonly number[];
  readonly address: readonly number[];
  readonly count: readonly number[];
}

export interface Dma8237Options {
  readonly memory: GuestMemory;
  /** Bytes an address step stands for: 1, or 2 on the second chip, whose address lines are shifted. */
  readonly unit: 1 | 2;
  /** Page register of channel `n` of this chip. */
  readonly page: (n: number) => number;
}

export class Dma8237 {
  #command = 0;
  #mask = 0x0f;
  /** DREQ levels and software requests: bits 7..4 of the status register. */
  #requests = 0;
  /** Channels that reached terminal count since the status was read. */
  #reached = 0;
  /** The flip-flop: the next access is to a high byte. */
  #highByte = false;
  readonly #modes = new Uint8Array(4);
  readonly #baseAddress = new Uint16Array(4);
  readonly #baseCount = new Uint16Array(4);
  readonly #address = new Uint16Array(4);
  readonly #count = new Uint16Array(4);
  readonly #listeners: (() => void)[][] = [[], [], [], []];

  constructor(private readonly options: Dma8237Options) {}

  /** The device's end of channel `n` (0 to 3). */
  channel(n: number): DmaChannel {
    const isReady = (): boolean => this.#isReady(n);
    let terminalCount = false;
    const move = (bytes: Uint8Array, toMemory: boolean): number => {
      const before = this.#reached & (1 << n);
      this.#reached &= ~(1 << n);
      const moved = this.#move(n, bytes, toMemory);
      terminalCount = (this.#reached & (1 << n)) !== 0;
      this.#reached |= before;
      return moved;
    };
    return {
      get isReady() {
        return isReady();
      },
      get terminalCount() {
        return terminalCount;
      },
      pull: (into) => move(into, false),
      push: (from) => move(from, true),
      setRequest: (level) => {
        this.#requests = level ? this.#requests | (1 << n) : this.#requests & ~(1 << n);
      },
      onReady: (listener) => this.#listeners[n]!.push(listener),
    };
  }

  read(register: number): number {
    if (register < 8) {
      const value = (register & 1 ? this.#count : this.#address)[register >> 1]!;
      return this.#takeFlipFlop() ? value >> 8 : value & 0xff;
    }
    switch (register) {
      case DMA.STATUS_COMMAND: {
        const status = this.#reached | (this.#requests << 4);
        this.#reached = 0;
        return status;
      }
      case DMA.MASTER_CLEAR:
        return 0; // the temporary register: memory-to-memory only
      case DMA.ALL_MASK:
        return 0xf0 | this.#mask;
      default:
        return 0xff;
    }
  }

  write(register: number, value: number): void {
    const ready = [0, 1, 2, 3].map((n) => this.#isReady(n));
    this.#write(register, value);
    for (let n = 0; n < 4; n++) if (!ready[n] && this.#isReady(n)) for (const listener of this.#listeners[n]!) listener();
  }

  reset(): void {
    this.#masterClear();
    this.#modes.fill(0);
    this.#baseAddress.fill(0);
    this.#baseCount.fill(0);
    this.#address.fill(0);
    this.#count.fill(0);
  }

  save(): Dma8237State {
    return {
      command: this.#command,
      mask: this.#mask,
      requests: this.#requests,
      reached: this.#reached,
      highByte: this.#highByte,
      modes: [...this.#modes],
      baseAddress: [...this.#baseAddress],
      baseCount: [...this.#baseCount],
      address: [...this.#address],
      count: [...this.#count],
    };
  }

  restore(state: Dma8237State): void {
    this.#command = state.command;
    this.#mask = state.mask;
    this.#requests = state.requests;
    this.#reached = state.reached;
    this.#highByte = state.highByte;
    this.#modes.set(state.modes);
    this.#baseAddress.set(state.baseAddress);
    this.#baseCount.set(state.baseCount);
    this.#address.set(state.address);
    this.#count.set(state.count);
  }

  #write(register: number, value: number): void {
    if (register < 8) {
      this.#writeAddressOrCount(register >> 1, (register & 1) !== 0, value);
      return;
    }
    const bit = 1 << (value & 3);
    switch (register) {
      case DMA.STATUS_COMMAND:
        this.#command = value;
        break;
      case DMA.REQUEST:
        this.#requests = value & SET_BIT ? this.#requests | bit : this.#requests & ~bit;
        break;
      case DMA.SINGLE_MASK:
        this.#mask = value & SET_BIT ? this.#mask | bit : this.#mask & ~bit;
        break;
      case DMA.MODE:
        this.#modes[value & 3] = value & 0xfc;
        break;
      case DMA.CLEAR_FLIP_FLOP:
        this.#highByte = false;
        break;
      case DMA.MASTER_CLEAR:
        this.#masterClear();
        break;
      case DMA.CLEAR_MASK:
        this.#mask = 0;
        break;
      default:
        this.#mask = value & 0x0f; // DMA.ALL_MASK
    }
  }

  /** Base and current register are written together (data sheet, "Base Address and Base Word Count Registers"). */
  #writeAddressOrCount(channel: number, isCount: boolean, value: number): void {
    const base = isCount ? this.#baseCount : this.#baseAddress;
    const current = isCount ? this.#count : this.#address;
    const high = this.#takeFlipFlop();
    base[channel] = high ? (base[channel]! & 0x00ff) | (value << 8) : (base[channel]! & 0xff00) | value;
    current[channel] = high ? (current[channel]! & 0x00ff) | (value << 8) : (current[channel]! & 0xff00) | value;
  }

  #takeFlipFlop(): boolean {
    const high = this.#highByte;
    this.#highByte = !high;
    return high;
  }

  #masterClear(): void {
    this.#command = 0;
    this.#requests = 0;
    this.#reached = 0;
    this.#highByte = false;
    this.#mask = 0x0f;
  }

  #isReady(n: number): boolean {
    return !(this.#command & COMMAND.DISABLE) && !(this.#mask & (1 << n)) && (this.#modes[n]! & MODE.KIND) !== MODE.CASCADE;
  }

  /** Moves up to `bytes.length` bytes, in runs that neither wrap the 16-bit address nor pass terminal count. */
  #move(n: number, bytes: Uint8Array, toMemory: boolean): number {
    const { unit } = this.options;
    let done = 0;
    while (done + unit <= bytes.length && this.#isReady(n)) {
      const down = (this.#modes[n]! & MODE.DECREMENT) !== 0;
      const untilWrap = down ? 1 : 0x1_0000 - this.#address[n]!;
      const units = Math.min((bytes.length - done) / unit, this.#count[n]! + 1, untilWrap) | 0;
      this.#transfer(n, bytes.subarray(done, done + units * unit), toMemory);
      done += units * unit;
      this.#address[n]! += down ? -units : units;
      const isLast = units === this.#count[n]! + 1;
      this.#count[n]! -= units;
      if (isLast) {
        this.#endOfProcess(n);
        break;
      }
    }
    return done;
  }

  #transfer(n: number, bytes: Uint8Array, toMemory: boolean): void {
    const { memory, unit, page } = this.options;
    const physical = unit === 1 ? (page(n) << 16) | this.#address[n]! : ((page(n) & 0xfe) << 16) | (this.#address[n]! << 1);
    switch (this.#modes[n]! & MODE.TRANSFER) {
      case MODE.WRITE:
        if (toMemory) memory.write(physical, bytes);
        else bytes.fill(0xff); // nobody drives the bus
        break;
      case MODE.READ:
        if (!toMemory) memory.read(physical, bytes);
        break;
      default:
        if (!toMemory) bytes.fill(0xff); // verify: cycles without data
    }
  }

  /** Terminal count: the channel masks itself, or starts anew with its base registers. */
  #endOfProcess(n: number): void {
    this.#reached |= 1 << n;
    this.#requests &= ~(1 << n);
    if (this.#modes[n]! & MODE.AUTOINITIALIZE) {
      this.#address[n] = this.#baseAddress[n]!;
      this.#count[n] = this.#baseCount[n]!;
    } else {
      this.#mask |= 1 << n;
    }
  }
}
