/*
 * Registers of the PIIX4's power management and SMBus functions. Sources: Intel 82371AB data sheet 290562, 7.2 and 7.3;
 * ACPI specification 1.0b, 4.7 (PM1 block, PM timer, GPE0).
 */

/** Offsets from PMBASE; the block is 64 bytes. */
export const PM = {
  PM1_STATUS: 0x00,
  PM1_ENABLE: 0x02,
  PM1_CONTROL: 0x04,
  PM_TIMER: 0x08,
  GPE0_STATUS: 0x0c,
  GPE0_ENABLE: 0x0e,
  PROCESSOR_CONTROL: 0x10,
  GLOBAL_STATUS: 0x18,
  GLOBAL_CONTROL: 0x28,
} as const;
export const PM_BYTES = 0x40;
/** QEMU's tables, and with them some firmware, expect GPE0 here: two bytes status, two enable. */
export const GPE0_ALIAS = { BASE: 0xafe0, BYTES: 4 } as const;

/** PM1 status and enable bits. */
export const PM1 = { TIMER: 0x0001, BUS_MASTER: 0x0010, GLOBAL: 0x0020, POWER_BUTTON: 0x0100, RTC: 0x0400, WAKE: 0x8000 } as const;
/** Bits of PM1 enable that exist. */
export const PM1_ENABLE_WRITABLE = 0x0521;
export const CONTROL = { SCI_ENABLE: 0x0001, WRITABLE: 0x1c03, SLEEP_TYPE_SHIFT: 10, SLEEP_TYPE: 0x7, SLEEP_ENABLE: 0x2000 } as const;

/** 3.579545 MHz, 24 bits; TMR_STS when the top bit changes either way (ACPI 1.0b, 4.7.2.1). */
export const PM_TIMER = { HZ: 3_579_545, MASK: 0xff_ffff, HALF: 0x80_0000 } as const;

/** SMI command and status ports of the ISA bridge. */
export const APM = { CONTROL: 0xb2, STATUS: 0xb3 } as const;
/** What the FADT tells the system to write to APMC (the values QEMU's tables have). */
export const APM_COMMAND = { ACPI_ENABLE: 0xf1, ACPI_DISABLE: 0xf0 } as const;

/** SMBus host controller, offsets from its base. */
export const SMB = { HOST_STATUS: 0x0, HOST_CONTROL: 0x2, HOST_COMMAND: 0x3, HOST_ADDRESS: 0x4, HOST_DATA_0: 0x5 } as const;
export const SMB_BYTES = 0x10;
export const SMB_STATUS = { INTERRUPT: 0x02, DEVICE_ERROR: 0x04, CLEARED_BY_ONE: 0x1e } as const;
export const SMB_CONTROL = { START: 0x40 } as const;
