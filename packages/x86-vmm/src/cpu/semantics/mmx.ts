import { CR, FPU_ATTENTION, FPU_EMPTY, FPU_REGISTERS, FPU_STATUS } from '../state.js';
import type { Builder, Form, FormOperand, Value } from './builder.js';
import type { Decoded, Instruction } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';
import { VECTOR_MF, VECTOR_NM } from './x87-steps.js';

/*
 * MMX: SDM Vol. 1 chapter 9. MM0..MM7 are the significands of the x87's R0..R7; writing one sets its sign and exponent to ones (the
 * builder's `write`). Every MMX instruction sets TOP to 0 and all tags to valid, EMMS all to empty (Vol. 3A table 12-1).
 */

const VECTOR_UD = 6;
const CR0_EM = 4;
const TOP = 0x3800;

/** #UD for CR0.EM, #NM for CR0.TS, #MF for an exception pending from the x87. */
export function checkMmxAvailable(m: Builder): void {
  m.raiseIf(m.and(m.stateLoad(CR, 32), m.constant(CR0_EM)), VECTOR_UD);
  const attention = m.stateLoad(FPU_ATTENTION, 32);
  m.raiseIf(m.and(attention, m.constant(1)), VECTOR_NM);
  m.raiseIf(m.and(attention, m.constant(2)), VECTOR_MF);
}
export function enterMmx(m: Builder, empty = 0): void {
  m.stateStore(FPU_STATUS, 32, m.and(m.stateLoad(FPU_STATUS, 32), m.constant(~TOP)));
  m.stateStore(FPU_EMPTY, 32, m.constant(empty));
}
/** The same for TypeScript bodies, and where an MMX register is. */
export function checkMmxAvailableNow(cpu: SlowCpu): void {
  if (cpu.u32[CR >> 2]! & CR0_EM) cpu.raise(VECTOR_UD);
  const attention = cpu.u32[FPU_ATTENTION >> 2]!;
  if (attention & 1) cpu.raise(VECTOR_NM);
  if (attention & 2) cpu.raise(VECTOR_MF);
}
export function enterMmxNow(cpu: SlowCpu): void {
  cpu.u32[FPU_STATUS >> 2]! &= ~TOP;
  cpu.u32[FPU_EMPTY >> 2] = 0;
}
export function mmxBytes(decoded: Decoded, position: number): number {
  return FPU_REGISTERS + 16 * (decoded.operands[position] as { index: number }).index;
}
/** Second operand as 64 bits: the low unpackings read only 32 bits of memory. */
function source(m: Builder, operand: FormOperand): Value {
  if (operand.kind === 'immediate') return m.extendU(m.immediate(operand));
  return operand.kind === 'memory' && operand.width === 32 ? m.extendU(m.read(operand, 32)) : m.read(operand, 64);
}
function binary(operation: (m: Builder, a: Value, b: Value) => Value) {
  return (m: Builder, form: Form): void => {
    checkMmxAvailable(m);
    const destination = form.operands[0]!;
    const b = source(m, form.operands[1]!);
    m.write(destination, 64, operation(m, m.read(destination, 64), b));
    enterMmx(m);
  };
}
const kernel =
  (name: string) =>
  (m: Builder, a: Value, b: Value): Value =>
    m.kernel(name, [a, b], 'i64');

/** Mnemonic, second opcode byte, title. One kernel each, of the mnemonic's name. */
const KERNELS = [
  ['PADDB', 'FC', 'PADDB/PADDW/PADDD—Add Packed Integers'],
  ['PADDW', 'FD', 'PADDB/PADDW/PADDD—Add Packed Integers'],
  ['PADDD', 'FE', 'PADDB/PADDW/PADDD—Add Packed Integers'],
  ['PADDSB', 'EC', 'PADDSB/PADDSW—Add Packed Signed Integers with Signed Saturation'],
  ['PADDSW', 'ED', 'PADDSB/PADDSW—Add Packed Signed Integers with Signed Saturation'],
  ['PADDUSB', 'DC', 'PADDUSB/PADDUSW—Add Packed Unsigned Integers with Unsigned Saturation'],
  ['PADDUSW', 'DD', 'PADDUSB/PADDUSW—Add Packed Unsigned Integers with Unsigned Saturation'],
  ['PSUBB', 'F8', 'PSUBB/PSUBW/PSUBD—Subtract Packed Integers'],
  ['PSUBW', 'F9', 'PSUBB/PSUBW/PSUBD—Subtract Packed Integers'],
  ['PSUBD', 'FA', 'PSUBB/PSUBW/PSUBD—Subtract Packed Integers'],
  ['PSUBSB', 'E8', 'PSUBSB/PSUBSW—Subtract Packed Signed Integers with Signed Saturation'],
  ['PSUBSW', 'E9', 'PSUBSB/PSUBSW—Subtract Packed Signed Integers with Signed Saturation'],
  ['PSUBUSB', 'D8', 'PSUBUSB/PSUBUSW—Subtract Packed Unsigned Integers with Unsigned Saturation'],
  ['PSUBUSW', 'D9', 'PSUBUSB/PSUBUSW—Subtract Packed Unsigned Integers with Unsigned Saturation'],
  ['PMULLW', 'D5', 'PMULLW—Multiply Packed Signed Integers and Store Low Result'],
  ['PMULHW', 'E5', 'PMULHW—Multiply Packed Signed Integers and Store High Result'],
  ['PMADDWD', 'F5', 'PMADDWD—Multiply and Add Packed Integers'],
  ['PCMPEQB', '74', 'PCMPEQB/PCMPEQW/PCMPEQD—Compare Packed Data for Equal'],
  ['PCMPEQW', '75', 'PCMPEQB/PCMPEQW/PCMPEQD—Compare Packed Data for Equal'],
  ['PCMPEQD', '76', 'PCMPEQB/PCMPEQW/PCMPEQD—Compare Packed Data for Equal'],
  ['PCMPGTB', '64', 'PCMPGTB/PCMPGTW/PCMPGTD—Compare Packed Signed Integers for Greater Than'],
  ['PCMPGTW', '65', 'PCMPGTB/PCMPGTW/PCMPGTD—Compare Packed Signed Integers for Greater Than'],
  ['PCMPGTD', '66', 'PCMPGTB/PCMPGTW/PCMPGTD—Compare Packed Signed Integers for Greater Than'],
  ['PACKSSWB', '63', 'PACKSSWB/PACKSSDW—Pack with Signed Saturation'],
  ['PACKSSDW', '6B', 'PACKSSWB/PACKSSDW—Pack with Signed Saturation'],
  ['PACKUSWB', '67', 'PACKUSWB—Pack with Unsigned Saturation'],
  ['PUNPCKLBW', '60', 'PUNPCKLBW/PUNPCKLWD/PUNPCKLDQ—Unpack Low Data'],
  ['PUNPCKLWD', '61', 'PUNPCKLBW/PUNPCKLWD/PUNPCKLDQ—Unpack Low Data'],
  ['PUNPCKLDQ', '62', 'PUNPCKLBW/PUNPCKLWD/PUNPCKLDQ—Unpack Low Data'],
  ['PUNPCKHBW', '68', 'PUNPCKHBW/PUNPCKHWD/PUNPCKHDQ—Unpack High Data'],
  ['PUNPCKHWD', '69', 'PUNPCKHBW/PUNPCKHWD/PUNPCKHDQ—Unpack High Data'],
  ['PUNPCKHDQ', '6A', 'PUNPCKHBW/PUNPCKHWD/PUNPCKHDQ—Unpack High Data'],
] as const;

/** Mnemonic, opcode of the mm/m64 form, opcode and digit of the immediate form, title. */
const SHIFTS = [
  ['PSRLW', 'D1', '71 /2', 'PSRLW/PSRLD/PSRLQ—Shift Packed Data Right Logical'],
  ['PSRLD', 'D2', '72 /2', 'PSRLW/PSRLD/PSRLQ—Shift Packed Data Right Logical'],
  ['PSRLQ', 'D3', '73 /2', 'PSRLW/PSRLD/PSRLQ—Shift Packed Data Right Logical'],
  ['PSRAW', 'E1', '71 /4', 'PSRAW/PSRAD—Shift Packed Data Right Arithmetic'],
  ['PSRAD', 'E2', '72 /4', 'PSRAW/PSRAD—Shift Packed Data Right Arithmetic'],
  ['PSLLW', 'F1', '71 /6', 'PSLLW/PSLLD/PSLLQ—Shift Packed Data Left Logical'],
  ['PSLLD', 'F2', '72 /6', 'PSLLW/PSLLD/PSLLQ—Shift Packed Data Left Logical'],
  ['PSLLQ', 'F3', '73 /6', 'PSLLW/PSLLD/PSLLQ—Shift Packed Data Left Logical'],
] as const;

const LOGIC = [
  ['PAND', 'DB', 'PAND—Logical AND', (m: Builder, a: Value, b: Value) => m.and(a, b)],
  ['PANDN', 'DF', 'PANDN—Logical AND NOT', (m: Builder, a: Value, b: Value) => m.and(m.xor(a, m.constant64(-1n)), b)],
  ['POR', 'EB', 'POR—Bitwise Logical OR', (m: Builder, a: Value, b: Value) => m.or(a, b)],
  ['PXOR', 'EF', 'PXOR—Logical Exclusive OR', (m: Builder, a: Value, b: Value) => m.xor(a, b)],
] as const;

function moveDoubleword(m: Builder, form: Form): void {
  checkMmxAvailable(m);
  const [to, from] = form.operands as [FormOperand, FormOperand];
  if (to.kind === 'mm') m.write(to, 64, m.extendU(m.read(from, 32)));
  else m.write(to, 32, m.wrap(m.read(from, 64)));
  enterMmx(m);
}
function moveQuadword(m: Builder, form: Form): void {
  checkMmxAvailable(m);
  const [to, from] = form.operands as [FormOperand, FormOperand];
  m.write(to, 64, m.read(from, 64));
  enterMmx(m);
}

export const mmxInstructions: readonly Instruction[] = [
  {
    mnemonic: 'MOVD',
    sdm: 'Vol. 2B, MOVD/MOVQ—Move Doubleword/Move Quadword',
    encodings: [
      { opcode: '0F 6E /r', operands: 'mm, r/m32', prefix: 'none' },
      { opcode: '0F 7E /r', operands: 'r/m32, mm', prefix: 'none' },
    ],
    flags: {},
    execute: moveDoubleword,
  },
  {
    mnemonic: 'MOVQ',
    sdm: 'Vol. 2B, MOVQ—Move Quadword',
    encodings: [
      { opcode: '0F 6F /r', operands: 'mm, mm/m64', prefix: 'none' },
      { opcode: '0F 7F /r', operands: 'mm/m64, mm', prefix: 'none' },
    ],
    flags: {},
    execute: moveQuadword,
  },
  ...KERNELS.map(
    ([mnemonic, opcode, title]): Instruction => ({
      mnemonic,
      sdm: `Vol. 2B, ${title}`,
      encodings: [{ opcode: `0F ${opcode} /r`, operands: mnemonic.startsWith('PUNPCKL') ? 'mm, mm/m32' : 'mm, mm/m64', prefix: 'none' }],
      flags: {},
      execute: binary(kernel(mnemonic.toLowerCase())),
    }),
  ),
  ...LOGIC.map(
    ([mnemonic, opcode, title, operation]): Instruction => ({
      mnemonic,
      sdm: `Vol. 2B, ${title}`,
      encodings: [{ opcode: `0F ${opcode} /r`, operands: 'mm, mm/m64', prefix: 'none' }],
      flags: {},
      execute: binary(operation),
    }),
  ),
  ...SHIFTS.map(
    ([mnemonic, opcode, immediate, title]): Instruction => ({
      mnemonic,
      sdm: `Vol. 2B, ${title}`,
      encodings: [
        { opcode: `0F ${opcode} /r`, operands: 'mm, mm/m64', prefix: 'none' },
        { opcode: `0F ${immediate} ib`, operands: 'mm, imm8', prefix: 'none' },
      ],
      flags: {},
      execute: binary(kernel(mnemonic.toLowerCase())),
    }),
  ),
  {
    mnemonic: 'EMMS',
    sdm: 'Vol. 2A, EMMS—Empty MMX Technology State',
    encodings: [{ opcode: '0F 77', operands: '', prefix: 'none' }],
    flags: {},
    execute: (m) => {
      checkMmxAvailable(m);
      enterMmx(m, 0xff);
    },
  },
];
