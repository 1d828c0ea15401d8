import { ESCAPES, type Row } from '@millwright/x86-vmm/instructions';
import { type FitContext, fits, isFarPointer, storesSelector, widthOf } from './fit.js';
import { little, type Memory, memoryBytes } from './modrm.js';
import type { SourceOperand } from './operand.js';
import type { MnemonicRow } from './rows.js';

/** What surrounds the instruction: prefixes that were written, the code's size, and where it stands. */
export interface Surroundings extends FitContext {
  /** Prefix bytes as written (LOCK, REP, segment), before the sizes'. */
  readonly prefixes: readonly number[];
  readonly addressSize: 16 | 32 | undefined;
  readonly here: bigint;
  /** Symbols may still move: ranges are not errors yet. */
  readonly draft: boolean;
}

export const SEGMENT_PREFIXES: readonly number[] = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];

/** Encoding of an instruction: the shortest of all rows that fit, the earlier row when two are equally short. @throws Error */
export function encode(candidates: readonly MnemonicRow[], written: readonly SourceOperand[], at: Surroundings): number[] {
  const operands = sizedByImmediate(written);
  const hasOpenSize = operands.some((operand) => operand.kind === 'memory' && operand.size === 0);
  let best: number[] | undefined;
  let memoryWidth: number | undefined;
  let reason: unknown;
  for (const candidate of candidates) {
    if (candidate.codeSize !== undefined && candidate.codeSize !== (at.operandSize ?? at.bits)) continue;
    const here = candidate.addressSize === undefined ? at : { ...at, addressSize: candidate.addressSize };
    for (const order of ordersOf(candidate.row, operands)) {
      for (const size of sizesToTry(candidate, order, here)) {
        if (!fits(candidate, order, size, here)) continue;
        if (hasOpenSize) {
          const width = memoryWidthOf(candidate.row, size);
          if (memoryWidth !== undefined && memoryWidth !== width)
            throw new Error('the size of the memory operand is missing (byte, word, dword ...)');
          memoryWidth = width;
        }
        try {
          const attempt = emit(candidate, order, size, here);
          if (best === undefined || attempt.length < best.length) best = attempt;
        } catch (error) {
          reason = error;
        }
      }
    }
  }
  // Made here: an Error that most calls do not need is most of their time.
  if (best === undefined) throw reason ?? new Error('no form of this instruction takes these operands');
  return best;
}

/** `mov [x], dword 0`: the size stands at the number. */
function sizedByImmediate(operands: readonly SourceOperand[]): readonly SourceOperand[] {
  const [memory, immediate] = operands;
  if (operands.length !== 2 || memory?.kind !== 'memory' || memory.size !== 0 || immediate?.kind !== 'immediate' || immediate.size === 0)
    return operands;
  return [{ ...memory, size: immediate.size }, immediate];
}

/** XCHG and TEST mean the same either way round; the tables have the printed order. NASM takes XCHG's second operand as ModRM.rm. */
function ordersOf({ instruction }: Row, operands: readonly SourceOperand[]): readonly (readonly SourceOperand[])[] {
  if (operands.length !== 2) return [operands];
  const swapped = [operands[1]!, operands[0]!];
  if (instruction.mnemonic === 'XCHG') return [swapped, operands];
  return instruction.mnemonic === 'TEST' ? [operands, swapped] : [operands];
}

/** Operand sizes at which the row is worth trying: what is written or implied, both where an operand follows it, else the code's. */
function sizesToTry({ row, operandSize }: MnemonicRow, operands: readonly SourceOperand[], at: Surroundings): readonly (16 | 32)[] {
  const own = row.encoding.operandSize as 16 | 32 | undefined;
  const asked = operandSize ?? at.operandSize;
  if (own !== undefined) return asked === undefined || asked === own ? [own] : [];
  if (asked !== undefined) return [asked];
  const follows = row.operands.some((source, i) => {
    if (source.from === 'far' || (source.from === 'relative' && source.bytes === 'z')) return true;
    if ('width' in source && source.width === 'v') return true;
    return storesSelector(row) && operands[i]?.kind === 'register';
  });
  if (!follows && !isFarPointer(row)) return [at.bits];
  return at.bits === 16 ? [16, 32] : [32, 16];
}

function memoryWidthOf(row: Row, size: 16 | 32): number {
  const source = row.operands.find(({ from }) => from === 'rm' || from === 'moffs');
  return source ? widthOf(source, size) : 0;
}

/** The bytes. @throws Error why this row does not do after all */
function emit({ row, wait }: MnemonicRow, operands: readonly SourceOperand[], size: 16 | 32, at: Surroundings): number[] {
  const memory = operands.find((operand): operand is Memory => operand.kind === 'memory');
  const addressSize = at.addressSize ?? memory?.addressSize ?? (memory ? wideEnough(memory, at.bits) : at.bits);
  const bytes = wait ? [0x9b, ...at.prefixes] : [...at.prefixes];
  if (memory?.segment !== undefined) bytes.push(SEGMENT_PREFIXES[memory.segment]!);
  if (size !== at.bits) bytes.push(0x66);
  if (addressSize !== at.bits) bytes.push(0x67);
  if (row.encoding.prefix !== undefined && row.encoding.prefix !== 'none') bytes.push(row.encoding.prefix);
  bytes.push(...ESCAPES[row.map]);
  bytes.push(row.opcode + registerFrom(row, operands, 'opcode'));
  if (row.hasModRM) bytes.push(...modRMBytes(row, operands, addressSize));
  for (const [position, source] of row.operands.entries()) {
    const operand = operands[position]!;
    if (source.from === 'immediate' && operand.kind === 'immediate')
      bytes.push(...little(operand.value.value, source.bytes === 'z' ? size / 8 : source.bytes));
    else if (source.from === 'moffs' && operand.kind === 'memory')
      bytes.push(...little(operand.displacement?.value ?? 0n, addressSize / 8));
    else if (source.from === 'far' && operand.kind === 'far')
      bytes.push(...little(operand.offset.value, size / 8), ...little(operand.selector.value, 2));
    else if (source.from === 'relative' && operand.kind === 'immediate') {
      const length = source.bytes === 1 ? 1 : size / 8;
      const distance = operand.value.value - (at.here + BigInt(bytes.length + length));
      const reaches = length !== 1 || (distance >= -128n && distance <= 127n);
      if (!reaches && operand.value.known && !(at.draft && operand.short)) throw new Error(`the jump is too far for a byte (${distance})`);
      bytes.push(...little(distance, length));
    }
  }
  return bytes;
}

/** An address beyond 64 KiB without registers needs 32 bits in 16-bit code. */
function wideEnough({ displacement }: Memory, bits: 16 | 32): 16 | 32 {
  if (bits === 32 || displacement === undefined || displacement.labels !== 0) return bits;
  return displacement.value > 0xffffn || displacement.value < -0x8000n ? 32 : 16;
}

/** Number of the register that stands in the row's place `from`; 0 when there is none. */
function registerFrom(row: Row, operands: readonly SourceOperand[], from: 'opcode' | 'reg' | 'st'): number {
  const position = row.operands.findIndex((source) => source.from === from && !(source.from === 'st' && source.fixed !== undefined));
  const operand = operands[position];
  return operand?.kind === 'register' ? operand.index : 0;
}

function modRMBytes(row: Row, operands: readonly SourceOperand[], addressSize: 16 | 32): number[] {
  if (row.modRM >= 0) return [row.modRM + (row.modRMCount === 8 ? registerFrom(row, operands, 'st') : 0)];
  const rm = operands[row.operands.findIndex((source) => source.from === 'rm')];
  const reg = row.digit >= 0 ? row.digit : registerFrom(row, operands, 'reg');
  if (rm?.kind === 'memory') return memoryBytes(rm, reg, addressSize);
  return [0xc0 | (reg << 3) | (rm?.kind === 'register' ? rm.index : 0)];
}
