/*
 * What goes into a case and what comes out of it, on the physical CPU and in the engine alike: 1,024 bytes, beginning with Linux's 32-bit
 * `struct sigcontext` (arch/x86/include/uapi/asm/sigcontext.h), in which the kernel loads a whole register state and reports the one at a fault.
 */
export const RECORD_BYTES = 1024;

/** Offsets of `struct sigcontext_32`. */
export const Context = {
  gs: 0,
  fs: 4,
  es: 8,
  ds: 12,
  edi: 16,
  esi: 20,
  ebp: 24,
  esp: 28,
  ebx: 32,
  edx: 36,
  ecx: 40,
  eax: 44,
  /** Exception vector and error code. */
  vector: 48,
  errorCode: 52,
  eip: 56,
  cs: 60,
  eflags: 64,
  ss: 72,
  fpstate: 76,
  cr2: 84,
} as const;
export const CONTEXT_BYTES = 88;
/** General registers by number. */
export const REGISTERS = [Context.eax, Context.ecx, Context.edx, Context.ebx, Context.esp, Context.ebp, Context.esi, Context.edi] as const;
/** Segment registers in the engine's order: ES CS SS DS FS GS. */
export const SEGMENTS = [Context.es, Context.cs, Context.ss, Context.ds, Context.fs, Context.gs] as const;

export const RECORD_SIGNAL = 88;
export const RECORD_CODE = 128;
export const CODE_BYTES = 64;
export const RECORD_DATA = 256;
export const RECORD_STACK = 512;
export const WINDOW_BYTES = 256;
/** FSAVE image in the 32-bit protected-mode format. */
export const RECORD_FPU = 768;
export const FPU_BYTES = 108;
/** MXCSR and XMM0..XMM7. */
export const RECORD_MXCSR = 880;
export const RECORD_XMM = 896;
export const XMM_BYTES = 128;

/** Pages both sides have; everything around them is unmapped. */
export const Place = { data: 0x80_0000, code: 0x90_0000, stack: 0xa0_0000 } as const;
export const PAGE = 0x1000;
/** The compared window is the end of the page, so that the next byte faults. */
export const WINDOW = PAGE - WINDOW_BYTES;
/** Here the native program itself is, and the engine's kernel: a case that reaches for it is not compared. */
export const isForbidden = (linear: number): boolean => (linear >= 0x0800_0000 && linear < 0x1000_0000) || linear >= 0xf000_0000;

/** Selectors of a 32-bit process under a 64-bit Linux. */
export const USER_CODE = 0x23;
export const USER_DATA = 0x2b;
export const USER_CODE_64 = 0x33;

export interface LocalDescriptor {
  readonly base: number;
  readonly limit: number;
  /** `contents` of Linux's `user_desc`: data, expand-down data, code, conforming code. */
  readonly kind: 0 | 1 | 2 | 3;
  readonly is32: boolean;
  /** Read-only data, execute-only code. */
  readonly isRestricted?: true;
  readonly isAbsent?: true;
}

/** The LDT of the cases; selector = 8 * index + 7. */
export const LOCAL_DESCRIPTORS: readonly LocalDescriptor[] = [
  { base: Place.data + WINDOW, limit: 0x7f, kind: 0, is32: true },
  { base: Place.data, limit: WINDOW - 1, kind: 1, is32: true },
  { base: Place.data + WINDOW, limit: 0xff, kind: 0, is32: true, isRestricted: true },
  { base: Place.code, limit: 0xffff, kind: 2, is32: false },
  { base: Place.code, limit: 0x3f, kind: 2, is32: true },
  { base: Place.stack, limit: 0xfff, kind: 0, is32: false },
  { base: Place.data, limit: WINDOW - 1, kind: 1, is32: false },
  { base: Place.data, limit: 0xfff, kind: 0, is32: true, isAbsent: true },
  { base: Place.code, limit: 0xff, kind: 2, is32: true, isRestricted: true },
  { base: Place.stack, limit: 0xfbf, kind: 0, is32: true },
  // Linux lets nobody have a conforming segment that is present.
  { base: 0, limit: 0xf_ffff, kind: 3, is32: true, isAbsent: true },
];
export const localSelector = (index: number): number => 8 * index + 7;
/** The conforming code segment counts its limit in pages. */
export const inPages = (index: number): boolean => LOCAL_DESCRIPTORS[index]!.limit > 0xffff;
