import type { LaneOperation, Operation, ValueType } from '../wasm/opcodes.js';
import type { Operand, Width } from './instruction.js';

declare const valueBrand: unique symbol;
/** A value of an instruction under construction: a typed expression that knows whether it is constant. */
export interface Value {
  readonly [valueBrand]: true;
  readonly type: ValueType;
}

/**
 * Flag rules: how OSZAPC follow from operands a, b and the result at a width. `set` takes all six as bits of an EFLAGS value in `result`;
 * `rotate`: CF = a, OF = b (0 or 1), the others stay; `carry`: CF = a, the others stay.
 * Shifts: a is the operand, b the count (not 0).
 */
export type FlagRule = 'add' | 'adc' | 'sub' | 'sbb' | 'logic' | 'inc' | 'dec' | 'shl' | 'shr' | 'sar' | 'rotate' | 'carry' | 'set';

/**
 * One row of an encoding with its variable parts fixed as far as the module is specialised: what `execute` may branch on with `if`.
 * Operand values and register numbers are not here: they are asked of the builder.
 */
export interface Form {
  /** Operand size in force: 8 for byte forms. */
  readonly width: Width;
  readonly addressSize: 16 | 32 | 64;
  /** The operands' kinds and widths. */
  readonly operands: readonly FormOperand[];
  readonly repeat: 0 | 0xf2 | 0xf3;
}
export interface FormOperand {
  readonly kind: Operand['kind'];
  /** Bits. */
  readonly width: number;
  /** Position: which operand of the decoded instruction this is. */
  readonly position: number;
}

/**
 * Everything an instruction may ask of the engine that runs it. Writes to registers, flags and control are queued and committed in
 * program order after the last faulting access, so an exception is precise by construction; a faulting access after a store is
 * refused unless `probe` covered it. Values follow guest program order; a semantic never branches on a value: it selects.
 */
export interface Builder {
  constant(value: number): Value;
  constant64(value: bigint): Value;
  add(a: Value, b: Value): Value;
  sub(a: Value, b: Value): Value;
  mul(a: Value, b: Value): Value;
  /** Division traps the engine on a zero divisor and on overflow: `raiseIf` must have excluded both. */
  divU(a: Value, b: Value): Value;
  divS(a: Value, b: Value): Value;
  remU(a: Value, b: Value): Value;
  remS(a: Value, b: Value): Value;
  and(a: Value, b: Value): Value;
  or(a: Value, b: Value): Value;
  xor(a: Value, b: Value): Value;
  shl(a: Value, count: Value): Value;
  /** Logical and arithmetic right shifts. */
  shr(a: Value, count: Value): Value;
  sar(a: Value, count: Value): Value;
  rotl(a: Value, count: Value): Value;
  eq(a: Value, b: Value): Value;
  ltU(a: Value, b: Value): Value;
  ltS(a: Value, b: Value): Value;
  isZero(a: Value): Value;
  clz(a: Value): Value;
  ctz(a: Value): Value;
  popcnt(a: Value): Value;
  select(condition: Value, then: Value, otherwise: Value): Value;
  /** i32 -> i64 and back. */
  extendU(a: Value): Value;
  extendS(a: Value): Value;
  wrap(a: Value): Value;
  /** Keeps the low `width` bits (zero-extended), or sign-extends from them. */
  truncate(a: Value, width: Width): Value;
  signExtend(a: Value, width: Width): Value;

  /** Constants of the other types; a vector's is its low and its high half. */
  constantFloat(type: 'f32' | 'f64', value: number): Value;
  constantVector(low: bigint, high: bigint): Value;
  /** A WebAssembly operation on floats or vectors by its name; the operands' types are checked. */
  operate(operation: Operation, ...operands: readonly Value[]): Value;
  operateLane(operation: LaneOperation, lane: number, ...operands: readonly Value[]): Value;
  /** Sixteen bytes by number: 0..15 from a, 16..31 from b. */
  shuffle(a: Value, b: Value, bytes: readonly number[]): Value;

  /** An operand's value, zero-extended to its width (i64 for width 64). Memory goes through segmentation and paging. */
  read(operand: FormOperand, width: Width): Value;
  write(operand: FormOperand, width: Width, value: Value): void;
  /** Effective address (offset in the segment, wrapped to the address size): LEA. */
  effectiveAddress(operand: FormOperand): Value;
  /** Moves a memory operand by a number of bytes known only at run time (bit strings); before any access to it. */
  displace(operand: FormOperand, bytes: Value): void;
  /** Guest memory at a memory operand plus a displacement in bytes; width 8..64. 64-bit values are i64. */
  loadOperand(operand: FormOperand, offsetBytes: number, width: Width): Value;
  storeOperand(operand: FormOperand, offsetBytes: number, width: Width, value: Value): void;
  /** Raises the store's fault now, for the bytes `[0, bytes)` of the operand; later stores there cannot fault. */
  probeOperand(operand: FormOperand, bytes: number): void;
  /**
   * All 128 bits of an XMM register or of memory, v128. `aligned`: memory that is not aligned to 16 bytes raises #GP(0) (whatever CR0.AM says).
   * `read` and `write` also take XMM registers: their low 32 or 64 bits as integers, and a write leaves the other bits.
   */
  readVector(operand: FormOperand, aligned: boolean): Value;
  writeVector(operand: FormOperand, value: Value, aligned: boolean): void;
  /** The low lane of an XMM register, or 32 or 64 bits of memory, as f32 or f64. A write leaves a register's other lanes as they are. */
  readFloat(operand: FormOperand, type: 'f32' | 'f64'): Value;
  writeFloat(operand: FormOperand, value: Value): void;
  /** An operand's small number (st index, immediate) as a value. */
  immediate(operand: FormOperand): Value;
  /** An immediate that the engine knows while it emits code (the translator); undefined where it is read at run time (the interpreter). */
  knownImmediate(operand: FormOperand): number | undefined;

  /** A word of the CPU state (state.ts offset), and a queued store to it. */
  stateLoad(offset: number, width: 8 | 16 | 32 | 64): Value;
  stateStore(offset: number, width: 8 | 16 | 32 | 64, value: Value): void;
  /**
   * Calls a kernel function by its export name, in program order, before the commit. `writesState` kernels must be the last faulting step
   * or leave the state unchanged when they note a fault. `mayFault`: FAULT is checked after it and the instruction abandoned.
   */
  kernel(
    name: string,
    args: readonly Value[],
    result: ValueType | 'none',
    options?: { readonly mayFault?: boolean; readonly afterStores?: boolean },
  ): Value;
  /**
   * `fast` where all `conditions` are non-zero, else what the kernel returns (same type; it may fault and write state, as the last faulting step
   * of `kernel`). Conditions, `fast` and `args` have no effects, so an engine may test in any order, drop a condition that it knows to hold, and
   * compute `fast` before it has tested; but only where all hold does `fast` count, and only there may it be relied on not to trap.
   */
  fastOr(conditions: readonly Value[], fast: Value, kernel: string, args: readonly Value[]): Value;
  /** Raises #UD or #NM unless SSE instructions may execute (SSE_ATTENTION). It changes only where FPU_ATTENTION may: one test serves a region. */
  requireSse(): void;
  /**
   * Non-zero when MXCSR masks all exceptions, rounds to nearest, has neither FZ nor DAZ, and has PE set already (it is sticky): arithmetic on normal
   * numbers with a normal result then changes nothing else. Only LDMXCSR and FXRSTOR can take it back: one test serves a region without them.
   */
  isFloatDefault(): Value;
  /** Abandons the instruction with an exception when the condition is non-zero. `errorCode` absent: none. */
  raiseIf(condition: Value, vector: number, errorCode?: number): void;

  carry(): Value;
  /** One of the sixteen condition codes, 0 or 1. */
  condition(code: number): Value;
  /** Condition code from the instruction's opcode where one entry serves all sixteen. */
  setFlags(rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void;
  /** Flags change only where `condition` is non-zero (shift by CL). */
  setFlagsIf(condition: Value, rule: FlagRule, width: Width, a: Value, b: Value, result: Value): void;
  /** OSZAPC as bits of EFLAGS. */
  arithmeticFlags(): Value;

  /** The x87's FOP of this instruction, 11 bits: low three bits of the first opcode byte (D8-DF), then the ModR/M byte (`Decoded.opcodeByte`, `.modRM`). */
  fpuOpcode(): Value;
  /** Selector in the segment register that a memory operand goes through (after overrides), for the x87's FDS. */
  operandSelector(operand: FormOperand): Value;

  /** Offset in CS of this and of the next instruction. */
  eip(): Value;
  nextEip(): Value;
  push(width: Width, value: Value): void;
  pop(width: Width): Value;
  /** Raises the fault of pushing `bytes` now; the following pushes cannot fault. */
  probeStack(bytes: number): void;
  /** Reads at an offset in SS (wrapped to the stack's size) without moving the stack pointer. */
  loadStack(offset: Value, width: Width): Value;
  /** The stack pointer within the stack's size (after this instruction's pushes and pops), and a queued write of it. */
  stackPointer(): Value;
  setStackPointer(value: Value): void;

  /** A string instruction's element at segment:eSI or ES:eDI; the form's address size. */
  loadString(at: 'source' | 'destination', width: Width): Value;
  storeString(width: Width, value: Value): void;
  /** Queues eSI or eDI moving by one element as DF says. */
  advanceString(which: 'source' | 'destination', width: Width): void;
  /**
   * Last step of a string instruction: under a repeat prefix, counts eCX down and runs the instruction again while it is not zero (and
   * `goOn`, if given, is non-zero). A prefixed form does nothing when eCX is zero from the start. Each repetition may be left and resumed.
   */
  repeat(goOn?: Value): void;
  /** Byte at segment:(eBX + AL) and the like: linear access through the instruction's data segment (after overrides). */
  loadSegment(offset: Value, width: Width): Value;

  /** Queued; a target outside CS's limit raises #GP(0) at once, so call it before any store. */
  jump(target: Value): void;
  branch(condition: Value, target: Value): void;
}
