import { DEVICE, DIAGNOSTIC_PASSED, REGISTER, STATUS } from './registers.js';

/*
 * A drive's command block registers. In 48-bit commands each of five registers is two bytes deep: the value before the last write
 * is the upper byte (ATA/ATAPI-6, 6.2.2.3). Sources: ATA/ATAPI-6 ch. 7.
 */

export interface TaskFileState {
  readonly version: 1;
  readonly current: Uint8Array;
  readonly previous: Uint8Array;
  readonly status: number;
  readonly error: number;
}

const LBA_24 = 0x100_0000;

export class TaskFile {
  /** By register offset; ERROR is where features are written. */
  readonly #current = new Uint8Array(8);
  readonly #previous = new Uint8Array(8);
  status = 0;
  error = 0;

  get features(): number {
    return this.#current[REGISTER.ERROR]!;
  }
  get device(): number {
    return this.#current[REGISTER.DEVICE]!;
  }
  get sectorCount(): number {
    return this.#current[REGISTER.SECTOR_COUNT]!;
  }
  set sectorCount(value: number) {
    this.#current[REGISTER.SECTOR_COUNT] = value;
  }
  /** LBA mid and high: the cylinder, or a packet transfer's byte count. */
  get byteCount(): number {
    return this.#current[REGISTER.LBA_MID]! | (this.#current[REGISTER.LBA_HIGH]! << 8);
  }
  set byteCount(value: number) {
    this.#current[REGISTER.LBA_MID] = value;
    this.#current[REGISTER.LBA_HIGH] = value >> 8;
  }
  get lbaLow(): number {
    return this.#current[REGISTER.LBA_LOW]!;
  }

  /** Sectors a command is for: 0 means the most. */
  count(extended: boolean): number {
    const low = this.sectorCount;
    return extended ? low | (this.#previous[REGISTER.SECTOR_COUNT]! << 8) || 0x1_0000 : low || 0x100;
  }

  /** The address in a 28-bit or 48-bit command with LBA. */
  lba(extended: boolean): number {
    const low24 = lba24(this.#current);
    return low24 + LBA_24 * (extended ? lba24(this.#previous) : this.device & DEVICE.HEAD);
  }

  setLba(lba: number, extended: boolean): void {
    const low24 = lba % LBA_24;
    const high = Math.floor(lba / LBA_24);
    setLba24(this.#current, low24);
    if (extended) setLba24(this.#previous, high);
    else this.#current[REGISTER.DEVICE] = (this.device & ~DEVICE.HEAD) | (high & DEVICE.HEAD);
  }

  setAddress(low: number, cylinder: number, head: number): void {
    this.#current[REGISTER.LBA_LOW] = low;
    this.byteCount = cylinder;
    this.#current[REGISTER.DEVICE] = (this.device & ~DEVICE.HEAD) | head;
  }

  read(register: number, previous: boolean): number {
    if (register === REGISTER.ERROR) return this.error;
    if (register === REGISTER.DEVICE) return this.device | DEVICE.OBSOLETE;
    return (previous ? this.#previous : this.#current)[register]!;
  }

  write(register: number, value: number): void {
    this.#previous[register] = this.#current[register]!;
    this.#current[register] = value;
  }

  /** What a drive shows after a reset (ATA/ATAPI-6, 9.12): 01 01 and the kind of drive in the cylinder. */
  setSignature(cylinder: number, status: number): void {
    this.#current.fill(0, REGISTER.ERROR, REGISTER.DEVICE + 1);
    this.#previous.fill(0);
    this.sectorCount = 1;
    this.#current[REGISTER.LBA_LOW] = 1;
    this.byteCount = cylinder;
    this.error = DIAGNOSTIC_PASSED;
    this.status = status;
  }

  get busy(): boolean {
    return (this.status & STATUS.BSY) !== 0;
  }

  save(): TaskFileState {
    return { version: 1, current: this.#current.slice(), previous: this.#previous.slice(), status: this.status, error: this.error };
  }

  restore(state: TaskFileState): void {
    this.#current.set(state.current);
    this.#previous.set(state.previous);
    this.status = state.status;
    this.error = state.error;
  }
}

const lba24 = (registers: Uint8Array): number =>
  registers[REGISTER.LBA_LOW]! | (registers[REGISTER.LBA_MID]! << 8) | (registers[REGISTER.LBA_HIGH]! << 16);

function setLba24(registers: Uint8Array, value: number): void {
  registers[REGISTER.LBA_LOW] = value;
  registers[REGISTER.LBA_MID] = value >> 8;
  registers[REGISTER.LBA_HIGH] = value >> 16;
}
