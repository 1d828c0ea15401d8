import type { AccessSize } from '../../../bus/device.js';
import type { ConfigSpaceState, PciWindow } from './pci-function.js';
import { BAR, COMMAND, COMMAND_WRITABLE, HEADER, MULTI_FUNCTION, ROM_BAR, STATUS_CLEARED_BY_ONE } from './registers.js';

/*
 * The 256 bytes of a function's configuration space: which bits a guest may set, base address sizing (write ones, read the size
 * back), and who is told when a range moves. Source: PCI Local Bus Specification 2.1, ch. 6.
 */

export interface PciHeader {
  readonly vendor: number;
  readonly device: number;
  readonly revision: number;
  /** Base class, subclass, programming interface. */
  readonly classCode: number;
  readonly multiFunction?: boolean;
  readonly subsystemVendor?: number;
  readonly subsystem?: number;
  /** 1 is INTA#; absent: none. */
  readonly interruptPin?: number;
  /** Command register at reset, and its bits that can never be cleared. */
  readonly command?: number;
  readonly status?: number;
}

/** A base address register: where it is in the header, what it decodes, and who maps it. */
export interface BaseAddress {
  /** 0..5, or the expansion ROM's. */
  readonly register: number | 'rom';
  readonly kind: 'io' | 'memory' | 'prefetchable';
  /** A power of two. */
  readonly size: number;
  /** Called when decoding moved, with `undefined` while it is off or lies outside of the window. */
  placed(base: number | undefined): void;
}

const CONFIG_BYTES = 256;
/** An I/O range must end in the 64 KiB that a PC decodes. */
const IO_END = 0x1_0000;

export class ConfigSpace {
  readonly bytes = new Uint8Array(CONFIG_BYTES);
  readonly #initial = new Uint8Array(CONFIG_BYTES);
  readonly #writable = new Uint8Array(CONFIG_BYTES);
  readonly #clearedByOne = new Uint8Array(CONFIG_BYTES);
  /** Where each base address is decoded now. */
  readonly #placed: (number | undefined)[];

  constructor(
    header: PciHeader,
    private readonly bars: readonly BaseAddress[],
    private readonly window: PciWindow,
  ) {
    this.#placed = bars.map(() => undefined);
    this.#initialize(header);
    this.bytes.set(this.#initial);
  }

  /** Makes registers of the function's own writable under a mask, with a value at reset. For construction. */
  define(offset: number, size: AccessSize, initial: number, writable: number): void {
    put(this.#initial, offset, size, initial);
    put(this.#writable, offset, size, writable);
    put(this.bytes, offset, size, initial);
  }

  read(offset: number, size: AccessSize): number {
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.bytes[offset + i]! << (8 * i);
    return value >>> 0;
  }

  write(offset: number, size: AccessSize, value: number): void {
    for (let i = 0; i < size; i++) this.#writeByte(offset + i, (value >>> (8 * i)) & 0xff);
    if (offset < HEADER.INTERRUPT_LINE && offset + size > HEADER.COMMAND) this.#decode();
  }

  reset(): void {
    this.bytes.set(this.#initial);
    this.#decode();
  }

  save(): ConfigSpaceState {
    return { version: 1, bytes: this.bytes.slice() };
  }

  restore(state: ConfigSpaceState): void {
    if (state.version !== 1 || state.bytes.length !== CONFIG_BYTES) throw new Error('pci: not a saved configuration space');
    this.bytes.set(state.bytes);
    this.#decode();
  }

  #initialize(header: PciHeader): void {
    const put16 = (offset: number, value: number): void => put(this.#initial, offset, 2, value);
    put16(HEADER.VENDOR, header.vendor);
    put16(HEADER.DEVICE, header.device);
    put16(HEADER.COMMAND, header.command ?? 0);
    put16(HEADER.STATUS, header.status ?? 0);
    this.#initial[HEADER.REVISION] = header.revision;
    put16(HEADER.CLASS, header.classCode & 0xffff);
    this.#initial[HEADER.CLASS + 2] = header.classCode >> 16;
    this.#initial[HEADER.HEADER_TYPE] = header.multiFunction ? MULTI_FUNCTION : 0;
    put16(HEADER.SUBSYSTEM_VENDOR, header.subsystemVendor ?? 0);
    put16(HEADER.SUBSYSTEM, header.subsystem ?? 0);
    this.#initial[HEADER.INTERRUPT_PIN] = header.interruptPin ?? 0;
    put(this.#writable, HEADER.COMMAND, 2, COMMAND_WRITABLE & ~(header.command ?? 0));
    put(this.#clearedByOne, HEADER.STATUS, 2, STATUS_CLEARED_BY_ONE);
    this.#writable[HEADER.LATENCY] = 0xf8;
    if (header.interruptPin) this.#writable[HEADER.INTERRUPT_LINE] = 0xff;
    for (const bar of this.bars) {
      const offset = offsetOf(bar);
      put(
        this.#writable,
        offset,
        4,
        ~(bar.size - 1) & (bar.register === 'rom' ? ROM_BAR.ADDRESS | ROM_BAR.ENABLE : 0xffff_fff0 | (bar.kind === 'io' ? 0xc : 0)),
      );
      if (bar.register === 'rom') this.#writable[offset]! |= ROM_BAR.ENABLE;
      else this.#initial[offset] = bar.kind === 'io' ? BAR.IO : bar.kind === 'prefetchable' ? BAR.PREFETCHABLE : 0;
    }
  }

  #writeByte(offset: number, value: number): void {
    const writable = this.#writable[offset]!;
    this.bytes[offset] = ((this.bytes[offset]! & ~writable) | (value & writable)) & ~(value & this.#clearedByOne[offset]!);
  }

  #decode(): void {
    this.bars.forEach((bar, i) => {
      const base = this.#baseOf(bar);
      if (base === this.#placed[i]) return;
      this.#placed[i] = base;
      bar.placed(base);
    });
  }

  #baseOf(bar: BaseAddress): number | undefined {
    const command = this.read(HEADER.COMMAND, 2);
    const register = this.read(offsetOf(bar), 4);
    if (bar.kind === 'io') {
      const base = (register & BAR.IO_ADDRESS) >>> 0;
      return command & COMMAND.IO && base !== 0 && base + bar.size <= IO_END ? base : undefined;
    }
    if (!(command & COMMAND.MEMORY) || (bar.register === 'rom' && !(register & ROM_BAR.ENABLE))) return undefined;
    const base = (register & (bar.register === 'rom' ? ROM_BAR.ADDRESS : BAR.MEMORY_ADDRESS)) >>> 0;
    // Over RAM, the interrupt controllers or the system ROM a base address would cut the machine off its own firmware.
    return base >= this.window.base && base + bar.size <= this.window.end ? base : undefined;
  }
}

function offsetOf(bar: BaseAddress): number {
  return bar.register === 'rom' ? HEADER.EXPANSION_ROM : HEADER.BAR_0 + 4 * bar.register;
}

function put(into: Uint8Array, offset: number, size: AccessSize, value: number): void {
  for (let i = 0; i < size; i++) into[offset + i] = (value >>> (8 * i)) & 0xff;
}
