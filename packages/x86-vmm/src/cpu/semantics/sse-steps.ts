import type { Operation } from '../wasm/opcodes.js';
import type { Builder, Form, FormOperand, Value } from './builder.js';
import type { Encoding, Extension } from './instruction.js';

/*
 * What the SSE instructions share: the four shapes of numbers, reading and writing them, and the conditions under which WebAssembly's own
 * arithmetic gives the processor's result without any change of MXCSR. Where they do not hold, a kernel (assembly/sse-*.ts) is asked.
 */

/** Packed or scalar, single or double, as the suffix of a mnemonic says. */
export interface Shape {
  readonly suffix: 'PS' | 'SS' | 'PD' | 'SD';
  readonly prefix: NonNullable<Encoding['prefix']>;
  readonly requires: Extension;
  readonly type: 'f32' | 'f64';
  readonly isPacked: boolean;
  /** Second operand of the common form. */
  readonly source: string;
}
export const PS: Shape = { suffix: 'PS', prefix: 'none', requires: 'SSE', type: 'f32', isPacked: true, source: 'xmm/m128' };
export const SS: Shape = { suffix: 'SS', prefix: 0xf3, requires: 'SSE', type: 'f32', isPacked: false, source: 'xmm/m32' };
export const PD: Shape = { suffix: 'PD', prefix: 0x66, requires: 'SSE2', type: 'f64', isPacked: true, source: 'xmm/m128' };
export const SD: Shape = { suffix: 'SD', prefix: 0xf2, requires: 'SSE2', type: 'f64', isPacked: false, source: 'xmm/m64' };
export const SHAPES: readonly Shape[] = [PS, SS, PD, SD];

/** Name of a WebAssembly type for `operate`: lanes of a packed shape, the number itself of a scalar. */
type Prefix = 'f32' | 'f64' | 'f32x4' | 'f64x2';
export function prefixOf(shape: Shape): Prefix {
  return shape.isPacked ? (shape.type === 'f32' ? 'f32x4' : 'f64x2') : shape.type;
}
/** Suffix of a kernel's name: 32, 64, 32x4, 64x2. */
export function kernelSuffix(shape: Shape): string {
  return prefixOf(shape).slice(1);
}

export function readShape(m: Builder, operand: FormOperand, shape: Shape): Value {
  return shape.isPacked ? m.readVector(operand, true) : m.readFloat(operand, shape.type);
}
export function writeShape(m: Builder, operand: FormOperand, shape: Shape, value: Value): void {
  if (shape.isPacked) m.writeVector(operand, value, true);
  else m.writeFloat(operand, value);
}

/** Magnitudes of the smallest normal number, as doubles. */
const SMALLEST = { f32: 2 ** -126, f64: 2 ** -1022 } as const;

/** Questions about numbers of a shape: i32 for a scalar, a mask for a vector. */
export class Numbers {
  readonly #prefix: Prefix;
  constructor(
    readonly m: Builder,
    readonly shape: Shape,
  ) {
    this.#prefix = prefixOf(shape);
  }
  operate(
    name: 'abs' | 'sqrt' | 'add' | 'sub' | 'mul' | 'div' | 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge' | 'nearest',
    ...values: Value[]
  ): Value {
    return this.m.operate(`${this.#prefix}.${name}`, ...values);
  }
  constant(value: number): Value {
    const scalar = this.m.constantFloat(this.shape.type, value);
    return this.shape.isPacked ? this.m.operate(this.#prefix === 'f32x4' ? 'f32x4.splat' : 'f64x2.splat', scalar) : scalar;
  }
  magnitude(x: Value): Value {
    return this.operate('abs', x);
  }
  /** At least the smallest normal number: neither zero, denormal nor NaN. */
  isNormalOrInfinite(x: Value): Value {
    return this.operate('ge', this.magnitude(x), this.constant(SMALLEST[this.shape.type]));
  }
  /** More than the smallest normal number, to which a tiny number may have been rounded. */
  isNotTiny(x: Value): Value {
    return this.operate('gt', this.magnitude(x), this.constant(SMALLEST[this.shape.type]));
  }
  isFinite(x: Value): Value {
    return this.isBelow(x, Number.POSITIVE_INFINITY);
  }
  isBelow(x: Value, bound: number): Value {
    return this.operate('lt', this.magnitude(x), this.constant(bound));
  }
  isZero(x: Value): Value {
    return this.operate('eq', x, this.constant(0));
  }
  and(a: Value, b: Value): Value {
    return this.shape.isPacked ? this.m.operate('v128.and', a, b) : this.m.and(a, b);
  }
  or(a: Value, b: Value): Value {
    return this.shape.isPacked ? this.m.operate('v128.or', a, b) : this.m.or(a, b);
  }
  /** Neither denormal nor NaN. */
  isNormalOrZero(x: Value): Value {
    return this.or(this.isNormalOrInfinite(x), this.isZero(x));
  }
  /** All of them hold, for all lanes: as conditions of `fastOr`. */
  all(...conditions: readonly Value[]): Value[] {
    if (!this.shape.isPacked) return [...conditions];
    const together = conditions.reduce((a, b) => this.and(a, b));
    return [this.m.operate(this.shape.type === 'f32' ? 'i32x4.all_true' : 'i64x2.all_true', together)];
  }
}

/** The low 64 bits as a vector with the upper bits zero, and back. */
export function vectorOf64(m: Builder, value: Value): Value {
  return m.operateLane('i64x2.replace_lane', 0, m.constantVector(0n, 0n), value);
}
export function low64(m: Builder, vector: Value): Value {
  return m.operateLane('i64x2.extract_lane', 0, vector);
}
export function vectorOf32(m: Builder, value: Value): Value {
  return m.operateLane('i32x4.replace_lane', 0, m.constantVector(0n, 0n), value);
}

/** Bytes of lanes of `bytes` each, for `shuffle`: lane numbers beyond the first vector's are the second's. */
export function lanes(bytes: number, ...order: readonly number[]): number[] {
  return order.flatMap((each) => Array.from({ length: bytes }, (_, i) => each * bytes + i));
}

/** An instruction on XMM registers: #UD and #NM first. */
export function sse(execute: (m: Builder, form: Form) => void): (m: Builder, form: Form) => void {
  return (m, form) => {
    m.requireSse();
    execute(m, form);
  };
}
/** xmm op= xmm/m128. */
export function vectorBinary(operation: (m: Builder, a: Value, b: Value) => Value): (m: Builder, form: Form) => void {
  return sse((m, form) => {
    const [to, from] = form.operands as [FormOperand, FormOperand];
    const b = m.readVector(from, true);
    m.writeVector(to, operation(m, m.readVector(to, true), b), true);
  });
}
export const operation =
  (name: Operation) =>
  (m: Builder, a: Value, b: Value): Value =>
    m.operate(name, a, b);
