import { MXCSR, MXCSR_MASK, SSE_ATTENTION, XMM } from '../state.js';
import type { Builder, Form, FormOperand, Value } from './builder.js';
import type { Decoded, Encoding, Extension, Instruction } from './instruction.js';
import { checkMmxAvailable, checkMmxAvailableNow, enterMmx, enterMmxNow, mmxBytes } from './mmx.js';
import type { SlowCpu } from './slow-cpu.js';
import { lanes, low64, sse, vectorOf32, vectorOf64 } from './sse-steps.js';

/* Moves, MXCSR, and what orders or hints memory accesses: SDM Vol. 1 sections 10.4.1, 10.4.6, 11.4.1.1, 11.4.4, 12.3.2. */

type Prefix = NonNullable<Encoding['prefix']>;
type Row = readonly [opcode: string, operands: string];

function move(
  mnemonic: string,
  prefix: Prefix,
  requires: Extension,
  rows: readonly Row[],
  execute: (m: Builder, to: FormOperand, from: FormOperand, form: Form) => void,
): Instruction {
  return {
    mnemonic,
    sdm: `Vol. 2B, ${mnemonic}`,
    encodings: rows.map(([opcode, operands]) => ({ opcode: `0F ${opcode} /r`, operands, prefix })),
    requires,
    flags: {},
    execute: sse((m, form) => execute(m, form.operands[0]!, form.operands[1]!, form)),
  };
}

const whole =
  (aligned: boolean) =>
  (m: Builder, to: FormOperand, from: FormOperand): void =>
    m.writeVector(to, m.readVector(from, aligned), aligned);
/** MOVSS and MOVSD: from memory the rest of the register becomes zero, from a register it stays. */
const scalar =
  (type: 'f32' | 'f64') =>
  (m: Builder, to: FormOperand, from: FormOperand): void => {
    if (from.kind === 'xmm') m.writeFloat(to, m.readFloat(from, type));
    else m.writeVector(to, type === 'f32' ? vectorOf32(m, m.read(from, 32)) : vectorOf64(m, m.read(from, 64)), true);
  };
/** The high half from memory or another register's low half, and to memory. */
function toHigh(m: Builder, to: FormOperand, from: FormOperand): void {
  m.writeVector(to, m.operateLane('i64x2.replace_lane', 1, m.readVector(to, true), m.read(from, 64)), true);
}
function fromHigh(m: Builder, to: FormOperand, from: FormOperand): void {
  m.write(to, 64, m.operateLane('i64x2.extract_lane', 1, m.readVector(from, true)));
}
function low(m: Builder, to: FormOperand, from: FormOperand): void {
  m.write(to, 64, m.read(from, 64));
}
const arranged =
  (bytes: readonly number[]) =>
  (m: Builder, to: FormOperand, from: FormOperand): void => {
    const vector = m.readVector(from, true);
    m.writeVector(to, m.shuffle(vector, vector, bytes), true);
  };
const mask =
  (name: 'i8x16.bitmask' | 'i32x4.bitmask' | 'i64x2.bitmask') =>
  (m: Builder, to: FormOperand, from: FormOperand): void =>
    m.write(to, 32, m.operate(name, m.readVector(from, true)));

const BOTH = (load: string, store: string): Row[] => [
  [load, 'xmm, xmm/m128'],
  [store, 'xmm/m128, xmm'],
];

/** Bytes of a register whose mask byte has its top bit set go to DS:eDI; the whole place is checked, aligned to 8 where CR0.AM wants it (measured). */
function maskedBytes(cpu: SlowCpu, decoded: Decoded, value: number, maskAt: number, count: number): void {
  const base = cpu.getRegister(7, decoded.addressSize === 16 ? 16 : 32);
  const wrap = decoded.addressSize === 16 ? 0xffff : 0xffff_ffff;
  for (let i = 0; i < count; i += 8) cpu.checkSegment(decoded.segment, ((base + i) & wrap) >>> 0, 8, true);
  for (let i = 0; i < count; i++)
    if (cpu.u8[maskAt + i]! & 0x80) cpu.writeSegment(decoded.segment, ((base + i) & wrap) >>> 0, 8, cpu.u8[value + i]!);
}
const xmm = (decoded: Decoded, position: number): number => XMM + 16 * (decoded.operands[position] as { index: number }).index;

const fence = (mnemonic: string, opcode: string, requires: Extension): Instruction => ({
  mnemonic,
  sdm: `Vol. 2, ${mnemonic}`,
  encodings: [{ opcode, operands: '', prefix: 'none' }],
  requires,
  flags: {},
  execute: () => {},
});

export const sseMove: readonly Instruction[] = [
  move('MOVUPS', 'none', 'SSE', BOTH('10', '11'), whole(false)),
  move('MOVUPD', 0x66, 'SSE2', BOTH('10', '11'), whole(false)),
  move('MOVDQU', 0xf3, 'SSE2', BOTH('6F', '7F'), whole(false)),
  move('MOVAPS', 'none', 'SSE', BOTH('28', '29'), whole(true)),
  move('MOVAPD', 0x66, 'SSE2', BOTH('28', '29'), whole(true)),
  move('MOVDQA', 0x66, 'SSE2', BOTH('6F', '7F'), whole(true)),
  move('LDDQU', 0xf2, 'SSE3', [['F0', 'xmm, m128']], whole(false)),
  move('MOVNTPS', 'none', 'SSE', [['2B', 'm128, xmm']], whole(true)),
  move('MOVNTPD', 0x66, 'SSE2', [['2B', 'm128, xmm']], whole(true)),
  move('MOVNTDQ', 0x66, 'SSE2', [['E7', 'm128, xmm']], whole(true)),
  {
    mnemonic: 'MOVNTI',
    sdm: 'Vol. 2B, MOVNTI—Store Doubleword Using Non-Temporal Hint',
    encodings: [{ opcode: '0F C3 /r', operands: 'm32, r32', prefix: 'none' }],
    requires: 'SSE2',
    flags: {},
    execute: (m, form) => m.write(form.operands[0]!, 32, m.read(form.operands[1]!, 32)),
  },
  move(
    'MOVSS',
    0xf3,
    'SSE',
    [
      ['10', 'xmm, xmm/m32'],
      ['11', 'xmm/m32, xmm'],
    ],
    (m, to, from) => (to.kind === 'xmm' ? scalar('f32')(m, to, from) : m.writeFloat(to, m.readFloat(from, 'f32'))),
  ),
  move(
    'MOVSD',
    0xf2,
    'SSE2',
    [
      ['10', 'xmm, xmm/m64'],
      ['11', 'xmm/m64, xmm'],
    ],
    (m, to, from) => (to.kind === 'xmm' ? scalar('f64')(m, to, from) : m.writeFloat(to, m.readFloat(from, 'f64'))),
  ),
  move('MOVHLPS', 'none', 'SSE', [['12', 'xmm, xmm']], fromHigh),
  move('MOVLHPS', 'none', 'SSE', [['16', 'xmm, xmm']], toHigh),
  ...(['none', 0x66] as const).flatMap((prefix) => {
    const [letter, requires] = prefix === 'none' ? (['S', 'SSE'] as const) : (['D', 'SSE2'] as const);
    return [
      move(`MOVLP${letter}`, prefix, requires, [['12', 'xmm, m64']], low),
      move(`MOVLP${letter}`, prefix, requires, [['13', 'm64, xmm']], low),
      move(`MOVHP${letter}`, prefix, requires, [['16', 'xmm, m64']], toHigh),
      move(`MOVHP${letter}`, prefix, requires, [['17', 'm64, xmm']], fromHigh),
      move(`MOVMSKP${letter}`, prefix, requires, [['50', 'r32, xmm']], mask(letter === 'S' ? 'i32x4.bitmask' : 'i64x2.bitmask')),
    ];
  }),
  move('PMOVMSKB', 0x66, 'SSE2', [['D7', 'r32, xmm']], mask('i8x16.bitmask')),
  move('MOVDDUP', 0xf2, 'SSE3', [['12', 'xmm, xmm/m64']], (m, to, from) =>
    m.writeVector(to, m.operate('i64x2.splat', m.read(from, 64)), true),
  ),
  move('MOVSLDUP', 0xf3, 'SSE3', [['12', 'xmm, xmm/m128']], arranged(lanes(4, 0, 0, 2, 2))),
  move('MOVSHDUP', 0xf3, 'SSE3', [['16', 'xmm, xmm/m128']], arranged(lanes(4, 1, 1, 3, 3))),
  move('MOVD', 0x66, 'SSE2', [['6E', 'xmm, r/m32']], (m, to, from) => m.writeVector(to, vectorOf32(m, m.read(from, 32)), true)),
  move('MOVD', 0x66, 'SSE2', [['7E', 'r/m32, xmm']], (m, to, from) => m.write(to, 32, m.read(from, 32))),
  move('MOVQ', 0xf3, 'SSE2', [['7E', 'xmm, xmm/m64']], (m, to, from) => m.writeVector(to, vectorOf64(m, m.read(from, 64)), true)),
  move('MOVQ', 0x66, 'SSE2', [['D6', 'xmm/m64, xmm']], (m, to, from) => {
    const bits: Value = m.read(from, 64);
    if (to.kind === 'xmm') m.writeVector(to, vectorOf64(m, bits), true);
    else m.write(to, 64, bits);
  }),
  move('MOVQ2DQ', 0xf3, 'SSE2', [['D6', 'xmm, mm']], (m, to, from) => {
    checkMmxAvailable(m);
    m.writeVector(to, vectorOf64(m, m.read(from, 64)), true);
    enterMmx(m);
  }),
  move('MOVDQ2Q', 0xf2, 'SSE2', [['D6', 'mm, xmm']], (m, to, from) => {
    checkMmxAvailable(m);
    m.write(to, 64, low64(m, m.readVector(from, true)));
    enterMmx(m);
  }),
  {
    mnemonic: 'MASKMOVDQU',
    sdm: 'Vol. 2B, MASKMOVDQU—Store Selected Bytes of Double Quadword',
    encodings: [{ opcode: '0F F7 /r', operands: 'xmm, xmm', prefix: 0x66 }],
    requires: 'SSE2',
    flags: {},
    slow: (cpu, decoded) => {
      requireSseNow(cpu);
      maskedBytes(cpu, decoded, xmm(decoded, 0), xmm(decoded, 1), 16);
    },
  },
  {
    mnemonic: 'MASKMOVQ',
    sdm: 'Vol. 2B, MASKMOVQ—Store Selected Bytes of Quadword',
    encodings: [{ opcode: '0F F7 /r', operands: 'mm, mm', prefix: 'none' }],
    requires: 'SSE',
    flags: {},
    slow: (cpu, decoded) => {
      checkMmxAvailableNow(cpu);
      maskedBytes(cpu, decoded, mmxBytes(decoded, 0), mmxBytes(decoded, 1), 8);
      enterMmxNow(cpu);
    },
  },
  {
    mnemonic: 'LDMXCSR',
    sdm: 'Vol. 2A, LDMXCSR—Load MXCSR Register',
    encodings: [{ opcode: '0F AE /2', operands: 'm32', prefix: 'none' }],
    requires: 'SSE',
    flags: {},
    execute: sse((m, form) => {
      const value = m.read(form.operands[0]!, 32);
      m.raiseIf(m.and(value, m.xor(m.stateLoad(MXCSR_MASK, 32), m.constant(-1))), GP, 0);
      m.stateStore(MXCSR, 32, value);
    }),
  },
  {
    mnemonic: 'STMXCSR',
    sdm: 'Vol. 2B, STMXCSR—Store MXCSR Register State',
    encodings: [{ opcode: '0F AE /3', operands: 'm32', prefix: 'none' }],
    requires: 'SSE',
    flags: {},
    execute: sse((m, form) => m.write(form.operands[0]!, 32, m.stateLoad(MXCSR, 32))),
  },
  fence('LFENCE', '0F AE E8', 'SSE2'),
  fence('MFENCE', '0F AE F0', 'SSE2'),
  fence('SFENCE', '0F AE F8', 'SSE'),
  {
    mnemonic: 'CLFLUSH',
    sdm: 'Vol. 2A, CLFLUSH—Flush Cache Line',
    encodings: [{ opcode: '0F AE /7', operands: 'm8', prefix: 'none' }],
    requires: 'SSE2',
    flags: {},
    // Checked as a read of one byte.
    execute: (m, form) => void m.read(form.operands[0]!, 8),
  },
];

const GP = 13;
/** `requireSse` for TypeScript bodies. */
function requireSseNow(cpu: SlowCpu): void {
  const attention = cpu.u32[SSE_ATTENTION >> 2]!;
  if (attention !== 0) cpu.raise(attention - 1);
}
