/** System control port B (IBM AT technical reference; 82371SB data sheet 2.5.5.1, NMI status and control register). */
export const PORT_61 = 0x61;
export const PORT_B = {
  TIMER_2_GATE: 0x01,
  SPEAKER_DATA: 0x02,
  PARITY_CHECK_DISABLE: 0x04,
  CHANNEL_CHECK_DISABLE: 0x08,
  REFRESH: 0x10,
  TIMER_2_OUT: 0x20,
  WRITABLE: 0x0f,
} as const;
/** DRAM refresh asked for every 18 ticks of the timer's clock: 15.085 us. */
export const REFRESH_NS = 15_085n;
