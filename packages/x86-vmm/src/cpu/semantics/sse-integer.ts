import type { Operation } from '../wasm/opcodes.js';
import type { Builder, Form, FormOperand, Value } from './builder.js';
import type { Extension, Instruction } from './instruction.js';
import { checkMmxAvailable, enterMmx } from './mmx.js';
import { lanes, low64, operation, sse, vectorBinary, vectorOf64 } from './sse-steps.js';

/*
 * Integer operations on XMM registers, and those that SSE, SSE2 and SSSE3 have given to MMX registers too: SDM Vol. 1 sections 10.4.4, 11.4.2,
 * 12.6. An MMX register's 64 bits are computed as the low half of a vector.
 */

export type Meaning = (m: Builder, a: Value, b: Value) => Value;

/** mm op= mm/m64 by the same meaning; `isGathering`: the results of both operands' lanes stand one behind the other, so both go into one vector. */
export function mmxBinary(meaning: Meaning, isGathering: boolean): (m: Builder, form: Form) => void {
  return (m, form) => {
    checkMmxAvailable(m);
    const [to, from] = form.operands as [FormOperand, FormOperand];
    const b = m.read(from, 64);
    const a = vectorOf64(m, m.read(to, 64));
    const both = isGathering ? m.operateLane('i64x2.replace_lane', 1, a, b) : undefined;
    m.write(to, 64, low64(m, both ? meaning(m, both, both) : meaning(m, a, vectorOf64(m, b))));
    enterMmx(m);
  };
}

const HIGH_WORDS = [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31];
const highProducts =
  (sign: 's' | 'u'): Meaning =>
  (m, a, b) =>
    m.shuffle(m.operate(`i32x4.extmul_low_i16x8_${sign}`, a, b), m.operate(`i32x4.extmul_high_i16x8_${sign}`, a, b), HIGH_WORDS);
const evenProducts =
  (sign: 's' | 'u'): Meaning =>
  (m, a, b) => {
    const even = (x: Value): Value => m.shuffle(x, x, lanes(4, 0, 2, 0, 2));
    return m.operate(`i64x2.extmul_low_i32x4_${sign}`, even(a), even(b));
  };
const sumOfDifferences: Meaning = (m, a, b) => {
  const differences = m.operate('i8x16.sub', m.operate('i8x16.max_u', a, b), m.operate('i8x16.min_u', a, b));
  const fours = m.operate('i32x4.extadd_pairwise_i16x8_u', m.operate('i16x8.extadd_pairwise_i8x16_u', differences));
  const upper = m.operate('i64x2.shr_u', fours, m.constant(32));
  return m.operate('i64x2.add', upper, m.operate('v128.and', fours, m.constantVector(0xffff_ffffn, 0xffff_ffffn)));
};
const andNot: Meaning = (m, a, b) => m.operate('v128.andnot', b, a);
/** Lanes of `bytes` each of both operands' lower (upper) halves in turn. */
function interleaved(bytes: number, isHigh: boolean): Meaning {
  const count = 16 / bytes;
  const first = isHigh ? count / 2 : 0;
  const order = Array.from({ length: count }, (_, i) => first + (i >> 1) + (i & 1) * count);
  return (m, a, b) => m.shuffle(a, b, lanes(bytes, ...order));
}

/** Mnemonic, opcode after 66 0F, meaning. */
const BINARY: readonly (readonly [mnemonic: string, opcode: string, meaning: Meaning])[] = [
  ['PADDB', 'FC', operation('i8x16.add')],
  ['PADDW', 'FD', operation('i16x8.add')],
  ['PADDD', 'FE', operation('i32x4.add')],
  ['PADDSB', 'EC', operation('i8x16.add_sat_s')],
  ['PADDSW', 'ED', operation('i16x8.add_sat_s')],
  ['PADDUSB', 'DC', operation('i8x16.add_sat_u')],
  ['PADDUSW', 'DD', operation('i16x8.add_sat_u')],
  ['PSUBB', 'F8', operation('i8x16.sub')],
  ['PSUBW', 'F9', operation('i16x8.sub')],
  ['PSUBD', 'FA', operation('i32x4.sub')],
  ['PSUBSB', 'E8', operation('i8x16.sub_sat_s')],
  ['PSUBSW', 'E9', operation('i16x8.sub_sat_s')],
  ['PSUBUSB', 'D8', operation('i8x16.sub_sat_u')],
  ['PSUBUSW', 'D9', operation('i16x8.sub_sat_u')],
  ['PMULLW', 'D5', operation('i16x8.mul')],
  ['PMULHW', 'E5', highProducts('s')],
  ['PMADDWD', 'F5', operation('i32x4.dot_i16x8_s')],
  ['PCMPEQB', '74', operation('i8x16.eq')],
  ['PCMPEQW', '75', operation('i16x8.eq')],
  ['PCMPEQD', '76', operation('i32x4.eq')],
  ['PCMPGTB', '64', operation('i8x16.gt_s')],
  ['PCMPGTW', '65', operation('i16x8.gt_s')],
  ['PCMPGTD', '66', operation('i32x4.gt_s')],
  ['PACKSSWB', '63', operation('i8x16.narrow_i16x8_s')],
  ['PACKSSDW', '6B', operation('i16x8.narrow_i32x4_s')],
  ['PACKUSWB', '67', operation('i8x16.narrow_i16x8_u')],
  ['PUNPCKLBW', '60', interleaved(1, false)],
  ['PUNPCKLWD', '61', interleaved(2, false)],
  ['PUNPCKLDQ', '62', interleaved(4, false)],
  ['PUNPCKLQDQ', '6C', interleaved(8, false)],
  ['PUNPCKHBW', '68', interleaved(1, true)],
  ['PUNPCKHWD', '69', interleaved(2, true)],
  ['PUNPCKHDQ', '6A', interleaved(4, true)],
  ['PUNPCKHQDQ', '6D', interleaved(8, true)],
  ['PAND', 'DB', operation('v128.and')],
  ['PANDN', 'DF', andNot],
  ['POR', 'EB', operation('v128.or')],
  ['PXOR', 'EF', operation('v128.xor')],
];
/** The same for MMX registers too, there without prefix and since the extension named. */
const BINARY_MMX: readonly (readonly [mnemonic: string, opcode: string, requires: Extension, meaning: Meaning])[] = [
  ['PAVGB', 'E0', 'SSE', operation('i8x16.avgr_u')],
  ['PAVGW', 'E3', 'SSE', operation('i16x8.avgr_u')],
  ['PMINUB', 'DA', 'SSE', operation('i8x16.min_u')],
  ['PMAXUB', 'DE', 'SSE', operation('i8x16.max_u')],
  ['PMINSW', 'EA', 'SSE', operation('i16x8.min_s')],
  ['PMAXSW', 'EE', 'SSE', operation('i16x8.max_s')],
  ['PMULHUW', 'E4', 'SSE', highProducts('u')],
  ['PSADBW', 'F6', 'SSE', sumOfDifferences],
  ['PADDQ', 'D4', 'SSE2', operation('i64x2.add')],
  ['PSUBQ', 'FB', 'SSE2', operation('i64x2.sub')],
  ['PMULUDQ', 'F4', 'SSE2', evenProducts('u')],
];

/** Bitwise operations and shuffles that are named for floats. */
const FLOAT_BITWISE: readonly (readonly [stem: string, opcode: string, ps: Meaning, pd: Meaning])[] = [
  ['UNPCKLP', '14', interleaved(4, false), interleaved(8, false)],
  ['UNPCKHP', '15', interleaved(4, true), interleaved(8, true)],
  ['ANDP', '54', operation('v128.and'), operation('v128.and')],
  ['ANDNP', '55', andNot, andNot],
  ['ORP', '56', operation('v128.or'), operation('v128.or')],
  ['XORP', '57', operation('v128.xor'), operation('v128.xor')],
];

interface Shift {
  readonly mnemonic: string;
  readonly opcode: string;
  readonly immediate: string;
  readonly operation: Operation;
  readonly bits: number;
}
const SHIFTS: readonly Shift[] = [
  { mnemonic: 'PSRLW', opcode: 'D1', immediate: '71 /2', operation: 'i16x8.shr_u', bits: 16 },
  { mnemonic: 'PSRLD', opcode: 'D2', immediate: '72 /2', operation: 'i32x4.shr_u', bits: 32 },
  { mnemonic: 'PSRLQ', opcode: 'D3', immediate: '73 /2', operation: 'i64x2.shr_u', bits: 64 },
  { mnemonic: 'PSRAW', opcode: 'E1', immediate: '71 /4', operation: 'i16x8.shr_s', bits: 16 },
  { mnemonic: 'PSRAD', opcode: 'E2', immediate: '72 /4', operation: 'i32x4.shr_s', bits: 32 },
  { mnemonic: 'PSLLW', opcode: 'F1', immediate: '71 /6', operation: 'i16x8.shl', bits: 16 },
  { mnemonic: 'PSLLD', opcode: 'F2', immediate: '72 /6', operation: 'i32x4.shl', bits: 32 },
  { mnemonic: 'PSLLQ', opcode: 'F3', immediate: '73 /6', operation: 'i64x2.shl', bits: 64 },
];
/** A count beyond the lane gives zeros, of an arithmetic shift the sign everywhere; it is the whole low quadword. */
function shift({ operation: name, bits }: Shift): (m: Builder, form: Form) => void {
  return sse((m, form) => {
    const [to, from] = form.operands as [FormOperand, FormOperand];
    let count: Value;
    let isInside: Value;
    if (from.kind === 'immediate') {
      count = m.and(m.immediate(from), m.constant(0xff));
      isInside = m.ltU(count, m.constant(bits));
    } else {
      const whole = low64(m, m.readVector(from, true));
      isInside = m.ltU(whole, m.constant64(BigInt(bits)));
      count = m.wrap(whole);
    }
    const a = m.readVector(to, true);
    const result = name.endsWith('_s')
      ? m.operate(name, a, m.select(isInside, count, m.constant(bits - 1)))
      : m.select(isInside, m.operate(name, a, count), m.constantVector(0n, 0n));
    m.writeVector(to, result, true);
  });
}

/** A shuffle chosen by an immediate: inline where the engine knows it, else by a kernel over both vectors. */
function arrangedBy(order: (immediate: number) => readonly number[], bytes: number, kernel: string, isPair: boolean) {
  return sse((m, form) => {
    const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
    const b = m.readVector(from, true);
    const a = isPair ? m.readVector(to, true) : b;
    const known = m.knownImmediate(immediate);
    const result =
      known === undefined
        ? m.kernel(kernel, [a, b, m.immediate(immediate)], 'v128')
        : m.shuffle(a, b, lanes(bytes, ...order(known & 0xff)));
    m.writeVector(to, result, true);
  });
}
const two = (immediate: number, i: number): number => (immediate >> (2 * i)) & 3;
const ARRANGED: readonly (readonly [
  mnemonic: string,
  opcode: string,
  prefix: 'none' | 0x66 | 0xf2 | 0xf3,
  bytes: number,
  isPair: boolean,
  order: (immediate: number) => readonly number[],
])[] = [
  ['PSHUFD', '70', 0x66, 4, false, (x) => [0, 1, 2, 3].map((i) => two(x, i))],
  ['PSHUFLW', '70', 0xf2, 2, false, (x) => [...[0, 1, 2, 3].map((i) => two(x, i)), 4, 5, 6, 7]],
  ['PSHUFHW', '70', 0xf3, 2, false, (x) => [0, 1, 2, 3, ...[0, 1, 2, 3].map((i) => 4 + two(x, i))]],
  ['SHUFPS', 'C6', 'none', 4, true, (x) => [two(x, 0), two(x, 1), 4 + two(x, 2), 4 + two(x, 3)]],
  ['SHUFPD', 'C6', 0x66, 8, true, (x) => [x & 1, 2 + ((x >> 1) & 1)]],
];

/** Whole-register shifts by bytes. */
function byteShift(mnemonic: 'PSLLDQ' | 'PSRLDQ', digit: number): Instruction {
  return {
    mnemonic,
    sdm: `Vol. 2B, ${mnemonic}—Shift Double Quadword ${mnemonic === 'PSLLDQ' ? 'Left' : 'Right'} Logical`,
    encodings: [{ opcode: `0F 73 /${digit} ib`, operands: 'xmm, imm8', prefix: 0x66 }],
    requires: 'SSE2',
    flags: {},
    execute: sse((m, form) => {
      const [to, immediate] = form.operands as [FormOperand, FormOperand];
      const a = m.readVector(to, true);
      const known = m.knownImmediate(immediate);
      if (known === undefined) return m.writeVector(to, m.kernel(mnemonic.toLowerCase(), [a, m.immediate(immediate)], 'v128'), true);
      const count = Math.min(known & 0xff, 16);
      const bytes = Array.from({ length: 16 }, (_, i) => {
        const from = mnemonic === 'PSLLDQ' ? i - count : i + count;
        return from >= 0 && from < 16 ? from : 16;
      });
      m.writeVector(to, m.shuffle(a, m.constantVector(0n, 0n), bytes), true);
    }),
  };
}

/** A register kind that PEXTRW and PINSRW take words of. */
interface WordRegister {
  readonly name: 'mm' | 'xmm';
  readonly prefix: 0x66 | 'none';
  readonly requires: Extension;
  /** Of the immediate, so many bits choose a word. */
  readonly wordMask: number;
  guard(execute: (m: Builder, form: Form) => void): (m: Builder, form: Form) => void;
  read(m: Builder, operand: FormOperand): Value;
  write(m: Builder, operand: FormOperand, value: Value): void;
}

const WORD_REGISTERS: readonly WordRegister[] = [
  {
    name: 'mm',
    prefix: 'none',
    requires: 'SSE',
    wordMask: 3,
    guard: (execute) => (m, form) => {
      checkMmxAvailable(m);
      execute(m, form);
      enterMmx(m);
    },
    read: (m, operand) => vectorOf64(m, m.read(operand, 64)),
    write: (m, operand, value) => m.write(operand, 64, low64(m, value)),
  },
  {
    name: 'xmm',
    prefix: 0x66,
    requires: 'SSE2',
    wordMask: 7,
    guard: sse,
    read: (m, operand) => m.readVector(operand, true),
    write: (m, operand, value) => m.writeVector(operand, value, true),
  },
];

/** PEXTRW reads a word of an MMX or XMM register into a general one, PINSRW replaces it. */
function wordMoves({ name, prefix, requires, wordMask, guard, read, write }: WordRegister): Instruction[] {
  const chosen = (m: Builder, immediate: FormOperand): Value => m.and(m.immediate(immediate), m.constant(wordMask));
  return [
    {
      mnemonic: 'PEXTRW',
      sdm: sdm('PEXTRW'),
      encodings: [{ opcode: '0F C5 /r ib', operands: `r32, ${name}, imm8`, prefix }],
      requires,
      flags: {},
      execute: guard((m, form) => {
        const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
        const source = read(m, from);
        const known = m.knownImmediate(immediate);
        const word =
          known === undefined
            ? m.kernel('pextrw', [source, chosen(m, immediate)], 'i32')
            : m.operateLane('i16x8.extract_lane_u', known & wordMask, source);
        m.write(to, 32, word);
      }),
    },
    {
      mnemonic: 'PINSRW',
      sdm: sdm('PINSRW'),
      encodings: [{ opcode: '0F C4 /r ib', operands: `${name}, r32/m16, imm8`, prefix }],
      requires,
      flags: {},
      execute: guard((m, form) => {
        const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
        const word = m.read(from, 16);
        const target = read(m, to);
        const known = m.knownImmediate(immediate);
        const replaced =
          known === undefined
            ? m.kernel('pinsrw', [target, word, chosen(m, immediate)], 'v128')
            : m.operateLane('i16x8.replace_lane', known & wordMask, target, word);
        write(m, to, replaced);
      }),
    },
  ];
}

const sdm = (mnemonic: string): string => `Vol. 2B, ${mnemonic}`;

export const sseInteger: readonly Instruction[] = [
  ...BINARY.map(
    ([mnemonic, opcode, meaning]): Instruction => ({
      mnemonic,
      sdm: sdm(mnemonic),
      encodings: [{ opcode: `0F ${opcode} /r`, operands: 'xmm, xmm/m128', prefix: 0x66 }],
      requires: 'SSE2',
      flags: {},
      execute: vectorBinary(meaning),
    }),
  ),
  ...BINARY_MMX.flatMap(([mnemonic, opcode, requires, meaning]): Instruction[] => [
    {
      mnemonic,
      sdm: sdm(mnemonic),
      encodings: [{ opcode: `0F ${opcode} /r`, operands: 'mm, mm/m64', prefix: 'none' }],
      requires,
      flags: {},
      execute: mmxBinary(meaning, false),
    },
    {
      mnemonic,
      sdm: sdm(mnemonic),
      encodings: [{ opcode: `0F ${opcode} /r`, operands: 'xmm, xmm/m128', prefix: 0x66 }],
      requires: 'SSE2',
      flags: {},
      execute: vectorBinary(meaning),
    },
  ]),
  ...FLOAT_BITWISE.flatMap(([stem, opcode, ps, pd]) =>
    (
      [
        ['S', 'none', 'SSE', ps],
        ['D', 0x66, 'SSE2', pd],
      ] as const
    ).map(
      ([letter, prefix, requires, meaning]): Instruction => ({
        mnemonic: `${stem}${letter}`,
        sdm: sdm(`${stem}${letter}`),
        encodings: [{ opcode: `0F ${opcode} /r`, operands: 'xmm, xmm/m128', prefix }],
        requires,
        flags: {},
        execute: vectorBinary(meaning),
      }),
    ),
  ),
  ...SHIFTS.map(
    (each): Instruction => ({
      mnemonic: each.mnemonic,
      sdm: sdm(each.mnemonic),
      encodings: [
        { opcode: `0F ${each.opcode} /r`, operands: 'xmm, xmm/m128', prefix: 0x66 },
        { opcode: `0F ${each.immediate} ib`, operands: 'xmm, imm8', prefix: 0x66 },
      ],
      requires: 'SSE2',
      flags: {},
      execute: shift(each),
    }),
  ),
  byteShift('PSRLDQ', 3),
  byteShift('PSLLDQ', 7),
  ...ARRANGED.map(
    ([mnemonic, opcode, prefix, bytes, isPair, order]): Instruction => ({
      mnemonic,
      sdm: sdm(mnemonic),
      encodings: [{ opcode: `0F ${opcode} /r ib`, operands: 'xmm, xmm/m128, imm8', prefix }],
      requires: mnemonic === 'SHUFPS' ? 'SSE' : 'SSE2',
      flags: {},
      execute: arrangedBy(order, bytes, mnemonic.toLowerCase(), isPair),
    }),
  ),
  {
    mnemonic: 'PSHUFW',
    sdm: sdm('PSHUFW'),
    encodings: [{ opcode: '0F 70 /r ib', operands: 'mm, mm/m64, imm8', prefix: 'none' }],
    requires: 'SSE',
    flags: {},
    execute: (m, form) => {
      checkMmxAvailable(m);
      const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
      const a = vectorOf64(m, m.read(from, 64));
      m.write(to, 64, low64(m, m.kernel('pshuflw', [a, a, m.immediate(immediate)], 'v128')));
      enterMmx(m);
    },
  },
  ...WORD_REGISTERS.flatMap(wordMoves),
  {
    mnemonic: 'PMOVMSKB',
    sdm: sdm('PMOVMSKB'),
    encodings: [{ opcode: '0F D7 /r', operands: 'r32, mm', prefix: 'none' }],
    requires: 'SSE',
    flags: {},
    execute: (m, form) => {
      checkMmxAvailable(m);
      m.write(form.operands[0]!, 32, m.operate('i8x16.bitmask', vectorOf64(m, m.read(form.operands[1]!, 64))));
      enterMmx(m);
    },
  },
  {
    mnemonic: 'MOVNTQ',
    sdm: sdm('MOVNTQ'),
    encodings: [{ opcode: '0F E7 /r', operands: 'm64, mm', prefix: 'none' }],
    requires: 'SSE',
    flags: {},
    execute: (m, form) => {
      checkMmxAvailable(m);
      m.write(form.operands[0]!, 64, m.read(form.operands[1]!, 64));
      enterMmx(m);
    },
  },
];
