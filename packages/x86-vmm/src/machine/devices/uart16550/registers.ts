/*
 * Names and bits of the 16550A, from the National Semiconductor PC16550D data sheet (TL/C/8652), table II.
 */

/** Offsets from the UART's base. DLL and DLM take the place of the first two while LCR.DLAB is set. */
export const UART = { RBR_THR: 0, IER: 1, IIR_FCR: 2, LCR: 3, MCR: 4, LSR: 5, MSR: 6, SCR: 7 } as const;
export const UART_PORTS = { COM1: 0x3f8, COM2: 0x2f8, COM3: 0x3e8, COM4: 0x2e8 } as const;
/** Crystal; the divisor gives 16 clocks a bit. */
export const UART_HZ = 1_843_200;

export const IER = { RECEIVED_DATA: 0x01, TRANSMITTER_EMPTY: 0x02, LINE_STATUS: 0x04, MODEM_STATUS: 0x08 } as const;
/** Interrupt identification, most urgent first. */
export const IIR = {
  LINE_STATUS: 0x06,
  RECEIVED_DATA: 0x04,
  CHARACTER_TIMEOUT: 0x0c,
  TRANSMITTER_EMPTY: 0x02,
  MODEM_STATUS: 0x00,
  NONE: 0x01,
  FIFOS: 0xc0,
} as const;
export const FCR = { ENABLE: 0x01, RESET_RECEIVER: 0x02, RESET_TRANSMITTER: 0x04, TRIGGER_SHIFT: 6 } as const;
/** Characters at which the receiver interrupts, by FCR bits 7..6. */
export const TRIGGER_LEVELS = [1, 4, 8, 14] as const;
export const LCR = { WORD_LENGTH: 0x03, TWO_STOP_BITS: 0x04, PARITY: 0x08, BREAK: 0x40, DLAB: 0x80 } as const;
export const MCR = { DTR: 0x01, RTS: 0x02, OUT1: 0x04, OUT2: 0x08, LOOP: 0x10 } as const;
export const LSR = {
  DATA_READY: 0x01,
  OVERRUN: 0x02,
  PARITY: 0x04,
  FRAMING: 0x08,
  BREAK: 0x10,
  THR_EMPTY: 0x20,
  TRANSMITTER_EMPTY: 0x40,
  FIFO_ERROR: 0x80,
  ERRORS: 0x1e,
} as const;
export const MSR = {
  DELTA_CTS: 0x01,
  DELTA_DSR: 0x02,
  TRAILING_RI: 0x04,
  DELTA_DCD: 0x08,
  CTS: 0x10,
  DSR: 0x20,
  RI: 0x40,
  DCD: 0x80,
  DELTAS: 0x0f,
} as const;
export const FIFO_CHARACTERS = 16;
