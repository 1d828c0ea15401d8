/** Size of one bus access in bytes. A device never sees any other size: the bus splits or refuses. */
export type AccessSize = 1 | 2 | 4;

/** One I/O-port range a device answers to; `offset` in the calls below is relative to `base`. */
export interface PortRange {
  readonly name: string;
  readonly base: number;
  readonly length: number;
  /** Widest access the device takes in one piece; the bus splits wider ones into consecutive bytes. Absent: 1. */
  readonly widest?: AccessSize;
}

/** One physical-memory range a device answers to (MMIO); `offset` in the calls below is relative to `base`. */
export interface MemoryRange {
  readonly name: string;
  readonly base: number;
  readonly length: number;
  /** As in PortRange. Absent: 1. */
  readonly widest?: AccessSize;
}

/** A level the device drives. Wired by the chipset; the device neither knows nor asks where it ends. */
export interface InterruptLine {
  set(level: boolean): void;
}

/**
 * The whole contract of a chipset device. Everything is synchronous and runs on the vCPU's turn;
 * work that must wait (a disk read, a packet) belongs to a backend, whose completion is delivered
 * between two slices of guest execution, never inside one.
 */
export interface Device<State> {
  readonly name: string;
  /** May change only through `Bus.rangesChanged` (PCI base address registers). */
  readonly ports: readonly PortRange[];
  /** Absent: the device has no memory-mapped registers. */
  readonly memory?: readonly MemoryRange[];
  readPort(range: PortRange, offset: number, size: AccessSize): number;
  writePort(range: PortRange, offset: number, size: AccessSize, value: number): void;
  readMemory?(range: MemoryRange, offset: number, size: AccessSize): number;
  writeMemory?(range: MemoryRange, offset: number, size: AccessSize, value: number): void;
  /** Power-on state. Also called between pause and resume when the guest resets the machine. */
  reset(): void;
  /** A plain, versioned value (numbers, strings, booleans, bigints, Uint8Array, arrays and objects of them): what a snapshot stores. */
  save(): State;
  /** @throws Error when the value is not one that `save` of this or an older version returned. */
  restore(state: State): void;
}

/**
 * Optional capability of a device beside `Device`: a data register that moves many elements at once, so that REP INS/OUTS costs one
 * call and not one per element. The count is in bytes and a multiple of `elementSize`; 0: nothing to move now, use single accesses.
 * Side effects (end of a block, interrupt) are those of the same number of single accesses.
 */
export interface StringPort {
  /** Fills the front of `into` from `port` and returns the bytes moved. */
  readString(port: number, elementSize: AccessSize, into: Uint8Array): number;
  /** Takes bytes from the front of `from` and returns how many. */
  writeString(port: number, elementSize: AccessSize, from: Uint8Array): number;
}
