import { type BlockBackend, type Completions, SECTOR_BYTES } from '../../../bus/backends.js';
import { DataWindow, type DataWindowState, WINDOW_BYTES } from './data-window.js';
import type { DriveHost, IdeDrive } from './drive.js';
import { defaultGeometry, type Geometry, identifyDisk, LBA28_SECTORS, MAX_MULTIPLE } from './identify.js';
import { ATA, ATA_GROUP, DEVICE, ERROR, FEATURE, STATUS } from './registers.js';
import { TaskFile, type TaskFileState } from './task-file.js';
import { TransferModes } from './transfer-modes.js';

/*
 * ATA disk on a BlockBackend. Source: ATA/ATAPI-6 (T13 1410D) ch. 8 and 9.
 *
 *   READ        ─► BSY (backend reads a window) ─► DRQ+INTRQ per block ─► … ─► done
 *   WRITE       ─► DRQ per block (INTRQ from the second on) ─► BSY (backend writes) ─► … ─► done+INTRQ
 *   READ DMA    ─► BSY until the bus master is started ─► BSY (backend) ─► regions ─► … ─► done+INTRQ
 *   FLUSH CACHE ─► BSY until the backend says that all is on stable storage ─► done+INTRQ
 *
 * A rejected backend is a medium error: UNC at the sector when reading, device fault when writing. With the write cache off, a write
 * ends when the backend has flushed it. Left out: SMART, security, host protected area, media card pass-through (aborted).
 */

const DONE = STATUS.DRDY | STATUS.DSC;
const WINDOW_SECTORS = WINDOW_BYTES / SECTOR_BYTES;

/** What is under way; `idle` between commands. */
type Phase = 'idle' | 'data-in' | 'data-out' | 'dma-in' | 'dma-out';

export interface AtaDiskState {
  readonly version: 1;
  readonly taskFile: TaskFileState;
  readonly data: DataWindowState;
  readonly phase: Phase;
  readonly extended: boolean;
  readonly lba: number;
  readonly remaining: number;
  readonly window: number;
  readonly block: number;
  readonly identifying: boolean;
  readonly heads: number;
  readonly sectorsPerTrack: number;
  readonly multiple: number;
  readonly writeCache: boolean;
  readonly transferMode: number;
}

export interface AtaDiskOptions {
  readonly backend: BlockBackend;
  readonly completions: Completions;
  readonly model?: string;
  readonly serial: string;
}

export class AtaDisk implements IdeDrive {
  readonly taskFile = new TaskFile();
  readonly data = new DataWindow();
  readonly #native: Geometry;
  readonly #modes = new TransferModes();
  #host: DriveHost | undefined;
  #heads = 16;
  #sectorsPerTrack = 63;
  #multiple = MAX_MULTIPLE;
  #writeCache = true;

  #phase: Phase = 'idle';
  /** The command has 48-bit registers. */
  #extended = false;
  /** First sector that is not in the window yet, and how many follow it. */
  #lba = 0;
  #remaining = 0;
  /** Sectors in the window, and sectors of each block of it. */
  #window = 0;
  #block = 1;
  /** The window holds identify data, not sectors. */
  #identifying = false;
  /** Counts resets: an answer to an older request is dropped. */
  #epoch = 0;
  #waiting = false;

  constructor(private readonly options: AtaDiskOptions) {
    this.#native = defaultGeometry(options.backend.sectors);
  }

  attach(host: DriveHost): void {
    this.#host = host;
  }

  command(code: number): void {
    this.taskFile.status = DONE;
    this.taskFile.error = 0;
    this.#identifying = false;
    switch (code) {
      case ATA.READ_SECTORS:
      case ATA.READ_SECTORS_NO_RETRY:
        return this.#beginSectors('data-in', false, 1);
      case ATA.READ_SECTORS_EXT:
        return this.#beginSectors('data-in', true, 1);
      case ATA.READ_MULTIPLE:
        return this.#beginSectors('data-in', false, this.#multiple);
      case ATA.READ_MULTIPLE_EXT:
        return this.#beginSectors('data-in', true, this.#multiple);
      case ATA.WRITE_SECTORS:
      case ATA.WRITE_SECTORS_NO_RETRY:
        return this.#beginSectors('data-out', false, 1);
      case ATA.WRITE_SECTORS_EXT:
        return this.#beginSectors('data-out', true, 1);
      case ATA.WRITE_MULTIPLE:
        return this.#beginSectors('data-out', false, this.#multiple);
      case ATA.WRITE_MULTIPLE_EXT:
        return this.#beginSectors('data-out', true, this.#multiple);
      case ATA.READ_DMA:
      case ATA.READ_DMA_NO_RETRY:
        return this.#beginSectors('dma-in', false, 1);
      case ATA.READ_DMA_EXT:
        return this.#beginSectors('dma-in', true, 1);
      case ATA.WRITE_DMA:
      case ATA.WRITE_DMA_NO_RETRY:
        return this.#beginSectors('dma-out', false, 1);
      case ATA.WRITE_DMA_EXT:
        return this.#beginSectors('dma-out', true, 1);
      case ATA.VERIFY:
      case ATA.VERIFY_NO_RETRY:
        return this.#verify(false);
      case ATA.VERIFY_EXT:
        return this.#verify(true);
      case ATA.FLUSH_CACHE:
      case ATA.FLUSH_CACHE_EXT:
        return this.#flush();
      case ATA.IDENTIFY:
        return this.#identify();
      case ATA.SET_FEATURES:
        return this.#setFeatures();
      case ATA.SET_MULTIPLE:
        return this.#setMultiple();
      case ATA.INITIALIZE_PARAMETERS:
        return this.#initializeParameters();
      case ATA.READ_NATIVE_MAX:
        this.taskFile.setLba(Math.min(this.options.backend.sectors, LBA28_SECTORS) - 1, false);
        return this.#complete();
      case ATA.READ_NATIVE_MAX_EXT:
        this.taskFile.setLba(this.options.backend.sectors - 1, true);
        return this.#complete();
      case ATA.CHECK_POWER:
        this.taskFile.sectorCount = 0xff; // active or idle
        return this.#complete();
      case ATA.STANDBY_IMMEDIATE:
      case ATA.IDLE_IMMEDIATE:
      case ATA.STANDBY:
      case ATA.IDLE:
      case ATA.SLEEP:
        return this.#complete();
      default:
        if ((code & 0xf0) === ATA_GROUP.RECALIBRATE || (code & 0xf0) === ATA_GROUP.SEEK) return this.#complete();
        return this.#fail(ERROR.ABRT);
    }
  }

  blockMoved(): void {
    if (this.#phase === 'data-in') this.#afterBlockIn();
    else if (this.#phase === 'data-out') this.#afterBlockOut();
  }

  dmaStarted(): void {
    if (this.#waiting) return;
    if (this.#phase === 'dma-in') this.#dmaIn();
    else if (this.#phase === 'dma-out') this.#dmaOut();
  }

  reset(cause: 'power-on' | 'soft' | 'diagnostic'): void {
    this.#epoch++;
    if (this.#waiting) this.data.replace();
    this.#waiting = false;
    this.data.close();
    this.#phase = 'idle';
    if (cause === 'power-on') {
      this.#heads = this.#native.heads;
      this.#sectorsPerTrack = this.#native.sectors;
      this.#multiple = MAX_MULTIPLE;
      this.#writeCache = true;
    }
    this.taskFile.setSignature(0, DONE);
  }

  save(): AtaDiskState {
    if (this.#waiting) throw new Error('ide: saved while a disk request is under way');
    return {
      version: 1,
      taskFile: this.taskFile.save(),
      data: this.data.save(this.#identifying ? SECTOR_BYTES : this.#window * SECTOR_BYTES),
      phase: this.#phase,
      extended: this.#extended,
      lba: this.#lba,
      remaining: this.#remaining,
      window: this.#window,
      block: this.#block,
      identifying: this.#identifying,
      heads: this.#heads,
      sectorsPerTrack: this.#sectorsPerTrack,
      multiple: this.#multiple,
      writeCache: this.#writeCache,
      transferMode: this.#modes.selected,
    };
  }

  restore(saved: unknown): void {
    const state = saved as AtaDiskState;
    if (state.version !== 1) throw new Error(`ide: unknown disk state version ${String(state.version)}`);
    this.taskFile.restore(state.taskFile);
    this.data.restore(state.data);
    this.#phase = state.phase;
    this.#extended = state.extended;
    this.#lba = state.lba;
    this.#remaining = state.remaining;
    this.#window = state.window;
    this.#block = state.block;
    this.#identifying = state.identifying;
    this.#heads = state.heads;
    this.#sectorsPerTrack = state.sectorsPerTrack;
    this.#multiple = state.multiple;
    this.#writeCache = state.writeCache;
    this.#modes.selected = state.transferMode;
    this.#waiting = false;
    this.#epoch++;
  }

  /** Checks the address and starts a transfer of sectors in blocks of `block`. */
  #beginSectors(phase: Exclude<Phase, 'idle'>, extended: boolean, block: number): void {
    if (block === 0 || (phase.endsWith('out') && this.options.backend.readOnly)) return this.#fail(ERROR.ABRT);
    if (!this.#locate(extended)) return this.#fail(ERROR.IDNF);
    this.#phase = phase;
    this.#block = block;
    this.#window = 0;
    if (phase === 'data-in') this.#readWindow(() => this.#openBlock(0, true));
    else if (phase === 'data-out') {
      this.#window = Math.min(WINDOW_SECTORS, this.#remaining);
      this.#openBlock(0, false);
    } else {
      this.taskFile.status = STATUS.BSY;
      if (this.#host!.busMaster.active) this.dmaStarted();
    }
  }

  /** Takes address and count from the registers; false: they leave the disk. */
  #locate(extended: boolean): boolean {
    const { taskFile } = this;
    this.#extended = extended;
    this.#remaining = taskFile.count(extended);
    if (extended || taskFile.device & DEVICE.LBA) this.#lba = taskFile.lba(extended);
    else {
      const sector = taskFile.lbaLow;
      const head = taskFile.device & DEVICE.HEAD;
      if (sector === 0 || sector > this.#sectorsPerTrack || head >= this.#heads) return false;
      this.#lba = (taskFile.byteCount * this.#heads + head) * this.#sectorsPerTrack + sector - 1;
    }
    return this.#lba + this.#remaining <= this.options.backend.sectors;
  }

  /** BSY, the next window from the backend, then `then`. */
  #readWindow(then: () => void): void {
    const sectors = Math.min(WINDOW_SECTORS, this.#remaining);
    const at = this.#lba;
    this.#ask(this.options.backend.read(at, this.data.bytes.subarray(0, sectors * SECTOR_BYTES)), ERROR.UNC, () => {
      this.#window = sectors;
      this.#lba += sectors;
      this.#remaining -= sectors;
      then();
    });
  }

  /** BSY, the window to the backend (to stable storage when there is no write cache), then `then`. */
  #writeWindow(then: () => void): void {
    const { backend } = this.options;
    const sectors = this.#window;
    const last = sectors === this.#remaining;
    const written = backend.write(this.#lba, this.data.bytes.subarray(0, sectors * SECTOR_BYTES));
    const work = last && !this.#writeCache ? written.then(() => backend.flush()) : written;
    this.#ask(work, ERROR.ABRT, () => {
      this.#lba += sectors;
      this.#remaining -= sectors;
      this.#window = 0;
      then();
    });
  }

  /** Offers the block that begins at byte `from` of the window. A write's first block comes without an interrupt. */
  #openBlock(from: number, interrupt: boolean): void {
    const end = Math.min(this.#window * SECTOR_BYTES, from + this.#block * SECTOR_BYTES);
    this.data.open(from, end, this.#phase === 'data-in');
    this.taskFile.status = DONE | STATUS.DRQ;
    if (interrupt) this.#host!.interrupt();
  }

  #afterBlockIn(): void {
    const moved = this.data.position;
    if (!this.#identifying && moved < this.#window * SECTOR_BYTES) return this.#openBlock(moved, true);
    if (!this.#identifying && this.#remaining > 0) return this.#readWindow(() => this.#openBlock(0, true));
    this.#finish();
  }

  #afterBlockOut(): void {
    const moved = this.data.position;
    if (moved < this.#window * SECTOR_BYTES) return this.#openBlock(moved, true);
    this.#writeWindow(() => {
      if (this.#remaining === 0) {
        this.#finish();
        this.#host!.interrupt();
      } else {
        this.#window = Math.min(WINDOW_SECTORS, this.#remaining);
        this.#openBlock(0, true);
      }
    });
  }

  #dmaIn(): void {
    this.#readWindow(() => {
      const bytes = this.#window * SECTOR_BYTES;
      // A table that is too short: the drive waits for more, and the guest times out and resets, as with the real pair.
      if (this.#host!.busMaster.toMemory(this.data.bytes.subarray(0, bytes)) < bytes) return this.#stall();
      if (this.#remaining > 0) return this.#dmaIn();
      this.#finishDma();
    });
  }

  #dmaOut(): void {
    const sectors = Math.min(WINDOW_SECTORS, this.#remaining);
    const bytes = sectors * SECTOR_BYTES;
    if (this.#host!.busMaster.fromMemory(this.data.bytes.subarray(0, bytes)) < bytes) return this.#stall();
    this.#window = sectors;
    this.#writeWindow(() => (this.#remaining > 0 ? this.#dmaOut() : this.#finishDma()));
  }

  #stall(): void {
    this.taskFile.status = STATUS.BSY;
    this.#phase = 'idle';
  }

  #finishDma(): void {
    this.#host!.busMaster.finish();
    this.#finish();
    this.#host!.interrupt();
  }

  /** The last sector moved: its address is in the registers. */
  #finish(): void {
    this.data.close();
    if (!this.#identifying) this.#showAddress(this.#lba - 1);
    this.#phase = 'idle';
    this.#window = 0;
    this.taskFile.status = DONE;
  }

  #showAddress(lba: number): void {
    if (this.#extended || this.taskFile.device & DEVICE.LBA) this.taskFile.setLba(lba, this.#extended);
    else {
      const track = Math.floor(lba / this.#sectorsPerTrack);
      this.taskFile.setAddress((lba % this.#sectorsPerTrack) + 1, Math.floor(track / this.#heads), track % this.#heads);
    }
  }

  #verify(extended: boolean): void {
    if (!this.#locate(extended)) return this.#fail(ERROR.IDNF);
    const next = (): void => {
      if (this.#remaining > 0) return this.#readWindow(next);
      this.#finish();
      this.#host!.interrupt();
    };
    next();
  }

  #flush(): void {
    this.#lba = 0;
    this.#ask(this.options.backend.flush(), ERROR.ABRT, () => this.#complete());
  }

  #identify(): void {
    const { backend, serial, model = 'MILLWRIGHT DISK' } = this.options;
    const { cylinders } = this.#native;
    const current = { cylinders, heads: this.#heads, sectors: this.#sectorsPerTrack };
    if (this.#heads !== this.#native.heads || this.#sectorsPerTrack !== this.#native.sectors) {
      current.cylinders = Math.min(0xffff, Math.floor(backend.sectors / (this.#heads * this.#sectorsPerTrack)));
    }
    identifyDisk(this.data.bytes, {
      sectors: backend.sectors,
      serial,
      model,
      native: this.#native,
      current,
      multiple: this.#multiple,
      writeCache: this.#writeCache,
      multiwordDma: this.#modes.multiwordDma,
      ultraDma: this.#modes.ultraDma,
    });
    this.#identifying = true;
    this.#phase = 'data-in';
    this.data.open(0, SECTOR_BYTES, true);
    this.taskFile.status = DONE | STATUS.DRQ;
    this.#host!.interrupt();
  }

  #setFeatures(): void {
    const { features, sectorCount } = this.taskFile;
    switch (features) {
      case FEATURE.ENABLE_WRITE_CACHE:
        this.#writeCache = true;
        return this.#complete();
      case FEATURE.DISABLE_WRITE_CACHE:
        this.#writeCache = false;
        return this.#flush();
      case FEATURE.SET_TRANSFER_MODE:
        return this.#modes.select(sectorCount) ? this.#complete() : this.#fail(ERROR.ABRT);
      case FEATURE.ENABLE_LOOK_AHEAD:
      case FEATURE.DISABLE_LOOK_AHEAD:
      case FEATURE.KEEP_SETTINGS:
      case FEATURE.REVERT_SETTINGS:
        return this.#complete();
      default:
        return this.#fail(ERROR.ABRT);
    }
  }

  #setMultiple(): void {
    const sectors = this.taskFile.sectorCount;
    if (sectors > MAX_MULTIPLE || (sectors & (sectors - 1)) !== 0) return this.#fail(ERROR.ABRT);
    this.#multiple = sectors;
    this.#complete();
  }

  #initializeParameters(): void {
    if (this.taskFile.sectorCount === 0) return this.#fail(ERROR.ABRT);
    this.#heads = (this.taskFile.device & DEVICE.HEAD) + 1;
    this.#sectorsPerTrack = this.taskFile.sectorCount;
    this.#complete();
  }

  #complete(): void {
    this.#phase = 'idle';
    this.taskFile.status = DONE;
    this.#host!.interrupt();
  }

  #fail(error: number, fault = 0): void {
    this.#phase = 'idle';
    this.#window = 0;
    this.data.close();
    this.taskFile.error = error;
    this.taskFile.status = DONE | STATUS.ERR | fault;
    this.#host!.interrupt();
  }

  /** BSY until `work` ends. A rejection is a failure of the medium at the sector under way. */
  #ask(work: Promise<void>, error: number, then: () => void): void {
    const epoch = this.#epoch;
    this.#waiting = true;
    this.taskFile.status = STATUS.BSY;
    this.options.completions.deliver(work, (failure) => {
      if (epoch !== this.#epoch) return;
      this.#waiting = false;
      if (failure === undefined) return then();
      if (error === ERROR.UNC) this.#showAddress(this.#lba);
      this.#fail(error, error === ERROR.UNC ? 0 : STATUS.DF);
    });
  }
}
