import { Op, type ValueType, WasmType } from './opcodes.js';

/** Bytes of a module under construction; one generated interpreter is about half of this. */
const CAPACITY = 4 << 20;

export interface BranchHint {
  readonly at: number;
  readonly isLikely: boolean;
}

/** Instructions of a function, without its last END. */
export interface FunctionBody {
  readonly bytes: Uint8Array;
  /** Of IF and BR_IF: offset, and whether the condition is nearly always or hardly ever true. */
  readonly hints: readonly BranchHint[];
}

/** Writes WebAssembly into one preallocated buffer: LEB128 numbers, and padded five-byte sizes for what is known only later. */
export class Emitter {
  readonly bytes: Uint8Array;
  at = 0;
  #hints: BranchHint[] = [];

  /** @param capacity bytes that are ever written: beyond it they are lost, which the module's validation notices */
  constructor(capacity = CAPACITY) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Begins another function's body in the same buffer. */
  restart(): void {
    this.at = 0;
    this.#hints = [];
  }
  /** The body since the last `restart`. */
  body(): FunctionBody {
    return { bytes: this.bytes.slice(0, this.at), hints: this.#hints };
  }
  /** The IF or BR_IF that comes next is hardly ever taken: what it guards goes out of the way, and registers are saved only there. */
  unlikely(): void {
    this.#hints.push({ at: this.at, isLikely: false });
  }
  /** The IF or BR_IF that comes next is nearly always taken. */
  likely(): void {
    this.#hints.push({ at: this.at, isLikely: true });
  }

  u8(byte: number): void {
    this.bytes[this.at++] = byte;
  }

  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 127) {
      this.bytes[this.at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.at++] = rest;
  }

  s32(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 127;
      rest >>= 7;
      if ((rest === 0 && !(low & 64)) || (rest === -1 && low & 64)) return this.u8(low);
      this.u8(low | 128);
    }
  }

  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 127n);
      rest >>= 7n;
      if ((rest === 0n && !(low & 64)) || (rest === -1n && low & 64)) return this.u8(low);
      this.u8(low | 128);
    }
  }

  /** An opcode with a LEB128 immediate (local, label or function index). */
  op(opcode: number, immediate: number): void {
    this.u8(opcode);
    this.u32(immediate);
  }

  constant(value: number): void {
    this.u8(Op.i32Const);
    this.s32(value);
  }

  constant64(value: bigint): void {
    this.u8(Op.i64Const);
    this.s64(value);
  }

  /** A load or store with alignment hint 0: guest addresses are not aligned, and V8 ignores the hint. */
  memory(opcode: number, offset: number): void {
    this.u8(opcode);
    this.u8(0);
    this.u32(offset);
  }

  constantFloat(type: 'f32' | 'f64', value: number): void {
    this.u8(type === 'f32' ? Op.f32Const : Op.f64Const);
    const bytes = type === 'f32' ? 4 : 8;
    const view = new DataView(this.bytes.buffer);
    if (type === 'f32') view.setFloat32(this.at, value, true);
    else view.setFloat64(this.at, value, true);
    this.at += bytes;
  }

  vector(opcode: number): void {
    this.u8(Op.simd);
    this.u32(opcode);
  }

  vectorMemory(opcode: number, offset: number): void {
    this.vector(opcode);
    this.u8(0);
    this.u32(offset);
  }

  type(type: ValueType): void {
    this.u8(WasmType[type]);
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u32(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Emits `body` behind its own size. */
  sized(body: () => void): void {
    const at = this.at;
    this.at += 5;
    const start = this.at;
    body();
    let size = this.at - start;
    for (let i = 0; i < 5; i++) {
      this.bytes[at + i] = (size & 127) | (i < 4 ? 128 : 0);
      size >>>= 7;
    }
  }
}
