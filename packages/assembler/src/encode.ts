import type { OperandSource, Row } from '@millwright/x86-vmm/instructions';
import type { SourceOperand } from './operand.js';
import type { MnemonicRow } from './rows.js';

type Memory = Extract<SourceOperand, { kind: 'memory' }>;

/** What surrounds the instruction: prefixes that were written, the code's size, and where it stands. */
export interface Surroundings {
  readonly bits: 16 | 32;
  /** Prefix bytes as written (LOCK, REP, segment), before the sizes'. */
  readonly prefixes: readonly number[];
  readonly operandSize: 16 | 32 | undefined;
  readonly addressSize: 16 | 32 | undefined;
  readonly here: bigint;
  /** A short jump here did not reach in an earlier pass: do not try again, so that passes come to an end. */
  readonly mustBeNear: boolean;
  /** Symbols may still move: ranges are not errors yet. */
  readonly draft: boolean;
}

/** Encoding of an instruction: the shortest of all rows that fit, the earlier row when two are equally short. @throws Error */
export function encode(rows: readonly MnemonicRow[], operands: readonly SourceOperand[], at: Surroundings): number[] {
  let best: number[] | undefined;
  let bestRow: Row | undefined;
  let reason = 'no form of this instruction takes these operands';
  for (const candidate of rows) {
    if (candidate.codeSize !== undefined && candidate.codeSize !== at.bits) continue;
    const here = candidate.addressSize === undefined ? at : { ...at, addressSize: candidate.addressSize };
    for (const order of ordersOf(candidate.row, sizedByImmediate(operands))) {
      for (const size of sizesToTry(candidate, here)) {
        if (!fits(candidate.row, order, size, here)) continue;
        const attempt = emit(candidate.row, order, size, here);
        if (typeof attempt === 'string') reason = attempt;
        else if (best === undefined || attempt.length < best.length || (attempt.length === best.length && isByteForm(candidate.row) && bestRow !== undefined && isAccumulatorForm(bestRow))) {
          best = attempt;
          bestRow = candidate.row;
        }
      }
    }
  }
  if (best === undefined) throw new Error(reason);
  return best;
}

/** Of two equally short forms the one with a sign-extended byte is taken, not the accumulator's with a whole immediate (as NASM does). */
const isByteForm = (row: Row): boolean => row.map === 0 && row.opcode === 0x83;
const isAccumulatorForm = (row: Row): boolean => row.operands[0]?.from === 'fixed' && row.operands[1]?.from === 'immediate';

/** `mov [x], dword 0`: the size stands at the number. */
function sizedByImmediate(operands: readonly SourceOperand[]): readonly SourceOperand[] {
  const [memory, immediate] = operands;
  if (operands.length !== 2 || memory?.kind !== 'memory' || memory.size !== 0 || immediate?.kind !== 'immediate' || immediate.size === 0) return operands;
  return [{ ...memory, size: immediate.size }, immediate];
}

/** XCHG and TEST mean the same either way round; the tables have the printed order. */
function ordersOf(row: Row, operands: readonly SourceOperand[]): readonly (readonly SourceOperand[])[] {
  const swaps = operands.length === 2 && /^(XCHG|TEST)$/.test(row.instruction.mnemonic);
  if (!swaps) return [operands];
  const swapped = [operands[1]!, operands[0]!];
  return row.instruction.mnemonic === 'XCHG' ? [swapped, operands] : [operands, swapped];
}

function sizesToTry({ row, operandSize }: MnemonicRow, at: Surroundings): readonly (16 | 32)[] {
  const fixed = operandSize ?? at.operandSize ?? (row.encoding.operandSize === 64 ? undefined : row.encoding.operandSize);
  if (row.encoding.operandSize !== undefined && row.encoding.operandSize !== fixed) return [];
  if (fixed !== undefined) return [fixed];
  const variable = isFarPointer(row) || row.operands.some((source) => ('width' in source && source.width === 'v') || source.from === 'far' || (source.from === 'relative' && source.bytes === 'z'));
  return variable ? (at.bits === 16 ? [16, 32] : [32, 16]) : [at.bits];
}

function fits(row: Row, operands: readonly SourceOperand[], size: 16 | 32, at: Surroundings): boolean {
  if (row.operands.length !== operands.length) return false;
  const sizes = operands.map((operand) => (operand.kind === 'register' ? operand.size : 0));
  const sized = sizes.some((each) => each !== 0);
  return row.operands.every((source, position) => {
    const operand = operands[position]!;
    return fitsOne(row, source, operand, size, at, sized);
  });
}

function widthOf(source: OperandSource, size: 16 | 32): number {
  if (!('width' in source)) return 0;
  return source.width === 'v' ? size : source.width;
}

function fitsOne(row: Row, source: OperandSource, operand: SourceOperand, size: 16 | 32, at: Surroundings, sized: boolean): boolean {
  const width = widthOf(source, size);
  switch (source.from) {
    case 'rm':
      if (operand.kind === 'memory') return source.memory && row.modRM < 0 && fitsMemory(row, source, operand, width, size, at, sized);
      if (operand.kind !== 'register' || source.register === 'none') return false;
      if (operand.group !== source.register) return false;
      return source.register !== 'general' || operand.size === width || fitsSegmentMove(row, operand.size, width);
    case 'reg':
    case 'opcode':
      return operand.kind === 'register' && operand.group === source.register && (source.register !== 'general' || operand.size === width);
    case 'st':
      return operand.kind === 'register' && operand.group === 'st' && (source.fixed === undefined || operand.index === source.fixed);
    case 'fixed':
      return operand.kind === 'register' && operand.group === source.register && operand.index === source.index && (source.register === 'segment' || operand.size === width);
    case 'one':
      return operand.kind === 'immediate' && operand.value.labels === 0 && operand.value.value === BigInt(source.value) && operand.value.known;
    case 'immediate':
      return operand.kind === 'immediate' && !operand.short && fitsImmediate(row, source, operand, size, at);
    case 'relative':
      return operand.kind === 'immediate' && fitsRelative(source, operand, size, at);
    case 'far':
      return operand.kind === 'far' && (operand.size === 0 ? size === at.bits : operand.size === size);
    case 'moffs':
      return operand.kind === 'memory' && operand.base === undefined && operand.index === undefined && (operand.size === 0 || operand.size === width);
  }
}

/** MOV r32, Sreg and MOV Sreg, r32 are the same row as with r16. */
function fitsSegmentMove(row: Row, operandBits: number, width: number): boolean {
  return row.operands.some((source) => source.from === 'reg' && source.register === 'segment') && width === 16 && operandBits === 32;
}

function fitsMemory(row: Row, source: Extract<OperandSource, { from: 'rm' }>, operand: Memory, width: number, size: 16 | 32, at: Surroundings, sized: boolean): boolean {
  if (isFarPointer(row)) return operand.far && (operand.size === 0 ? size === at.bits : operand.size === size);
  if (operand.far) return false;
  if (source.register === 'none') {
    // Memory with a size of its own: a written one must be it; none may be written where only one size exists.
    const ownSize = source.width === 'v' || width === 0 ? 0 : width;
    return operand.size === 0 ? !HAS_SIZES.test(row.instruction.mnemonic) : ownSize === 0 || operand.size === ownSize;
  }
  if (source.register !== 'general') return operand.size === 0 || operand.size === width;
  if (operand.size !== 0) return operand.size === width;
  if (onlySize(row)) return true;
  if (/^(JMP|CALL)$/.test(row.instruction.mnemonic)) return size === at.bits;
  // No size was written: a register beside it must say it.
  return sized && row.operands.some((each) => each !== source && (each.from === 'reg' || each.from === 'fixed' || each.from === 'opcode') && sizeDecides(row));
}

const isFarPointer = (row: Row): boolean => /^m16:16/.test(row.encoding.operands);
/** Memory of several sizes under one mnemonic: the source must say which. */
const HAS_SIZES = /^FI?(LD|ST|STP|ADD|SUB|SUBR|MUL|DIV|DIVR|COM|COMP)$/;
/** One-operand rows of a single size (SETcc, LLDT, FNSTCW) need no size word. */
const onlySize = (row: Row): boolean => row.operands.length === 1 && /^(SET|LLDT|LTR|LMSW|SLDT|STR|SMSW|VERR|VERW)/.test(row.instruction.mnemonic);
/** The register beside a MOVZX's or a shift's memory does not have its size. */
function sizeDecides(row: Row): boolean {
  return !/^(MOVZX|MOVSX|SHL|SHR|SAR|ROL|ROR|RCL|RCR)$/.test(row.instruction.mnemonic);
}

function fitsImmediate(row: Row, source: Extract<OperandSource, { from: 'immediate' }>, operand: Extract<SourceOperand, { kind: 'immediate' }>, size: 16 | 32, at: Surroundings): boolean {
  const bytes = source.bytes === 'z' ? size / 8 : source.bytes;
  const signExtended = row.operands.some((each) => each.from === 'rm' && widthOf(each, size) > 8) || (row.instruction.mnemonic === 'PUSH' && bytes === 1) || /IMUL/.test(row.instruction.mnemonic);
  const destination = row.operands.find((each) => each !== source && 'width' in each);
  const target = destination ? widthOf(destination, size) : size;
  if (row.instruction.mnemonic === 'PUSH') {
    if (operand.size !== 0 && operand.size !== size && operand.size !== 8) return false;
    if (operand.size === 0 && size !== at.bits) return false;
    if (operand.size === 8 && bytes !== 1) return false;
  } else if (operand.size !== 0 && operand.size !== bytes * 8 && !(bytes === 1 && operand.size === target && !operand.strict)) return false;
  if (bytes === 1 && signExtended && target > 8 && !isShiftOrBit(row)) {
    if (operand.value.labels !== 0 || (operand.strict && operand.size !== 8)) return false;
    if (!operand.value.known) return true;
    const wrapped = BigInt.asIntN(target, operand.value.value);
    return wrapped >= -128n && wrapped <= 127n && operand.value.value >= -(1n << BigInt(target - 1)) && operand.value.value < 1n << BigInt(target);
  }
  return true;
}

const isShiftOrBit = (row: Row): boolean => /^(SHL|SHR|SAR|ROL|ROR|RCL|RCR|SHLD|SHRD|BT|BTS|BTR|BTC|ENTER|PS[RL][AL]?[WDQ]|IN|OUT)$/.test(row.instruction.mnemonic);

function fitsRelative(source: Extract<OperandSource, { from: 'relative' }>, operand: Extract<SourceOperand, { kind: 'immediate' }>, size: 16 | 32, at: Surroundings): boolean {
  if (source.bytes === 1) return !operand.near && (operand.short || !at.mustBeNear);
  if (operand.short) return false;
  return operand.size === 0 ? size === at.bits : operand.size === size;
}

/** The bytes, or why this row does not do after all. */
function emit(row: Row, operands: readonly SourceOperand[], size: 16 | 32, at: Surroundings): number[] | string {
  const memory = operands.find((operand): operand is Memory => operand.kind === 'memory');
  const addressSize = at.addressSize ?? memory?.addressSize ?? (memory ? wideEnough(memory, at.bits) : at.bits);
  const bytes = [...at.prefixes];
  if (memory?.segment !== undefined) bytes.push([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65][memory.segment]!);
  if (needsOperandPrefix(row, size, at)) bytes.push(0x66);
  if (addressSize !== at.bits) bytes.push(0x67);
  if (row.encoding.prefix !== undefined && row.encoding.prefix !== 'none') bytes.push(row.encoding.prefix);
  if (row.map === 1) bytes.push(0x0f);
  const plus = row.operands.findIndex((source) => source.from === 'opcode');
  bytes.push(row.opcode + (plus >= 0 ? registerIndex(operands[plus]!) : 0));
  if (row.hasModRM) {
    const modRM = emitModRM(row, operands, addressSize);
    if (typeof modRM === 'string') return modRM;
    bytes.push(...modRM);
  }
  for (const [position, source] of row.operands.entries()) {
    const operand = operands[position]!;
    if (source.from === 'immediate') {
      const value = (operand as Extract<SourceOperand, { kind: 'immediate' }>).value.value;
      const length = source.bytes === 'z' ? size / 8 : source.bytes;
      bytes.push(...little(value, length));
    } else if (source.from === 'moffs') {
      bytes.push(...little((operand as Memory).displacement?.value ?? 0n, addressSize / 8));
    } else if (source.from === 'far') {
      const far = operand as Extract<SourceOperand, { kind: 'far' }>;
      bytes.push(...little(far.offset.value, size / 8), ...little(far.selector.value, 2));
    } else if (source.from === 'relative') {
      const length = source.bytes === 1 ? 1 : size / 8;
      const target = (operand as Extract<SourceOperand, { kind: 'immediate' }>).value;
      const displacement = target.value - (at.here + BigInt(bytes.length + length));
      if (length === 1 && target.known && (displacement < -128n || displacement > 127n) && !(at.draft && (operand as { short: boolean }).short)) return `the jump is too far for a byte (${displacement})`;
      bytes.push(...little(displacement, length));
    }
  }
  return bytes;
}

function needsOperandPrefix(row: Row, size: 16 | 32, at: Surroundings): boolean {
  if (size === at.bits) return false;
  if (at.operandSize !== undefined || row.encoding.operandSize !== undefined) return true;
  // A segment register's move and the like have no size of their own.
  return row.operands.some((source) => ('width' in source && source.width === 'v') || source.from === 'far' || (source.from === 'relative' && source.bytes === 'z')) || row.operands.length === 0 || /m16:16|^PUSH|^POP/.test(`${row.encoding.operands}${row.instruction.mnemonic}`);
}

/** An address beyond 64 KiB without registers needs 32 bits in 16-bit code. */
function wideEnough(memory: Memory, bits: 16 | 32): 16 | 32 {
  const value = memory.displacement?.value ?? 0n;
  return bits === 16 && memory.displacement?.labels === 0 && (value > 0xffffn || value < -0x8000n) ? 32 : bits;
}

function registerIndex(operand: SourceOperand): number {
  return operand.kind === 'register' ? operand.index : 0;
}

/** r/m values of 16-bit addressing: base and index pairs (SDM Vol. 2A table 2-1). */
const PAIRS_16: Readonly<Record<string, number>> = { '3,6': 0, '3,7': 1, '5,6': 2, '5,7': 3, '6,': 4, '7,': 5, '5,': 6, '3,': 7 };

function emitModRM(row: Row, operands: readonly SourceOperand[], addressSize: 16 | 32): number[] | string {
  if (row.modRM >= 0) {
    const st = row.operands.findIndex((source) => source.from === 'st' && source.fixed === undefined);
    return [row.modRM + (row.modRMCount === 8 && st >= 0 ? registerIndex(operands[st]!) : 0)];
  }
  const rm = operands[row.operands.findIndex((source) => source.from === 'rm')];
  const regPlace = row.operands.findIndex((source) => source.from === 'reg');
  const reg = row.digit >= 0 ? row.digit : regPlace >= 0 ? registerIndex(operands[regPlace]!) : 0;
  // IMUL r, imm is IMUL r, r, imm with the same register.
  if (rm === undefined) return [0xc0 | (reg << 3) | reg];
  if (rm.kind === 'register') return [0xc0 | (reg << 3) | rm.index];
  if (rm.kind !== 'memory') return 'this operand cannot be encoded';
  return addressSize === 16 ? modRM16(rm, reg) : modRM32(rm, reg);
}

/** 0, 1 or `full` displacement bytes: addresses are never shortened, plain numbers are. Unknown yet: the least, so that sizes only grow. */
function displacementBytes(memory: Memory, full: 2 | 4): 0 | 1 | 2 | 4 {
  const displacement = memory.displacement;
  if (displacement === undefined || !displacement.known) return 0;
  if (displacement.labels !== 0) return full;
  const value = BigInt.asIntN(full * 8, displacement.value);
  if (value === 0n) return 0;
  return value >= -128n && value <= 127n ? 1 : full;
}

function modRM16(memory: Memory, reg: number): number[] | string {
  const value = memory.displacement?.value ?? 0n;
  if (memory.base === undefined && memory.index === undefined) return [(reg << 3) | 6, ...little(value, 2)];
  if (memory.scale !== 1) return '16-bit addresses have no scale';
  const pair = PAIRS_16[`${memory.base ?? ''},${memory.index ?? ''}`] ?? PAIRS_16[`${memory.index ?? ''},${memory.base ?? ''}`];
  if (pair === undefined) return 'these registers do not make a 16-bit address';
  let bytes = displacementBytes(memory, 2);
  if (bytes === 0 && pair === 6) bytes = 1;
  const mod = bytes === 0 ? 0 : bytes === 1 ? 0x40 : 0x80;
  return [mod | (reg << 3) | pair, ...little(value, bytes)];
}

function modRM32(memory: Memory, reg: number): number[] {
  const value = memory.displacement?.value ?? 0n;
  const { base, index } = memory;
  const scale = [1, 2, 4, 8].indexOf(memory.scale) << 6;
  if (base === undefined && index === undefined) return [(reg << 3) | 5, ...little(value, 4)];
  if (base === undefined) return [(reg << 3) | 4, scale | (index! << 3) | 5, ...little(value, 4)];
  let bytes = displacementBytes(memory, 4);
  if (bytes === 0 && base === 5) bytes = 1;
  const mod = bytes === 0 ? 0 : bytes === 1 ? 0x40 : 0x80;
  if (index === undefined && base !== 4) return [mod | (reg << 3) | base, ...little(value, bytes)];
  return [mod | (reg << 3) | 4, scale | ((index ?? 4) << 3) | base, ...little(value, bytes)];
}

function little(value: bigint, bytes: number): number[] {
  const all = BigInt.asUintN(64, value);
  return Array.from({ length: bytes }, (_, i) => Number((all >> BigInt(8 * i)) & 0xffn));
}
