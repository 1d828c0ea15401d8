/*
 * Register names and bits of PCI configuration space, mechanism #1 and the chipset's own registers.
 * Sources: PCI Local Bus Specification 2.1 ch. 3 and 6; Intel 82441FX (290549), 82371SB PIIX3 (290550), 82371AB PIIX4 (290562).
 */

/** CONFADD and CONFDATA (PCI 2.1, 3.7.4.1). */
export const CONFIG_PORT = { ADDRESS: 0xcf8, DATA: 0xcfc } as const;
export const CONFIG_ADDRESS = { ENABLE: 0x8000_0000, STORED: 0x80ff_fffc } as const;

/** Offsets of the type 00h header (PCI 2.1, figure 6-1). */
export const HEADER = {
  VENDOR: 0x00,
  DEVICE: 0x02,
  COMMAND: 0x04,
  STATUS: 0x06,
  REVISION: 0x08,
  CLASS: 0x09,
  LATENCY: 0x0d,
  HEADER_TYPE: 0x0e,
  BAR_0: 0x10,
  SUBSYSTEM_VENDOR: 0x2c,
  SUBSYSTEM: 0x2e,
  EXPANSION_ROM: 0x30,
  INTERRUPT_LINE: 0x3c,
  INTERRUPT_PIN: 0x3d,
} as const;
export const COMMAND = { IO: 0x0001, MEMORY: 0x0002, MASTER: 0x0004 } as const;
/** Bits of the command register that our functions keep: I/O, memory, master, parity, SERR. */
export const COMMAND_WRITABLE = 0x0147;
/** Status bits that a 1 clears, in the upper byte: parity, SERR, aborts. */
export const STATUS_CLEARED_BY_ONE = 0xf900;
export const MULTI_FUNCTION = 0x80;
export const BAR = { IO: 0x1, PREFETCHABLE: 0x8, IO_ADDRESS: 0xffff_fffc, MEMORY_ADDRESS: 0xffff_fff0 } as const;
export const ROM_BAR = { ENABLE: 0x1, ADDRESS: 0xffff_f800 } as const;

/** 82441FX: PAM0..PAM6 and SMRAM (290549, 3.2.18 and 3.2.20). */
export const I440FX = { PAM_0: 0x59, PAM_6: 0x5f, SMRAM: 0x72 } as const;
export const PAM = { READ_ENABLE: 0x1, WRITE_ENABLE: 0x2 } as const;
export const SMRAM = { LOCKED: 0x10, OPEN: 0x40, BASE_SEGMENT_A: 0x02, WRITABLE: 0x78 } as const;

/** PIIX3 PCI-to-ISA bridge (290550, 2.2). */
export const PIIX3_ISA = {
  IORT: 0x4c,
  XBCS: 0x4e,
  PIRQRC_A: 0x60,
  TOM: 0x69,
  MSTAT: 0x6a,
  MBIRQ_0: 0x70,
  DLC: 0x82,
  SMICNTL: 0xa0,
} as const;
export const PIRQ_ROUTE = { DISABLED: 0x80, IRQ: 0x0f } as const;

/** PIIX3 IDE (290550, 2.3). */
export const PIIX3_IDE = { BMIBA: 0x20, IDETIM_PRIMARY: 0x40, IDETIM_SECONDARY: 0x42, SIDETIM: 0x44 } as const;

/** PIIX4 power management (290562, 7.1). */
export const PIIX4_PM = { PMBA: 0x40, DEVRESB: 0x58, PMREGMISC: 0x80, SMBBA: 0x90, SMBHSTCFG: 0xd2 } as const;
export const PMREGMISC = { PMIOSE: 0x01 } as const;
export const SMBHSTCFG = { ENABLE: 0x01 } as const;
/** Device resource B: a write to APMC raises an SMI. Set at reset on a board without system management mode (see piix4-pm-function.ts). */
export const DEVACTB_APMC_EN = 0x0200_0000;

/** Vendor, device and class numbers. */
export const ID = {
  INTEL: 0x8086,
  I440FX: 0x1237,
  PIIX3_ISA: 0x7000,
  PIIX3_IDE: 0x7010,
  PIIX4_PM: 0x7113,
  QEMU_VGA_VENDOR: 0x1234,
  QEMU_VGA: 0x1111,
} as const;
/** Subsystem that QEMU's functions carry: by the host bridge's, SeaBIOS knows a virtual machine. */
export const SUBSYSTEM = { VENDOR: 0x1af4, DEVICE: 0x1100 } as const;
export const CLASS = {
  HOST_BRIDGE: 0x06_0000,
  ISA_BRIDGE: 0x06_0100,
  IDE_BUS_MASTER: 0x01_0180,
  OTHER_BRIDGE: 0x06_8000,
  VGA: 0x03_0000,
} as const;
