/*
 * Names and bits of the MC146818 real-time clock, and the PC's use of its RAM.
 * Sources: Motorola MC146818A data sheet (register names, table 5 rates); IBM AT and PS/2 technical references (CMOS RAM);
 * bytes 0x30 to 0x3D and 0x5B to 0x5F as SeaBIOS reads them when it has no fw_cfg.
 */

export const RTC_PORTS = { INDEX: 0x70, DATA: 0x71 } as const;
/** Bit 7 of the index port masks NMI on a PC. */
export const NMI_MASK = 0x80;

export const RTC = {
  SECONDS: 0x00,
  SECONDS_ALARM: 0x01,
  MINUTES: 0x02,
  MINUTES_ALARM: 0x03,
  HOURS: 0x04,
  HOURS_ALARM: 0x05,
  DAY_OF_WEEK: 0x06,
  DAY_OF_MONTH: 0x07,
  MONTH: 0x08,
  YEAR: 0x09,
  REGISTER_A: 0x0a,
  REGISTER_B: 0x0b,
  REGISTER_C: 0x0c,
  REGISTER_D: 0x0d,
  /** Not the chip's: where a PC keeps the century, here with the date. */
  CENTURY: 0x32,
} as const;

export const REGISTER_A = { UPDATE_IN_PROGRESS: 0x80, DIVIDER: 0x70, DIVIDER_32768_HZ: 0x20, DIVIDER_RESET: 0x60, RATE: 0x0f } as const;
export const REGISTER_B = {
  SET: 0x80,
  PERIODIC: 0x40,
  ALARM: 0x20,
  UPDATE_ENDED: 0x10,
  SQUARE_WAVE: 0x08,
  BINARY: 0x04,
  HOURS_24: 0x02,
} as const;
/** The flags sit where register B has their enables. */
export const REGISTER_C = { INTERRUPT_REQUEST: 0x80, PERIODIC: 0x40, ALARM: 0x20, UPDATE_ENDED: 0x10 } as const;
/** Valid RAM and time: the battery is good. */
export const REGISTER_D_VALID = 0x80;

/** An alarm byte from 0xC0 on matches any value. */
export const ALARM_ANY = 0xc0;
export const HOURS_PM = 0x80;

/** RAM bytes that firmware reads and `cmos-set-up.ts` writes. */
export const CMOS = {
  DIAGNOSTIC: 0x0e,
  SHUTDOWN: 0x0f,
  FLOPPY_TYPES: 0x10,
  DISK_TYPES: 0x12,
  EQUIPMENT: 0x14,
  BASE_MEMORY_LOW: 0x15,
  BASE_MEMORY_HIGH: 0x16,
  EXTENDED_MEMORY_LOW: 0x17,
  EXTENDED_MEMORY_HIGH: 0x18,
  DISK_0_EXTENDED_TYPE: 0x19,
  DISK_1_EXTENDED_TYPE: 0x1a,
  DISK_0_GEOMETRY: 0x1b,
  DISK_1_GEOMETRY: 0x24,
  CHECKSUM_FIRST: 0x10,
  CHECKSUM_LAST: 0x2d,
  CHECKSUM_HIGH: 0x2e,
  CHECKSUM_LOW: 0x2f,
  EXTENDED_MEMORY_POST_LOW: 0x30,
  EXTENDED_MEMORY_POST_HIGH: 0x31,
  /** Memory above 16 MiB in units of 64 KiB. */
  MEMORY_ABOVE_16M_LOW: 0x34,
  MEMORY_ABOVE_16M_HIGH: 0x35,
  /** Bits 7..4: third boot device; bit 0: boot floppies without a signature check. */
  BOOT_THIRD: 0x38,
  /** Two bits a disk: 0 no translation, 1 LBA, 2 large. */
  DISK_TRANSLATION: 0x39,
  /** Bits 3..0: first boot device, bits 7..4: second. */
  BOOT_FIRST_SECOND: 0x3d,
  /** Memory above 4 GiB in units of 64 KiB, three bytes. */
  MEMORY_ABOVE_4G: 0x5b,
  /** Processors beyond the first. */
  MORE_CPUS: 0x5f,
} as const;

export const BOOT_DEVICE = { none: 0, floppy: 1, disk: 2, cdrom: 3, network: 4 } as const;
export const FLOPPY_TYPE = { none: 0, '360K': 1, '1.2M': 2, '720K': 3, '1.44M': 4, '2.88M': 5 } as const;
