/*
 * Register names and bits of the VGA and of the Bochs display extensions.
 * Sources: IBM Video Subsystem Technical Reference (VGA), FreeVGA register reference; "Bochs VBE DISPI" interface (vbe_display_api.txt).
 */

/** I/O ports. The CRTC and status 1 answer at 3Bx in monochrome and at 3Dx in colour emulation (MISC.COLOR). */
export const PORT = {
  CRTC_INDEX_MONO: 0x3b4,
  STATUS_1_MONO: 0x3ba,
  ATTRIBUTE: 0x3c0,
  ATTRIBUTE_READ: 0x3c1,
  /** Write: miscellaneous output; read: input status 0. */
  MISC_WRITE: 0x3c2,
  ENABLE: 0x3c3,
  SEQUENCER_INDEX: 0x3c4,
  SEQUENCER_DATA: 0x3c5,
  DAC_MASK: 0x3c6,
  /** Write: read index; read: DAC state. */
  DAC_READ_INDEX: 0x3c7,
  DAC_WRITE_INDEX: 0x3c8,
  DAC_DATA: 0x3c9,
  FEATURE_READ: 0x3ca,
  MISC_READ: 0x3cc,
  GRAPHICS_INDEX: 0x3ce,
  GRAPHICS_DATA: 0x3cf,
  CRTC_INDEX_COLOR: 0x3d4,
  STATUS_1_COLOR: 0x3da,
  DISPI_INDEX: 0x1ce,
  DISPI_DATA: 0x1cf,
} as const;

/** Miscellaneous output register. */
export const MISC = { COLOR: 0x01, RAM_ENABLE: 0x02, CLOCK_28_MHZ: 0x04, CLOCK_MASK: 0x0c } as const;

export const STATUS_1 = { DISPLAY_DISABLED: 0x01, VERTICAL_RETRACE: 0x08 } as const;
/** Input status 0: what the monitor detection sees. */
export const STATUS_0 = { SWITCH_SENSE: 0x10 } as const;

export const SEQ = { RESET: 0, CLOCKING_MODE: 1, MAP_MASK: 2, CHARACTER_MAP: 3, MEMORY_MODE: 4 } as const;
export const SEQ_COUNT = 5;
export const CLOCKING = { EIGHT_DOTS: 0x01, HALF_DOT_CLOCK: 0x08, SCREEN_OFF: 0x20 } as const;
export const MEMORY_MODE = { EXTENDED: 0x02, SEQUENTIAL: 0x04, CHAIN_4: 0x08 } as const;

export const CRTC = {
  HORIZONTAL_TOTAL: 0x00,
  HORIZONTAL_DISPLAY_END: 0x01,
  VERTICAL_TOTAL: 0x06,
  OVERFLOW: 0x07,
  PRESET_ROW_SCAN: 0x08,
  MAXIMUM_SCAN_LINE: 0x09,
  CURSOR_START: 0x0a,
  CURSOR_END: 0x0b,
  START_HIGH: 0x0c,
  START_LOW: 0x0d,
  CURSOR_HIGH: 0x0e,
  CURSOR_LOW: 0x0f,
  VERTICAL_RETRACE_START: 0x10,
  VERTICAL_RETRACE_END: 0x11,
  VERTICAL_DISPLAY_END: 0x12,
  OFFSET: 0x13,
  UNDERLINE: 0x14,
  MODE_CONTROL: 0x17,
  LINE_COMPARE: 0x18,
} as const;
export const CRTC_COUNT = 0x19;
/** Overflow register: bits 8 and 9 of vertical values. */
export const OVERFLOW = {
  VERTICAL_TOTAL_8: 0x01,
  VERTICAL_DISPLAY_END_8: 0x02,
  VERTICAL_RETRACE_START_8: 0x04,
  LINE_COMPARE_8: 0x10,
  VERTICAL_TOTAL_9: 0x20,
  VERTICAL_DISPLAY_END_9: 0x40,
  VERTICAL_RETRACE_START_9: 0x80,
} as const;
export const SCAN_LINE = { HEIGHT: 0x1f, LINE_COMPARE_9: 0x40, DOUBLE_SCAN: 0x80 } as const;
export const PRESET_ROW = { SCAN: 0x1f, BYTE_PANNING_SHIFT: 5 } as const;
export const CURSOR_START = { SCAN: 0x1f, OFF: 0x20 } as const;
export const CURSOR_END = { SCAN: 0x1f, SKEW_SHIFT: 5 } as const;
/** Vertical retrace end: registers 0..7 are read-only, except LINE_COMPARE_8. */
export const RETRACE_END = { PROTECT: 0x80 } as const;
export const UNDERLINE = { SCAN: 0x1f, DOUBLE_WORD: 0x40 } as const;
/** Mode control: address line 13 (14) is the row scan counter's bit 0 (1) when the bit is clear. */
export const MODE_CONTROL = { NO_CGA_INTERLEAVE: 0x01, NO_HERCULES_INTERLEAVE: 0x02, BYTE_MODE: 0x40, SYNC_ENABLE: 0x80 } as const;

export const GFX = {
  SET_RESET: 0,
  ENABLE_SET_RESET: 1,
  COLOR_COMPARE: 2,
  DATA_ROTATE: 3,
  READ_MAP: 4,
  MODE: 5,
  MISCELLANEOUS: 6,
  COLOR_DONT_CARE: 7,
  BIT_MASK: 8,
} as const;
export const GFX_COUNT = 9;
export const DATA_ROTATE = { COUNT: 0x07, FUNCTION_SHIFT: 3, FUNCTION: 0x03 } as const;
export const GFX_MODE = { WRITE_MODE: 0x03, READ_MODE_1: 0x08, ODD_EVEN: 0x10, SHIFT_INTERLEAVE: 0x20, SHIFT_256: 0x40 } as const;
export const GFX_MISC = { GRAPHICS: 0x01, CHAIN_ODD_EVEN: 0x02, MEMORY_MAP_SHIFT: 2, MEMORY_MAP: 0x03 } as const;

export const ATTR = { MODE: 0x10, OVERSCAN: 0x11, PLANE_ENABLE: 0x12, PIXEL_PANNING: 0x13, COLOR_SELECT: 0x14 } as const;
export const ATTR_COUNT = 0x15;
export const ATTR_INDEX = { REGISTER: 0x1f, PALETTE_ADDRESS_SOURCE: 0x20 } as const;
export const ATTR_MODE = {
  GRAPHICS: 0x01,
  MONO: 0x02,
  LINE_GRAPHICS: 0x04,
  BLINK: 0x08,
  PANNING_STOPS_AT_SPLIT: 0x20,
  PIXEL_8_BIT: 0x40,
  PALETTE_54_FROM_SELECT: 0x80,
} as const;

/** Bochs display interface register indices. */
export const DISPI = {
  ID: 0x0,
  XRES: 0x1,
  YRES: 0x2,
  BPP: 0x3,
  ENABLE: 0x4,
  BANK: 0x5,
  VIRT_WIDTH: 0x6,
  VIRT_HEIGHT: 0x7,
  X_OFFSET: 0x8,
  Y_OFFSET: 0x9,
  VIDEO_MEMORY_64K: 0xa,
} as const;
export const DISPI_COUNT = 0xb;
export const DISPI_ENABLE = { ENABLED: 0x01, GETCAPS: 0x02, DAC_8_BIT: 0x20, LFB: 0x40, NO_CLEAR: 0x80 } as const;
export const DISPI_ID_OLDEST = 0xb0c0;
export const DISPI_ID_NEWEST = 0xb0c5;

/** Offsets in the register window of the PCI function (public description of QEMU's standard VGA). */
export const MMIO = {
  VGA_PORTS: 0x400,
  VGA_PORTS_END: 0x420,
  DISPI: 0x500,
  DISPI_END: 0x516,
  EXTENSION_SIZE: 0x600,
  BYTE_ORDER: 0x604,
} as const;
export const MMIO_BYTES = 0x1000;
/** What BYTE_ORDER reads as when pixels are little-endian: the only order this adapter has. */
export const LITTLE_ENDIAN_PIXELS = 0x1e1e_1e1e;
