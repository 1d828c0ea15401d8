import type { AccessSize, Device, MemoryRange, PortRange, StringPort } from './device.js';

interface PortHandler {
  readonly device: Device<unknown>;
  readonly range: PortRange;
}

interface MemoryHandler {
  readonly device: Device<unknown>;
  readonly range: MemoryRange;
}

/** What an access that nobody answers reads as: all lines pulled up. */
const OPEN_BUS = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;

/**
 * The board's port and MMIO decoder: one owner per port (the last attached wins, as a later chip select overrides on our board),
 * a short list of memory ranges. Accesses wider than a range's `widest`, or that leave the range, are split into bytes.
 */
export class Bus {
  /** Index into #ports per port, 0: open bus. */
  readonly #owner = new Uint16Array(0x1_0000);
  readonly #ports: (PortHandler | undefined)[] = [undefined];
  #memory: MemoryHandler[] = [];
  readonly #devices: Device<unknown>[] = [];
  /** Statistics: accesses by the processor (a string transfer counts once a piece), and those that nobody answered. */
  portAccesses = 0;
  memoryAccesses = 0;
  unclaimed = 0;

  attach(...devices: readonly Device<unknown>[]): void {
    for (const device of devices) {
      this.#devices.push(device);
      for (const range of device.ports) this.#claim(device, range);
    }
    this.#collectMemory();
  }

  /** A device moved its ranges (PCI base address registers, ISA relocation): decodes anew. */
  rangesChanged(): void {
    this.#owner.fill(0);
    this.#ports.length = 1;
    for (const device of this.#devices) for (const range of device.ports) this.#claim(device, range);
    this.#collectMemory();
  }

  readPort(port: number, size: AccessSize): number {
    this.portAccesses++;
    const handler = this.#ports[this.#owner[port & 0xffff]!];
    if (handler === undefined) {
      this.unclaimed++;
      return OPEN_BUS[size];
    }
    const { device, range } = handler;
    const offset = (port & 0xffff) - range.base;
    if (size <= (range.widest ?? 1) && offset + size <= range.length) return device.readPort(range, offset, size);
    if (size === 1) return device.readPort(range, offset, 1);
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.readPort(port + i, 1) << (8 * i);
    return value >>> 0;
  }

  writePort(port: number, size: AccessSize, value: number): void {
    this.portAccesses++;
    const handler = this.#ports[this.#owner[port & 0xffff]!];
    if (handler === undefined) {
      this.unclaimed++;
      return;
    }
    const { device, range } = handler;
    const offset = (port & 0xffff) - range.base;
    if (size <= (range.widest ?? 1) && offset + size <= range.length) device.writePort(range, offset, size, value);
    else if (size === 1) device.writePort(range, offset, 1, value & 0xff);
    else for (let i = 0; i < size; i++) this.writePort(port + i, 1, (value >>> (8 * i)) & 0xff);
  }

  /** The device behind a port when it moves strings of elements at once (an IDE data register). */
  stringPort(port: number): StringPort | undefined {
    const device = this.#ports[this.#owner[port & 0xffff]!]?.device as (Device<unknown> & Partial<StringPort>) | undefined;
    return device?.readString && device.writeString ? (device as StringPort) : undefined;
  }

  readMemory(physical: number, size: AccessSize): number {
    this.memoryAccesses++;
    const handler = this.#memoryAt(physical);
    if (handler === undefined || handler.device.readMemory === undefined) {
      this.unclaimed++;
      return OPEN_BUS[size];
    }
    const { device, range } = handler;
    const offset = physical - range.base;
    if (size === 1 || (size <= (range.widest ?? 1) && offset + size <= range.length))
      return handler.device.readMemory(range, offset, size) >>> 0;
    let value = 0;
    for (let i = 0; i < size; i++) {
      const inside = offset + i < range.length;
      value |= (inside ? device.readMemory!(range, offset + i, 1) : this.readMemory(physical + i, 1)) << (8 * i);
    }
    return value >>> 0;
  }

  writeMemory(physical: number, size: AccessSize, value: number): void {
    this.memoryAccesses++;
    const handler = this.#memoryAt(physical);
    if (handler === undefined || handler.device.writeMemory === undefined) {
      this.unclaimed++;
      return;
    }
    const { device, range } = handler;
    const offset = physical - range.base;
    if (size === 1 || (size <= (range.widest ?? 1) && offset + size <= range.length)) {
      device.writeMemory!(range, offset, size, value);
      return;
    }
    for (let i = 0; i < size; i++) {
      const byte = (value >>> (8 * i)) & 0xff;
      if (offset + i < range.length) device.writeMemory!(range, offset + i, 1, byte);
      else this.writeMemory(physical + i, 1, byte);
    }
  }

  #claim(device: Device<unknown>, range: PortRange): void {
    this.#ports.push({ device, range });
    this.#owner.fill(this.#ports.length - 1, range.base, range.base + range.length);
  }

  #collectMemory(): void {
    this.#memory = this.#devices.flatMap((device) => (device.memory ?? []).map((range) => ({ device, range })));
  }

  #memoryAt(physical: number): MemoryHandler | undefined {
    for (const handler of this.#memory) {
      if (physical >= handler.range.base && physical - handler.range.base < handler.range.length) return handler;
    }
    return undefined;
  }
}
