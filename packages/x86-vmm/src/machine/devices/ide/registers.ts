/*
 * Register names, bits and command codes of ATA/ATAPI devices and of the bus master.
 * Sources: ATA/ATAPI-6 (T13 1410D), SFF-8020i / MMC-3 for packet commands, "Programming Interface for Bus Master IDE Controller" 1.0.
 */

/** Command block registers, offsets from 1F0/170. */
export const REGISTER = { DATA: 0, ERROR: 1, SECTOR_COUNT: 2, LBA_LOW: 3, LBA_MID: 4, LBA_HIGH: 5, DEVICE: 6, STATUS: 7 } as const;
export const STATUS = { BSY: 0x80, DRDY: 0x40, DF: 0x20, DSC: 0x10, DRQ: 0x08, ERR: 0x01 } as const;
export const ERROR = { UNC: 0x40, IDNF: 0x10, ABRT: 0x04 } as const;
/** Error register after a reset or diagnostic: device 0 (and 1) passed. */
export const DIAGNOSTIC_PASSED = 0x01;
export const DEVICE = { LBA: 0x40, DEV: 0x10, HEAD: 0x0f, OBSOLETE: 0xa0 } as const;
/** Device control register, at 3F6/376. */
export const CONTROL = { HOB: 0x80, SRST: 0x04, NIEN: 0x02 } as const;
/** Interrupt reason: what the sector count register is for a packet device. */
export const REASON = { COMMAND: 0x01, TO_HOST: 0x02 } as const;

export const ATA = {
  NOP: 0x00,
  DEVICE_RESET: 0x08,
  READ_SECTORS: 0x20,
  READ_SECTORS_NO_RETRY: 0x21,
  READ_SECTORS_EXT: 0x24,
  READ_DMA_EXT: 0x25,
  READ_NATIVE_MAX_EXT: 0x27,
  READ_MULTIPLE_EXT: 0x29,
  WRITE_SECTORS: 0x30,
  WRITE_SECTORS_NO_RETRY: 0x31,
  WRITE_SECTORS_EXT: 0x34,
  WRITE_DMA_EXT: 0x35,
  WRITE_MULTIPLE_EXT: 0x39,
  VERIFY: 0x40,
  VERIFY_NO_RETRY: 0x41,
  VERIFY_EXT: 0x42,
  EXECUTE_DIAGNOSTIC: 0x90,
  INITIALIZE_PARAMETERS: 0x91,
  PACKET: 0xa0,
  IDENTIFY_PACKET: 0xa1,
  READ_MULTIPLE: 0xc4,
  WRITE_MULTIPLE: 0xc5,
  SET_MULTIPLE: 0xc6,
  READ_DMA: 0xc8,
  READ_DMA_NO_RETRY: 0xc9,
  WRITE_DMA: 0xca,
  WRITE_DMA_NO_RETRY: 0xcb,
  STANDBY_IMMEDIATE: 0xe0,
  IDLE_IMMEDIATE: 0xe1,
  STANDBY: 0xe2,
  IDLE: 0xe3,
  CHECK_POWER: 0xe5,
  SLEEP: 0xe6,
  FLUSH_CACHE: 0xe7,
  FLUSH_CACHE_EXT: 0xea,
  IDENTIFY: 0xec,
  SET_FEATURES: 0xef,
  READ_NATIVE_MAX: 0xf8,
} as const;
/** RECALIBRATE is 1xh and SEEK 7xh. */
export const ATA_GROUP = { RECALIBRATE: 0x10, SEEK: 0x70 } as const;

/** Codes in the features register of SET FEATURES. */
export const FEATURE = {
  ENABLE_WRITE_CACHE: 0x02,
  SET_TRANSFER_MODE: 0x03,
  DISABLE_LOOK_AHEAD: 0x55,
  KEEP_SETTINGS: 0x66,
  DISABLE_WRITE_CACHE: 0x82,
  ENABLE_LOOK_AHEAD: 0xaa,
  REVERT_SETTINGS: 0xcc,
} as const;
/** Sector count of SET_TRANSFER_MODE: kind in the upper five bits, number in the lower three. */
export const TRANSFER_MODE = { PIO_DEFAULT: 0x00, PIO: 0x08, MULTIWORD_DMA: 0x20, ULTRA_DMA: 0x40, KIND: 0xf8 } as const;

/** Packet command codes (MMC-3, table 53 on). */
export const SCSI = {
  TEST_UNIT_READY: 0x00,
  REQUEST_SENSE: 0x03,
  INQUIRY: 0x12,
  START_STOP_UNIT: 0x1b,
  PREVENT_ALLOW: 0x1e,
  READ_CAPACITY: 0x25,
  READ_10: 0x28,
  SEEK_10: 0x2b,
  READ_SUBCHANNEL: 0x42,
  READ_TOC: 0x43,
  GET_CONFIGURATION: 0x46,
  GET_EVENT_STATUS: 0x4a,
  READ_DISC_INFORMATION: 0x51,
  MODE_SENSE_10: 0x5a,
  READ_12: 0xa8,
  SET_CD_SPEED: 0xbb,
  MECHANISM_STATUS: 0xbd,
  READ_CD: 0xbe,
} as const;

/** Sense key, additional sense code, qualifier (SPC-3, tables 27 and 28). */
export interface Sense {
  readonly key: number;
  readonly code: number;
  readonly qualifier: number;
}
export const SENSE = {
  NONE: { key: 0x0, code: 0x00, qualifier: 0x00 },
  NO_MEDIUM: { key: 0x2, code: 0x3a, qualifier: 0x01 },
  TRAY_OPEN: { key: 0x2, code: 0x3a, qualifier: 0x02 },
  READ_ERROR: { key: 0x3, code: 0x11, qualifier: 0x00 },
  INVALID_COMMAND: { key: 0x5, code: 0x20, qualifier: 0x00 },
  OUT_OF_RANGE: { key: 0x5, code: 0x21, qualifier: 0x00 },
  INVALID_FIELD: { key: 0x5, code: 0x24, qualifier: 0x00 },
  REMOVAL_PREVENTED: { key: 0x5, code: 0x53, qualifier: 0x02 },
  MEDIUM_CHANGED: { key: 0x6, code: 0x28, qualifier: 0x00 },
  POWER_ON: { key: 0x6, code: 0x29, qualifier: 0x00 },
} as const;

/** Bus master registers, offsets from a channel's eight bytes. */
export const BUS_MASTER = { COMMAND: 0, STATUS: 2, TABLE: 4 } as const;
export const BM_COMMAND = { START: 0x01, TO_MEMORY: 0x08 } as const;
export const BM_STATUS = { ACTIVE: 0x01, ERROR: 0x02, INTERRUPT: 0x04, DRIVE_CAPABLE: 0x60 } as const;
/** Physical region descriptor: 8 bytes, the last one marked in its top bit. */
export const PRD = { BYTES: 8, END_OF_TABLE: 0x8000_0000, COUNT: 0xfffe, LARGEST: 0x1_0000 } as const;
