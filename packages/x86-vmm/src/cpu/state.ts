/*
 * Where everything is in a machine's one WebAssembly memory. Interpreter, translator, memory management unit, floating-point
 * kernels and the TypeScript bodies of slow instructions share this layout; a KVM engine copies its registers here.
 *
 * All addresses are bytes. Registers have 64-bit slots so that 64-bit operand size finds its place; 32-bit code uses the low half.
 * Everything below `CPU_STATE_END` is saved and hashed; tables above it are caches and are rebuilt.
 */

/** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8..R15: sixteen 64-bit slots, SDM numbering. */
export const GPR = 0x0040;
/** A slot that always reads as zero (absent base or index register). */
export const ZERO = 0x00c0;
/** Instruction pointer of the next instruction to execute (offset in CS). */
export const EIP = 0x00c8;

/**
 * OSZAPC, kept so that an instruction sets them with two stores and a condition needs no branch: the sign-extended result and the
 * carries out of its bits. Only flags.ts knows the form; read and write them there.
 */
export const FLAG_CARRIES = 0x00d0;
export const FLAG_RESULT = 0x00e8;
/** EFLAGS bits that are not OSZAPC: TF, IF, DF, IOPL, NT, RF, VM, AC, VIF, VIP, ID; bit 1 is set. */
export const EFLAGS_SYSTEM = 0x00f0;
/** Current privilege level, 0..3 (3 in virtual-8086 mode). */
export const CPL = 0x00f4;

/** CR0, CR2, CR3, CR4 and CR8 by number (64-bit slots; CR1 unused). */
export const CR = 0x0100;
/** DR0..DR7, 64-bit slots. */
export const DR = 0x0148;

/** Segment registers in SDM order, `SEGMENT_BYTES` apart: ES CS SS DS FS GS, then LDTR and TR. */
export const SEGMENT = 0x0200;
export const SEGMENT_BYTES = 0x28;
export const SegmentIndex = { ES: 0, CS: 1, SS: 2, DS: 3, FS: 4, GS: 5, LDTR: 6, TR: 7 } as const;
/**
 * Fields of one segment register. `attributes` are the descriptor's access rights as VMX has them: bits 3..0 type, 4 S, 6..5 DPL, 7 P,
 * 12 AVL, 13 L, 14 D/B, 15 G, 16 unusable. An access of n bytes at offset o is within bounds when o >= low and o + n - 1 <= high
 * (unsigned 64-bit arithmetic): `low`/`highRead` for reads and `lowWrite`/`highWrite` for writes say it for expand-up, expand-down, read-only,
 * execute-only and null segments alike (never: low = 0xffffffff, high = 0). Writes need a `low` of their own because with low = 0 no high
 * refuses one byte at offset 0.
 */
export const SegmentField = {
  base: 0x00,
  limit: 0x08,
  attributes: 0x0c,
  selector: 0x10,
  low: 0x14,
  highRead: 0x18,
  highWrite: 0x1c,
  lowWrite: 0x20,
} as const;

/** GDTR and IDTR: base (64-bit slot), limit. */
export const GDTR_BASE = 0x0340;
export const GDTR_LIMIT = 0x0348;
export const IDTR_BASE = 0x0350;
export const IDTR_LIMIT = 0x0358;

/** Model-specific registers that are more than a constant; 64-bit slots. */
export const MSR_SYSENTER_CS = 0x0360;
export const MSR_SYSENTER_ESP = 0x0368;
export const MSR_SYSENTER_EIP = 0x0370;
/** Added to the guest clock's TSC (WRMSR 10h). */
export const TSC_OFFSET = 0x0378;

/** Non-zero inhibits interrupts until the next instruction has completed: 1 after STI, 2 after MOV SS and POP SS (debug traps and NMI too). */
export const INTERRUPT_SHADOW = 0x0380;
/** 1 after HLT until an interrupt, NMI or reset. */
export const HALTED = 0x0384;
/** Physical address mask of the A20 gate: 0xffffffff or 0xffefffff. */
export const A20_MASK = 0x0388;
/** Instructions completed since power-on, u64. */
export const INSTRUCTIONS = 0x0390;

/** x87: ST registers R0..R7 (physical numbering), 16 bytes each: u64 significand, u16 sign and exponent. MM0..MM7 alias the significands. */
export const FPU_REGISTERS = 0x0400;
export const FPU_CONTROL = 0x0480;
/** Status word; TOP in bits 13..11. */
export const FPU_STATUS = 0x0484;
/** Tag bits, one a physical register: 1 = empty (the form FXSAVE inverts). */
export const FPU_EMPTY = 0x0488;
/** Last instruction's FIP, FCS, FOP and operand's FDP, FDS. */
export const FPU_IP = 0x048c;
export const FPU_CS = 0x0490;
export const FPU_OPCODE = 0x0494;
export const FPU_DP = 0x0498;
export const FPU_DS = 0x049c;
/** Non-zero when an x87 or MMX instruction may not simply execute: CR0.EM or CR0.TS (bit 0), unmasked exception pending (bit 1). */
export const FPU_ATTENTION = 0x04a0;
/**
 * x87 error wires of a PC. Bit 0: FERR# asserted, a copy of the status word's ES that the floating-point kernels keep; the board latches its
 * rise as IRQ 13. Bit 1: IGNNE#, set by the board (a write to port F0h while FERR# is asserted) and dropped with FERR#: with CR0.NE = 0 it
 * keeps bit 1 of FPU_ATTENTION clear. #MF raised while CR0.NE = 0 is not delivered: the instruction waits for an interrupt (SDM Vol. 1 app. D).
 */
export const FPU_FERR = 0x04a8;
export const MXCSR = 0x04a4;
/** Zero when SSE instructions may execute, else what they raise, vector + 1: #UD (CR0.EM, CR4.OSFXSR) or #NM (CR0.TS). */
export const SSE_ATTENTION = 0x04ac;
/** Bits that MXCSR has; others are refused. Depends on the processor's model. */
export const MXCSR_MASK = 0x04b0;
/** XMM0..XMM15, 16 bytes each. */
export const XMM = 0x0500;

/*
 * Run control between generated code and `run()`; not guest state, but inside the saved block so that a save at any block border repeats.
 */
/** Instructions left in this slice, i32. Each block subtracts its length; below zero the engine leaves at the block's border. Setting it negative asks for that. */
export const BUDGET = 0x0600;
/** Why generated code came back: `ExitReason`. */
export const EXIT_REASON = 0x0604;
/** A fault noted by a memory access or helper: vector + 1, or 0 for none; with its error code (-1: none). CR2 is written by whoever noted it. */
export const FAULT = 0x0608;
export const FAULT_ERROR = 0x060c;
/** Bits that select how code is decoded: `ModeKey`. Kept by `Cpu.modeChanged()`. */
export const MODE_KEY = 0x0610;
/** Addresses of the translation tables for the current privilege (user or supervisor): read and write. */
export const TLB_READ = 0x0614;
export const TLB_WRITE = 0x0618;
/**
 * DR6 bits (B0..B3, BD, BS, BT) of debug conditions that the instruction being executed has met: a trap-class #DB to deliver when it has completed.
 * Only single-step mode (ModeKey.singleStep) can set it.
 */
export const PENDING_DEBUG = 0x061c;
/** Offset in CS at which the page of the running block begins; decoded records are relative to it. Zero outside of `run()`. */
export const CODE_BASE = 0x0620;
/** Address of the record field that a `decode` exit asks to be linked to the block it wants; 0: none. Zero outside of `run()`. */
export const LINK_PATCH = 0x0624;
/** Times that a translated region was dropped: code that goes on after a call compares it. Zero outside of `run()`. */
export const REGION_EPOCH = 0x0628;
/** Scratch for helpers that return more than one value; 64 bytes. */
export const SCRATCH = 0x0640;
export const CPU_STATE_END = 0x0800;

/** MODE_KEY bits. `flat*`: base 0, limit 4 GiB, both readable and writable (code: readable or not), so that no check is needed. */
export const ModeKey = {
  /** CS.D: default operand and address size 32. */
  code32: 1,
  /** SS.B: stack pointer is ESP. */
  stack32: 2,
  /** CS base 0 and limit 4 GiB. */
  flatCode: 4,
  /** DS, ES and SS flat. */
  flatData: 8,
  /** Protected mode (CR0.PE and not EFLAGS.VM). */
  protectedMode: 16,
  virtual8086: 32,
  /** EFLAGS.TF, a code breakpoint, or another reason to execute one instruction a block. */
  singleStep: 64,
  /** Alignment checks apply (CR0.AM, EFLAGS.AC, CPL 3). */
  alignmentCheck: 128,
  long64: 256,
  /** CPL 3: accesses go through the user's translation tables. */
  user: 512,
} as const;

/** MODE_KEY from this bit on: how many of the instruction set's extensions the processor has (`EXTENSIONS` of semantics/instruction.ts, MMX being 0). */
export const EXTENSION_SHIFT = 12;

export const ExitReason = {
  /** Budget used up or taken away; EIP is at a block border. */
  budget: 1,
  /** No decoded block at CS:EIP in this mode: decode and come back. */
  decode: 2,
  /** FAULT holds an exception to deliver; EIP is the faulting instruction's. */
  fault: 3,
  /** HLT, mode change, serialising instruction: the loop looks at the state again. */
  state: 4,
} as const;

/** Statistics of the translating tier, behind the saved block: instructions that ran in regions (u64), times a region was entered (u32, modulo). */
export const TRANSLATED_INSTRUCTIONS = 0x0800;
export const REGION_ENTRIES = 0x0808;
/** Exceptions that were delivered without leaving WebAssembly, u64. Behind the saved block, too. */
export const SHORT_EXCEPTIONS = 0x0890;
/**
 * Where regions were left to by jumps, calls and returns whose target they did not know: a ring of the last entries, of four u32 each
 * (number of the region, linear address of the block, target, 0), and how many there have ever been.
 */
export const REGION_EXITS_COUNT = 0x080c;
export const REGION_EXITS = 0x0900;
export const REGION_EXITS_ENTRIES = 64;
/**
 * Page walks: one in WALK_PERIOD is timed. Walks until the next timed one (u32; 0 at first), how many were timed (u32), and the
 * milliseconds that these took (f64). @public the kernels count
 */
export const WALKS_LEFT = 0x0880;
export const WALKS_TIMED = 0x0884;
export const WALKS_TIMED_MS = 0x0888;
/** Bytes of an access that its page cannot serve (a device, two pages, a data breakpoint): see `readAddend` in assembly/mmu.ts. */
export const ACCESS_BUFFER = 0x08a0;
export const ACCESS_BUFFER_BYTES = 32;
/** A prime: what a guest does in powers of two is met in every phase. */
export const WALK_PERIOD = 61;

/*
 * Tables (caches). Sizes are powers of two so that an index is a shift and a mask.
 */
/** Static data and shadow stack of the AssemblyScript kernels: 64 KiB. @public the kernels' build reads it */
export const KERNEL_DATA = 0x0001_0000;
/** Executions by handler, u64 each; only the profiling build of the interpreter counts (generate.ts). 256 KiB. */
export const PROFILE = 0x0004_0000;
/** Jump cache: (linear address, mode key) -> decoded block; used by indirect jumps, calls and returns. 1 MiB. */
export const JUMP_CACHE = 0x0010_0000;
export const JUMP_CACHE_BYTES = 0x0010_0000;
/**
 * Translation tables, one u32 an aligned linear page, 4 MiB each: supervisor read, supervisor write, user read, user write.
 * Entry: host address of the page minus its linear address (mod 2^32), bit 0 clear; bit 0 set: not valid, take the slow path.
 * A write entry is valid only for a page that is RAM (or armed video memory), writable, dirty, without decoded code or data breakpoint.
 */
export const TLB = 0x0040_0000;
export const TLB_BYTES = 0x0040_0000;
/** Address of the table for an access. */
export function translationTable(access: 'read' | 'write', isUser: boolean): number {
  return TLB + TLB_BYTES * ((isUser ? 2 : 0) + (access === 'write' ? 1 : 0));
}
/** Linear pages with a valid entry in any table, u32 each, for clearing: bit 0 global, then count at TLB_LIST_COUNT. @public used by the kernels */
export const TLB_LIST = 0x0140_0000;
/** @public */
export const TLB_LIST_ENTRIES = 0x0001_0000;
export const TLB_LIST_COUNT = 0x0144_0000;
/**
 * Physical pages, one u32 an aligned physical page, 4 MiB each: where reads and where writes go.
 * Entry: byte offset of the page in this memory, or `PHYSICAL_MMIO`; bit 0 of a write entry: video memory with dirty tracking.
 */
export const PHYSICAL_READ = 0x0180_0000;
export const PHYSICAL_WRITE = 0x01c0_0000;
export const PHYSICAL_MMIO = 0xffff_f000;
/** One byte a physical page: 1 when decoded code was taken from it. 1 MiB. */
export const PAGE_HAS_CODE = 0x0200_0000;
/** For a page with code, which of its 64-byte granules hold code: 8 bytes a physical page, 8 MiB. */
export const CODE_GRANULES = 0x0210_0000;
/** One byte a page of video memory, non-zero: written since taken. 16 KiB. */
export const VIDEO_DIRTY = 0x0290_0000;
/** Decoded instructions, `RECORD_BYTES` each. 48 MiB. */
export const RECORDS = 0x0300_0000;
export const RECORDS_END = 0x0600_0000;
/** Video memory, 16 MiB; then ROM images, 1 MiB; then guest RAM to the end. */
export const VIDEO_RAM = 0x0600_0000;
export const VIDEO_RAM_BYTES = 0x0100_0000;
export const ROM = 0x0700_0000;
export const ROM_BYTES = 0x0010_0000;
export const RAM = 0x0710_0000;
