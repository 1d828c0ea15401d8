/** ICW1, written to A0=0 with bit 4 set: begins initialization (8259A data sheet 231468-003, figure 7). */
export const ICW1 = { NEEDS_ICW4: 0x01, SINGLE: 0x02, INIT: 0x10 } as const;

/** ICW4: modes of the chip (figure 7). */
export const ICW4 = { AUTOMATIC_EOI: 0x02, SPECIAL_FULLY_NESTED: 0x10 } as const;

/** OCW2, written to A0=0 with bits 4 and 3 clear: bits 7..5 select the action, bits 2..0 a level (figure 8). */
export const OCW2 = {
  ROTATE_IN_AUTOMATIC_EOI_CLEAR: 0,
  NON_SPECIFIC_EOI: 1,
  NO_OPERATION: 2,
  SPECIFIC_EOI: 3,
  ROTATE_IN_AUTOMATIC_EOI_SET: 4,
  ROTATE_ON_NON_SPECIFIC_EOI: 5,
  SET_PRIORITY: 6,
  ROTATE_ON_SPECIFIC_EOI: 7,
} as const;

/** OCW3, written to A0=0 with bit 3 set (figure 8). */
export const OCW3 = {
  READ_IRR: 0x02,
  READ_ISR: 0x03,
  POLL: 0x04,
  SELECT: 0x08,
  SPECIAL_MASK: 0x20,
  ENABLE_SPECIAL_MASK: 0x40,
} as const;

/** Answer to a poll: bit 7 says that a request was taken, bits 2..0 which. */
export const POLL_INTERRUPT = 0x80;

/** I/O ports of the PC's pair, and of the edge/level control registers that the PIIX adds (82371SB data sheet, 2.5.3). */
export const PIC_PORTS = { FIRST: 0x20, SECOND: 0xa0, ELCR_FIRST: 0x4d0, ELCR_SECOND: 0x4d1 } as const;

/** IRQs whose trigger mode the ELCR may change: 0, 1, 2, 8 and 13 are always edge-triggered. */
export const ELCR_WRITABLE = { FIRST: 0xf8, SECOND: 0xde } as const;

/** Input of the first chip that the second one's INT output drives. */
export const CASCADE_INPUT = 2;
