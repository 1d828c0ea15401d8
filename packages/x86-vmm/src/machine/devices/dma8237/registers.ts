/*
 * Names and bits of the 8237A (Intel data sheet 231466) and of the PC's page registers (IBM AT technical reference; 82371SB 2.5.2).
 */

/** Ports: the second chip's registers lie two apart, because its A0 is the bus's A1. */
export const DMA_PORTS = { FIRST: 0x00, SECOND: 0xc0, PAGES: 0x81 } as const;

/** Registers after the eight address and count registers. */
export const DMA = {
  STATUS_COMMAND: 8,
  REQUEST: 9,
  SINGLE_MASK: 10,
  MODE: 11,
  CLEAR_FLIP_FLOP: 12,
  MASTER_CLEAR: 13,
  CLEAR_MASK: 14,
  ALL_MASK: 15,
} as const;

export const COMMAND = { DISABLE: 0x04 } as const;
export const MODE = {
  TRANSFER: 0x0c,
  VERIFY: 0x00,
  WRITE: 0x04,
  READ: 0x08,
  AUTOINITIALIZE: 0x10,
  DECREMENT: 0x20,
  CASCADE: 0xc0,
  KIND: 0xc0,
} as const;
/** Single mask and request registers: bit 2 is the value, bits 1..0 the channel. */
export const SET_BIT = 0x04;

/** Offset from 0x81 of each channel's page register; channel 4 is the cascade, whose register is the refresh page. */
export const PAGE_OFFSET = [0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a].map((port) => port - DMA_PORTS.PAGES);
export const CASCADE_CHANNEL = 4;
