import { type Decoded, EXTENSIONS, type Operand, type Width } from '../semantics/instruction.js';
import { UNDEFINED_OPCODE } from '../semantics/undefined-opcode.js';
import { EXTENSION_SHIFT, ModeKey, SegmentIndex } from '../state.js';
import { type Cursor, fetch8, fetch16, fetch32, INSTRUCTION_TOO_LONG, type MemoryPlace } from './code-cursor.js';
import type { OperandSource, Row } from './encoding.js';
import { readModRM } from './modrm.js';
import { opcodeMap } from './opcode-map.js';

export const isTooLong = (thrown: unknown): boolean => thrown === INSTRUCTION_TOO_LONG;

/** `mode` of `decode` for protected-mode code of a size on a processor with all extensions, where nothing else of it matters. */
export const modeOfCode = (bits: 16 | 32): number =>
  ModeKey.protectedMode | (bits === 32 ? ModeKey.code32 : 0) | ((EXTENSIONS.length - 1) << EXTENSION_SHIFT);

/** A decoded instruction and the row that decoded it. */
export interface DecodedRow extends Decoded {
  readonly row: Row | undefined;
}

const cursor: Cursor = { fetch: () => 0, at: 0, segmentOverride: -1, addressSize: 32, rex: 0 };

/**
 * Decodes one instruction. `fetch(i)` gives its byte i and may throw (page fault, CS limit). `mode` is MODE_KEY, `eip` the instruction's
 * offset in CS. What no row encodes decodes as the undefined instruction, whose body raises #UD.
 * @throws INSTRUCTION_TOO_LONG
 */
export function decode(fetch: (index: number) => number, mode: number, eip: number): DecodedRow {
  const c = cursor;
  c.fetch = fetch;
  c.at = 0;
  c.segmentOverride = -1;
  c.rex = 0;
  const default32 = (mode & ModeKey.code32) !== 0;
  let operandOverride = false;
  let addressOverride = false;
  let lock = false;
  let repeat: 0 | 0xf2 | 0xf3 = 0;
  let opcode = 0;
  for (;;) {
    opcode = fetch8(c);
    if (opcode === 0x66) operandOverride = true;
    else if (opcode === 0x67) addressOverride = true;
    else if (opcode === 0xf0) lock = true;
    else if (opcode === 0xf2 || opcode === 0xf3) repeat = opcode;
    else if (opcode === 0x64 || opcode === 0x65) c.segmentOverride = opcode - 0x60;
    else if ((opcode & 0xe7) === 0x26) c.segmentOverride = (opcode >> 3) & 3;
    else break;
  }
  const long = (mode & ModeKey.long64) !== 0;
  if (long && (opcode & 0xf0) === 0x40) {
    c.rex = opcode;
    opcode = fetch8(c);
  }
  let operandSize: 16 | 32 | 64 = default32 !== operandOverride ? 32 : 16;
  if (c.rex & 8) operandSize = 64;
  c.addressSize = long ? (addressOverride ? 32 : 64) : default32 !== addressOverride ? 32 : 16;

  let map = 0;
  let opcodeByte = opcode;
  if (opcode === 0x0f) {
    opcodeByte = fetch8(c);
    map = 1;
    if (opcodeByte === 0x38 || opcodeByte === 0x3a) {
      map = opcodeByte === 0x38 ? 2 : 3;
      opcodeByte = fetch8(c);
    }
  }
  const entry = opcodeMap[map]![opcodeByte];
  let modRM = 0;
  let rows: readonly Row[] | undefined;
  if (entry?.hasModRM) {
    modRM = fetch8(c);
    rows = entry.byModRM![modRM];
  } else rows = entry?.rows;
  const row = rows && chooseRow(rows, operandOverride, repeat, operandSize, long);
  const memory = row !== undefined && entry!.hasModRM && modRM < 0xc0 ? readModRM(c, modRM) : undefined;
  if (row === undefined || isRefused(row, mode, lock, memory !== undefined)) {
    return {
      instruction: UNDEFINED_OPCODE,
      encoding: UNDEFINED_OPCODE.encodings[0]!,
      row: undefined,
      eip,
      nextEip: eip + c.at,
      operandSize,
      addressSize: c.addressSize,
      lock,
      repeat,
      operands: [],
      opcodeByte,
      modRM,
      segment: SegmentIndex.DS,
    };
  }
  if (row.encoding.default64 && long && operandSize === 32) operandSize = 64;
  const operands: Operand[] = [];
  for (const source of row.operands) operands.push(readOperand(c, source, operandSize, opcodeByte, modRM, memory));
  const nextEip = (eip + c.at) >>> 0;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i]!;
    if (operand.kind === 'relative')
      operands[i] = {
        kind: 'relative',
        target: operandSize === 16 ? (nextEip + operand.target) & 0xffff : (nextEip + operand.target) >>> 0,
      };
  }
  const segment = c.segmentOverride >= 0 ? c.segmentOverride : SegmentIndex.DS;
  return {
    instruction: row.instruction,
    encoding: row.encoding,
    row,
    eip,
    nextEip,
    operandSize,
    addressSize: c.addressSize,
    lock,
    repeat,
    operands,
    opcodeByte,
    modRM,
    segment,
  };
}

function chooseRow(rows: readonly Row[], operandOverride: boolean, repeat: number, operandSize: number, long: boolean): Row | undefined {
  if (rows.length === 1) {
    const only = rows[0]!;
    if (only.encoding.prefix === undefined && only.encoding.operandSize === undefined && only.encoding.mode64 === undefined) return only;
  }
  let best: Row | undefined;
  for (const row of rows) {
    const { prefix, operandSize: size, mode64 } = row.encoding;
    if (size !== undefined && size !== operandSize) continue;
    if (mode64 !== undefined && (mode64 === 'only') !== long) continue;
    if (prefix === 'none' && (repeat !== 0 || operandOverride)) continue;
    if (prefix === 0x66 && (!operandOverride || repeat !== 0)) continue;
    if ((prefix === 0xf2 || prefix === 0xf3) && prefix !== repeat) continue;
    // A row with the prefix it wants goes before one that does not care (F3 90, 90).
    if (best === undefined || (typeof prefix === 'number' && best.encoding.prefix === undefined)) best = row;
  }
  return best;
}

/** #UD by mode and LOCK rules (SDM Vol. 2A "LOCK"). */
function isRefused(row: Row, mode: number, lock: boolean, hasMemory: boolean): boolean {
  if (lock && !(row.encoding.lockable && hasMemory)) return true;
  const { invalidIn, requires } = row.instruction;
  if (requires !== undefined && EXTENSIONS.indexOf(requires) > mode >>> EXTENSION_SHIFT) return true;
  if (invalidIn === undefined) return false;
  if ((mode & ModeKey.protectedMode) === 0 && (mode & ModeKey.virtual8086) === 0 && invalidIn.includes('real')) return true;
  return (mode & ModeKey.virtual8086) !== 0 && invalidIn.includes('virtual8086');
}

function readOperand(
  c: Cursor,
  source: OperandSource,
  operandSize: 16 | 32 | 64,
  opcode: number,
  modRM: number,
  memory: MemoryPlace | undefined,
): Operand {
  const widthOf = (width: OperandSource extends never ? never : number | 'v'): Width => (width === 'v' ? operandSize : width) as Width;
  switch (source.from) {
    case 'rm':
      if (memory !== undefined) return { kind: 'memory', ...memory, width: widthOf(source.width) };
      return registerOperand(c, source.register as 'general', (modRM & 7) | ((c.rex & 1) << 3), widthOf(source.width));
    case 'reg':
      return registerOperand(c, source.register, ((modRM >> 3) & 7) | ((c.rex & 4) << 1), widthOf(source.width));
    case 'opcode':
      return registerOperand(c, source.register, (opcode & 7) | ((c.rex & 1) << 3), widthOf(source.width));
    case 'fixed':
      return registerOperand(c, source.register, source.index, widthOf(source.width));
    case 'st':
      return { kind: 'st', index: source.fixed ?? modRM & 7 };
    case 'one':
      return { kind: 'immediate', value: source.value, width: 8 };
    case 'immediate': {
      const bytes = source.bytes === 'z' ? (operandSize === 16 ? 2 : 4) : source.bytes;
      const value = bytes === 1 ? (fetch8(c) << 24) >> 24 : bytes === 2 ? (fetch16(c) << 16) >> 16 : fetch32(c);
      return { kind: 'immediate', value, width: widthOf(source.width) };
    }
    case 'relative': {
      const distance = source.bytes === 1 ? (fetch8(c) << 24) >> 24 : operandSize === 16 ? (fetch16(c) << 16) >> 16 : fetch32(c);
      return { kind: 'relative', target: distance };
    }
    case 'far': {
      const offset = operandSize === 16 ? fetch16(c) : fetch32(c) >>> 0;
      return { kind: 'far', offset, selector: fetch16(c) };
    }
    case 'moffs': {
      const displacement = c.addressSize === 16 ? fetch16(c) : fetch32(c);
      return {
        kind: 'memory',
        base: -1,
        index: -1,
        scale: 0,
        displacement,
        segment: c.segmentOverride >= 0 ? c.segmentOverride : SegmentIndex.DS,
        width: widthOf(source.width),
      };
    }
  }
}

function registerOperand(
  c: Cursor,
  register: 'general' | 'segment' | 'control' | 'debug' | 'mm' | 'xmm' | 'none',
  index: number,
  width: Width,
): Operand {
  if (register === 'general') {
    if (width === 8 && c.rex === 0 && index >= 4) return { kind: 'register', index: index - 4, width, high: true };
    return { kind: 'register', index, width };
  }
  if (register === 'none') throw new Error('decoder: a register where the row has only memory');
  return { kind: register, index: register === 'mm' || register === 'segment' ? index & 7 : index };
}
