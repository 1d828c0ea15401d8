/*
 * Names and bits of the Intel 82077AA floppy disk controller (data sheet 290166). Port 0x3F6 in the middle of its range is the
 * disk controller's.
 */

import { SECTOR_BYTES } from '../../../bus/backends.js';

export const FDC_PORTS = { BASE: 0x3f0, DIR_CCR: 0x3f7 } as const;
/** Offsets from 0x3F0; DIR/CCR is a range of its own. */
export const FDC = { SRA: 0, SRB: 1, DOR: 2, TDR: 3, MSR_DSR: 4, FIFO: 5 } as const;

export const DOR = { DRIVE: 0x03, NOT_RESET: 0x04, DMA_GATE: 0x08 } as const;
export const DSR = { RATE: 0x03, RESET: 0x80 } as const;
export const MSR = { BUSY: 0x10, NON_DMA: 0x20, TO_HOST: 0x40, REQUEST: 0x80 } as const;
export const DIR_DISK_CHANGE = 0x80;

/** Status register 0: bits 7..6 the interrupt code. */
export const ST0 = { ABNORMAL: 0x40, INVALID: 0x80, READY_CHANGED: 0xc0, SEEK_END: 0x20, EQUIPMENT_CHECK: 0x10, HEAD: 0x04 } as const;
export const ST1 = { MISSING_ADDRESS_MARK: 0x01, NOT_WRITABLE: 0x02, NO_DATA: 0x04, DATA_ERROR: 0x20, END_OF_CYLINDER: 0x80 } as const;
export const ST2 = { BAD_CYLINDER: 0x02, WRONG_CYLINDER: 0x10, DATA_ERROR: 0x20, CONTROL_MARK: 0x40 } as const;
export const ST3 = { TWO_SIDES: 0x08, TRACK_0: 0x10, READY: 0x20, WRITE_PROTECTED: 0x40 } as const;

/** Commands without their option bits (MT 0x80, MFM 0x40, SK 0x20). */
export const COMMAND = {
  READ_TRACK: 0x02,
  SPECIFY: 0x03,
  SENSE_DRIVE_STATUS: 0x04,
  WRITE_DATA: 0x05,
  READ_DATA: 0x06,
  RECALIBRATE: 0x07,
  SENSE_INTERRUPT: 0x08,
  WRITE_DELETED: 0x09,
  READ_ID: 0x0a,
  READ_DELETED: 0x0c,
  FORMAT_TRACK: 0x0d,
  DUMPREG: 0x0e,
  SEEK: 0x0f,
  VERSION: 0x10,
  PERPENDICULAR: 0x12,
  CONFIGURE: 0x13,
  LOCK: 0x14,
  VERIFY: 0x16,
  RELATIVE_SEEK: 0x8f,
} as const;
export const OPTION = { MULTI_TRACK: 0x80, SKIP: 0x20, LOCK: 0x80, SEEK_UP: 0x40, ENABLE_COUNT: 0x80 } as const;

/** Rows of [command, bits that may vary, bytes with the command] (data sheet, table 5-1). */
export const COMMANDS: readonly (readonly [command: number, options: number, bytes: number])[] = [
  [COMMAND.READ_TRACK, 0x60, 9],
  [COMMAND.SPECIFY, 0x00, 3],
  [COMMAND.SENSE_DRIVE_STATUS, 0x00, 2],
  [COMMAND.WRITE_DATA, 0xc0, 9],
  [COMMAND.READ_DATA, 0xe0, 9],
  [COMMAND.RECALIBRATE, 0x00, 2],
  [COMMAND.SENSE_INTERRUPT, 0x00, 1],
  [COMMAND.WRITE_DELETED, 0xc0, 9],
  [COMMAND.READ_ID, 0x40, 2],
  [COMMAND.READ_DELETED, 0xe0, 9],
  [COMMAND.FORMAT_TRACK, 0x40, 6],
  [COMMAND.DUMPREG, 0x00, 1],
  [COMMAND.SEEK, 0x00, 3],
  [COMMAND.VERSION, 0x00, 1],
  [COMMAND.PERPENDICULAR, 0x00, 2],
  [COMMAND.CONFIGURE, 0x00, 4],
  [COMMAND.LOCK, 0x80, 1],
  [COMMAND.VERIFY, 0xe0, 9],
  [COMMAND.RELATIVE_SEEK, 0x40, 3],
];

/** VERSION's answer: an enhanced controller. */
export const VERSION_82077 = 0x90;
/** CONFIGURE's second byte: implied seek, FIFO off, polling off, FIFO threshold. */
export const CONFIGURE = { IMPLIED_SEEK: 0x40, NO_FIFO: 0x20, NO_POLLING: 0x10, DEFAULT: 0x20 } as const;

/** Data rates as DSR and CCR select them. */
export const RATE = { KBPS_500: 0, KBPS_300: 1, KBPS_250: 2, MBPS_1: 3 } as const;

export interface FloppyFormat {
  readonly sectors: number;
  readonly cylinders: number;
  readonly heads: number;
  readonly sectorsPerTrack: number;
  /** Rates at which the medium can be read; 5.25-inch double density turns faster in a 1.2M drive. */
  readonly rates: readonly number[];
}

const DOUBLE = [RATE.KBPS_250, RATE.KBPS_300];
const HIGH = [RATE.KBPS_500];

/** Formats by their total of sectors: 160K to 2.88M, and two stretched ones that installers used. */
export const FORMATS: readonly FloppyFormat[] = [
  { sectors: 320, cylinders: 40, heads: 1, sectorsPerTrack: 8, rates: DOUBLE },
  { sectors: 360, cylinders: 40, heads: 1, sectorsPerTrack: 9, rates: DOUBLE },
  { sectors: 640, cylinders: 40, heads: 2, sectorsPerTrack: 8, rates: DOUBLE },
  { sectors: 720, cylinders: 40, heads: 2, sectorsPerTrack: 9, rates: DOUBLE },
  { sectors: 1440, cylinders: 80, heads: 2, sectorsPerTrack: 9, rates: DOUBLE },
  { sectors: 2400, cylinders: 80, heads: 2, sectorsPerTrack: 15, rates: HIGH },
  { sectors: 2880, cylinders: 80, heads: 2, sectorsPerTrack: 18, rates: HIGH },
  { sectors: 3360, cylinders: 80, heads: 2, sectorsPerTrack: 21, rates: HIGH },
  { sectors: 3444, cylinders: 82, heads: 2, sectorsPerTrack: 21, rates: HIGH },
  { sectors: 5760, cylinders: 80, heads: 2, sectorsPerTrack: 36, rates: [RATE.MBPS_1] },
];

/** What a floppy image may have at most. */
export const LARGEST_FLOPPY_BYTES = FORMATS.at(-1)!.sectors * SECTOR_BYTES;
