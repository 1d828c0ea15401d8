import type { AccessSize, StringPort } from '../bus/device.js';
import { CR0, CR4, DR7, EFLAGS, EFLAGS_DEFINED, OSZAPC, Rights, Vector } from './architecture.js';
import { noteIoBreakpoints } from './events/debug.js';
import { deliverDebug, deliverException } from './events/exceptions.js';
import type { Kernels } from './mmu/kernels.js';
import type { LinearMemory } from './mmu/linear-memory.js';
import { type CpuModel, factsOf, NEWEST_MODEL } from './model.js';
import { resetState } from './reset.js';
import { readArithmeticFlags, writeArithmeticFlags } from './semantics/flags.js';
import { type Decoded, EXTENSIONS, type Operand, type Width } from './semantics/instruction.js';
import { GuestException, type SlowCpu } from './semantics/slow-cpu.js';
import {
  A20_MASK,
  CPL,
  CR,
  DR,
  EFLAGS_SYSTEM,
  EIP,
  EXTENSION_SHIFT,
  FAULT,
  FAULT_ERROR,
  FPU_ATTENTION,
  FPU_FERR,
  FPU_STATUS,
  GPR,
  HALTED,
  INTERRUPT_SHADOW,
  MODE_KEY,
  ModeKey,
  PENDING_DEBUG,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
  SSE_ATTENTION,
  TLB_READ,
  TLB_WRITE,
  TSC_OFFSET,
  translationTable,
} from './state.js';

/** The board as the processor's pins reach it. `Bus` fits it. */
export interface PortBus {
  readPort(port: number, size: AccessSize): number;
  writePort(port: number, size: AccessSize, value: number): void;
  stringPort(port: number): StringPort | undefined;
}

export interface CpuOptions {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  readonly ports: PortBus;
  /** Ticks since power-on of the guest clock's TSC, without the guest's own offset. */
  readonly timeStampCounter: () => bigint;
  /** Translations were dropped: caches by linear address (jump cache) follow. `linear` absent: all. */
  readonly translationsDropped?: (linear?: number) => void;
  /** Absent: the newest. */
  readonly model?: CpuModel;
}

const CODE_USABLE = Rights.PRESENT | Rights.SEGMENT | Rights.CODE;

/** One processor: its state in the linear memory, and what slow instructions, event delivery and engines do with it. */
export class Cpu implements SlowCpu {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  /** A triple fault happened; the machine resets or stops. Cleared by `reset`. */
  tripleFault = false;
  restartEip = 0;
  readonly model: CpuModel;
  readonly #ports: PortBus;
  readonly #timeStampCounter: () => bigint;
  #translationsDropped: (linear?: number) => void;
  readonly #exception = new GuestException();

  constructor({ memory, kernels, ports, timeStampCounter, translationsDropped, model }: CpuOptions) {
    this.model = model ?? NEWEST_MODEL;
    this.memory = memory;
    this.u8 = memory.u8;
    this.u16 = memory.u16;
    this.u32 = memory.u32;
    this.i32 = memory.i32;
    this.kernels = kernels;
    this.#ports = ports;
    this.#timeStampCounter = timeStampCounter;
    this.#translationsDropped = translationsDropped ?? (() => {});
    this.reset();
  }

  /** The engine's turn to learn of dropped translations, when it is made after the processor. */
  set translationsDropped(listener: (linear?: number) => void) {
    this.#translationsDropped = listener;
  }

  /** State after RESET (SDM Vol. 3A table 9-1). The A20 gate belongs to the board and is opened. */
  reset(): void {
    resetState(this);
    this.tripleFault = false;
    this.flushTranslations(true);
    this.modeChanged();
  }

  /** After a saved state was put into memory: caches that follow from it are made again. */
  stateRestored(): void {
    this.flushTranslations(true);
    this.modeChanged();
  }

  /** Opens or closes the A20 gate. */
  setA20(enabled: boolean): void {
    const mask = enabled ? 0xffff_ffff : 0xffef_ffff;
    if (this.u32[A20_MASK >> 2] === mask) return;
    this.u32[A20_MASK >> 2] = mask;
    this.flushTranslations(true);
  }

  /** Runs the body of a slow instruction; exceptions are delivered. Registers and flags are in the state; EIP is set here. */
  executeSlow(decoded: Decoded): void {
    this.restartEip = decoded.eip;
    this.u32[INTERRUPT_SHADOW >> 2] = 0;
    this.u32[EIP >> 2] = decoded.nextEip;
    try {
      decoded.instruction.slow!(this, decoded);
    } catch (error) {
      if (!(error instanceof GuestException)) throw error;
      this.u32[EIP >> 2] = this.restartEip;
      deliverException(this, error.vector, error.errorCode);
      return;
    }
    // A task switch's T flag; breakpoints and steps are the single-step mode's own business.
    const pending = this.u32[PENDING_DEBUG >> 2]!;
    if (pending !== 0 && !(this.u32[MODE_KEY >> 2]! & ModeKey.singleStep)) deliverDebug(this, pending);
  }

  getRegister(index: number, width: Width): number {
    const value = this.u32[(GPR >> 2) + index * 2]!;
    return width === 32 ? value : width === 16 ? value & 0xffff : value & 0xff;
  }

  setRegister(index: number, width: Width, value: number): void {
    if (width === 16) this.u16[(GPR >> 1) + index * 4] = value;
    else if (width === 8) this.u8[GPR + index * 8] = value;
    else this.u32[(GPR >> 2) + index * 2] = value;
  }

  getEflags(): number {
    return (readArithmeticFlags(this.i32) | this.u32[EFLAGS_SYSTEM >> 2]! | EFLAGS.FIXED) >>> 0;
  }

  setEflags(value: number): void {
    writeArithmeticFlags(this.i32, value);
    const old = this.u32[EFLAGS_SYSTEM >> 2]!;
    let system = (value & EFLAGS_DEFINED & ~OSZAPC) | EFLAGS.FIXED;
    // Only an enabled breakpoint gives RF a meaning; without one it is dropped at once instead of after the next instruction.
    if (!(this.u32[(DR + 7 * 8) >> 2]! & DR7.ENABLED)) system &= ~EFLAGS.RF;
    this.u32[EFLAGS_SYSTEM >> 2] = system;
    if ((old ^ system) & (EFLAGS.TF | EFLAGS.VM | EFLAGS.AC)) this.modeChanged();
  }

  readOperand(decoded: Decoded, operand: Operand, width: Width): number {
    switch (operand.kind) {
      case 'register':
        return operand.high ? this.u8[GPR + operand.index * 8 + 1]! : this.getRegister(operand.index, width);
      case 'memory':
        return this.readSegment(operand.segment, this.effectiveAddress(decoded, operand), width);
      case 'immediate':
        return width === 32 ? operand.value >>> 0 : operand.value & (width === 16 ? 0xffff : 0xff);
      default:
        throw new Error(`readOperand: ${operand.kind} has no value`);
    }
  }

  writeOperand(decoded: Decoded, operand: Operand, width: Width, value: number): void {
    if (operand.kind === 'memory') this.writeSegment(operand.segment, this.effectiveAddress(decoded, operand), width, value);
    else if (operand.kind !== 'register') throw new Error(`writeOperand: ${operand.kind} cannot be written`);
    else if (operand.high) this.u8[GPR + operand.index * 8 + 1] = value;
    else this.setRegister(operand.index, width, value);
  }

  effectiveAddress(decoded: Decoded, operand: Operand): number {
    if (operand.kind !== 'memory') throw new Error(`effectiveAddress: ${operand.kind} has no address`);
    let address = operand.displacement;
    if (operand.base >= 0) address += this.u32[(GPR >> 2) + operand.base * 2]!;
    if (operand.index >= 0) address += this.u32[(GPR >> 2) + operand.index * 2]! << operand.scale;
    return decoded.addressSize === 16 ? address & 0xffff : address >>> 0;
  }

  linearAddress(segment: number, offset: number): number {
    return (this.u32[(SEGMENT + segment * SEGMENT_BYTES + SegmentField.base) >> 2]! + offset) >>> 0;
  }

  maySegment(segment: number, offset: number, bytes: number, write: boolean): boolean {
    const at = (SEGMENT + segment * SEGMENT_BYTES) >> 2;
    const low = this.u32[at + ((write ? SegmentField.lowWrite : SegmentField.low) >> 2)]!;
    const high = this.u32[at + ((write ? SegmentField.highWrite : SegmentField.highRead) >> 2)]!;
    return offset >= low && offset + bytes - 1 <= high;
  }

  #linear(segment: number, offset: number, bytes: number, write: boolean): number {
    if (!this.maySegment(segment, offset, bytes, write)) this.raise(segment === SegmentIndex.SS ? Vector.SS : Vector.GP, 0);
    const linear = this.linearAddress(segment, offset);
    if (this.u32[MODE_KEY >> 2]! & ModeKey.alignmentCheck && linear & (bytes - 1)) this.raise(Vector.AC, 0);
    return linear;
  }

  checkSegment(segment: number, offset: number, bytes: number, write: boolean): number {
    const linear = this.#linear(segment, offset, bytes, write);
    if (write) this.kernels.probeWrite(linear, bytes);
    else this.kernels.probeRead(linear, bytes);
    this.#raiseNoted();
    return linear;
  }

  readSegment(segment: number, offset: number, width: Width): number {
    return this.readLinear(this.#linear(segment, offset, width / 8, false), width);
  }

  writeSegment(segment: number, offset: number, width: Width, value: number): void {
    this.writeLinear(this.#linear(segment, offset, width / 8, true), width, value);
  }

  readLinear(linear: number, width: Width, supervisor = false): number {
    const { kernels } = this;
    let value: number;
    if (width === 32) value = supervisor ? kernels.readSystem32(linear) : kernels.read32(linear);
    else if (width === 16) value = supervisor ? kernels.readSystem16(linear) : kernels.read16(linear);
    else value = supervisor ? kernels.readSystem8(linear) : kernels.read8(linear);
    this.#raiseNoted();
    return value >>> 0;
  }

  writeLinear(linear: number, width: Width, value: number, supervisor = false): void {
    const { kernels } = this;
    if (width === 32) {
      if (supervisor) kernels.writeSystem32(linear, value);
      else kernels.write32(linear, value);
    } else if (width === 16) {
      if (supervisor) kernels.writeSystem16(linear, value);
      else kernels.write16(linear, value);
    } else if (supervisor) kernels.writeSystem8(linear, value);
    else kernels.write8(linear, value);
    this.#raiseNoted();
  }

  probeWrite(linear: number, bytes: number, supervisor = false): void {
    if (supervisor) this.kernels.probeWriteSystem(linear, bytes);
    else this.kernels.probeWrite(linear, bytes);
    this.#raiseNoted();
  }

  /** Throws the fault that a kernel has noted, if any. */
  #raiseNoted(): void {
    const fault = this.u32[FAULT >> 2]!;
    if (fault === 0) return;
    this.u32[FAULT >> 2] = 0;
    this.raise(fault - 1, this.i32[FAULT_ERROR >> 2]!);
  }

  readPort(port: number, width: 8 | 16 | 32): number {
    noteIoBreakpoints(this, port, width / 8);
    return this.#ports.readPort(port, (width / 8) as AccessSize);
  }

  writePort(port: number, width: 8 | 16 | 32, value: number): void {
    noteIoBreakpoints(this, port, width / 8);
    this.#ports.writePort(port, (width / 8) as AccessSize, value);
  }

  stringPort(port: number): StringPort | undefined {
    return this.u32[(DR + 7 * 8) >> 2]! & DR7.ENABLED ? undefined : this.#ports.stringPort(port);
  }

  raise(vector: number, errorCode = -1): never {
    this.#exception.vector = vector;
    this.#exception.errorCode = errorCode;
    throw this.#exception;
  }

  /** Nothing executes until a reset. */
  shutDown(): void {
    this.tripleFault = true;
    this.u32[HALTED >> 2] = 1;
  }

  modeChanged(): void {
    const { u32 } = this;
    const cr0 = u32[CR >> 2]!;
    const flags = u32[EFLAGS_SYSTEM >> 2]!;
    const user = u32[CPL >> 2] === 3;
    let key = EXTENSIONS.indexOf(factsOf(this.model).extension) << EXTENSION_SHIFT;
    const cs = (SEGMENT + SegmentIndex.CS * SEGMENT_BYTES) >> 2;
    const csRights = u32[cs + (SegmentField.attributes >> 2)]!;
    if (csRights & Rights.BIG) key |= ModeKey.code32;
    if (u32[(SEGMENT + SegmentIndex.SS * SEGMENT_BYTES + SegmentField.attributes) >> 2]! & Rights.BIG) key |= ModeKey.stack32;
    if (u32[cs] === 0 && u32[cs + (SegmentField.limit >> 2)] === 0xffff_ffff && (csRights & CODE_USABLE) === CODE_USABLE)
      key |= ModeKey.flatCode;
    if (this.#isFlat(SegmentIndex.DS) && this.#isFlat(SegmentIndex.ES) && this.#isFlat(SegmentIndex.SS)) key |= ModeKey.flatData;
    if (cr0 & CR0.PE) key |= flags & EFLAGS.VM ? ModeKey.virtual8086 : ModeKey.protectedMode;
    if (flags & EFLAGS.TF || u32[(DR + 7 * 8) >> 2]! & DR7.ENABLED) key |= ModeKey.singleStep;
    if (user && cr0 & CR0.AM && flags & EFLAGS.AC) key |= ModeKey.alignmentCheck;
    if (user) key |= ModeKey.user;
    u32[MODE_KEY >> 2] = key;
    u32[TLB_READ >> 2] = translationTable('read', user);
    u32[TLB_WRITE >> 2] = translationTable('write', user);
    // ES summary pends an x87 exception, unless the board has IGNNE# up and CR0.NE lets it count.
    const pending = u32[FPU_STATUS >> 2]! & 0x80 && (cr0 & CR0.NE || !(u32[FPU_FERR >> 2]! & 2));
    u32[FPU_ATTENTION >> 2] = (cr0 & (CR0.EM | CR0.TS) ? 1 : 0) | (pending ? 2 : 0);
    const isUndefined = cr0 & CR0.EM || !(u32[(CR + 4 * 8) >> 2]! & CR4.OSFXSR);
    u32[SSE_ATTENTION >> 2] = isUndefined ? Vector.UD + 1 : cr0 & CR0.TS ? Vector.NM + 1 : 0;
  }

  #isFlat(segment: number): boolean {
    const { u32 } = this;
    const at = (SEGMENT + segment * SEGMENT_BYTES) >> 2;
    return (
      u32[at] === 0 &&
      u32[at + (SegmentField.low >> 2)] === 0 &&
      u32[at + (SegmentField.highRead >> 2)] === 0xffff_ffff &&
      u32[at + (SegmentField.lowWrite >> 2)] === 0 &&
      u32[at + (SegmentField.highWrite >> 2)] === 0xffff_ffff
    );
  }

  flushTranslations(includingGlobal: boolean): void {
    this.kernels.flushTranslations(includingGlobal ? 1 : 0);
    this.#translationsDropped();
  }

  invalidatePage(linear: number): void {
    this.kernels.invalidatePage(linear);
    this.#translationsDropped(linear);
  }

  readTimeStampCounter(): bigint {
    const offset = (BigInt(this.u32[(TSC_OFFSET >> 2) + 1]!) << 32n) | BigInt(this.u32[TSC_OFFSET >> 2]!);
    return BigInt.asUintN(64, this.#timeStampCounter() + offset);
  }
}
