/** The instruction tables, for assembler, disassembler and documentation. */

export { type DecodedRow, decode, isTooLong, modeOfCode } from './cpu/decoder/decode.js';
export { ESCAPES, type OperandSource, parseRow, type Row } from './cpu/decoder/encoding.js';
export type { Decoded, Encoding, Instruction, Operand, Width } from './cpu/semantics/instruction.js';
export { allInstructions } from './cpu/semantics/table.js';
