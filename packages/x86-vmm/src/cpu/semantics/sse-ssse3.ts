import type { Operation } from '../wasm/opcodes.js';
import type { Builder, FormOperand, Value } from './builder.js';
import type { Instruction } from './instruction.js';
import { checkMmxAvailable, enterMmx } from './mmx.js';
import { type Meaning, mmxBinary } from './sse-integer.js';
import { lanes, low64, sse, vectorBinary, vectorOf64 } from './sse-steps.js';

/* SSSE3, on MMX and XMM registers: SDM Vol. 1 section 12.6. */

/** Sums or differences of neighbours, of the first operand and then of the second. */
const horizontal =
  (name: Operation, bytes: 2 | 4): Meaning =>
  (m, a, b) => {
    const order = Array.from({ length: 16 / bytes }, (_, i) => 2 * i);
    return m.operate(name, m.shuffle(a, b, lanes(bytes, ...order)), m.shuffle(a, b, lanes(bytes, ...order.map((each) => each + 1))));
  };
/** The first operand's lanes negated, kept or zeroed as the second's are negative, positive or zero. */
const signed =
  (type: 'i8x16' | 'i16x8' | 'i32x4'): Meaning =>
  (m, a, b) => {
    const zero = m.constantVector(0n, 0n);
    const negative = m.operate(`${type}.gt_s`, zero, b);
    const chosen = m.operate('v128.bitselect', m.operate(`${type}.neg`, a), a, negative);
    return m.operate('v128.andnot', chosen, m.operate(`${type}.eq`, b, zero));
  };
/** WebAssembly's swizzle gives zero for every index above 15, the instruction for those with bit 7; an MMX register has eight bytes. */
const shuffled =
  (mask: bigint): Meaning =>
  (m, a, b) =>
    m.operate('i8x16.swizzle', a, m.operate('v128.and', b, m.constantVector(mask, mask)));
const XMM_INDEX = 0x8f8f_8f8f_8f8f_8f8fn;
const MMX_INDEX = 0x8787_8787_8787_8787n;
/** Unsigned bytes times signed bytes, neighbours added with saturation. */
const multiplyAdd: Meaning = (m, a, b) => {
  const low = m.constantVector(0x00ff_00ff_00ff_00ffn, 0x00ff_00ff_00ff_00ffn);
  const eight = m.constant(8);
  const even = m.operate('i16x8.mul', m.operate('v128.and', a, low), m.operate('i16x8.shr_s', m.operate('i16x8.shl', b, eight), eight));
  const odd = m.operate('i16x8.mul', m.operate('i16x8.shr_u', a, eight), m.operate('i16x8.shr_s', b, eight));
  return m.operate('i16x8.add_sat_s', even, odd);
};
/** Products rounded to their upper 15 bits; unlike WebAssembly's, 8000 x 8000 is 8000. */
const roundedProduct: Meaning = (m, a, b) => {
  const half = m.operate('i32x4.splat', m.constant(0x4000));
  const rounded = (which: 'low' | 'high'): Value =>
    m.operate('i32x4.shr_u', m.operate('i32x4.add', m.operate(`i32x4.extmul_${which}_i16x8_s`, a, b), half), m.constant(15));
  return m.shuffle(rounded('low'), rounded('high'), lanes(2, 0, 2, 4, 6, 8, 10, 12, 14));
};
const absolute =
  (name: Operation): Meaning =>
  (m, _a, b) =>
    m.operate(name, b);

/** Mnemonic, opcode after 0F 38, meaning for XMM registers, and for MMX registers where it differs. */
const BINARY: readonly (readonly [mnemonic: string, opcode: string, meaning: Meaning, mmx?: Meaning])[] = [
  ['PSHUFB', '00', shuffled(XMM_INDEX), shuffled(MMX_INDEX)],
  ['PHADDW', '01', horizontal('i16x8.add', 2)],
  ['PHADDD', '02', horizontal('i32x4.add', 4)],
  ['PHADDSW', '03', horizontal('i16x8.add_sat_s', 2)],
  ['PMADDUBSW', '04', multiplyAdd],
  ['PHSUBW', '05', horizontal('i16x8.sub', 2)],
  ['PHSUBD', '06', horizontal('i32x4.sub', 4)],
  ['PHSUBSW', '07', horizontal('i16x8.sub_sat_s', 2)],
  ['PSIGNB', '08', signed('i8x16')],
  ['PSIGNW', '09', signed('i16x8')],
  ['PSIGND', '0A', signed('i32x4')],
  ['PMULHRSW', '0B', roundedProduct],
  ['PABSB', '1C', absolute('i8x16.abs')],
  ['PABSW', '1D', absolute('i16x8.abs')],
  ['PABSD', '1E', absolute('i32x4.abs')],
];

/** PALIGNR: bytes of both operands in one row, from the immediate on. */
function aligned(m: Builder, a: Value, b: Value, immediate: FormOperand): Value {
  const known = m.knownImmediate(immediate);
  if (known === undefined) return m.kernel('palignr', [a, b, m.immediate(immediate)], 'v128');
  const count = known & 0xff;
  if (count > 31) return m.constantVector(0n, 0n);
  const zero = m.constantVector(0n, 0n);
  const [low, high, from] = count > 15 ? [a, zero, count - 16] : [b, a, count];
  return m.shuffle(
    low,
    high,
    Array.from({ length: 16 }, (_, i) => from + i),
  );
}

export const ssse3: readonly Instruction[] = [
  ...BINARY.flatMap(([mnemonic, opcode, meaning, mmx]): Instruction[] => [
    {
      mnemonic,
      sdm: `Vol. 2B, ${mnemonic}`,
      encodings: [{ opcode: `0F 38 ${opcode} /r`, operands: 'mm, mm/m64', prefix: 'none' }],
      requires: 'SSSE3',
      flags: {},
      execute: mmxBinary(mmx ?? meaning, mnemonic.startsWith('PH')),
    },
    {
      mnemonic,
      sdm: `Vol. 2B, ${mnemonic}`,
      encodings: [{ opcode: `0F 38 ${opcode} /r`, operands: 'xmm, xmm/m128', prefix: 0x66 }],
      requires: 'SSSE3',
      flags: {},
      execute: vectorBinary(meaning),
    },
  ]),
  {
    mnemonic: 'PALIGNR',
    sdm: 'Vol. 2B, PALIGNR—Packed Align Right',
    encodings: [{ opcode: '0F 3A 0F /r ib', operands: 'mm, mm/m64, imm8', prefix: 'none' }],
    requires: 'SSSE3',
    flags: {},
    execute: (m, form) => {
      checkMmxAvailable(m);
      const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
      const b = m.read(from, 64);
      const both = m.operateLane('i64x2.replace_lane', 1, vectorOf64(m, b), m.read(to, 64));
      m.write(to, 64, low64(m, aligned(m, m.constantVector(0n, 0n), both, immediate)));
      enterMmx(m);
    },
  },
  {
    mnemonic: 'PALIGNR',
    sdm: 'Vol. 2B, PALIGNR—Packed Align Right',
    encodings: [{ opcode: '0F 3A 0F /r ib', operands: 'xmm, xmm/m128, imm8', prefix: 0x66 }],
    requires: 'SSSE3',
    flags: {},
    execute: sse((m, form) => {
      const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
      const b = m.readVector(from, true);
      m.writeVector(to, aligned(m, m.readVector(to, true), b, immediate), true);
    }),
  },
];
