import type { Builder, FormOperand, Value } from './builder.js';
import type { Instruction } from './instruction.js';
import {
  kernelSuffix,
  lanes,
  Numbers,
  PD,
  PS,
  prefixOf,
  readShape,
  SD,
  SHAPES,
  type Shape,
  SS,
  sse,
  vectorBinary,
  writeShape,
} from './sse-steps.js';

/* Arithmetic and comparisons of singles and doubles: SDM Vol. 1 sections 10.4 and 11.4, Vol. 2. */

/** Operation numbers of `sseArithmetic*` in assembly/sse-arithmetic.ts. */
const Kernel = { ADD: 0, SUB: 1, MUL: 2, DIV: 3, SQRT: 4, MIN: 5, MAX: 6, COMPARE: 8, ADDSUB: 16 } as const;

type Meaning = (m: Builder, n: Numbers, a: Value, b: Value) => Value;

function kernelOr(m: Builder, shape: Shape, conditions: readonly Value[], fast: Value, number: number, a: Value, b: Value): Value {
  return m.fastOr(conditions, fast, `sseArithmetic${kernelSuffix(shape)}`, [m.constant(number), a, b]);
}

/** Sums are exact where they are tiny: finite is enough. A sum of normal numbers or zeros raises no flag but PE. */
function sum(name: 'add' | 'sub', number: number): Meaning {
  return (m, n, a, b) => {
    const result = n.operate(name, a, b);
    const known = n.shape.isPacked ? [n.isNormalOrZero(a), n.isNormalOrZero(b)] : [n.isNormalOrInfinite(a), n.isNormalOrInfinite(b)];
    return kernelOr(m, n.shape, [m.isFloatDefault(), ...n.all(...known, n.isFinite(result))], result, number, a, b);
  };
}
/** A product or quotient may be tiny or too large; with zeros (common in vectors only) it is exact or the quotient infinite. */
function product(name: 'mul' | 'div', number: number): Meaning {
  return (m, n, a, b) => {
    const result = n.operate(name, a, b);
    const conditions = n.shape.isPacked
      ? n.all(n.isNormalOrZero(a), n.isNormalOrZero(b), n.isFinite(result), n.or(n.isNotTiny(result), n.or(n.isZero(a), n.isZero(b))))
      : n.all(n.isNormalOrInfinite(a), n.isNormalOrInfinite(b), n.isNotTiny(result), n.isFinite(result));
    return kernelOr(m, n.shape, [m.isFloatDefault(), ...conditions], result, number, a, b);
  };
}
/** Comparisons raise nothing but for NaNs and denormals, whatever MXCSR says. */
function compared(m: Builder, n: Numbers, fast: Value, number: number, a: Value, b: Value): Value {
  return kernelOr(m, n.shape, n.all(n.isNormalOrZero(a), n.isNormalOrZero(b)), fast, number, a, b);
}
/** The second operand unless the first is smaller (larger). */
const extreme =
  (name: 'lt' | 'gt', number: number): Meaning =>
  (m, n, a, b) => {
    const fast = n.shape.isPacked
      ? m.operate(`${prefixOf(n.shape) as 'f32x4'}.${name === 'lt' ? 'pmin' : 'pmax'}`, b, a)
      : m.select(n.operate(name, a, b), a, b);
    return compared(m, n, fast, number, a, b);
  };

const BINARY: readonly (readonly [name: string, opcode: string, title: string, meaning: Meaning])[] = [
  ['ADD', '58', 'Add', sum('add', Kernel.ADD)],
  ['MUL', '59', 'Multiply', product('mul', Kernel.MUL)],
  ['SUB', '5C', 'Subtract', sum('sub', Kernel.SUB)],
  ['MIN', '5D', 'Minimum of', extreme('lt', Kernel.MIN)],
  ['DIV', '5E', 'Divide', product('div', Kernel.DIV)],
  ['MAX', '5F', 'Maximum of', extreme('gt', Kernel.MAX)],
];

function squareRoot(m: Builder, n: Numbers, a: Value): Value {
  const normal = n.operate('ge', a, n.constant(n.shape.type === 'f32' ? 2 ** -126 : 2 ** -1022));
  const conditions = n.all(n.shape.isPacked ? n.or(normal, n.isZero(a)) : normal, n.isFinite(a));
  return kernelOr(m, n.shape, [m.isFloatDefault(), ...conditions], n.operate('sqrt', a), Kernel.SQRT, a, a);
}

/** EQ, LT, LE, UNORD and their negations; both operands are numbers here. */
const PREDICATES = ['eq', 'lt', 'le', undefined] as const;
function predicateMask(m: Builder, n: Numbers, predicate: number, a: Value, b: Value): Value {
  const isNegated = predicate > 3;
  const name = PREDICATES[predicate & 3];
  if (n.shape.isPacked) {
    const ones = m.constantVector(-1n, -1n);
    const mask = name ? n.operate(name, a, b) : m.constantVector(0n, 0n);
    return isNegated ? m.operate('v128.xor', mask, ones) : mask;
  }
  const holds = name ? n.operate(name, a, b) : m.constant(0);
  const bits = m.sub(m.constant(isNegated ? -1 : 0), isNegated ? m.sub(m.constant(0), holds) : holds);
  return n.shape.type === 'f32' ? m.operate('f32.reinterpret_i32', bits) : m.operate('f64.reinterpret_i64', m.extendS(bits));
}

function compare(shape: Shape): Instruction {
  return {
    mnemonic: `CMP${shape.suffix}`,
    sdm: `Vol. 2A, CMP${shape.suffix}—Compare Floating-Point Values`,
    encodings: [{ opcode: '0F C2 /r ib', operands: `xmm, ${shape.source}, imm8`, prefix: shape.prefix }],
    requires: shape.requires,
    flags: {},
    execute: sse((m, form) => {
      const [to, from, immediate] = form.operands as [FormOperand, FormOperand, FormOperand];
      const b = readShape(m, from, shape);
      const a = readShape(m, to, shape);
      const known = m.knownImmediate(immediate);
      const n = new Numbers(m, shape);
      const result =
        known === undefined
          ? m.kernel(
              `sseArithmetic${kernelSuffix(shape)}`,
              [m.add(m.and(m.immediate(immediate), m.constant(7)), m.constant(Kernel.COMPARE)), a, b],
              a.type,
              { mayFault: true },
            )
          : compared(m, n, predicateMask(m, n, known & 7, a, b), Kernel.COMPARE + (known & 7), a, b);
      writeShape(m, to, shape, result);
    }),
  };
}

/** ZF, PF, CF as unordered, greater, less, equal; OF, SF, AF clear. */
function compareToFlags(mnemonic: string, opcode: string, shape: Shape, isQuiet: boolean): Instruction {
  return {
    mnemonic: `${mnemonic}${shape.suffix}`,
    sdm: `Vol. 2A, ${mnemonic}${shape.suffix}—Compare Scalar Floating-Point Values and Set EFLAGS`,
    encodings: [{ opcode: `0F ${opcode} /r`, operands: `xmm, ${shape.source}`, prefix: shape.type === 'f32' ? 'none' : 0x66 }],
    requires: shape.requires,
    flags: { writes: 'OSZAPC' },
    execute: sse((m, form) => {
      const [first, second] = form.operands as [FormOperand, FormOperand];
      const b = m.readFloat(second, shape.type);
      const a = m.readFloat(first, shape.type);
      const n = new Numbers(m, shape);
      const fast = m.or(n.operate('lt', a, b), m.shl(n.operate('eq', a, b), m.constant(6)));
      const flags = m.fastOr(n.all(n.isNormalOrZero(a), n.isNormalOrZero(b)), fast, `sseCompare${kernelSuffix(shape)}`, [
        a,
        b,
        m.constant(isQuiet ? 1 : 0),
      ]);
      m.setFlags('set', 32, m.constant(0), m.constant(0), flags);
    }),
  };
}

function binary(name: string, opcode: string, title: string, meaning: Meaning, shape: Shape): Instruction {
  return {
    mnemonic: `${name}${shape.suffix}`,
    sdm: `Vol. 2, ${name}${shape.suffix}—${title} Floating-Point Values`,
    encodings: [{ opcode: `0F ${opcode} /r`, operands: `xmm, ${shape.source}`, prefix: shape.prefix }],
    requires: shape.requires,
    flags: {},
    execute: sse((m, form) => {
      const [to, from] = form.operands as [FormOperand, FormOperand];
      const b = readShape(m, from, shape);
      const a = readShape(m, to, shape);
      writeShape(m, to, shape, meaning(m, new Numbers(m, shape), a, b));
    }),
  };
}

/** RCP and RSQRT are tables of the processor: 12 bits, no exceptions but a NaN made quiet. */
function approximation(mnemonic: string, opcode: string, kernel: string, shape: Shape): Instruction {
  return {
    mnemonic: `${mnemonic}${shape.suffix}`,
    sdm: `Vol. 2B, ${mnemonic}${shape.suffix}—Compute Approximate Values`,
    encodings: [{ opcode: `0F ${opcode} /r`, operands: `xmm, ${shape.source}`, prefix: shape.prefix }],
    requires: shape.requires,
    flags: {},
    execute: sse((m, form) => {
      const [to, from] = form.operands as [FormOperand, FormOperand];
      const a = readShape(m, from, shape);
      writeShape(m, to, shape, m.kernel(shape.isPacked ? `${kernel}x4` : kernel, [a], a.type));
    }),
  };
}

/** Pairs of neighbours: of the first operand, then of the second. */
function horizontal(name: 'add' | 'sub', number: number, shape: Shape): Instruction {
  const mnemonic = `H${name.toUpperCase()}${shape.suffix}`;
  const bytes = shape.type === 'f32' ? 4 : 8;
  const [even, odd] =
    shape.type === 'f32' ? [lanes(bytes, 0, 2, 4, 6), lanes(bytes, 1, 3, 5, 7)] : [lanes(bytes, 0, 2), lanes(bytes, 1, 3)];
  return {
    mnemonic,
    sdm: `Vol. 2A, ${mnemonic}—Packed Floating-Point Horizontal ${name === 'add' ? 'Add' : 'Subtract'}`,
    encodings: [{ opcode: `0F ${name === 'add' ? '7C' : '7D'} /r`, operands: 'xmm, xmm/m128', prefix: shape.type === 'f32' ? 0xf2 : 0x66 }],
    requires: 'SSE3',
    flags: {},
    execute: vectorBinary((m, a, b) => sum(name, number)(m, new Numbers(m, shape), m.shuffle(a, b, even), m.shuffle(a, b, odd))),
  };
}

/** Subtracts in even lanes, adds in odd ones. */
function addSubtract(shape: Shape): Instruction {
  const mixed = shape.type === 'f32' ? lanes(4, 0, 5, 2, 7) : lanes(8, 0, 3);
  return {
    mnemonic: `ADDSUB${shape.suffix}`,
    sdm: `Vol. 2A, ADDSUB${shape.suffix}—Packed Floating-Point Add/Subtract`,
    encodings: [{ opcode: '0F D0 /r', operands: 'xmm, xmm/m128', prefix: shape.type === 'f32' ? 0xf2 : 0x66 }],
    requires: 'SSE3',
    flags: {},
    execute: vectorBinary((m, a, b) => {
      const n = new Numbers(m, shape);
      const result = m.shuffle(n.operate('sub', a, b), n.operate('add', a, b), mixed);
      const conditions = n.all(n.isNormalOrZero(a), n.isNormalOrZero(b), n.isFinite(result));
      return kernelOr(m, shape, [m.isFloatDefault(), ...conditions], result, Kernel.ADDSUB, a, b);
    }),
  };
}

export const sseArithmetic: readonly Instruction[] = [
  ...SHAPES.flatMap((shape) => BINARY.map(([name, opcode, title, meaning]) => binary(name, opcode, title, meaning, shape))),
  ...SHAPES.map((shape) => binary('SQRT', '51', 'Square Root of', (m, n, _a, b) => squareRoot(m, n, b), shape)),
  ...SHAPES.map(compare),
  ...[SS, SD].flatMap((shape) => [compareToFlags('UCOMI', '2E', shape, true), compareToFlags('COMI', '2F', shape, false)]),
  ...[PS, SS].flatMap((shape) => [
    approximation('RCP', '53', 'sseReciprocal', shape),
    approximation('RSQRT', '52', 'sseReciprocalRoot', shape),
  ]),
  ...[PS, PD].flatMap((shape) => [addSubtract(shape), horizontal('add', Kernel.ADD, shape), horizontal('sub', Kernel.SUB, shape)]),
];
