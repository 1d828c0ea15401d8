import type { StringPort } from '../../bus/device.js';
import type { CpuModel } from '../model.js';
import type { Decoded, Operand, Width } from './instruction.js';

/**
 * Thrown (one preallocated object, no stack) to raise an exception in the guest from a TypeScript body. Nothing may have been
 * committed before, except where the SDM says that the instruction is restartable with changed state.
 */
export class GuestException {
  vector = 0;
  /** -1: the vector has none. */
  errorCode = -1;
}

/**
 * What the body of a slow instruction may ask of the processor: registers and flags in the state, checked memory accesses, ports,
 * translation control. EIP is already the next instruction's when a body runs; `decoded.eip` has its own.
 */
export interface SlowCpu {
  readonly model: CpuModel;
  /** Views over the machine's linear memory; indexes are `state.ts` offsets divided by the element size. */
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;

  getRegister(index: number, width: Width): number;
  setRegister(index: number, width: Width, value: number): void;
  /** All of EFLAGS, arithmetic flags materialised. */
  getEflags(): number;
  /** Writes all of EFLAGS as given (callers mask by privilege); follows mode changes of TF, VM, AC. */
  setEflags(value: number): void;

  /** Value of an operand, zero-extended; memory through segment checks and paging at the current privilege. */
  readOperand(decoded: Decoded, operand: Operand, width: Width): number;
  writeOperand(decoded: Decoded, operand: Operand, width: Width, value: number): void;
  /** Offset of a memory operand in its segment, wrapped to the address size. */
  effectiveAddress(decoded: Decoded, operand: Operand): number;

  /** Checked data access at `offset` in a segment register (SegmentIndex); #GP(0)/#SS(0)/#PF/#AC as the SDM says. Width 8..32. */
  readSegment(segment: number, offset: number, width: Width): number;
  writeSegment(segment: number, offset: number, width: Width, value: number): void;
  /** Base of a segment register plus an offset; no checks. */
  linearAddress(segment: number, offset: number): number;
  /** Raises now what a read or write of 1 to 8 bytes would raise; returns the linear address. */
  checkSegment(segment: number, offset: number, bytes: number, write: boolean): number;
  /** Whether `bytes` at `offset` are within a segment's bounds. */
  maySegment(segment: number, offset: number, bytes: number, write: boolean): boolean;
  /** Linear access at the current privilege (`supervisor` absent) or as the processor itself (descriptor tables, TSS). */
  readLinear(linear: number, width: Width, supervisor?: boolean): number;
  writeLinear(linear: number, width: Width, value: number, supervisor?: boolean): void;
  /** Raises #PF now if any byte of the range may not be written (multi-store instructions). */
  probeWrite(linear: number, bytes: number, supervisor?: boolean): void;

  /** Where a fault of the instruction being executed returns to: its own EIP, unless a task switch has moved on to another task. */
  restartEip: number;
  /** An exception while a double fault was being delivered: the machine is told of a triple fault. */
  shutDown(): void;

  readPort(port: number, width: 8 | 16 | 32): number;
  writePort(port: number, width: 8 | 16 | 32, value: number): void;
  /** The device behind a port when it moves strings of elements at once (an IDE data register). Not to be used with I/O breakpoints on. */
  stringPort(port: number): StringPort | undefined;

  /** Never returns. */
  raise(vector: number, errorCode?: number): never;
  /** Recomputes MODE_KEY, TLB_READ/TLB_WRITE and FPU_ATTENTION after CPL, CR0, CR4, EFLAGS.VM/TF/AC or segment registers changed. */
  modeChanged(): void;
  /** Drops all translations; global ones too when asked. */
  flushTranslations(includingGlobal: boolean): void;
  invalidatePage(linear: number): void;

  /** Guest time stamp counter. */
  readTimeStampCounter(): bigint;
}
