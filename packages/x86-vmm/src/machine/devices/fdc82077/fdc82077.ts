import type { Completions } from '../../../bus/backends.js';
import type { MachineClock, Timer } from '../../../bus/clock.js';
import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import type { DmaChannel } from '../dma8237/dma-channel.js';
import { DataTransfer, type TransferRequest, type TransferResult, type TransferState } from './data-transfer.js';
import { FloppyDrive, type FloppyDriveState } from './floppy-drive.js';
import {
  COMMAND,
  COMMANDS,
  CONFIGURE,
  DIR_DISK_CHANGE,
  DOR,
  DSR,
  FDC,
  FDC_PORTS,
  MSR,
  OPTION,
  RATE,
  ST0,
  ST3,
  VERSION_82077,
} from './registers.js';

/*
 * Intel 82077AA floppy disk controller in AT mode. Source: its data sheet, order no. 290166.
 *
 *   command phase ──► execution (transfer, seek) ──► result phase ──► command phase
 *
 * Differs: seeks and searches take a fraction of a drive's time. Without a medium a command fails at once instead of waiting for
 * index pulses that never come.
 * Left out: the scan commands, tape select, power down, status registers A and B (not there in AT mode).
 */

/** Time of a seek, a search for an address mark and of the controller's own reset: long enough for a driver to start waiting. */
const SEEK_NS = 300_000n;
const RESET_NS = 100_000n;
/** Recalibrate gives up after so many step pulses. */
const RECALIBRATE_STEPS = 79;

export interface Fdc82077State {
  readonly version: 1;
  readonly dor: number;
  readonly tdr: number;
  readonly rate: number;
  readonly command: readonly number[];
  readonly result: readonly number[];
  readonly executing: boolean;
  readonly interrupt: boolean;
  readonly resetSenses: number;
  readonly seeks: readonly (number | null)[];
  readonly seekingSt0: readonly (number | null)[];
  readonly resetting: boolean;
  readonly timerNs: bigint | null;
  readonly cylinders: readonly number[];
  readonly specify: readonly number[];
  readonly configure: readonly number[];
  readonly perpendicular: number;
  readonly locked: boolean;
  readonly lastEot: number;
  readonly idSector: number;
  readonly transfer: TransferState;
  readonly drives: readonly FloppyDriveState[];
}

export interface Fdc82077Options {
  readonly clock: MachineClock;
  /** IRQ 6. */
  readonly irq: InterruptLine;
  /** DMA channel 2. */
  readonly dma: DmaChannel;
  readonly completions: Completions;
  /** Drives A and B, as far as fitted. */
  readonly drives: readonly FloppyDrive[];
}

export class Fdc82077 implements Device<Fdc82077State> {
  readonly name = 'fdc';
  readonly ports: readonly PortRange[] = [
    { name: 'fdc', base: FDC_PORTS.BASE, length: 6 },
    { name: 'fdc-dir', base: FDC_PORTS.DIR_CCR, length: 1 },
  ];

  readonly #transfer: DataTransfer;
  readonly #timer: Timer;
  #dor = 0;
  #tdr = 0;
  #rate: number = RATE.KBPS_250;
  /** Bytes of the command so far. */
  #command: number[] = [];
  /** Bytes of the result still to be read. */
  #result: number[] = [];
  #executing = false;
  #interrupt = false;
  /** Drives whose ready state is still to be sensed after a reset. */
  #resetSenses = 0;
  /** ST0 of finished seeks that wait to be sensed. */
  #seeks: (number | null)[] = [null, null, null, null];
  /** ST0 that seeks under way will have. */
  #seeking: (number | null)[] = [null, null, null, null];
  #resetting = false;
  /** PCN: where the controller believes the heads to be. */
  #cylinders = [0, 0, 0, 0];
  #specify = [0, 0];
  #configure: number[] = [CONFIGURE.DEFAULT, 0];
  #perpendicular = 0;
  #locked = false;
  #lastEot = 0;
  /** Sector under the head, for READ ID. */
  #idSector = 0;

  constructor(private readonly options: Fdc82077Options) {
    this.#timer = options.clock.createTimer('fdc', () => this.#expired());
    this.#transfer = new DataTransfer({
      dma: options.dma,
      completions: options.completions,
      drives: options.drives,
      finished: (result) => this.#transferred(result),
    });
  }

  readPort(range: PortRange, offset: number, _size: AccessSize): number {
    if (range.base === FDC_PORTS.DIR_CCR) return this.options.drives[this.#dor & DOR.DRIVE]?.changed ? DIR_DISK_CHANGE : 0;
    switch (offset) {
      case FDC.DOR:
        return this.#dor;
      case FDC.TDR:
        return this.#tdr;
      case FDC.MSR_DSR:
        return this.#mainStatus();
      case FDC.FIFO:
        return this.#readFifo();
      default:
        return 0xff; // SRA and SRB are not driven in AT mode
    }
  }

  writePort(range: PortRange, offset: number, _size: AccessSize, value: number): void {
    if (range.base === FDC_PORTS.DIR_CCR) this.#rate = value & DSR.RATE;
    else if (offset === FDC.DOR) this.#writeDor(value);
    else if (offset === FDC.TDR) this.#tdr = value & 3;
    else if (offset === FDC.MSR_DSR) {
      this.#rate = value & DSR.RATE;
      if (value & DSR.RESET) {
        this.#softwareReset();
        if (this.#dor & DOR.NOT_RESET) this.#leaveReset();
      }
    } else if (offset === FDC.FIFO) this.#writeFifo(value);
    this.#drive();
  }

  reset(): void {
    this.#locked = false;
    this.#softwareReset();
    this.#dor = 0;
    this.#tdr = 0;
    this.#rate = RATE.KBPS_250;
    this.#specify = [0, 0];
    this.#drive();
  }

  save(): Fdc82077State {
    return {
      version: 1,
      dor: this.#dor,
      tdr: this.#tdr,
      rate: this.#rate,
      command: [...this.#command],
      result: [...this.#result],
      executing: this.#executing,
      interrupt: this.#interrupt,
      resetSenses: this.#resetSenses,
      seeks: [...this.#seeks],
      seekingSt0: [...this.#seeking],
      resetting: this.#resetting,
      timerNs: this.#timer.deadlineNs ?? null,
      cylinders: [...this.#cylinders],
      specify: [...this.#specify],
      configure: [...this.#configure],
      perpendicular: this.#perpendicular,
      locked: this.#locked,
      lastEot: this.#lastEot,
      idSector: this.#idSector,
      transfer: this.#transfer.save(),
      drives: this.options.drives.map((drive) => drive.save()),
    };
  }

  restore(state: Fdc82077State): void {
    if (state.version !== 1) throw new Error('fdc: unknown state version');
    this.#dor = state.dor;
    this.#tdr = state.tdr;
    this.#rate = state.rate;
    this.#command = [...state.command];
    this.#result = [...state.result];
    this.#executing = state.executing;
    this.#interrupt = state.interrupt;
    this.#resetSenses = state.resetSenses;
    this.#seeks = [...state.seeks];
    this.#seeking = [...state.seekingSt0];
    this.#resetting = state.resetting;
    if (state.timerNs === null) this.#timer.cancel();
    else this.#timer.arm(state.timerNs);
    this.#cylinders = [...state.cylinders];
    this.#specify = [...state.specify];
    this.#configure = [...state.configure];
    this.#perpendicular = state.perpendicular;
    this.#locked = state.locked;
    this.#lastEot = state.lastEot;
    this.#idSector = state.idSector;
    for (const [i, drive] of state.drives.entries()) this.options.drives[i]?.restore(drive);
    this.#drive();
    this.#transfer.restore(state.transfer);
  }

  #mainStatus(): number {
    if (!(this.#dor & DOR.NOT_RESET) || this.#resetting) return 0;
    let status = 0;
    for (let drive = 0; drive < 4; drive++) if (this.#seeking[drive] !== null || this.#seeks[drive] !== null) status |= 1 << drive;
    if (this.#result.length > 0) return status | MSR.REQUEST | MSR.TO_HOST | MSR.BUSY;
    if (!this.#executing) return status | MSR.REQUEST | (this.#command.length > 0 ? MSR.BUSY : 0);
    status |= MSR.BUSY;
    if (this.#transfer.hasByte) return status | MSR.REQUEST | MSR.TO_HOST | MSR.NON_DMA;
    return this.#transfer.wantsByte ? status | MSR.REQUEST | MSR.NON_DMA : status;
  }

  #writeDor(value: number): void {
    const before = this.#dor;
    this.#dor = value;
    if (before & ~value & DOR.NOT_RESET) this.#softwareReset();
    if (value & ~before & DOR.NOT_RESET) this.#leaveReset();
  }

  /** Software reset: all but the data rate, SPECIFY's times and (when locked) the FIFO set-up. */
  #softwareReset(): void {
    this.#transfer.cancel();
    this.#timer.cancel();
    this.#command = [];
    this.#result = [];
    this.#executing = false;
    this.#interrupt = false;
    this.#resetSenses = 0;
    this.#seeks = [null, null, null, null];
    this.#seeking = [null, null, null, null];
    this.#cylinders = [0, 0, 0, 0];
    this.#resetting = false;
    this.#perpendicular = 0;
    if (!this.#locked) this.#configure = [CONFIGURE.DEFAULT, 0];
  }

  #leaveReset(): void {
    this.#resetting = true;
    this.#timer.arm(this.options.clock.now() + RESET_NS);
  }

  /** A seek, a search or the reset is over. */
  #expired(): void {
    if (this.#resetting) {
      this.#resetting = false;
      // Polling finds all four drives "changed" (data sheet, "Drive Polling"), unless CONFIGURE switched it off.
      if (!(this.#configure[0]! & CONFIGURE.NO_POLLING)) {
        this.#resetSenses = 4;
        this.#interrupt = true;
      }
    } else if (this.#executing) {
      this.#finishReadId();
    } else {
      for (let drive = 0; drive < 4; drive++) {
        if (this.#seeking[drive] === null) continue;
        this.#seeks[drive] = this.#seeking[drive]!;
        this.#seeking[drive] = null;
        this.#interrupt = true;
      }
    }
    this.#drive();
  }

  #readFifo(): number {
    if (this.#result.length > 0) {
      // The first byte of the result ends the interrupt.
      this.#interrupt = false;
      const byte = this.#result.shift()!;
      this.#drive();
      return byte;
    }
    if (!this.#transfer.hasByte) return 0xff;
    this.#interrupt = false;
    const byte = this.#transfer.readByte();
    this.#drive();
    return byte;
  }

  #writeFifo(value: number): void {
    if (!(this.#dor & DOR.NOT_RESET) || this.#resetting || this.#result.length > 0) return;
    if (this.#executing) {
      if (!this.#transfer.wantsByte) return;
      this.#interrupt = false;
      this.#transfer.writeByte(value);
      return;
    }
    this.#command.push(value);
    const row = COMMANDS.find(([command, options]) => (this.#command[0]! & ~options) === command);
    if (row && this.#command.length < row[2]) return;
    const bytes = this.#command;
    this.#command = [];
    if (row) this.#execute(row[0], bytes);
    else this.#result = [ST0.INVALID];
  }

  #execute(command: number, bytes: readonly number[]): void {
    const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
    switch (command) {
      case COMMAND.SPECIFY:
        this.#specify = [second, third];
        break;
      case COMMAND.SENSE_DRIVE_STATUS:
        this.#result = [this.#driveStatus(second)];
        break;
      case COMMAND.RECALIBRATE:
        this.#recalibrate(second & 3);
        break;
      case COMMAND.SENSE_INTERRUPT:
        this.#senseInterrupt();
        break;
      case COMMAND.SEEK:
        this.#seek(second, third);
        break;
      case COMMAND.RELATIVE_SEEK:
        this.#seek(second, this.#cylinders[second & 3]! + (first & OPTION.SEEK_UP ? third : -third));
        break;
      case COMMAND.READ_ID:
        this.#command = [...bytes];
        this.#executing = true;
        this.#timer.arm(this.options.clock.now() + SEEK_NS);
        break;
      case COMMAND.DUMPREG:
        this.#result = this.#dumpRegisters();
        break;
      case COMMAND.VERSION:
        this.#result = [VERSION_82077];
        break;
      case COMMAND.PERPENDICULAR:
        this.#perpendicular = second & 0x80 ? second & 0x3f : (this.#perpendicular & 0x3c) | (second & 3);
        break;
      case COMMAND.CONFIGURE:
        this.#configure = [third & 0x7f, fourth];
        break;
      case COMMAND.LOCK:
        this.#locked = (first & OPTION.LOCK) !== 0;
        this.#result = [this.#locked ? 0x10 : 0];
        break;
      default:
        this.#startTransfer(command, bytes);
    }
  }

  #driveStatus(select: number): number {
    const drive = this.options.drives[select & 3];
    return (
      (select & 7) |
      ST3.TWO_SIDES |
      ST3.READY |
      (drive && drive.track === 0 ? ST3.TRACK_0 : 0) |
      (drive?.medium?.readOnly ? ST3.WRITE_PROTECTED : 0)
    );
  }

  #senseInterrupt(): void {
    if (this.#resetSenses > 0) {
      const drive = 4 - this.#resetSenses--;
      this.#interrupt = false;
      this.#result = [ST0.READY_CHANGED | drive, this.#cylinders[drive]!];
      return;
    }
    const drive = this.#seeks.findIndex((st0) => st0 !== null);
    if (drive < 0) {
      // Nothing to sense: the command counts as invalid.
      this.#result = [ST0.INVALID];
      return;
    }
    this.#result = [this.#seeks[drive]!, this.#cylinders[drive]!];
    this.#seeks[drive] = null;
    this.#interrupt = this.#seeks.some((st0) => st0 !== null);
  }

  #recalibrate(select: number): void {
    const drive = this.options.drives[select];
    const reaches = drive !== undefined && drive.track <= RECALIBRATE_STEPS;
    drive?.stepTo(drive.track - RECALIBRATE_STEPS);
    this.#cylinders[select] = 0;
    this.#beginSeek(select, (reaches ? ST0.SEEK_END : ST0.ABNORMAL | ST0.SEEK_END | ST0.EQUIPMENT_CHECK) | select);
  }

  /** Steps the head by the difference to where the controller believes it to be. */
  #seek(select: number, cylinder: number): void {
    const number = select & 3;
    const drive = this.options.drives[number];
    const target = Math.max(0, Math.min(255, cylinder));
    drive?.stepTo(drive.track + target - this.#cylinders[number]!);
    this.#cylinders[number] = target;
    this.#beginSeek(number, ST0.SEEK_END | (select & 7));
  }

  #beginSeek(drive: number, st0: number): void {
    this.#seeking[drive] = st0;
    this.#timer.arm(this.options.clock.now() + SEEK_NS);
  }

  #startTransfer(command: number, bytes: readonly number[]): void {
    const [first = 0, select = 0, c = 0, h = 0, r = 0, n = 0, eot = 0, , dtl = 0] = bytes;
    const isFormat = command === COMMAND.FORMAT_TRACK;
    const drive = select & 3;
    if (!isFormat && this.#configure[0]! & CONFIGURE.IMPLIED_SEEK) {
      this.options.drives[drive]?.stepTo(this.options.drives[drive]!.track + c - this.#cylinders[drive]!);
      this.#cylinders[drive] = c;
    }
    const common = { drive, head: (select >> 2) & 1, nonDma: (this.#specify[1]! & 1) !== 0, rate: this.#rate };
    const isTrack = command === COMMAND.READ_TRACK;
    const counted = command === COMMAND.VERIFY && (select & OPTION.ENABLE_COUNT) !== 0;
    // FORMAT TRACK: [command, select, N, sectors per track, gap, fill].
    const request: TransferRequest = isFormat
      ? {
          ...common,
          kind: 'format',
          c: this.#cylinders[drive]!,
          h: common.head,
          r: 1,
          n: c,
          eot: h,
          multiTrack: false,
          limit: 0,
          fill: n,
          controlMark: false,
        }
      : {
          ...common,
          kind: kindOf(command),
          c,
          h,
          r: isTrack ? 1 : r,
          n,
          eot,
          multiTrack: !isTrack && (first & OPTION.MULTI_TRACK) !== 0,
          limit: counted ? dtl || 256 : 0,
          fill: 0,
          controlMark: command === COMMAND.READ_DELETED,
        };
    this.#lastEot = request.eot;
    this.#executing = true;
    this.#transfer.start(request);
    // Non-DMA mode asks for each byte with an interrupt; the first one starts the driver.
    if (this.#transfer.wantsByte) this.#interrupt = true;
  }

  #transferred(result: TransferResult): void {
    const st0 = (result.isNormal ? 0 : ST0.ABNORMAL) | (result.head ? ST0.HEAD : 0) | result.drive;
    this.#finish([st0, result.st1, result.st2, result.c, result.h, result.r, result.n]);
  }

  #finishReadId(): void {
    const select = this.#command[1] ?? 0;
    this.#command = [];
    const drive = this.options.drives[select & 3];
    const head = (select >> 2) & 1;
    const format = drive?.format;
    if (!drive || !format?.rates.includes(this.#rate) || head >= format.heads || drive.track >= format.cylinders) {
      this.#finish([ST0.ABNORMAL | (select & 7), 0x01, 0, 0, 0, 0, 0]);
      return;
    }
    this.#idSector = (this.#idSector % format.sectorsPerTrack) + 1;
    this.#finish([select & 7, 0, 0, drive.track, head, this.#idSector, 2]);
  }

  #finish(result: number[]): void {
    this.#executing = false;
    this.#result = result;
    this.#interrupt = true;
    this.#drive();
  }

  #dumpRegisters(): number[] {
    const lock = this.#locked ? 0x80 : 0;
    return [...this.#cylinders, ...this.#specify, this.#lastEot, lock | this.#perpendicular, ...this.#configure];
  }

  /** DMAGATE in the DOR lets the interrupt out. */
  #drive(): void {
    const asksForByte = this.#executing && this.#transfer.hasByte;
    this.options.irq.set((this.#interrupt || asksForByte) && (this.#dor & DOR.DMA_GATE) !== 0);
  }
}

function kindOf(command: number): TransferRequest['kind'] {
  if (command === COMMAND.WRITE_DATA || command === COMMAND.WRITE_DELETED) return 'write';
  return command === COMMAND.VERIFY ? 'verify' : 'read';
}
