/** Frequency of the counters' CLK inputs: 14.31818 MHz / 12. */
export const PIT_HZ = 1_193_182;

/** I/O offsets from 0x40. */
export const PIT_OFFSET = { COUNTER_0: 0, COUNTER_1: 1, COUNTER_2: 2, CONTROL: 3 } as const;
export const PIT_BASE = 0x40;

/** Control word (8254 data sheet 231164, figure 7): SC1 SC0 RW1 RW0 M2 M1 M0 BCD. */
export const CONTROL_WORD = {
  SELECT_SHIFT: 6,
  READ_BACK: 3,
  ACCESS_SHIFT: 4,
  ACCESS_LATCH: 0,
  ACCESS_LOW: 1,
  ACCESS_HIGH: 2,
  ACCESS_BOTH: 3,
  MODE_SHIFT: 1,
  BCD: 0x01,
  /** What the status byte repeats of it. */
  PROGRAMMED: 0x3f,
} as const;

/** Read-back command (figure 10): bits 5 and 4 low select, bits 3..1 name counters. */
export const READ_BACK = { NO_COUNT: 0x20, NO_STATUS: 0x10, COUNTER_0: 0x02 } as const;

/** Status byte of a read-back (figure 11). */
export const STATUS = { OUTPUT: 0x80, NULL_COUNT: 0x40 } as const;

/** Names of figure 7's modes; 6 and 7 select 2 and 3. */
export const MODE = {
  INTERRUPT_ON_TERMINAL_COUNT: 0,
  ONE_SHOT: 1,
  RATE_GENERATOR: 2,
  SQUARE_WAVE: 3,
  SOFTWARE_STROBE: 4,
  HARDWARE_STROBE: 5,
} as const;
