import { type Decoded, type DecodedRow, decode, isTooLong, modeOfCode, type Operand, type Width } from '@millwright/x86-vmm/instructions';
import { storesSelector } from './fit.js';

export interface Disassembly {
  /** NASM syntax; `db 0x..` where no instruction is. */
  readonly text: string;
  readonly length: number;
}

const R8 = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'];
const R8_HIGH = ['ah', 'ch', 'dh', 'bh'];
const R16 = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];
const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];
const SIZE_WORDS: Readonly<Record<number, string>> = { 8: 'byte ', 16: 'word ', 32: 'dword ', 64: 'qword ', 80: 'tword ', 128: 'oword ' };
const SS = 2;
const DS = 3;
const ESP = 4;
const EBP = 5;
const LONG_NOP = 0x1f;
/** First opcode of the hint NOPs, after 0F. */
const FIRST_HINT = 0x18;

/**
 * The instruction at offset `at` of `bytes`, in 16- or 32-bit code whose first byte has the address `origin`. Assembling the text gives the same
 * instruction, and the same bytes if an assembler would choose them; prefixes without effect are not shown.
 */
export function disassemble(bytes: Uint8Array, at: number, bits: 16 | 32, origin = 0): Disassembly {
  let decoded: DecodedRow;
  try {
    decoded = decode((index) => byteAt(bytes, at + index), modeOfCode(bits), (origin + at) >>> 0);
  } catch (error) {
    if (!(error instanceof EndOfBytes) && !isTooLong(error)) throw error;
    return undecodable(bytes, at);
  }
  if (decoded.row === undefined) return undecodable(bytes, at);
  return { text: textOf(decoded, bits), length: (decoded.nextEip - decoded.eip) >>> 0 };
}

class EndOfBytes extends Error {}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new EndOfBytes();
  return byte;
}

function undecodable(bytes: Uint8Array, at: number): Disassembly {
  return at < bytes.length ? { text: `db ${hex(bytes[at]!)}`, length: 1 } : { text: '', length: 0 };
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const signed = (value: number): string => (value < 0 ? `-${hex(-value)}` : hex(value));

function textOf(decoded: DecodedRow, bits: 16 | 32): string {
  const { instruction, operandSize, addressSize, segment } = decoded;
  const row = decoded.row!;
  const operands = decoded.operands.map((operand, position) => operandText(decoded, operand, position, bits));
  // Assemblers take XCHG's second register as ModRM.rm.
  if (instruction.mnemonic === 'XCHG' && row.hasModRM && decoded.modRM >= 0xc0) operands.reverse();
  const words: string[] = [];
  const hasMemory = decoded.operands.some(({ kind }) => kind === 'memory');
  if (decoded.lock) words.push('lock');
  if (decoded.repeat !== 0 && instruction.repeats) words.push(decoded.repeat === 0xf2 ? 'repne' : instruction.repeats);
  if (!hasMemory && segment !== DS && hasImplicitMemory(decoded)) words.push(SEGMENTS[segment]!);
  if (operandSize !== bits && !showsOperandSize(decoded)) words.push(operandSize === 16 ? 'o16' : 'o32');
  const countsInCx = instruction.mnemonic === 'JECXZ';
  if (addressSize !== bits && !hasMemory && !countsInCx) words.push(addressSize === 16 ? 'a16' : 'a32');
  words.push(mnemonicOf(decoded));
  const shown = row.operands.length === 0 ? '' : operands.join(', ');
  return `${words.join(' ')} ${shown}`.trim();
}

/** String instructions and XLAT. */
const hasImplicitMemory = ({ instruction }: Decoded): boolean => instruction.repeats !== undefined || instruction.mnemonic === 'XLATB';

function mnemonicOf({ instruction, encoding, addressSize, opcodeByte, modRM, operands }: DecodedRow): string {
  const name = instruction.mnemonic;
  if (name === 'JECXZ') return addressSize === 16 ? 'jcxz' : 'jecxz';
  if (name === 'NOP' && operands.length > 0) {
    const digit = (modRM >> 3) & 7;
    return opcodeByte === LONG_NOP && digit === 0 ? 'nop' : `hint_nop${8 * (opcodeByte - FIRST_HINT) + digit}`;
  }
  // Without a letter these follow the code's size.
  const needsLetter = encoding.operandSize === 16 && (name === 'PUSHF' || name === 'POPF' || name === 'IRET');
  return needsLetter ? `${name.toLowerCase()}w` : name.toLowerCase();
}

/** An operand or the mnemonic tells the operand size. */
function showsOperandSize(decoded: DecodedRow): boolean {
  const row = decoded.row!;
  if (row.encoding.operandSize !== undefined || typeof row.encoding.prefix === 'number') return true;
  return row.operands.some((source, position) => {
    if (source.from === 'far' || row.encoding.operands.startsWith('m16:16')) return true;
    if (storesSelector(row)) return decoded.operands[position]!.kind === 'register';
    return 'width' in source && source.width === 'v' && (source.from !== 'rm' || source.register !== 'none');
  });
}

function operandText(decoded: DecodedRow, operand: Operand, position: number, bits: 16 | 32): string {
  const source = decoded.row!.operands[position]!;
  switch (operand.kind) {
    case 'register':
      return registerText(operand.index, storesSelector(decoded.row!) ? decoded.operandSize : operand.width, operand.high);
    case 'memory':
      return memoryText(
        decoded,
        operand,
        source.from === 'moffs' || (source.from === 'rm' && source.register === 'none' && source.width === 'v') ? 0 : operand.width,
        bits,
      );
    case 'immediate':
      return source.from === 'immediate'
        ? immediateText(decoded, operand.value, source.bytes === 'z' ? decoded.operandSize : 8 * source.bytes, operand.width)
        : String(operand.value);
    case 'relative':
      return `${source.from === 'relative' && source.bytes === 1 ? 'short' : 'near'} ${hex(operand.target)}`;
    case 'far':
      return `${decoded.operandSize === 16 ? 'word' : 'dword'} ${hex(operand.selector & 0xffff)}:${hex(operand.offset >>> 0)}`;
    case 'segment':
      return SEGMENTS[operand.index] ?? `segment${operand.index}`;
    case 'control':
      return `cr${operand.index}`;
    case 'debug':
      return `dr${operand.index}`;
    default:
      return `${operand.kind}${operand.index}`;
  }
}

function registerText(index: number, width: Width, high: true | undefined): string {
  if (width === 8) return high ? R8_HIGH[index]! : R8[index]!;
  return width === 16 ? R16[index]! : `e${R16[index]!}`;
}

function memoryText(
  { row, operandSize, addressSize }: DecodedRow,
  operand: Extract<Operand, { kind: 'memory' }>,
  width: number,
  bits: 16 | 32,
): string {
  const { base, index, scale, displacement, segment } = operand;
  const isFar = row!.encoding.operands.startsWith('m16:16');
  const size = isFar ? `${operandSize === 16 ? 'word' : 'dword'} far ` : (SIZE_WORDS[width] ?? '');
  const addressWidth: Width = addressSize === 16 ? 16 : 32;
  const override = segment !== (base === EBP || base === ESP ? SS : DS) ? `${SEGMENTS[segment]!}:` : '';
  if (base < 0 && index < 0) {
    const width = addressSize === bits ? '' : SIZE_WORDS[addressSize]!;
    return `${size}[${override}${width}${hex(addressSize === 16 ? displacement & 0xffff : displacement >>> 0)}]`;
  }
  const parts: string[] = [];
  if (base >= 0) parts.push(registerText(base, addressWidth, undefined));
  if (index >= 0) parts.push(registerText(index, addressWidth, undefined) + (addressSize === 16 ? '' : `*${1 << scale}`));
  // Without `nosplit` an index alone becomes a base, which may mean another segment.
  const whole = base < 0 ? 'nosplit ' : '';
  const tail = displacement === 0 ? '' : displacement < 0 ? signed(displacement) : `+${hex(displacement)}`;
  return `${size}[${override}${whole}${parts.join('+')}${tail}]`;
}

function immediateText(decoded: DecodedRow, value: number, encoded: number, width: number): string {
  const row = decoded.row!;
  const { mnemonic } = decoded.instruction;
  const target =
    row.operands.length > 1 && 'width' in row.operands[0]! && row.operands[0].width === 'v'
      ? decoded.operandSize
      : mnemonic === 'PUSH'
        ? decoded.operandSize
        : width;
  const isWhole = encoded > 8 && encoded === target && value >= -128 && value <= 127;
  const size =
    mnemonic === 'PUSH'
      ? isWhole
        ? `strict ${SIZE_WORDS[encoded]!}`
        : SIZE_WORDS[target]!
      : isWhole && row.operands.length > 1 && mnemonic !== 'ENTER'
        ? `strict ${SIZE_WORDS[encoded]!}`
        : '';
  const isExtended = encoded === 8 && target > 8 && EXTENDS.has(mnemonic);
  const shown = isExtended || isWhole ? signed(value) : hex(encoded === 32 ? value >>> 0 : value & (2 ** encoded - 1));
  return `${size}${shown}`;
}

/** Instructions whose immediate byte is sign-extended. */
const EXTENDS = new Set(['ADD', 'OR', 'ADC', 'SBB', 'AND', 'SUB', 'XOR', 'CMP', 'IMUL', 'PUSH']);
