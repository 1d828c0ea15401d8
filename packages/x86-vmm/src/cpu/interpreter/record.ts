/*
 * A decoded instruction as the interpreter reads it: 64 bytes in the record arena, the instructions of a block one after another.
 * Records hold no linear addresses, only offsets from CODE_BASE (the offset in CS at which the code's page begins), so that a block
 * decoded once serves every linear address at which its physical page is mapped.
 */
export const RECORD_BYTES = 64;

export const RecordField = {
  /** Index into the handlers; below the number of hot forms it is an entry of the dispatch table. */
  handler: 0,
  /** Operands by position: address of a register, value of an immediate, number of an ST/MMX/segment register. For slow instructions the first is the index of the `Decoded`. */
  operand: 4,
  /** Addresses of the base and index register's slots (ZERO where absent), shift count of the index, displacement. */
  base: 16,
  index: 20,
  scale: 24,
  displacement: 28,
  /** General memory forms: address of the segment register; mask of the address size. */
  segment: 32,
  addressMask: 36,
  /** Records of the blocks that a direct branch and the sequential successor lead to; 0: not linked yet. */
  linkTaken: 40,
  linkNext: 44,
  /** Branch target as an offset from CODE_BASE. */
  target: 48,
  /** Instructions of the block up to and including this one. u16. */
  count: 52,
  /** FOP: x87 opcode bits. u16. */
  fpuOpcode: 54,
  /** In the record that ends a block by a jump, in the same place: times it was executed, modulo 65536. u16. */
  executions: 54,
  /** Offsets of this and of the next instruction from CODE_BASE. u16 each. */
  offset: 56,
  nextOffset: 58,
  /** Where the instruction's first byte is in this memory; compared with the translation of the page at every entry from elsewhere. */
  host: 60,
} as const;

/** Fields of the header, RECORD_BYTES before a block's first record: what non-flat code needs checked at entry. */
export const HeaderField = { codeBase: 0, codeLimit: 4 } as const;
