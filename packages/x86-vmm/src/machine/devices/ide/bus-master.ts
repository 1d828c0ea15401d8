import type { AccessSize } from '../../../bus/device.js';
import type { GuestMemory } from '../../../bus/guest-memory.js';
import { BM_COMMAND, BM_STATUS, BUS_MASTER, PRD } from './registers.js';

/*
 * One channel of the bus master: walks the table of physical regions for the drive. Source: "Programming Interface for Bus Master IDE
 * Controller", revision 1.0. Bounds: a region is at most 64 KiB and a drive never asks for more than its transfer, so that a table
 * without an end costs no more than its own transfer.
 */

export interface BusMasterState {
  readonly version: 1;
  readonly command: number;
  readonly status: number;
  readonly table: number;
  readonly next: number;
  readonly address: number;
  readonly left: number;
  readonly last: boolean;
}

export class BusMaster {
  #command = 0;
  #status = 0;
  #table = 0;
  /** Address of the next descriptor. */
  #next = 0;
  /** What is left of the region under way. */
  #address = 0;
  #left = 0;
  /** The region under way is the table's last. */
  #last = false;
  readonly #descriptor = new Uint8Array(PRD.BYTES);
  readonly #view = new DataView(this.#descriptor.buffer);
  /** Called when the guest starts the bus master: the drive may transfer. */
  started: () => void = () => {};

  constructor(private readonly memory: GuestMemory) {}

  /** The guest has started a transfer and not stopped it, and the table has not ended. */
  get active(): boolean {
    return (this.#status & BM_STATUS.ACTIVE) !== 0;
  }

  read(offset: number, size: AccessSize): number {
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#readByte(offset + i) << (8 * i);
    return value >>> 0;
  }

  write(offset: number, size: AccessSize, value: number): void {
    for (let i = 0; i < size; i++) this.#writeByte(offset + i, (value >>> (8 * i)) & 0xff);
  }

  /** Bytes of `from` into the regions; fewer than there are: the table ended, and with it the transfer. */
  toMemory(from: Uint8Array): number {
    return this.#walk(from, (address, part) => this.memory.write(address, part));
  }

  /** Fills `into` from the regions; as `toMemory`. */
  fromMemory(into: Uint8Array): number {
    return this.#walk(into, (address, part) => this.memory.read(address, part));
  }

  /** The drive has transferred all it had. ACTIVE stays if the table has more room ("device transfer shorter than the regions"). */
  finish(): void {
    if (this.#last && this.#left === 0) this.#status &= ~BM_STATUS.ACTIVE;
  }

  /** INTRQ of the channel rose. */
  interrupt(): void {
    this.#status |= BM_STATUS.INTERRUPT;
  }

  reset(): void {
    this.#command = this.#status = this.#table = this.#next = this.#address = this.#left = 0;
    this.#last = false;
  }

  save(): BusMasterState {
    return {
      version: 1,
      command: this.#command,
      status: this.#status,
      table: this.#table,
      next: this.#next,
      address: this.#address,
      left: this.#left,
      last: this.#last,
    };
  }

  restore(state: BusMasterState): void {
    this.#command = state.command;
    this.#status = state.status;
    this.#table = state.table;
    this.#next = state.next;
    this.#address = state.address;
    this.#left = state.left;
    this.#last = state.last;
  }

  #readByte(offset: number): number {
    if (offset === BUS_MASTER.COMMAND) return this.#command;
    if (offset === BUS_MASTER.STATUS) return this.#status;
    return offset >= BUS_MASTER.TABLE ? (this.#table >>> (8 * (offset - BUS_MASTER.TABLE))) & 0xff : 0;
  }

  #writeByte(offset: number, value: number): void {
    if (offset === BUS_MASTER.COMMAND) this.#writeCommand(value);
    else if (offset === BUS_MASTER.STATUS) {
      const cleared = value & (BM_STATUS.INTERRUPT | BM_STATUS.ERROR);
      this.#status = (this.#status & ~cleared & ~BM_STATUS.DRIVE_CAPABLE) | (value & BM_STATUS.DRIVE_CAPABLE);
    } else if (offset >= BUS_MASTER.TABLE) {
      const shift = 8 * (offset - BUS_MASTER.TABLE);
      this.#table = ((this.#table & ~(0xff << shift)) | (value << shift)) & ~3;
    }
  }

  #writeCommand(value: number): void {
    const was = this.#command;
    this.#command = value & (BM_COMMAND.START | BM_COMMAND.TO_MEMORY);
    const rose = (this.#command & ~was & BM_COMMAND.START) !== 0;
    if (!(this.#command & BM_COMMAND.START)) this.#status &= ~BM_STATUS.ACTIVE;
    if (!rose) return;
    this.#status |= BM_STATUS.ACTIVE;
    this.#next = this.#table >>> 0;
    this.#left = 0;
    this.#last = false;
    this.started();
  }

  #walk(bytes: Uint8Array, move: (address: number, part: Uint8Array) => void): number {
    let done = 0;
    while (done < bytes.length && this.active) {
      if (this.#left === 0 && !this.#fetch()) break;
      const length = Math.min(this.#left, bytes.length - done);
      move(this.#address, bytes.subarray(done, done + length));
      this.#address = (this.#address + length) >>> 0;
      this.#left -= length;
      done += length;
    }
    return done;
  }

  /** Takes the next descriptor; false: there is none, and the transfer ends here. */
  #fetch(): boolean {
    if (this.#last) {
      this.#status &= ~BM_STATUS.ACTIVE;
      return false;
    }
    this.memory.read(this.#next, this.#descriptor);
    this.#address = (this.#view.getUint32(0, true) & ~1) >>> 0;
    const control = this.#view.getUint32(4, true);
    this.#left = control & PRD.COUNT || PRD.LARGEST;
    this.#last = (control & PRD.END_OF_TABLE) !== 0;
    // A table does not cross a 64 KiB border.
    this.#next = ((this.#next & 0xffff_0000) | ((this.#next + PRD.BYTES) & 0xffff)) >>> 0;
    return true;
  }
}
