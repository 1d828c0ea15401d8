/*
 * Names and bits of the keyboard controller and of the two PS/2 devices.
 * Sources: IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller", "Keyboards
 * (101- and 102-Key)" and "Mouse"; Intel 8042 data sheet; Microsoft "Keyboard Scan Code Specification" 1.3a;
 * Microsoft IntelliMouse and IntelliMouse Explorer identification.
 */

export const I8042_PORTS = { DATA: 0x60, COMMAND: 0x64 } as const;

/** Status register, read at 0x64. */
export const STATUS = {
  OUTPUT_BUFFER_FULL: 0x01,
  SYSTEM_FLAG: 0x04,
  COMMAND: 0x08,
  NOT_INHIBITED: 0x10,
  AUXILIARY_OUTPUT: 0x20,
} as const;

/** Command byte: address 0 of the controller's RAM. */
export const COMMAND_BYTE = {
  KEYBOARD_INTERRUPT: 0x01,
  AUXILIARY_INTERRUPT: 0x02,
  SYSTEM_FLAG: 0x04,
  DISABLE_KEYBOARD: 0x10,
  DISABLE_AUXILIARY: 0x20,
  TRANSLATE: 0x40,
} as const;

/** Controller commands, written to 0x64. */
export const CONTROLLER = {
  READ_RAM: 0x20,
  WRITE_RAM: 0x60,
  TEST_PASSWORD: 0xa4,
  DISABLE_AUXILIARY: 0xa7,
  ENABLE_AUXILIARY: 0xa8,
  TEST_AUXILIARY: 0xa9,
  SELF_TEST: 0xaa,
  TEST_KEYBOARD: 0xab,
  DISABLE_KEYBOARD: 0xad,
  ENABLE_KEYBOARD: 0xae,
  READ_INPUT_PORT: 0xc0,
  READ_OUTPUT_PORT: 0xd0,
  WRITE_OUTPUT_PORT: 0xd1,
  WRITE_KEYBOARD_OUTPUT: 0xd2,
  WRITE_AUXILIARY_OUTPUT: 0xd3,
  WRITE_AUXILIARY_DEVICE: 0xd4,
  DISABLE_A20: 0xdd,
  ENABLE_A20: 0xdf,
  READ_TEST_INPUTS: 0xe0,
  PULSE_OUTPUT: 0xf0,
} as const;

export const CONTROLLER_REPLY = { SELF_TEST_PASSED: 0x55, INTERFACE_GOOD: 0x00, NO_PASSWORD: 0xf1 } as const;

/** Output port of the 8042. Bits 4 and 5 repeat the state of the output buffer. */
export const OUTPUT_PORT = { NOT_RESET: 0x01, A20: 0x02, KEYBOARD_FULL: 0x10, AUXILIARY_FULL: 0x20, LINES_HIGH: 0xc0 } as const;
/** Input port: keyboard not locked, colour display, manufacturing jumper not fitted. */
export const INPUT_PORT = 0xb0;
/** Test inputs: both clock lines idle high. */
export const TEST_INPUTS_IDLE = 0x03;

/** Answers of both PS/2 devices. */
export const REPLY = { ACKNOWLEDGE: 0xfa, RESEND: 0xfe, ECHO: 0xee, TEST_PASSED: 0xaa } as const;

/** Keyboard commands. */
export const KEYBOARD = {
  SET_LEDS: 0xed,
  ECHO: 0xee,
  SCAN_CODE_SET: 0xf0,
  IDENTIFY: 0xf2,
  TYPEMATIC: 0xf3,
  ENABLE: 0xf4,
  DEFAULT_DISABLE: 0xf5,
  DEFAULT: 0xf6,
  ALL_TYPEMATIC: 0xf7,
  ALL_MAKE_BREAK: 0xf8,
  ALL_MAKE: 0xf9,
  ALL_TYPEMATIC_MAKE_BREAK: 0xfa,
  KEY_TYPEMATIC: 0xfb,
  KEY_MAKE_BREAK: 0xfc,
  KEY_MAKE: 0xfd,
  RESEND: 0xfe,
  RESET: 0xff,
} as const;

/** An MF2 keyboard's identification. */
export const KEYBOARD_ID = [0xab, 0x83] as const;
/** 500 ms delay, 10.9 characters a second. */
export const DEFAULT_TYPEMATIC = 0x2b;

/** Mouse commands. */
export const MOUSE = {
  SCALING_1_1: 0xe6,
  SCALING_2_1: 0xe7,
  RESOLUTION: 0xe8,
  STATUS: 0xe9,
  STREAM_MODE: 0xea,
  READ_DATA: 0xeb,
  RESET_WRAP: 0xec,
  WRAP_MODE: 0xee,
  REMOTE_MODE: 0xf0,
  READ_ID: 0xf2,
  SAMPLE_RATE: 0xf3,
  ENABLE: 0xf4,
  DISABLE: 0xf5,
  DEFAULT: 0xf6,
  RESEND: 0xfe,
  RESET: 0xff,
} as const;

/** Device ids, and the sample rates that a driver sets one after the other to unlock the larger packets. */
export const MOUSE_ID = { STANDARD: 0, WHEEL: 3, EXPLORER: 4 } as const;
export const UNLOCK_WHEEL = [200, 100, 80] as const;
export const UNLOCK_EXPLORER = [200, 200, 80] as const;

/** First byte of a packet. */
export const PACKET = { ALWAYS: 0x08, X_SIGN: 0x10, Y_SIGN: 0x20 } as const;
/** Second byte of a status reply's first byte. */
export const MOUSE_STATUS = { SCALING_2_1: 0x10, ENABLED: 0x20, REMOTE: 0x40 } as const;
/** Buttons as `Ps2Mouse.move` takes them; the first three are the packet's bits. */
export const BUTTON = { LEFT: 0x01, RIGHT: 0x02, MIDDLE: 0x04, BACK: 0x08, FORWARD: 0x10 } as const;
