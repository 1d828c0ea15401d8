/* Bits and numbers of the architecture by their SDM names (Vol. 3A chapters 2, 3, 6 and 7). */

/** EFLAGS (SDM Vol. 1 3.4.3). */
export const EFLAGS = {
  CF: 0x1,
  FIXED: 0x2,
  PF: 0x4,
  AF: 0x10,
  ZF: 0x40,
  SF: 0x80,
  TF: 0x100,
  IF: 0x200,
  DF: 0x400,
  OF: 0x800,
  IOPL: 0x3000,
  NT: 0x4000,
  RF: 0x1_0000,
  VM: 0x2_0000,
  AC: 0x4_0000,
  VIF: 0x8_0000,
  VIP: 0x10_0000,
  ID: 0x20_0000,
} as const;
/** CF, PF, AF, ZF, SF, OF. */
export const OSZAPC = 0x8d5;
/** Every bit that EFLAGS has; the others read as zero, FIXED as one. */
export const EFLAGS_DEFINED = 0x3f_7fd5;

export const CR0 = {
  PE: 0x1,
  MP: 0x2,
  EM: 0x4,
  TS: 0x8,
  ET: 0x10,
  NE: 0x20,
  WP: 0x1_0000,
  AM: 0x4_0000,
  NW: 0x2000_0000,
  CD: 0x4000_0000,
  PG: 0x8000_0000,
} as const;

export const CR4 = { TSD: 0x4, DE: 0x8, PSE: 0x10, PGE: 0x80, OSFXSR: 0x200, OSXMMEXCPT: 0x400 } as const;

/** DR6 status and DR7 control bits (SDM Vol. 3B 17.2). */
export const DR6 = { BD: 0x2000, BS: 0x4000, BT: 0x8000, FIXED: 0xffff_0ff0 } as const;
export const DR7 = { ENABLED: 0xff, GD: 0x2000, FIXED: 0x400 } as const;

/** Exception vectors (SDM Vol. 3A table 6-1). */
export const Vector = {
  DE: 0,
  DB: 1,
  NMI: 2,
  BP: 3,
  OF: 4,
  BR: 5,
  UD: 6,
  NM: 7,
  DF: 8,
  TS: 10,
  NP: 11,
  SS: 12,
  GP: 13,
  PF: 14,
  MF: 16,
  AC: 17,
  XM: 19,
} as const;

/** Type field of system descriptors (SDM Vol. 3A table 3-2). */
export const SystemType = {
  tss16Available: 1,
  ldt: 2,
  tss16Busy: 3,
  callGate16: 4,
  taskGate: 5,
  interruptGate16: 6,
  trapGate16: 7,
  tss32Available: 9,
  tss32Busy: 11,
  callGate32: 12,
  interruptGate32: 14,
  trapGate32: 15,
} as const;

/** Access rights as the segment fields hold them (state.ts SegmentField.attributes). */
export const Rights = {
  ACCESSED: 0x1,
  /** Data: writable; code: readable. */
  WRITABLE: 0x2,
  READABLE: 0x2,
  /** Data: expand-down; code: conforming. */
  EXPAND_DOWN: 0x4,
  CONFORMING: 0x4,
  CODE: 0x8,
  /** S: code or data, not a system segment. */
  SEGMENT: 0x10,
  DPL: 0x60,
  PRESENT: 0x80,
  /** D/B: 32-bit code, ESP as stack pointer, 4 GiB upper bound of expand-down. */
  BIG: 0x4000,
  GRANULARITY: 0x8000,
  UNUSABLE: 0x1_0000,
} as const;
