import type { OperandSource, Row } from '@millwright/x86-vmm/instructions';
import type { SourceOperand } from './operand.js';
import type { MnemonicRow } from './rows.js';

/*
 * Whether the operands of a source line are those of a row at an operand size. What is no question of one row (the shortest form, a memory
 * operand without size where several sizes exist) is decided in encode.ts.
 */

type Immediate = Extract<SourceOperand, { kind: 'immediate' }>;
type RmSource = Extract<OperandSource, { from: 'rm' }>;

/** What decides besides the operands. */
export interface FitContext {
  readonly bits: 16 | 32;
  /** From an `o16` or `o32` before the mnemonic. */
  readonly operandSize: 16 | 32 | undefined;
  /** A short jump here did not reach in an earlier pass: do not try again, so that passes come to an end. */
  readonly mustBeNear: boolean;
}

export function fits(candidate: MnemonicRow, operands: readonly SourceOperand[], size: 16 | 32, context: FitContext): boolean {
  const { row } = candidate;
  return (
    row.operands.length === operands.length && row.operands.every((source, i) => fitsOne(candidate, source, operands[i]!, size, context))
  );
}

/** Bits of a row's operand at an operand size; 0 where it has none. */
export function widthOf(source: OperandSource, size: 16 | 32): number {
  if (!('width' in source)) return 0;
  return source.width === 'v' ? size : source.width;
}

/** The memory operand is a selector and an offset. */
export const isFarPointer = (row: Row): boolean => row.encoding.operands.startsWith('m16:16');
/** A selector goes to the whole of a register of the operand size, but to 16 bits of memory. */
export const storesSelector = (row: Row): boolean => row.encoding.operands.startsWith('r16/32/64/m16');
/** A near JMP or CALL through memory or register. */
const isNearBranch = (row: Row): boolean => row.instruction.mnemonic === 'JMP' || row.instruction.mnemonic === 'CALL';

function fitsOne(candidate: MnemonicRow, source: OperandSource, operand: SourceOperand, size: 16 | 32, context: FitContext): boolean {
  const { row } = candidate;
  const width = widthOf(source, size);
  switch (source.from) {
    case 'rm':
      if (operand.kind === 'memory') return source.memory && row.modRM < 0 && fitsMemory(row, source, operand, size, defaultOf(context));
      if (operand.kind !== 'register' || operand.group !== source.register) return false;
      if (storesSelector(row)) return operand.size === size;
      return source.register !== 'general' || operand.size === width || (operand.size === 32 && readsSelector(row));
    case 'reg':
    case 'opcode':
      return operand.kind === 'register' && operand.group === source.register && (source.register !== 'general' || operand.size === width);
    case 'st':
      return operand.kind === 'register' && operand.group === 'st' && (source.fixed === undefined || operand.index === source.fixed);
    case 'fixed':
      return (
        operand.kind === 'register' &&
        operand.group === source.register &&
        operand.index === source.index &&
        (source.register === 'segment' || operand.size === width)
      );
    case 'one':
      return (
        operand.kind === 'immediate' && operand.value.known && operand.value.labels === 0 && operand.value.value === BigInt(source.value)
      );
    case 'immediate':
      return operand.kind === 'immediate' && !operand.short && fitsImmediate(candidate, source, operand, size, context.bits);
    case 'relative':
      if (operand.kind !== 'immediate') return false;
      if (source.bytes === 1) return operand.short || (!operand.near && !context.mustBeNear && !(operand.size !== 0 && isNearBranch(row)));
      return !operand.short && sizeOr(defaultOf(context), operand.size) === size;
    case 'far':
      return operand.kind === 'far' && sizeOr(defaultOf(context), operand.size) === size;
    case 'moffs':
      return (
        operand.kind === 'memory' &&
        operand.base === undefined &&
        operand.index === undefined &&
        (operand.size === 0 || operand.size === width)
      );
  }
}

const defaultOf = ({ bits, operandSize }: FitContext): 16 | 32 => operandSize ?? bits;
/** The written size, or the code's when none is. */
const sizeOr = (bits: number, written: number): number => (written === 0 ? bits : written);

/** MOV Sreg, LAR and LSL take the selector from a register of either size. */
function readsSelector({ operands, instruction }: Row): boolean {
  return (
    (operands[0]?.from === 'reg' && operands[0].register === 'segment') || instruction.mnemonic === 'LAR' || instruction.mnemonic === 'LSL'
  );
}

function fitsMemory(
  row: Row,
  source: RmSource,
  operand: Extract<SourceOperand, { kind: 'memory' }>,
  size: 16 | 32,
  bits: 16 | 32,
): boolean {
  const isFar = isFarPointer(row) && row.operands.length === 1;
  if (operand.far !== isFar) return false;
  if (isFar || isNearBranch(row)) return sizeOr(bits, operand.size) === size;
  // Memory that has its own shape (LEA, LGDT, FLDENV) takes any written size, or none.
  const hasSize = source.register !== 'none' || (source.width !== 'v' && source.width !== 0);
  return operand.size === 0 || !hasSize || operand.size === widthOf(source, size);
}

function fitsImmediate(
  { row, byteExtends, takesOwnSize }: MnemonicRow,
  source: Extract<OperandSource, { from: 'immediate' }>,
  operand: Immediate,
  size: 16 | 32,
  bits: 16 | 32,
): boolean {
  const width = source.bytes === 'z' ? size : source.bytes * 8;
  const first = row.operands.find((each) => each !== source && 'width' in each);
  const target = first ? widthOf(first, size) : size;
  if (takesOwnSize) {
    // PUSH: the immediate's size is the operand size; `byte` asks for the short form at the code's.
    if (operand.size === 8 ? width !== 8 || size !== bits : sizeOr(bits, operand.size) !== size) return false;
  } else if (operand.size !== 0 && operand.size !== width && !(width === 8 && operand.size === target && !operand.strict)) return false;
  if (!byteExtends || width !== 8) return true;
  const { value, labels, known } = operand.value;
  if (labels !== 0 || (operand.strict && operand.size !== 8)) return false;
  const wrapped = BigInt.asIntN(target, value);
  return !known || (wrapped >= -128n && wrapped <= 127n);
}
