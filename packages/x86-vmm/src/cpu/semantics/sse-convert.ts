import type { Builder, FormOperand, Value } from './builder.js';
import type { Encoding, Extension, Instruction } from './instruction.js';
import { checkMmxAvailable, enterMmx } from './mmx.js';
import { low64, Numbers, PD, PS, SD, type Shape, SS, sse, vectorOf64 } from './sse-steps.js';

/* Conversions between singles, doubles and signed doublewords: SDM Vol. 1 sections 10.4.3 and 11.4.1.6, figure 11-8. */

const INTEGER_LIMIT = 2 ** 31;
/** Half less than the limit: whatever it is rounded to fits. */
const ROUNDED_LIMIT = 2 ** 31 - 128;
const SMALLEST_SINGLE = 2 ** -126;

type Conversion = (m: Builder, from: FormOperand, to: FormOperand) => void;

function conversion(
  mnemonic: string,
  opcode: string,
  operands: string,
  prefix: NonNullable<Encoding['prefix']>,
  requires: Extension,
  execute: Conversion,
): Instruction {
  return {
    mnemonic,
    sdm: `Vol. 2A, ${mnemonic}`,
    encodings: [{ opcode: `0F ${opcode} /r`, operands, prefix }],
    requires,
    flags: {},
    execute: sse((m, form) => execute(m, form.operands[1]!, form.operands[0]!)),
  };
}

/** Integer of one number; PE is set already or nothing is lost. */
function toInteger(shape: Shape, isTruncating: boolean): Conversion {
  return (m, from, to) => {
    const a = m.readFloat(from, shape.type);
    const n = new Numbers(m, shape);
    const whole = isTruncating ? a : n.operate('nearest', a);
    const fast = m.operate(shape.type === 'f32' ? 'i32.trunc_f32_s' : 'i32.trunc_f64_s', whole);
    const conditions = [m.isFloatDefault(), n.isBelow(a, isTruncating ? INTEGER_LIMIT : ROUNDED_LIMIT)];
    const kernel = shape.type === 'f32' ? 'sseIntegerOfSingle' : 'sseIntegerOfDouble';
    m.write(to, 32, m.fastOr(conditions, fast, kernel, [a, m.constant(isTruncating ? 1 : 0)]));
  };
}
/** Integers of a vector's lanes; of doubles, or of the lower two singles for an MMX register, the upper half is zero. */
function integersOf(m: Builder, a: Value, shape: Shape, isTruncating: boolean, count: 2 | 4): Value {
  const n = new Numbers(m, shape);
  const whole = isTruncating ? a : n.operate('nearest', a);
  const chop = m.constant(isTruncating ? 1 : 0);
  const conditions = [m.isFloatDefault(), ...n.all(n.isBelow(a, isTruncating ? INTEGER_LIMIT : ROUNDED_LIMIT))];
  return shape.type === 'f32'
    ? m.fastOr(conditions, m.operate('i32x4.trunc_sat_f32x4_s', whole), 'sseIntegersOfSingles', [a, chop, m.constant(count)])
    : m.fastOr(conditions, m.operate('i32x4.trunc_sat_f64x2_s_zero', whole), 'sseIntegersOfDoubles', [a, chop]);
}
function packedToInteger(shape: Shape, isTruncating: boolean): Conversion {
  return (m, from, to) => m.writeVector(to, integersOf(m, m.readVector(from, true), shape, isTruncating, 4), true);
}
function packedToMmx(shape: Shape, isTruncating: boolean): Conversion {
  return (m, from, to) => {
    checkMmxAvailable(m);
    const a = shape.type === 'f32' ? vectorOf64(m, m.read(from, 64)) : m.readVector(from, true);
    m.write(to, 64, low64(m, integersOf(m, a, shape, isTruncating, 2)));
    enterMmx(m);
  };
}

/** Singles of doublewords: only PE can change. */
function singlesOf(m: Builder, integers: Value, count: 2 | 4): Value {
  return m.fastOr([m.isFloatDefault()], m.operate('f32x4.convert_i32x4_s', integers), 'sseSinglesOfIntegers', [
    integers,
    m.constant(count),
  ]);
}
/** Low two singles of two doubles: those are certainly normal whose singles are. */
function singlesOfDoubles(m: Builder, a: Value): Value {
  const result = m.operate('f32x4.demote_f64x2_zero', a);
  const n = new Numbers(m, PD);
  const wide = m.operate('f64x2.promote_low_f32x4', result);
  const smallest = m.operate('f64x2.splat', m.constantFloat('f64', SMALLEST_SINGLE));
  const isNotTiny = m.operate('v128.or', n.operate('gt', n.magnitude(wide), smallest), n.isZero(a));
  return m.fastOr([m.isFloatDefault(), ...n.all(n.isFinite(wide), isNotTiny)], result, 'sseSinglesOfDoubles', [a]);
}
/** Exact; only a denormal or a NaN is looked at. */
function doublesOfSingles(m: Builder, a: Value): Value {
  const n = new Numbers(m, PD);
  const wide = m.operate('f64x2.promote_low_f32x4', a);
  const smallest = m.operate('f64x2.splat', m.constantFloat('f64', SMALLEST_SINGLE));
  const isKnown = m.operate('v128.or', n.operate('ge', n.magnitude(wide), smallest), n.isZero(wide));
  return m.fastOr(n.all(isKnown), wide, 'sseDoublesOfSingles', [a]);
}
const read64 = (m: Builder, from: FormOperand): Value => vectorOf64(m, m.read(from, 64));

export const sseConvert: readonly Instruction[] = [
  ...[SS, SD].flatMap((shape) => [
    conversion(`CVT${shape.suffix}2SI`, '2D', `r32, ${shape.source}`, shape.prefix, shape.requires, toInteger(shape, false)),
    conversion(`CVTT${shape.suffix}2SI`, '2C', `r32, ${shape.source}`, shape.prefix, shape.requires, toInteger(shape, true)),
  ]),
  conversion('CVTSI2SS', '2A', 'xmm, r/m32', 0xf3, 'SSE', (m, from, to) => {
    const a = m.read(from, 32);
    m.writeFloat(to, m.fastOr([m.isFloatDefault()], m.operate('f32.convert_i32_s', a), 'sseSingleOfInteger', [a]));
  }),
  conversion('CVTSI2SD', '2A', 'xmm, r/m32', 0xf2, 'SSE2', (m, from, to) =>
    m.writeFloat(to, m.operate('f64.convert_i32_s', m.read(from, 32))),
  ),
  conversion('CVTSD2SS', '5A', 'xmm, xmm/m64', 0xf2, 'SSE2', (m, from, to) => {
    const a = m.readFloat(from, 'f64');
    const result = m.operate('f32.demote_f64', a);
    const n = new Numbers(m, SS);
    m.writeFloat(to, m.fastOr([m.isFloatDefault(), n.isNotTiny(result), n.isFinite(result)], result, 'sseSingleOfDouble', [a]));
  }),
  conversion('CVTSS2SD', '5A', 'xmm, xmm/m32', 0xf3, 'SSE2', (m, from, to) => {
    const a = m.readFloat(from, 'f32');
    m.writeFloat(to, m.fastOr([new Numbers(m, SS).isNormalOrZero(a)], m.operate('f64.promote_f32', a), 'sseDoubleOfSingle', [a]));
  }),
  conversion('CVTPS2PD', '5A', 'xmm, xmm/m64', 'none', 'SSE2', (m, from, to) =>
    m.writeVector(to, doublesOfSingles(m, read64(m, from)), true),
  ),
  conversion('CVTPD2PS', '5A', 'xmm, xmm/m128', 0x66, 'SSE2', (m, from, to) =>
    m.writeVector(to, singlesOfDoubles(m, m.readVector(from, true)), true),
  ),
  conversion('CVTDQ2PS', '5B', 'xmm, xmm/m128', 'none', 'SSE2', (m, from, to) =>
    m.writeVector(to, singlesOf(m, m.readVector(from, true), 4), true),
  ),
  conversion('CVTPS2DQ', '5B', 'xmm, xmm/m128', 0x66, 'SSE2', packedToInteger(PS, false)),
  conversion('CVTTPS2DQ', '5B', 'xmm, xmm/m128', 0xf3, 'SSE2', packedToInteger(PS, true)),
  conversion('CVTPD2DQ', 'E6', 'xmm, xmm/m128', 0xf2, 'SSE2', packedToInteger(PD, false)),
  conversion('CVTTPD2DQ', 'E6', 'xmm, xmm/m128', 0x66, 'SSE2', packedToInteger(PD, true)),
  conversion('CVTDQ2PD', 'E6', 'xmm, xmm/m64', 0xf3, 'SSE2', (m, from, to) =>
    m.writeVector(to, m.operate('f64x2.convert_low_i32x4_s', read64(m, from)), true),
  ),
  // From memory no MMX register is touched, and the x87 keeps its state (CVTPI2PS: measured).
  conversion('CVTPI2PS', '2A', 'xmm, mm/m64', 'none', 'SSE', (m, from, to) => {
    if (from.kind === 'mm') checkMmxAvailable(m);
    m.write(to, 64, low64(m, singlesOf(m, read64(m, from), 2)));
    if (from.kind === 'mm') enterMmx(m);
  }),
  conversion('CVTPI2PD', '2A', 'xmm, mm/m64', 0x66, 'SSE2', (m, from, to) => {
    if (from.kind === 'mm') checkMmxAvailable(m);
    m.writeVector(to, m.operate('f64x2.convert_low_i32x4_s', read64(m, from)), true);
    if (from.kind === 'mm') enterMmx(m);
  }),
  conversion('CVTPS2PI', '2D', 'mm, xmm/m64', 'none', 'SSE', packedToMmx(PS, false)),
  conversion('CVTTPS2PI', '2C', 'mm, xmm/m64', 'none', 'SSE', packedToMmx(PS, true)),
  conversion('CVTPD2PI', '2D', 'mm, xmm/m128', 0x66, 'SSE2', packedToMmx(PD, false)),
  conversion('CVTTPD2PI', '2C', 'mm, xmm/m128', 0x66, 'SSE2', packedToMmx(PD, true)),
];
