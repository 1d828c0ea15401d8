import type { AccessSize, Device, InterruptLine, PortRange, StringPort } from '../../../bus/device.js';
import type { GuestMemory } from '../../../bus/guest-memory.js';
import { BusMaster, type BusMasterState } from './bus-master.js';
import type { IdeDrive } from './drive.js';
import { ATA, CONTROL, DEVICE, REGISTER, STATUS } from './registers.js';

/*
 * One IDE channel with up to two drives: command block (1F0 or 170), control block (3F6 or 376), bus master registers.
 * Sources: ATA/ATAPI-6 ch. 7 and 9; 82371SB data sheet 290550, 2.3 and 2.7.
 *
 *   command written ─► BSY ─► (DRQ ⇄ data) ─► INTRQ, BSY clear          SRST 1 ─► BSY ─► SRST 0 ─► signature
 *
 * Left out: the drive address register at 3F7, which the floppy controller owns.
 */

export interface IdeChannelState {
  readonly version: 1;
  readonly control: number;
  readonly selected: number;
  readonly pending: readonly boolean[];
  readonly busMaster: BusMasterState;
  readonly drives: readonly unknown[];
}

export interface IdeChannelOptions {
  readonly name: string;
  /** 1F0 or 170. */
  readonly commandBase: number;
  /** 3F6 or 376. */
  readonly controlPort: number;
  readonly irq: InterruptLine;
  readonly memory: GuestMemory;
  /** Device 0 and device 1. */
  readonly drives: readonly (IdeDrive | undefined)[];
}

export class IdeChannel implements Device<IdeChannelState>, StringPort {
  readonly name: string;
  readonly busMaster: BusMaster;
  #busMasterPort: number | undefined;
  #control = 0;
  #selected = 0;
  /** A drive asserts INTRQ; it reaches the line when the drive is selected and nIEN is clear. */
  readonly #pending = [false, false];
  #line = false;

  constructor(private readonly options: IdeChannelOptions) {
    this.name = options.name;
    this.busMaster = new BusMaster(options.memory);
    this.busMaster.started = () => this.#drive?.dmaStarted();
    options.drives.forEach((drive, i) => {
      drive?.attach({ busMaster: this.busMaster, interrupt: () => this.#assert(i) });
    });
    this.reset();
  }

  get ports(): readonly PortRange[] {
    const { name, commandBase, controlPort } = this.options;
    const fixed = [
      { name: `${name}-command`, base: commandBase, length: 8, widest: 4 },
      { name: `${name}-control`, base: controlPort, length: 1 },
    ] as const;
    return this.#busMasterPort === undefined
      ? fixed
      : [...fixed, { name: `${name}-bus-master`, base: this.#busMasterPort, length: 8, widest: 4 }];
  }

  /** The PCI function placed the bus master registers. The caller has the bus decode anew. */
  placeBusMaster(base: number | undefined): void {
    this.#busMasterPort = base;
  }

  readPort(range: PortRange, offset: number, size: AccessSize): number {
    if (range.base === this.#busMasterPort) return this.busMaster.read(offset, size);
    if (range.length === 1) return this.#status();
    if (offset === REGISTER.DATA) return this.#readData(size);
    let value = 0;
    for (let i = 0; i < size && offset + i < 8; i++) value |= this.#readRegister(offset + i) << (8 * i);
    return value >>> 0;
  }

  writePort(range: PortRange, offset: number, size: AccessSize, value: number): void {
    if (range.base === this.#busMasterPort) this.busMaster.write(offset, size, value);
    else if (range.length === 1) this.#writeControl(value);
    else if (offset === REGISTER.DATA) this.#writeData(size, value);
    else for (let i = 0; i < size && offset + i < 8; i++) this.#writeRegister(offset + i, (value >>> (8 * i)) & 0xff);
  }

  /** A run of data register reads, up to the end of the block. */
  readString(port: number, elementSize: AccessSize, into: Uint8Array): number {
    const count = this.#elements(port, elementSize, into.length, true);
    if (count === 0) return 0;
    const drive = this.#drive!;
    const { data } = drive;
    into.set(data.bytes.subarray(data.position, data.position + count));
    this.#advance(drive, count);
    return count;
  }

  writeString(port: number, elementSize: AccessSize, from: Uint8Array): number {
    const count = this.#elements(port, elementSize, from.length, false);
    if (count === 0) return 0;
    const drive = this.#drive!;
    drive.data.bytes.set(from.subarray(0, count), drive.data.position);
    this.#advance(drive, count);
    return count;
  }

  reset(): void {
    this.#control = 0;
    this.#selected = 0;
    this.#pending.fill(false);
    this.busMaster.reset();
    for (const drive of this.options.drives) drive?.reset('power-on');
    this.#line = false;
    this.options.irq.set(false);
  }

  /** Only while no drive waits for its backend (the machine lets requests finish before a save). */
  save(): IdeChannelState {
    return {
      version: 1,
      control: this.#control,
      selected: this.#selected,
      pending: [...this.#pending],
      busMaster: this.busMaster.save(),
      drives: this.options.drives.map((drive) => drive?.save() ?? null),
    };
  }

  restore(state: IdeChannelState): void {
    if (state.version !== 1) throw new Error(`${this.name}: unknown state version ${String(state.version)}`);
    this.#control = state.control;
    this.#selected = state.selected & 1;
    this.#pending[0] = state.pending[0] ?? false;
    this.#pending[1] = state.pending[1] ?? false;
    this.busMaster.restore(state.busMaster);
    this.options.drives.forEach((drive, i) => {
      const saved = state.drives[i] ?? null;
      if ((saved === null) !== (drive === undefined)) throw new Error(`${this.name}: other drives than when saved`);
      drive?.restore(saved);
    });
    this.#line = this.#pending[this.#selected]! && !(this.#control & CONTROL.NIEN);
    this.options.irq.set(this.#line);
  }

  get #drive(): IdeDrive | undefined {
    return this.options.drives[this.#selected];
  }

  #assert(drive: number): void {
    this.#pending[drive] = true;
    this.#updateLine();
  }

  #updateLine(): void {
    const level = this.#pending[this.#selected]! && !(this.#control & CONTROL.NIEN);
    if (level === this.#line) return;
    this.#line = level;
    if (level) this.busMaster.interrupt();
    this.options.irq.set(level);
  }

  #status(): number {
    if (this.#control & CONTROL.SRST) return STATUS.BSY;
    // An absent drive's status reads 00: device 0 answers for device 1, and an empty channel is pulled down.
    return this.#drive?.taskFile.status ?? 0;
  }

  #readRegister(register: number): number {
    if (register === REGISTER.STATUS) {
      const status = this.#status();
      this.#pending[this.#selected] = false;
      this.#updateLine();
      return status;
    }
    if (this.#control & CONTROL.SRST) return STATUS.BSY;
    const drive = this.#drive ?? this.options.drives[0];
    if (drive === undefined) return 0;
    if (drive.taskFile.busy) return drive.taskFile.status;
    return drive.taskFile.read(register, (this.#control & CONTROL.HOB) !== 0);
  }

  /** Both drives take every register write; the command goes to the selected one. */
  #writeRegister(register: number, value: number): void {
    if (this.#control & CONTROL.SRST) return;
    // A write to the command block turns the view of the previous contents off (ATA/ATAPI-6, 6.2.2.3).
    this.#control &= ~CONTROL.HOB;
    if (register === REGISTER.STATUS) this.#command(value);
    else {
      for (const drive of this.options.drives) if (drive && !drive.taskFile.busy) drive.taskFile.write(register, value);
      if (register === REGISTER.DEVICE) {
        this.#selected = value & DEVICE.DEV ? 1 : 0;
        this.#updateLine();
      }
    }
  }

  #command(code: number): void {
    if (code === ATA.EXECUTE_DIAGNOSTIC) {
      this.#resetDrives('diagnostic');
      if (this.#drive) this.#assert(0);
      return;
    }
    const drive = this.#drive;
    if (drive === undefined || (drive.taskFile.busy && code !== ATA.DEVICE_RESET)) return;
    this.#pending[this.#selected] = false;
    this.#updateLine();
    drive.command(code);
  }

  #writeControl(value: number): void {
    const was = this.#control;
    this.#control = value & (CONTROL.HOB | CONTROL.SRST | CONTROL.NIEN);
    if (was & CONTROL.SRST && !(value & CONTROL.SRST)) this.#resetDrives('soft');
    this.#updateLine();
  }

  #resetDrives(cause: 'soft' | 'diagnostic'): void {
    this.#selected = 0;
    this.#pending.fill(false);
    for (const drive of this.options.drives) drive?.reset(cause);
    this.#updateLine();
  }

  #readData(size: AccessSize): number {
    const drive = this.#drive;
    if (drive === undefined || !(drive.taskFile.status & STATUS.DRQ) || !drive.data.toHost) return 0;
    const { data } = drive;
    const count = Math.min(size, data.end - data.position);
    let value = 0;
    for (let i = 0; i < count; i++) value |= data.bytes[data.position + i]! << (8 * i);
    this.#advance(drive, count);
    return value >>> 0;
  }

  #writeData(size: AccessSize, value: number): void {
    const drive = this.#drive;
    if (drive === undefined || !(drive.taskFile.status & STATUS.DRQ) || drive.data.toHost) return;
    const { data } = drive;
    const count = Math.min(size, data.end - data.position);
    for (let i = 0; i < count; i++) data.bytes[data.position + i] = value >>> (8 * i);
    this.#advance(drive, count);
  }

  /** Bytes that a string access may move now: whole elements, not beyond the block. */
  #elements(port: number, elementSize: AccessSize, length: number, toHost: boolean): number {
    const drive = this.#drive;
    if (port !== this.options.commandBase + REGISTER.DATA || drive === undefined) return 0;
    if (!(drive.taskFile.status & STATUS.DRQ) || drive.data.toHost !== toHost) return 0;
    const count = Math.min(length, drive.data.end - drive.data.position);
    return count - (count % elementSize);
  }

  #advance(drive: IdeDrive, count: number): void {
    drive.data.position += count;
    if (drive.data.position >= drive.data.end) drive.blockMoved();
  }
}
