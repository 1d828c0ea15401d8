import type { DecodedRow } from '../decoder/decode.js';
import type { OperandSource, Row } from '../decoder/encoding.js';
import type { Form, FormOperand } from '../semantics/builder.js';
import type { Operand, Width } from '../semantics/instruction.js';
import { ModeKey, SegmentIndex } from '../state.js';

/*
 * A form is a row with everything fixed that the generated code is specialised for. Decoding picks it by a small number, the variant;
 * variants that make no difference to an instruction share one handler.
 */
export const Variant = {
  operandSize32: 1,
  memory: 2,
  /** The memory operand needs segment base, limits, address-size wrap or alignment checks. */
  memoryGeneral: 4,
  stackGeneral: 8,
  /** CS is not flat: branch targets are checked, blocks depend on the page's offset in CS. */
  codeGeneral: 16,
  address16: 32,
  /** Bits 6 and 7: no repeat prefix, F2, F3. */
  repeatF2: 64,
  repeatF3: 128,
} as const;
export const VARIANTS = 256;

/** What a dry run of an instruction's `execute` showed that it depends on. */
export interface Needs {
  width: boolean;
  addressSize: boolean;
  stack: boolean;
  control: boolean;
  string: boolean;
  /** Positions of memory operands that are read and then written. */
  readonly readWrite: Set<number>;
  /** It may be abandoned before it is complete. */
  leaves: boolean;
  readsFlags: boolean;
  /** Writes all of OSZAPC, whatever they were: always, or only with a count that is not 0. */
  setsFlags: 'no' | 'counted' | 'all';
}

export interface FormSpec extends Form {
  readonly row: Row;
  readonly operandSize: 16 | 32;
  readonly operands: readonly FormOperand[];
  readonly memory: 'none' | 'flat' | 'based' | 'general';
  readonly stack: 'flat' | 'general';
  readonly code: 'flat' | 'general';
  readonly name: string;
}

/** Whether a row has the variant at all: its operand sizes, register or memory, repeat prefixes. */
export function variantExists(row: Row, variant: number): boolean {
  const repeat = variant & (Variant.repeatF2 | Variant.repeatF3);
  if (repeat !== 0 && (row.instruction.repeats === undefined || repeat === (Variant.repeatF2 | Variant.repeatF3))) return false;
  const { operandSize, mode64 } = row.encoding;
  if (mode64 === 'only') return false;
  if (operandSize !== undefined && operandSize !== (variant & Variant.operandSize32 ? 32 : 16)) return false;
  const rm = row.operands.find((operand) => operand.from === 'rm');
  const alwaysMemory = row.operands.some((operand) => operand.from === 'moffs') || (rm?.from === 'rm' && rm.register === 'none');
  const neverMemory = !alwaysMemory && (rm?.from !== 'rm' || !rm.memory || row.modRM >= 0);
  return variant & Variant.memory ? !neverMemory : !alwaysMemory;
}

/** The variant that a decoded instruction is in a mode (MODE_KEY). */
export function variantOf(decoded: DecodedRow, mode: number): number {
  let variant: number = decoded.operandSize === 32 ? Variant.operandSize32 : 0;
  if (decoded.addressSize === 16) variant |= Variant.address16;
  const flatData = (mode & ModeKey.flatData) !== 0 && (mode & ModeKey.alignmentCheck) === 0;
  const memory = decoded.operands.find((operand) => operand.kind === 'memory');
  const segment = memory?.kind === 'memory' ? memory.segment : decoded.segment;
  const isPlain = segment === SegmentIndex.DS || segment === SegmentIndex.ES || segment === SegmentIndex.SS;
  if (memory) variant |= Variant.memory;
  if (!flatData || !isPlain || decoded.addressSize === 16) variant |= Variant.memoryGeneral;
  if (!flatData || !(mode & ModeKey.stack32)) variant |= Variant.stackGeneral;
  if (!(mode & ModeKey.flatCode)) variant |= Variant.codeGeneral;
  if (decoded.repeat !== 0 && decoded.instruction.repeats) variant |= decoded.repeat === 0xf3 ? Variant.repeatF3 : Variant.repeatF2;
  return variant;
}

/** The form of a row for a variant that exists. `based`: base and displacement only. */
export function formOf(row: Row, variant: number, based = false): FormSpec | undefined {
  if (!variantExists(row, variant)) return undefined;
  const operandSize = variant & Variant.operandSize32 ? 32 : 16;
  const addressSize = variant & Variant.address16 ? 16 : 32;
  const isMemory = (variant & Variant.memory) !== 0;
  const general = (variant & Variant.memoryGeneral) !== 0;
  const repeat = variant & Variant.repeatF3 ? 0xf3 : variant & Variant.repeatF2 ? 0xf2 : 0;
  const operands = row.operands.map((source, position) => ({ ...kindAndWidth(source, operandSize, isMemory), position }));
  const first = operands[0];
  const width: Width =
    row.encoding.width ??
    (first?.width === 8 && (first.kind === 'register' || first.kind === 'memory' || first.kind === 'immediate') ? 8 : operandSize);
  const memory = isMemory || row.instruction.repeats ? (general ? 'general' : based ? 'based' : 'flat') : general ? 'general' : 'none';
  const stack = variant & Variant.stackGeneral ? 'general' : 'flat';
  const code = variant & Variant.codeGeneral ? 'general' : 'flat';
  const name = [
    row.instruction.mnemonic,
    operandSize,
    ...operands.map((operand, i) => operandName(row.operands[i]!, operand)),
    ...(memory === 'none' ? [] : [memory]),
    ...(stack === 'general' ? ['stack'] : []),
    ...(code === 'general' ? ['code'] : []),
    ...(addressSize === 16 ? ['a16'] : []),
    ...(repeat ? [repeat.toString(16)] : []),
  ].join(' ');
  return { row, width, operandSize, addressSize, operands, repeat, memory, stack, code, name };
}

/** Operands that are constants of the row make a form of their own. */
function operandName(source: OperandSource, operand: FormOperand): string {
  if (source.from === 'one') return `=${source.value}`;
  if (source.from === 'st' && source.fixed !== undefined) return `st(${source.fixed})`;
  return `${operand.kind}${operand.width}`;
}

function kindAndWidth(source: OperandSource, operandSize: 16 | 32, isMemory: boolean): { kind: Operand['kind']; width: number } {
  const bits = (width: number | 'v'): number => (width === 'v' ? operandSize : width);
  switch (source.from) {
    case 'rm':
      if (isMemory) return { kind: 'memory', width: bits(source.width) };
      return { kind: source.register === 'general' ? 'register' : (source.register as 'mm'), width: bits(source.width) };
    case 'reg':
    case 'opcode':
    case 'fixed':
      return { kind: source.register === 'general' ? 'register' : source.register, width: bits(source.width) };
    case 'st':
      return { kind: 'st', width: 80 };
    case 'immediate':
      return { kind: 'immediate', width: bits(source.width) };
    case 'one':
      return { kind: 'immediate', width: 8 };
    case 'relative':
      return { kind: 'relative', width: operandSize };
    case 'far':
      return { kind: 'far', width: 0 };
    case 'moffs':
      return { kind: 'memory', width: bits(source.width) };
  }
}

/** The variant with everything removed that makes no difference, so that equal forms have one handler. */
export function canonicalVariant(variant: number, needs: Needs, row: Row): number {
  let kept = variant;
  const sized =
    needs.width ||
    row.operands.some((operand) => ('width' in operand && operand.width === 'v') || operand.from === 'relative') ||
    row.encoding.operandSize !== undefined;
  if (!sized) kept |= Variant.operandSize32;
  if (!needs.addressSize && !needs.string) kept &= ~Variant.address16;
  if (!needs.stack) kept &= ~Variant.stackGeneral;
  if (!needs.control) kept &= ~Variant.codeGeneral;
  if (!(kept & Variant.memory) && !needs.string) kept &= ~Variant.memoryGeneral;
  // A 16-bit address always wraps: only the general string forms know how.
  if (needs.string && kept & Variant.address16) kept |= Variant.memoryGeneral;
  return kept;
}
