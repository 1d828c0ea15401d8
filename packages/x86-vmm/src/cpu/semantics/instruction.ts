import type { Builder, Form } from './builder.js';
import type { SlowCpu } from './slow-cpu.js';

/** Operand and address sizes in bits. */
export type Width = 8 | 16 | 32 | 64;

/**
 * One way to encode an instruction, as the SDM prints it: opcode column (`'81 /0 iw/id'`, `'0F AF /r'`, `'50+rw/rd'`, `'D8 C0+i'`, `'E8 cw/cd'`,
 * `'A0'` with a moffs operand) and operand column (`'r/m16/32/64, imm16/32'`, `'AL, imm8'`, `'r32, r/m8'`, `'Sreg, r/m16'`, `'ptr16:16/32'`,
 * `'m32fp'`, `'ST(0), ST(i)'`, `'mm, mm/m64'`). `16/32/64` stands for the operand size in force.
 */
export interface Encoding {
  readonly opcode: string;
  readonly operands: string;
  /** Mandatory prefix of the row when the SDM prints one (66, F2, F3), and `none` when the row must have none of them. */
  readonly prefix?: 0x66 | 0xf2 | 0xf3 | 'none';
  /** Not encodable in 64-bit mode / only there (SDM's "64-bit mode: Invalid" column). */
  readonly mode64?: 'invalid' | 'only';
  /** Operand size is 64 in 64-bit mode without REX.W (PUSH, near branches). */
  readonly default64?: true;
  /** The row exists only with this operand size in force (CBW and CWDE share their opcode). */
  readonly operandSize?: 16 | 32 | 64;
  /** The operation is on bytes though no operand says so (MOVSB). */
  readonly width?: 8;
  /** LOCK may precede it when the destination is memory. */
  readonly lockable?: true;
}

/** Extensions of the instruction set in the order in which processors got them; one that has an extension has those before it. */
export const EXTENSIONS = ['MMX', 'SSE', 'SSE2', 'SSE3', 'SSSE3'] as const;
export type Extension = (typeof EXTENSIONS)[number];

/**
 * An instruction's meaning, once: `execute` emits it through the builder for interpreter and translator; `slow` is the one
 * TypeScript body that both engines call after all registers and flags are in the state (system, far control flow, rare).
 */
export interface Instruction {
  readonly mnemonic: string;
  /** Further mnemonics for the same encodings (JZ for JE), for the assembler. */
  readonly synonyms?: readonly string[];
  /** Where the meaning comes from; shown in traces and in the generated reference page. */
  readonly sdm: string;
  readonly encodings: readonly Encoding[];
  /** OSZAPC letters, as in SDM Vol. 1 appendix A. */
  readonly flags: { readonly writes?: string; readonly reads?: string; readonly undefined?: string };
  /** The instruction ends a block: control transfer, or it may change the mode, translations or pending interrupts. */
  readonly endsBlock?: true;
  /** #UD in these: checked before anything else by the decoder. */
  readonly invalidIn?: readonly ('real' | 'virtual8086')[];
  /** #UD on processors without it. */
  readonly requires?: Extension;
  /** REP/REPE/REPNE have a meaning (string instructions). */
  readonly repeats?: 'rep' | 'repe';
  /** A repeated, flat, forward form first tries this kernel: (log2 of element bytes) -> elements done, registers already moved on; 0: not possible. */
  readonly repeatKernel?: string;
  readonly execute?: (m: Builder, form: Form) => void;
  readonly slow?: (cpu: SlowCpu, decoded: Decoded) => void;
}

/** A decoded instruction's operand. Register numbers are the SDM's, REX included; 8-bit registers 4..7 without REX are AH..BH (`high`). */
export type Operand =
  | { readonly kind: 'register'; readonly index: number; readonly width: Width; readonly high?: true }
  | {
      readonly kind: 'memory';
      /** Register number or -1. */
      readonly base: number;
      readonly index: number;
      /** 0..3: shift count of the index. */
      readonly scale: number;
      /** Signed 32-bit. */
      readonly displacement: number;
      /** Segment register after overrides (SegmentIndex). */
      readonly segment: number;
      /** Bytes accessed times 8; 0 where the instruction has its own idea (LEA, FSTENV, LGDT, INVLPG). */
      readonly width: number;
    }
  | { readonly kind: 'immediate'; readonly value: number; readonly width: Width }
  /** Branch target as an offset in CS, already wrapped to the operand size. */
  | { readonly kind: 'relative'; readonly target: number }
  | { readonly kind: 'far'; readonly selector: number; readonly offset: number }
  | { readonly kind: 'segment' | 'control' | 'debug' | 'st' | 'mm' | 'xmm'; readonly index: number };

export interface Decoded {
  readonly instruction: Instruction;
  readonly encoding: Encoding;
  /** Offsets in CS of this and of the next instruction. */
  readonly eip: number;
  readonly nextEip: number;
  readonly operandSize: 16 | 32 | 64;
  readonly addressSize: 16 | 32 | 64;
  readonly lock: boolean;
  /** 0, 0xf2 (REPNE) or 0xf3 (REP, REPE). */
  readonly repeat: 0 | 0xf2 | 0xf3;
  readonly operands: readonly Operand[];
  /** First opcode byte after the escape and ModR/M, for the x87's FOP. */
  readonly opcodeByte: number;
  /** Segment register (SegmentIndex) of implicit memory operands: DS unless overridden (string instructions, XLAT, moffs). */
  readonly segment: number;
  readonly modRM: number;
}
