/*
 * VMware's backdoor port and the absolute pointer behind it ("VMMouse").
 * Sources: the public vmmouse protocol as the open-source X and Linux drivers speak it; VMware "open-vm-tools" backdoor definitions.
 */

export const VMMOUSE_PORT = 0x5658;
/** EAX of every call: "VMXh". */
export const BACKDOOR_MAGIC = 0x564d5868;

/** Command in CX. */
export const BACKDOOR = { GET_VERSION: 10, POINTER_DATA: 39, POINTER_STATUS: 40, POINTER_COMMAND: 41 } as const;
/** EAX and ECX of GET_VERSION: protocol version 6, a Workstation. */
export const VERSION = { PROTOCOL: 6, PRODUCT: 4 } as const;

/** EBX of POINTER_COMMAND. */
export const POINTER_COMMAND = {
  /** Enables, and puts VERSION_ID into the queue. */
  ENABLE: 0x45414552,
  DISABLE: 0x000000f5,
  RELATIVE: 0x4c455252,
  ABSOLUTE: 0x53424152,
} as const;
/** First word after ENABLE. */
export const VERSION_ID = 0x3442554a;

/** Status: words in the queue in the low half, all ones in the high half while disabled. */
export const STATUS_ERROR = 0xffff_0000;
/** First word of a packet. */
export const PACKET = { RELATIVE: 0x0001_0000, LEFT: 0x20, RIGHT: 0x10, MIDDLE: 0x08 } as const;
export const WORDS_PER_PACKET = 4;
