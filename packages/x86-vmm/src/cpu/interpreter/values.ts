import type { Value } from '../semantics/builder.js';
import type { Width } from '../semantics/instruction.js';
import type { Emitter } from '../wasm/emitter.js';
import {
  LANE_OPERATIONS,
  type LaneOperation,
  OPERATIONS,
  Op,
  type Operation,
  type OperationSpec,
  SIMD_PREFIX,
  Simd,
  type ValueType,
} from '../wasm/opcodes.js';

/** A typed pure expression. It turns into a local in place when it is shared or must be computed now. */
export interface Node extends Value {
  readonly type: ValueType;
  kind: 'constant' | 'local' | 'operator' | 'load';
  /** Operator or load opcode. */
  op: number;
  a: Node | undefined;
  b: Node | undefined;
  c: Node | undefined;
  readonly number: number;
  readonly big: bigint;
  /** What follows a vector operator's opcode: lane, bytes of a shuffle or constant. */
  immediates: readonly number[] | undefined;
  /** Local index, or a load's constant offset. */
  index: number;
  /** References by other expressions; more than one: the first evaluation keeps the value in a local. */
  uses: number;
  /** A direct branch target: the record or the region has the link for it. */
  direct?: true;
}

/** A number for each type of local. */
export type LocalCounts = Record<ValueType, number>;
export const noLocals = (): LocalCounts => ({ i32: 0, i64: 0, f32: 0, f64: 0, v128: 0 });
const SHUFFLE: OperationSpec = { code: SIMD_PREFIX + Simd.shuffle, takes: ['v128', 'v128'], gives: 'v128' };

type Pair = readonly [i32: number, i64: number];
const FOLDS = new Map<number, (a: number, b: number) => number>([
  [Op.i32Add, (a, b) => a + b],
  [Op.i32Sub, (a, b) => a - b],
  [Op.i32And, (a, b) => a & b],
  [Op.i32Or, (a, b) => a | b],
  [Op.i32Xor, (a, b) => a ^ b],
  [Op.i32Shl, (a, b) => a << b],
  [Op.i32ShrU, (a, b) => a >>> b],
  [Op.i32ShrS, (a, b) => a >> b],
  [Op.i32Eq, (a, b) => Number(a === b)],
]);
const ZERO_IS_NEUTRAL = new Set<number>([Op.i32Add, Op.i32Sub, Op.i32Or, Op.i32Xor, Op.i32Shl, Op.i32ShrU, Op.i32ShrS]);

/** Values of the builder as expression nodes, and how they become bytes. The builders of interpreter and translator stand on it. */
export class Values {
  readonly #next = noLocals();
  /** Most temporaries of each type that an instruction has needed. */
  readonly highest = noLocals();

  /** @param first index of the first local of each type that is free for temporaries; anything in a dry run, whose bytes are thrown away */
  constructor(
    readonly e: Emitter,
    private readonly first: LocalCounts,
  ) {}

  /** Starts an instruction: temporaries may be reused. */
  begin(): void {
    Object.assign(this.#next, noLocals());
  }

  constant(value: number): Node {
    return node('i32', 'constant', { number: value | 0 });
  }
  constant64(value: bigint): Node {
    return node('i64', 'constant', { big: BigInt.asIntN(64, value) });
  }
  constantFloat(type: 'f32' | 'f64', value: number): Node {
    return node(type, 'constant', { number: value });
  }
  constantVector(low: bigint, high: bigint): Node {
    const immediates = [low, high].flatMap((half) => Array.from({ length: 8 }, (_, i) => Number((half >> BigInt(8 * i)) & 0xffn)));
    return node('v128', 'operator', { op: SIMD_PREFIX + Simd.constant, immediates });
  }
  operate(operation: Operation, ...operands: readonly Value[]): Node {
    return this.#operation(operation, OPERATIONS[operation], operands, undefined);
  }
  operateLane(operation: LaneOperation, lane: number, ...operands: readonly Value[]): Node {
    return this.#operation(operation, LANE_OPERATIONS[operation], operands, [lane]);
  }
  shuffle(a: Value, b: Value, bytes: readonly number[]): Node {
    if (bytes.length !== 16) throw new Error(`semantics: a shuffle of ${bytes.length} bytes`);
    return this.#operation('i8x16.shuffle', SHUFFLE, [a, b], bytes);
  }
  #operation(
    name: string,
    { code, takes, gives }: OperationSpec,
    operands: readonly Value[],
    immediates: readonly number[] | undefined,
  ): Node {
    if (operands.length !== takes.length || operands.some(({ type }, i) => type !== takes[i]))
      throw new Error(`semantics: ${name} of ${operands.map(({ type }) => type).join()}`);
    const [a, b, c] = operands as readonly Node[];
    for (const operand of operands as readonly Node[]) operand.uses++;
    return node(gives, 'operator', { op: code, a, b, c, immediates });
  }
  local(index: number, type: ValueType = 'i32'): Node {
    return node(type, 'local', { index });
  }
  /** A load from the engine's own state or a decoded record, evaluated when first needed. */
  load(opcode: number, address: Node, offset: number, type: ValueType = 'i32'): Node {
    address.uses++;
    return node(type, 'load', { op: opcode, a: address, index: offset });
  }

  binary(op: number, left: Value, right: Value, type: 'i32' | 'i64' = 'i32'): Node {
    const a = left as Node;
    const b = right as Node;
    const operandType = op >= Op.i64Eq && op <= Op.i64LeU ? 'i64' : op >= Op.i64Clz && op <= Op.i64Rotl ? 'i64' : 'i32';
    if (a.type !== operandType || b.type !== operandType) throw new Error(`semantics: ${operandType} operation on ${a.type} and ${b.type}`);
    if (b.kind === 'constant' && b.type === 'i32') {
      const fold = FOLDS.get(op);
      if (a.kind === 'constant' && fold) return this.constant(fold(a.number, b.number));
      if (b.number === 0 && ZERO_IS_NEUTRAL.has(op)) return a;
      if (b.number === -1 && op === Op.i32And) return a;
    }
    if (a.kind === 'constant' && a.type === 'i32' && a.number === 0 && (op === Op.i32Add || op === Op.i32Or)) return b;
    a.uses++;
    b.uses++;
    return node(type, 'operator', { op, a, b });
  }
  unary(op: number, value: Value, type: ValueType = 'i32'): Node {
    const a = value as Node;
    a.uses++;
    return node(type, 'operator', { op, a });
  }

  #typed(pair: Pair, a: Value, b: Value): Node {
    return a.type === 'i64' ? this.binary(pair[1], a, b, 'i64') : this.binary(pair[0], a, b);
  }
  #compared(pair: Pair, a: Value, b: Value): Node {
    return this.binary(a.type === 'i64' ? pair[1] : pair[0], a, b);
  }
  add(a: Value, b: Value): Node {
    return this.#typed([Op.i32Add, Op.i64Add], a, b);
  }
  sub(a: Value, b: Value): Node {
    return this.#typed([Op.i32Sub, Op.i64Sub], a, b);
  }
  mul(a: Value, b: Value): Node {
    return this.#typed([Op.i32Mul, Op.i64Mul], a, b);
  }
  divU(a: Value, b: Value): Node {
    return this.#typed([Op.i32DivU, Op.i64DivU], a, b);
  }
  divS(a: Value, b: Value): Node {
    return this.#typed([Op.i32DivS, Op.i64DivS], a, b);
  }
  remU(a: Value, b: Value): Node {
    return this.#typed([Op.i32RemU, Op.i64RemU], a, b);
  }
  remS(a: Value, b: Value): Node {
    return this.#typed([Op.i32RemS, Op.i64RemS], a, b);
  }
  and(a: Value, b: Value): Node {
    return this.#typed([Op.i32And, Op.i64And], a, b);
  }
  or(a: Value, b: Value): Node {
    return this.#typed([Op.i32Or, Op.i64Or], a, b);
  }
  xor(a: Value, b: Value): Node {
    return this.#typed([Op.i32Xor, Op.i64Xor], a, b);
  }
  shl(a: Value, count: Value): Node {
    return this.#typed([Op.i32Shl, Op.i64Shl], a, count);
  }
  shr(a: Value, count: Value): Node {
    return this.#typed([Op.i32ShrU, Op.i64ShrU], a, count);
  }
  sar(a: Value, count: Value): Node {
    return this.#typed([Op.i32ShrS, Op.i64ShrS], a, count);
  }
  rotl(a: Value, count: Value): Node {
    return this.#typed([Op.i32Rotl, Op.i64Rotl], a, count);
  }
  eq(a: Value, b: Value): Node {
    return this.#compared([Op.i32Eq, Op.i64Eq], a, b);
  }
  ltU(a: Value, b: Value): Node {
    return this.#compared([Op.i32LtU, Op.i64LtU], a, b);
  }
  ltS(a: Value, b: Value): Node {
    return this.#compared([Op.i32LtS, Op.i64LtS], a, b);
  }
  isZero(a: Value): Node {
    return this.unary(a.type === 'i64' ? Op.i64Eqz : Op.i32Eqz, a);
  }
  clz(a: Value): Node {
    return this.unary(a.type === 'i64' ? Op.i64Clz : Op.i32Clz, a, a.type);
  }
  ctz(a: Value): Node {
    return this.unary(a.type === 'i64' ? Op.i64Ctz : Op.i32Ctz, a, a.type);
  }
  popcnt(a: Value): Node {
    return this.unary(a.type === 'i64' ? Op.i64Popcnt : Op.i32Popcnt, a, a.type);
  }
  select(condition: Value, then: Value, otherwise: Value): Node {
    const c = condition as Node;
    if (c.kind === 'constant') return (c.number ? then : otherwise) as Node;
    const a = then as Node;
    const b = otherwise as Node;
    if (a.type !== b.type) throw new Error(`semantics: select between ${a.type} and ${b.type}`);
    a.uses++;
    b.uses++;
    c.uses++;
    return node(a.type, 'operator', { op: Op.select, a, b, c });
  }
  extendU(a: Value): Node {
    return a.type === 'i64' ? (a as Node) : this.unary(Op.i64ExtendI32U, a, 'i64');
  }
  extendS(a: Value): Node {
    return a.type === 'i64' ? (a as Node) : this.unary(Op.i64ExtendI32S, a, 'i64');
  }
  wrap(a: Value): Node {
    return a.type === 'i32' ? (a as Node) : this.unary(Op.i32WrapI64, a);
  }
  truncate(a: Value, width: Width): Node {
    if (width === 64 || (width === 32 && a.type === 'i32')) return a as Node;
    if (a.type === 'i64') return this.and(a, this.constant64((1n << BigInt(width)) - 1n));
    return this.and(a, this.constant((1 << width) - 1));
  }
  signExtend(a: Value, width: Width): Node {
    if (width === 64 || (width === 32 && a.type === 'i32')) return a as Node;
    if (a.type === 'i64') return this.sar(this.shl(a, this.constant64(64n - BigInt(width))), this.constant64(64n - BigInt(width)));
    const value = a as Node;
    if (value.kind === 'constant') return this.constant((value.number << (32 - width)) >> (32 - width));
    return this.unary(width === 8 ? Op.i32Extend8S : Op.i32Extend16S, a);
  }

  newTemporary(type: ValueType): number {
    const index = this.first[type] + this.#next[type]++;
    this.highest[type] = Math.max(this.highest[type], this.#next[type]);
    return index;
  }

  /** Leaves the value on the stack. Must not be called inside a conditional block for a shared value that has no local yet: `materialise` it before. */
  evaluate(value: Value): void {
    const v = value as Node;
    const e = this.e;
    switch (v.kind) {
      case 'constant':
        if (v.type === 'i32') return e.constant(v.number);
        return v.type === 'i64' ? e.constant64(v.big) : e.constantFloat(v.type as 'f32' | 'f64', v.number);
      case 'local':
        return e.op(Op.localGet, v.index);
      case 'load':
        this.evaluate(v.a!);
        if (v.type === 'v128') e.vectorMemory(v.op, v.index);
        else e.memory(v.op, v.index);
        break;
      case 'operator':
        if (v.a) this.evaluate(v.a);
        if (v.b) this.evaluate(v.b);
        if (v.c) this.evaluate(v.c);
        if (v.op >= SIMD_PREFIX) {
          e.vector(v.op - SIMD_PREFIX);
          for (const byte of v.immediates ?? []) e.u8(byte);
        } else e.u8(v.op);
    }
    if (v.uses > 1) this.#keep(v, Op.localTee);
  }

  /** Computes the value now, if it is not a constant or a local already. */
  materialise(value: Value): Node {
    const v = value as Node;
    if (v.kind !== 'constant' && v.kind !== 'local') {
      const uses = v.uses;
      v.uses = 0;
      this.evaluate(v);
      v.uses = uses;
      this.#keep(v, Op.localSet);
    }
    return v;
  }

  /** Takes the value on the stack into a new local. */
  take(type: ValueType = 'i32'): Node {
    const index = this.newTemporary(type);
    this.e.op(Op.localSet, index);
    return this.local(index, type);
  }

  #keep(v: Node, op: number): void {
    const index = this.newTemporary(v.type);
    this.e.op(op, index);
    v.kind = 'local';
    v.index = index;
    v.a = v.b = v.c = undefined;
  }
}

function node(type: ValueType, kind: Node['kind'], fields: Partial<Node>): Node {
  const made = {
    type,
    kind,
    op: 0,
    a: undefined,
    b: undefined,
    c: undefined,
    number: 0,
    big: 0n,
    index: 0,
    uses: 0,
    immediates: undefined,
    ...fields,
  };
  // The brand exists in types only: outside of the builders nobody can make a Value.
  return made as unknown as Node;
}
