import { type BlockBackend, type Completions, SECTOR_BYTES } from '../../../bus/backends.js';
import * as replies from './cdrom-replies.js';
import { DataWindow, type DataWindowState } from './data-window.js';
import type { DriveHost, IdeDrive } from './drive.js';
import { identifyCdrom } from './identify.js';
import { ATA, ERROR, REASON, SCSI, SENSE, type Sense, STATUS } from './registers.js';
import { TaskFile, type TaskFileState } from './task-file.js';
import { TransferModes } from './transfer-modes.js';

/*
 * ATAPI CD-ROM drive. Sources: ATA/ATAPI-6 ch. 9.8 and 9.9 (packet protocol); MMC-3 and SFF-8020i (commands).
 *
 *   PACKET ─► DRQ, reason = command ─► 12 bytes ─► BSY ─► [data: DRQ+INTRQ per block, or bus master] ─► INTRQ, reason = status
 *
 * A disc is one session with one data track; the backend's 512-byte sectors in fours are its blocks. Left out: audio, writing,
 * changers, MODE SELECT, region codes (answered with "invalid command").
 */

const BLOCK_BYTES = 2048;
const RAW_BYTES = 2352;
const BACKEND_SECTORS = BLOCK_BYTES / SECTOR_BYTES;
/** Blocks asked of the backend at once: raw ones, too, fit into the data window behind their source. */
const WINDOW_BLOCKS = 24;
/** Where the backend's data lies while raw sectors are made of it. */
const SOURCE_AT = WINDOW_BLOCKS * RAW_BYTES;
const PACKET_BYTES = 12;
const SIGNATURE = 0xeb14;
const DONE = STATUS.DRDY | STATUS.DSC;
/** Largest block of a data phase: the byte count is even. */
const MOST_BYTES = 0xfffe;
/** Commands that are answered although a unit attention is pending (SPC-3, 5.9). */
const IGNORES_ATTENTION: readonly number[] = [SCSI.INQUIRY, SCSI.REQUEST_SENSE, SCSI.GET_CONFIGURATION, SCSI.GET_EVENT_STATUS];

type Phase = 'idle' | 'packet' | 'data-in' | 'dma-in' | 'identify';
type MediaEvent = 0 | 2 | 3;

export interface AtapiCdromState {
  readonly version: 1;
  readonly taskFile: TaskFileState;
  readonly data: DataWindowState;
  readonly phase: Phase;
  readonly filled: number;
  readonly limit: number;
  readonly dma: boolean;
  readonly block: number;
  readonly blocksLeft: number;
  readonly raw: boolean;
  readonly sense: Sense;
  readonly attention: Sense | null;
  readonly event: number;
  readonly locked: boolean;
  readonly trayOpen: boolean;
  readonly transferMode: number;
}

export interface AtapiCdromOptions {
  readonly completions: Completions;
  readonly serial: string;
  readonly model?: string;
  /** The guest opened the tray. */
  readonly ejected?: () => void;
}

export class AtapiCdrom implements IdeDrive {
  readonly taskFile = new TaskFile();
  readonly data = new DataWindow();
  readonly #modes = new TransferModes();
  #host: DriveHost | undefined;
  #medium: BlockBackend | undefined;
  #phase: Phase = 'idle';
  /** Bytes of the window that hold data to send. */
  #filled = 0;
  /** Byte count limit of the PACKET command. */
  #limit = MOST_BYTES;
  #dma = false;
  /** Next block to read and how many follow, beyond what is in the window. */
  #block = 0;
  #blocksLeft = 0;
  #raw = false;
  #sense: Sense = SENSE.NONE;
  /** A unit attention that the next command reports. */
  #attention: Sense | undefined;
  #event: MediaEvent = 0;
  #locked = false;
  #trayOpen = false;
  #epoch = 0;
  #waiting = false;

  constructor(
    private readonly options: AtapiCdromOptions,
    medium?: BlockBackend,
  ) {
    this.#medium = medium;
  }

  attach(host: DriveHost): void {
    this.#host = host;
  }

  /** The guest has locked the tray: changing the medium now is what a person with a paper clip does. */
  get locked(): boolean {
    return this.#locked;
  }

  get trayOpen(): boolean {
    return this.#trayOpen;
  }

  /** Puts another disc into the drive (or none) and closes the tray. The guest learns of it by a unit attention and a media event. */
  changeMedium(medium: BlockBackend | undefined): void {
    this.#medium = medium;
    this.#trayOpen = false;
    this.#event = medium ? 2 : 3;
    if (medium) this.#attention = SENSE.MEDIUM_CHANGED;
  }

  command(code: number): void {
    const { taskFile } = this;
    taskFile.error = 0;
    switch (code) {
      case ATA.PACKET:
        this.#dma = (taskFile.features & 1) !== 0;
        this.#limit = Math.min(MOST_BYTES, taskFile.byteCount & ~1 || MOST_BYTES);
        this.#phase = 'packet';
        this.data.open(0, PACKET_BYTES, false);
        taskFile.sectorCount = REASON.COMMAND;
        taskFile.status = DONE | STATUS.DRQ;
        return;
      case ATA.IDENTIFY_PACKET:
        return this.#identify();
      case ATA.DEVICE_RESET:
        return this.reset('diagnostic');
      case ATA.SET_FEATURES:
        if (taskFile.features === 3 && !this.#modes.select(taskFile.sectorCount)) return this.#abort();
        return this.#complete();
      case ATA.CHECK_POWER:
        taskFile.sectorCount = 0xff;
        return this.#complete();
      case ATA.STANDBY_IMMEDIATE:
      case ATA.IDLE_IMMEDIATE:
      case ATA.SLEEP:
        return this.#complete();
      case ATA.IDENTIFY:
      case ATA.READ_SECTORS:
        // How a host that takes us for a disk learns better (ATA/ATAPI-6, 8.15.5.2).
        taskFile.setSignature(SIGNATURE, 0);
        return this.#abort();
      default:
        return this.#abort();
    }
  }

  blockMoved(): void {
    if (this.#phase === 'packet') this.#execute();
    else if (this.#phase === 'data-in') this.#nextBlock();
    else if (this.#phase === 'identify') {
      this.#phase = 'idle';
      this.taskFile.status = DONE;
    }
  }

  dmaStarted(): void {
    if (this.#phase === 'dma-in' && !this.#waiting) this.#sendDma();
  }

  reset(cause: 'power-on' | 'soft' | 'diagnostic'): void {
    this.#epoch++;
    if (this.#waiting) this.data.replace();
    this.#waiting = false;
    this.data.close();
    this.#phase = 'idle';
    this.#filled = this.#blocksLeft = 0;
    if (cause === 'power-on') {
      this.#sense = SENSE.NONE;
      this.#attention = SENSE.POWER_ON;
      this.#event = 0;
      this.#locked = this.#trayOpen = false;
    }
    this.taskFile.setSignature(SIGNATURE, 0);
  }

  save(): AtapiCdromState {
    if (this.#waiting) throw new Error('ide: saved while a CD-ROM request is under way');
    return {
      version: 1,
      taskFile: this.taskFile.save(),
      data: this.data.save(this.#phase === 'identify' ? 512 : Math.max(this.#filled, PACKET_BYTES)),
      phase: this.#phase,
      filled: this.#filled,
      limit: this.#limit,
      dma: this.#dma,
      block: this.#block,
      blocksLeft: this.#blocksLeft,
      raw: this.#raw,
      sense: this.#sense,
      attention: this.#attention ?? null,
      event: this.#event,
      locked: this.#locked,
      trayOpen: this.#trayOpen,
      transferMode: this.#modes.selected,
    };
  }

  restore(saved: unknown): void {
    const state = saved as AtapiCdromState;
    if (state.version !== 1) throw new Error(`ide: unknown CD-ROM state version ${String(state.version)}`);
    this.taskFile.restore(state.taskFile);
    this.data.restore(state.data);
    this.#phase = state.phase;
    this.#filled = state.filled;
    this.#limit = state.limit;
    this.#dma = state.dma;
    this.#block = state.block;
    this.#blocksLeft = state.blocksLeft;
    this.#raw = state.raw;
    this.#sense = state.sense;
    this.#attention = state.attention ?? undefined;
    this.#event = state.event as MediaEvent;
    this.#locked = state.locked;
    this.#trayOpen = state.trayOpen;
    this.#modes.selected = state.transferMode;
    this.#waiting = false;
    this.#epoch++;
  }

  /** Blocks on the disc; 0 without one. */
  get #blocks(): number {
    return this.#medium && !this.#trayOpen ? Math.floor(this.#medium.sectors / BACKEND_SECTORS) : 0;
  }

  /** The packet has arrived in the window. */
  #execute(): void {
    const packet = this.data.bytes.slice(0, PACKET_BYTES);
    const code = packet[0]!;
    this.data.close();
    this.taskFile.status = STATUS.BSY;
    if (this.#attention && !IGNORES_ATTENTION.includes(code)) {
      const attention = this.#attention;
      this.#attention = undefined;
      return this.#check(attention);
    }
    if (code !== SCSI.REQUEST_SENSE) this.#sense = SENSE.NONE;
    this.#dispatch(code, packet);
  }

  #dispatch(code: number, packet: Uint8Array): void {
    const { bytes } = this.data;
    const long = (packet[7]! << 8) | packet[8]!;
    switch (code) {
      case SCSI.TEST_UNIT_READY:
        return this.#whenReady(() => this.#status());
      case SCSI.REQUEST_SENSE: {
        const sense = this.#sense === SENSE.NONE && this.#attention ? this.#attention : this.#sense;
        if (sense === this.#attention) this.#attention = undefined;
        this.#sense = SENSE.NONE;
        return this.#answer(replies.requestSense(bytes, sense), packet[4]!);
      }
      case SCSI.INQUIRY:
        if (packet[1]! & 1) return this.#check(SENSE.INVALID_FIELD);
        return this.#answer(replies.inquiry(bytes, this.options.model ?? 'CD-ROM'), packet[4]!);
      case SCSI.START_STOP_UNIT:
        return this.#startStop(packet[4]!);
      case SCSI.PREVENT_ALLOW:
        this.#locked = (packet[4]! & 1) !== 0;
        return this.#status();
      case SCSI.READ_CAPACITY:
        return this.#whenReady(() => this.#answer(replies.readCapacity(bytes, this.#blocks), 8));
      case SCSI.READ_10:
        return this.#whenReady(() => this.#read(u32(packet, 2), long, false));
      case SCSI.READ_12:
        return this.#whenReady(() => this.#read(u32(packet, 2), u32(packet, 6), false));
      case SCSI.READ_CD:
        return this.#whenReady(() => this.#readCd(packet));
      case SCSI.SEEK_10:
        return this.#whenReady(() => (u32(packet, 2) < this.#blocks ? this.#status() : this.#check(SENSE.OUT_OF_RANGE)));
      case SCSI.READ_TOC:
        // SFF-8020i has the format in the top of byte 9, MMC in byte 2.
        return this.#whenReady(() =>
          this.#answer(replies.readToc(bytes, packet[2]! & 0xf || packet[9]! >> 6, (packet[1]! & 2) !== 0, packet[6]!, this.#blocks), long),
        );
      case SCSI.READ_SUBCHANNEL:
        return this.#whenReady(() =>
          this.#answer(replies.readSubchannel(bytes, (packet[2]! & 0x40) !== 0, packet[3]!, (packet[1]! & 2) !== 0), long),
        );
      case SCSI.MODE_SENSE_10:
        if (packet[2]! >> 6 === 3) return this.#check({ key: 5, code: 0x39, qualifier: 0 }); // saved pages
        return this.#answer(replies.modeSense(bytes, packet[2]! & 0x3f, this.#blocks > 0, this.#locked), long);
      case SCSI.GET_CONFIGURATION:
        return this.#answer(replies.getConfiguration(bytes, packet[1]! & 3, (packet[2]! << 8) | packet[3]!, this.#blocks > 0), long);
      case SCSI.GET_EVENT_STATUS:
        return this.#eventStatus(packet, long);
      case SCSI.MECHANISM_STATUS:
        return this.#answer(replies.mechanismStatus(bytes, this.#trayOpen), (packet[8]! << 8) | packet[9]!);
      case SCSI.READ_DISC_INFORMATION:
        return this.#whenReady(() => this.#answer(replies.discInformation(bytes), long));
      case SCSI.SET_CD_SPEED:
        return this.#status();
      default:
        return this.#check(SENSE.INVALID_COMMAND);
    }
  }

  #whenReady(then: () => void): void {
    if (this.#blocks > 0) then();
    else this.#check(this.#trayOpen ? SENSE.TRAY_OPEN : SENSE.NO_MEDIUM);
  }

  #startStop(operation: number): void {
    const LOAD_EJECT = 0x02;
    const START = 0x01;
    if (operation & LOAD_EJECT) {
      if (operation & START) {
        if (this.#trayOpen && this.#medium) {
          this.#attention = SENSE.MEDIUM_CHANGED;
          this.#event = 2;
        }
        this.#trayOpen = false;
      } else {
        if (this.#locked) return this.#check(SENSE.REMOVAL_PREVENTED);
        if (!this.#trayOpen) {
          this.#trayOpen = true;
          this.#event = 3;
          this.options.ejected?.();
        }
      }
    }
    this.#status();
  }

  #eventStatus(packet: Uint8Array, allocation: number): void {
    const POLLED = 0x01;
    if (!(packet[1]! & POLLED)) return this.#check(SENSE.INVALID_FIELD);
    const length = replies.mediaEvent(this.data.bytes, packet[4]!, this.#event, this.#blocks > 0, this.#trayOpen);
    if (length > 4) this.#event = 0;
    this.#answer(length, allocation);
  }

  #readCd(packet: Uint8Array): void {
    const count = (packet[6]! << 16) | (packet[7]! << 8) | packet[8]!;
    const wanted = packet[9]! & 0xf8;
    if (wanted === 0) return this.#status();
    if (wanted !== 0x10 && wanted !== 0xf8) return this.#check(SENSE.INVALID_FIELD);
    this.#read(u32(packet, 2), count, wanted === 0xf8);
  }

  #read(block: number, count: number, raw: boolean): void {
    if (block + count > this.#blocks) return this.#check(SENSE.OUT_OF_RANGE);
    if (count === 0) return this.#status();
    this.#block = block;
    this.#blocksLeft = count;
    this.#raw = raw;
    this.#fill(() => this.#send());
  }

  /** Gets the next blocks into the window, BSY meanwhile. */
  #fill(then: () => void): void {
    const blocks = Math.min(WINDOW_BLOCKS, this.#blocksLeft);
    const first = this.#block;
    // The disc may have been changed between two windows.
    if (first + blocks > this.#blocks) return this.#check(SENSE.NO_MEDIUM);
    const at = this.#raw ? SOURCE_AT : 0;
    const { bytes } = this.data;
    this.#ask(this.#medium!.read(first * BACKEND_SECTORS, bytes.subarray(at, at + blocks * BLOCK_BYTES)), () => {
      this.#block += blocks;
      this.#blocksLeft -= blocks;
      this.#filled = blocks * (this.#raw ? RAW_BYTES : BLOCK_BYTES);
      for (let i = 0; i < blocks && this.#raw; i++) {
        const source = bytes.subarray(at + i * BLOCK_BYTES, at + (i + 1) * BLOCK_BYTES);
        replies.rawSector(bytes.subarray(i * RAW_BYTES, (i + 1) * RAW_BYTES), first + i, source);
      }
      this.data.position = 0;
      then();
    });
  }

  /** Sends a reply of `length` bytes, as much of it as the host allows. */
  #answer(length: number | undefined, allocation: number): void {
    if (length === undefined) return this.#check(SENSE.INVALID_FIELD);
    this.#blocksLeft = 0;
    this.#filled = Math.min(length, allocation);
    this.data.position = 0;
    if (this.#filled === 0) this.#status();
    else this.#send();
  }

  #send(): void {
    this.#phase = this.#dma ? 'dma-in' : 'data-in';
    if (!this.#dma) this.#openBlock(0);
    else {
      this.taskFile.status = STATUS.BSY;
      if (this.#host!.busMaster.active) this.#sendDma();
    }
  }

  #openBlock(from: number): void {
    const end = Math.min(this.#filled, from + this.#limit);
    this.data.open(from, end, true);
    this.taskFile.byteCount = end - from;
    this.taskFile.sectorCount = REASON.TO_HOST;
    this.taskFile.status = DONE | STATUS.DRQ;
    this.#host!.interrupt();
  }

  #nextBlock(): void {
    if (this.data.position < this.#filled) this.#openBlock(this.data.position);
    else if (this.#blocksLeft > 0) this.#fill(() => this.#openBlock(0));
    else this.#status();
  }

  #sendDma(): void {
    const { busMaster } = this.#host!;
    if (busMaster.toMemory(this.data.bytes.subarray(0, this.#filled)) < this.#filled) {
      this.#phase = 'idle'; // the table is too short: the guest times out and resets
      return;
    }
    if (this.#blocksLeft > 0) return this.#fill(() => this.#sendDma());
    busMaster.finish();
    this.#status();
  }

  /** Good status: the command is over. */
  #status(): void {
    this.#end(0, DONE);
  }

  /** CHECK CONDITION: the sense key is in the error register too. */
  #check(sense: Sense): void {
    this.#sense = sense;
    this.#end((sense.key << 4) | (sense.code === SENSE.INVALID_COMMAND.code ? ERROR.ABRT : 0), DONE | STATUS.ERR);
  }

  #end(error: number, status: number): void {
    this.#phase = 'idle';
    this.#filled = this.#blocksLeft = 0;
    this.data.close();
    this.taskFile.sectorCount = REASON.COMMAND | REASON.TO_HOST;
    this.taskFile.error = error;
    this.taskFile.status = status;
    this.#host!.interrupt();
  }

  #identify(): void {
    const { serial, model = 'MILLWRIGHT CD-ROM' } = this.options;
    identifyCdrom(this.data.bytes, { serial, model, multiwordDma: this.#modes.multiwordDma, ultraDma: this.#modes.ultraDma });
    this.#phase = 'identify';
    this.data.open(0, 512, true);
    this.taskFile.status = DONE | STATUS.DRQ;
    this.#host!.interrupt();
  }

  #complete(): void {
    this.taskFile.status = DONE;
    this.#host!.interrupt();
  }

  #abort(): void {
    this.#phase = 'idle';
    this.taskFile.error = ERROR.ABRT;
    this.taskFile.status = DONE | STATUS.ERR;
    this.#host!.interrupt();
  }

  #ask(work: Promise<void>, then: () => void): void {
    const epoch = this.#epoch;
    this.#waiting = true;
    this.taskFile.status = STATUS.BSY;
    this.options.completions.deliver(work, (failure) => {
      if (epoch !== this.#epoch) return;
      this.#waiting = false;
      if (failure === undefined) then();
      else this.#check(SENSE.READ_ERROR);
    });
  }
}

const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
