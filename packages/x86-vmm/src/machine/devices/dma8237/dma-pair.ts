import type { AccessSize, Device, PortRange } from '../../../bus/device.js';
import type { GuestMemory } from '../../../bus/guest-memory.js';
import type { DmaChannel } from './dma-channel.js';
import { Dma8237, type Dma8237State } from './dma8237.js';
import { CASCADE_CHANNEL, DMA_PORTS, PAGE_OFFSET } from './registers.js';

/*
 * The PC's two DMA controllers and their page registers. Channels 0 to 3 move bytes, 5 to 7 words, 4 joins the chips.
 * Port 0x80 (an unused page register) belongs to the POST port.
 */

export interface DmaPairState {
  readonly version: 1;
  readonly first: Dma8237State;
  readonly second: Dma8237State;
  readonly pages: Uint8Array;
}

export class DmaPair implements Device<DmaPairState> {
  readonly name = 'dma';
  readonly ports: readonly PortRange[] = [
    { name: 'dma0', base: DMA_PORTS.FIRST, length: 16 },
    { name: 'dma1', base: DMA_PORTS.SECOND, length: 32 },
    { name: 'dma-pages', base: DMA_PORTS.PAGES, length: 15 },
  ];
  readonly #pages = new Uint8Array(15);
  readonly #first: Dma8237;
  readonly #second: Dma8237;

  constructor(memory: GuestMemory) {
    this.#first = new Dma8237({ memory, unit: 1, page: (n) => this.#pages[PAGE_OFFSET[n]!]! });
    this.#second = new Dma8237({ memory, unit: 2, page: (n) => this.#pages[PAGE_OFFSET[n + 4]!]! });
  }

  /** The device's end of channel 0 to 7. @throws RangeError for 4, the cascade. */
  channel(n: number): DmaChannel {
    if (n < 0 || n > 7 || n === CASCADE_CHANNEL) throw new RangeError(`no DMA channel ${n}`);
    return n < 4 ? this.#first.channel(n) : this.#second.channel(n - 4);
  }

  readPort(range: PortRange, offset: number, _size: AccessSize): number {
    switch (range.base) {
      case DMA_PORTS.FIRST:
        return this.#first.read(offset);
      case DMA_PORTS.SECOND:
        return this.#second.read(offset >> 1);
      default:
        return this.#pages[offset]!;
    }
  }

  writePort(range: PortRange, offset: number, _size: AccessSize, value: number): void {
    switch (range.base) {
      case DMA_PORTS.FIRST:
        this.#first.write(offset, value);
        return;
      case DMA_PORTS.SECOND:
        this.#second.write(offset >> 1, value);
        return;
      default:
        this.#pages[offset] = value;
    }
  }

  reset(): void {
    this.#first.reset();
    this.#second.reset();
    this.#pages.fill(0);
  }

  save(): DmaPairState {
    return { version: 1, first: this.#first.save(), second: this.#second.save(), pages: this.#pages.slice() };
  }

  restore(state: DmaPairState): void {
    if (state.version !== 1) throw new Error('dma: unknown state version');
    this.#first.restore(state.first);
    this.#second.restore(state.second);
    this.#pages.set(state.pages.subarray(0, this.#pages.length));
  }
}
