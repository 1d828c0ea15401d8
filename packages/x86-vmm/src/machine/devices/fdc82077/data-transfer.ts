import { type Completions, SECTOR_BYTES } from '../../../bus/backends.js';
import type { DmaChannel } from '../dma8237/dma-channel.js';
import type { FloppyDrive } from './floppy-drive.js';
import { ST1, ST2 } from './registers.js';

/*
 * The execution phase of the commands that move data: sectors between a drive and the host, by DMA or byte by byte through the
 * FIFO (non-DMA mode). Source: 82077AA data sheet 290166, 5.1 (data transfer commands) and table 5-5 (result of C, H, R, N).
 *
 *            ┌────────► reading ──► toHost ───┐
 *   start ───┤                                ├──► next run (other head) or finished
 *            └► fromHost ──► writing ─────────┘
 *
 * A run is what lies on one track: the backend is asked once for it.
 */

export interface TransferRequest {
  readonly kind: 'read' | 'write' | 'verify' | 'format';
  readonly drive: number;
  /** Physical head (HDS). */
  readonly head: number;
  readonly c: number;
  readonly h: number;
  readonly r: number;
  readonly n: number;
  /** Last sector of the track, or sectors to format. */
  readonly eot: number;
  readonly multiTrack: boolean;
  /** Sectors after which a verify ends well; 0: at the end of the track or cylinder. */
  readonly limit: number;
  /** Byte that format fills sectors with. */
  readonly fill: number;
  /** Read deleted found an ordinary mark: one sector, then the control mark is reported. */
  readonly controlMark: boolean;
  /** Bytes go through the FIFO. */
  readonly nonDma: boolean;
  /** Selected data rate. */
  readonly rate: number;
}

export interface TransferResult {
  readonly drive: number;
  readonly head: number;
  readonly isNormal: boolean;
  readonly st1: number;
  readonly st2: number;
  readonly c: number;
  readonly h: number;
  readonly r: number;
  readonly n: number;
}

type Stage = 'idle' | 'reading' | 'toHost' | 'fromHost' | 'writing';

export interface TransferState {
  readonly stage: Stage;
  readonly request: TransferRequest | null;
  readonly head: number;
  readonly c: number;
  readonly h: number;
  readonly r: number;
  readonly left: number;
  readonly buffer: Uint8Array;
  readonly moved: number;
  readonly terminal: boolean;
}

export interface TransferOptions {
  readonly dma: DmaChannel;
  readonly completions: Completions;
  readonly drives: readonly FloppyDrive[];
  readonly finished: (result: TransferResult) => void;
}

export class DataTransfer {
  #stage: Stage = 'idle';
  #request: TransferRequest | undefined;
  #head = 0;
  #c = 0;
  #h = 0;
  #r = 0;
  /** Sectors a verify with a count still wants. */
  #left = 0;
  #buffer = new Uint8Array(0);
  #moved = 0;
  /** Terminal count came with the last byte moved. */
  #terminal = false;
  /** Backend work of a cancelled transfer must not come back. */
  #generation = 0;

  constructor(private readonly options: TransferOptions) {
    options.dma.onReady(() => this.#moveByDma());
  }

  start(request: TransferRequest): void {
    this.#request = request;
    this.#head = request.head;
    this.#c = request.c;
    this.#h = request.h;
    this.#r = request.r;
    this.#left = request.limit;
    this.#terminal = false;
    if (request.kind === 'format') this.#startFormat(request);
    else this.#startRun();
  }

  cancel(): void {
    this.#generation++;
    this.#stage = 'idle';
    this.#request = undefined;
    this.#buffer = new Uint8Array(0);
    this.options.dma.setRequest(false);
  }

  /** Non-DMA mode: a byte for the host waits in the FIFO. */
  get hasByte(): boolean {
    return this.#stage === 'toHost' && this.#request?.nonDma === true;
  }

  /** Non-DMA mode: the FIFO wants a byte from the host. */
  get wantsByte(): boolean {
    return this.#stage === 'fromHost' && this.#request?.nonDma === true;
  }

  readByte(): number {
    const byte = this.#buffer[this.#moved++] ?? 0xff;
    if (this.#moved >= this.#buffer.length) this.#runMoved();
    return byte;
  }

  writeByte(byte: number): void {
    this.#buffer[this.#moved++] = byte;
    if (this.#moved >= this.#buffer.length) this.#runMoved();
  }

  save(): TransferState {
    return {
      stage: this.#stage,
      request: this.#request ?? null,
      head: this.#head,
      c: this.#c,
      h: this.#h,
      r: this.#r,
      left: this.#left,
      buffer: this.#buffer.slice(),
      moved: this.#moved,
      terminal: this.#terminal,
    };
  }

  /** Work that was at the backend is given to it again: reading and writing the same sectors twice is harmless. */
  restore(state: TransferState): void {
    this.#generation++;
    this.#stage = state.stage;
    this.#request = state.request ?? undefined;
    this.#head = state.head;
    this.#c = state.c;
    this.#h = state.h;
    this.#r = state.r;
    this.#left = state.left;
    this.#buffer = state.buffer.slice();
    this.#moved = state.moved;
    this.#terminal = state.terminal;
    if (this.#stage === 'reading') this.#read();
    else if (this.#stage === 'writing') this.#write();
  }

  #startRun(): void {
    const request = this.#request!;
    const drive = this.options.drives[request.drive];
    const problem = this.#problem(request, drive);
    if (problem) {
      this.#finish(false, problem[0], problem[1]);
      return;
    }
    const { sectorsPerTrack } = drive!.format!;
    const last = Math.min(request.eot >= this.#r ? request.eot : sectorsPerTrack, sectorsPerTrack);
    const sectors = request.controlMark ? 1 : this.#left > 0 ? Math.min(this.#left, last - this.#r + 1) : last - this.#r + 1;
    this.#buffer = new Uint8Array(sectors * SECTOR_BYTES);
    this.#moved = 0;
    if (request.kind === 'write') this.#ask('fromHost');
    else this.#read();
  }

  /** Why the sector at C, H, R, N cannot be had, as ST1 and ST2. */
  #problem(request: TransferRequest, drive: FloppyDrive | undefined): readonly [number, number] | undefined {
    const format = drive?.format;
    if (!drive?.medium || !format) return [ST1.MISSING_ADDRESS_MARK, 0];
    const isReadable = format.rates.includes(request.rate) && this.#head < format.heads && drive.track < format.cylinders;
    if (!isReadable) return [ST1.MISSING_ADDRESS_MARK, 0];
    if (request.kind === 'write' && drive.medium.readOnly) return [ST1.NOT_WRITABLE, 0];
    if (this.#c !== drive.track) return [ST1.NO_DATA, ST2.WRONG_CYLINDER | (this.#c === 0xff ? ST2.BAD_CYLINDER : 0)];
    const isFound = this.#h === this.#head && this.#r >= 1 && this.#r <= format.sectorsPerTrack && request.n === 2;
    return isFound ? undefined : [ST1.NO_DATA, 0];
  }

  /** Number of the sector R on the medium. */
  #sector(r: number): number {
    const { heads, sectorsPerTrack } = this.#drive.format!;
    return (this.#drive.track * heads + this.#head) * sectorsPerTrack + r - 1;
  }

  get #drive(): FloppyDrive {
    return this.options.drives[this.#request!.drive]!;
  }

  #read(): void {
    this.#stage = 'reading';
    const medium = this.#drive.medium;
    // The medium may have gone since the state was saved.
    if (!medium) {
      this.#finish(false, ST1.MISSING_ADDRESS_MARK, 0);
      return;
    }
    this.#deliver(medium.read(this.#sector(this.#r), this.#buffer), () => {
      if (this.#request!.kind === 'verify') {
        this.#moved = this.#buffer.length;
        this.#runDone();
      } else {
        this.#ask('toHost');
      }
    });
  }

  #write(): void {
    this.#stage = 'writing';
    const medium = this.#drive.medium;
    if (!medium) {
      this.#finish(false, ST1.MISSING_ADDRESS_MARK, 0);
      return;
    }
    if (this.#request!.kind === 'format') {
      this.#deliver(this.#formatSectors(), () => this.#finish(true, 0, 0));
      return;
    }
    // "If the host stops in mid-sector the rest of it is filled with zeros."
    this.#buffer.fill(0, this.#moved);
    const bytes = this.#buffer.subarray(0, this.#movedSectors * SECTOR_BYTES);
    this.#deliver(medium.write(this.#sector(this.#r), bytes), () => this.#runDone());
  }

  #deliver(work: Promise<void>, done: () => void): void {
    const generation = this.#generation;
    this.options.completions.deliver(work, (failure) => {
      if (generation !== this.#generation) return;
      if (failure !== undefined) this.#finish(false, ST1.DATA_ERROR, ST2.DATA_ERROR);
      else done();
    });
  }

  #ask(stage: 'toHost' | 'fromHost'): void {
    this.#stage = stage;
    if (this.#request!.nonDma) return;
    this.options.dma.setRequest(true);
    this.#moveByDma();
  }

  #moveByDma(): void {
    if ((this.#stage !== 'toHost' && this.#stage !== 'fromHost') || this.#request!.nonDma) return;
    const { dma } = this.options;
    const rest = this.#buffer.subarray(this.#moved);
    const moved = this.#stage === 'toHost' ? dma.push(rest) : dma.pull(rest);
    if (moved === 0) return; // masked: goes on when the guest makes the channel ready
    this.#moved += moved;
    this.#terminal = dma.terminalCount;
    if (this.#terminal || this.#moved === this.#buffer.length) this.#runMoved();
  }

  #runMoved(): void {
    this.options.dma.setRequest(false);
    if (this.#stage === 'fromHost') this.#write();
    else this.#runDone();
  }

  get #movedSectors(): number {
    return Math.ceil(this.#moved / SECTOR_BYTES);
  }

  /** A track's sectors have been moved: goes on at the next one, or ends (table 5-5). */
  #runDone(): void {
    const request = this.#request!;
    const sectors = this.#movedSectors;
    if (request.limit > 0) this.#left -= sectors;
    if (request.controlMark) {
      this.#finish(true, 0, ST2.CONTROL_MARK);
      return;
    }
    const isEnd = this.#advance(sectors);
    if (this.#terminal || (request.limit > 0 && this.#left === 0)) {
      this.#finish(true, 0, 0);
      return;
    }
    if (!isEnd) {
      this.#startRun();
      return;
    }
    // Without a count a verify is meant to end here; other commands should have been stopped by terminal count.
    const isVerified = request.kind === 'verify' && request.limit === 0;
    this.#finish(isVerified, isVerified ? 0 : ST1.END_OF_CYLINDER, 0);
  }

  /** Moves C, H, R on by `sectors`. Returns whether the end of the cylinder (of the track without MT) was passed. */
  #advance(sectors: number): boolean {
    const { eot, multiTrack } = this.#request!;
    this.#r += sectors - 1;
    if (this.#r !== eot) {
      this.#r = (this.#r + 1) & 0xff;
      return false;
    }
    this.#r = 1;
    if (!multiTrack) {
      this.#c = (this.#c + 1) & 0xff;
      return true;
    }
    this.#h ^= 1;
    const wasSecond = this.#head === 1;
    this.#head ^= 1;
    if (wasSecond) this.#c = (this.#c + 1) & 0xff;
    return wasSecond;
  }

  #startFormat(request: TransferRequest): void {
    const drive = this.options.drives[request.drive];
    if (!drive?.medium || !drive.format?.rates.includes(request.rate) || request.head >= drive.format.heads) {
      this.#finish(false, ST1.MISSING_ADDRESS_MARK, 0);
      return;
    }
    if (drive.medium.readOnly) {
      this.#finish(false, ST1.NOT_WRITABLE, 0);
      return;
    }
    // Four bytes of identification for each sector.
    this.#buffer = new Uint8Array(4 * Math.max(1, request.eot));
    this.#moved = 0;
    this.#ask('fromHost');
  }

  /** Fills the sectors that were named; an image cannot take other sizes or numbers than its format's. */
  async #formatSectors(): Promise<void> {
    const request = this.#request!;
    const { medium, format, track } = this.#drive;
    const filled = new Uint8Array(SECTOR_BYTES).fill(request.fill);
    const sectors: number[] = [];
    for (let i = 0; i + 4 <= this.#moved; i += 4) {
      const [c, h, r, n] = this.#buffer.subarray(i, i + 4);
      const fits = c === track && h === request.head && n === 2 && r! >= 1 && r! <= format!.sectorsPerTrack && track < format!.cylinders;
      if (fits) sectors.push(this.#sector(r!));
    }
    // From here on the transfer may be cancelled under our hands.
    for (const sector of sectors) await medium!.write(sector, filled);
  }

  #finish(isNormal: boolean, st1: number, st2: number): void {
    const request = this.#request!;
    const result = { drive: request.drive, head: this.#head, isNormal, st1, st2, c: this.#c, h: this.#h, r: this.#r, n: request.n };
    this.cancel();
    this.options.finished(result);
  }
}
