import type { Bus } from '../bus/bus.js';
import type { MachineClock } from '../bus/clock.js';
import type { InterruptLine } from '../bus/device.js';
import { SampledTimer, type TimeLedger } from '../bus/time-ledger.js';
import { Cpu, type PortBus } from '../cpu/cpu.js';
import { deliverInterrupt, interruptsEnabled } from '../cpu/events/exceptions.js';
import { LONGEST_BLOCK } from '../cpu/interpreter/block-cache.js';
import { instantiateKernels, type Kernels, pageWalks } from '../cpu/mmu/kernels.js';
import type { LinearMemory } from '../cpu/mmu/linear-memory.js';
import type { CpuModel } from '../cpu/model.js';
import { GuestProfiler } from '../cpu/profile/guest-profiler.js';
import { ExitReason, FPU_FERR, GPR, HALTED, INSTRUCTIONS, INTERRUPT_SHADOW, TSC_OFFSET } from '../cpu/state.js';
import type { EngineTier } from '../engines/engine.js';
import { eventDeliveryOf } from '../engines/portable/event-delivery.js';
import { PortableEngine } from '../engines/portable/portable-engine.js';
import type { FpuErrorPins } from './devices/fpu-error/fpu-error.js';
import type { BackdoorRegisters } from './devices/vmmouse/vmmouse.js';
import type { SampledTimes } from './machine-times.js';
import type { Processor } from './run-loop.js';

/** Guest TSC ticks a nanosecond: a 1 GHz processor, so that guests' delay loops calibrate to round figures. */
const TSC_PER_NS = 1n;
/** Single steps of one slice, of which each instruction and each exception is one: what does not come to the end of its slice then gets another. */
const MOST_STEPS = 16 * LONGEST_BLOCK;
/** FPU_FERR: the two wires. */
const FERR = 1;
const IGNNE = 2;

/** CPU, engine and event delivery of one machine behind the run loop's face. The board reaches it through lines only. */
export class ProcessorCore implements Processor {
  readonly cpu: Cpu;
  readonly engine: PortableEngine;
  /** When the machine is to be profiled. */
  readonly profiler: GuestProfiler | undefined;
  readonly #memory: LinearMemory;
  readonly #clock: MachineClock;
  #intr = false;
  #endAsked = false;
  #isRunning = false;
  readonly #deviceTimer = new SampledTimer();
  readonly #flushTimer = new SampledTimer();
  readonly #codeWrittenTimer = new SampledTimer();
  /** Statistics: interrupts delivered. */
  interrupts = 0;

  /** @param ferrUp FERR# is asserted and not answered by IGNNE#; called between two slices */
  constructor(
    memory: LinearMemory,
    bus: () => Bus,
    clock: MachineClock,
    private readonly ferrUp: () => void,
    /** Slices end at the very instruction, not at the next block border. */
    private readonly exact: boolean,
    model: CpuModel,
    tier: EngineTier,
    times: TimeLedger,
    profilePeriod: number | undefined,
  ) {
    this.#memory = memory;
    this.#clock = clock;
    const ports: PortBus = {
      readPort: (port, size) => bus().readPort(port, size),
      writePort: (port, size, value) => bus().writePort(port, size, value),
      stringPort: (port) => bus().stringPort(port),
    };
    const timeStampCounter = (): bigint => clock.now() * TSC_PER_NS;
    const { kernels, exports } = instantiateKernels(memory, {
      mmioRead: (physical, bytes) => {
        const begun = this.#deviceTimer.begin();
        const value = bus().readMemory(physical, bytes);
        this.#deviceTimer.end(begun);
        return value;
      },
      mmioWrite: (physical, value, bytes) => {
        const begun = this.#deviceTimer.begin();
        bus().writeMemory(physical, bytes, value);
        this.#deviceTimer.end(begun);
      },
      codeWritten: (physical, bytes) => {
        const begun = this.#codeWrittenTimer.begin();
        this.engine.codeWritten(physical, bytes);
        this.#codeWrittenTimer.end(begun);
      },
      ...ports,
      timeStampCounter,
    });
    this.cpu = new Cpu({
      memory,
      kernels: timedFlushes(kernels, this.#flushTimer),
      ports,
      timeStampCounter,
      model,
    });
    this.profiler = profilePeriod === undefined ? undefined : new GuestProfiler(memory, kernels, profilePeriod);
    this.engine = new PortableEngine({
      memory,
      kernels: exports,
      cpu: this.cpu,
      events: eventDeliveryOf(this.cpu),
      tier,
      isInterruptPending: () => this.#intr,
      times,
      ...(this.profiler ? { profiler: this.profiler } : {}),
    });
    this.fpuErrorPins = fpuErrorPinsOf(this.cpu);
  }

  /** Estimates of what memory has taken in slices. */
  sampledTimes(): SampledTimes {
    return {
      pageWalkMs: pageWalks(this.#memory, this.cpu.kernels).ms,
      flushMs: this.#flushTimer.ms,
      deviceMs: this.#deviceTimer.ms,
      codeWrittenMs: this.#codeWrittenTimer.ms + this.engine.blocks.repairTimer.ms,
    };
  }
  get pageWalks(): number {
    return pageWalks(this.#memory, this.cpu.kernels).walks;
  }

  /** INTR pin: a rise ends the slice, so that the loop takes the interrupt at the next block border. */
  readonly interruptPin: InterruptLine = {
    set: (level) => {
      this.#intr = level;
      if (level && interruptsEnabled(this.cpu)) this.endSlice();
    },
  };

  /** FERR# and IGNNE#. */
  readonly fpuErrorPins: FpuErrorPins;

  /** General registers as VMware's backdoor sees them. */
  readonly backdoorRegisters: BackdoorRegisters = registersOf(() => this.#memory.i32);

  get interruptPending(): boolean {
    return this.#intr;
  }
  get instructions(): bigint {
    const { u32 } = this.#memory;
    return (BigInt(u32[(INSTRUCTIONS >> 2) + 1]!) << 32n) | BigInt(u32[INSTRUCTIONS >> 2]!);
  }
  get halted(): boolean {
    return this.#memory.u32[HALTED >> 2] !== 0 && !this.cpu.tripleFault;
  }
  get interruptible(): boolean {
    return interruptsEnabled(this.cpu) && this.#memory.u32[INTERRUPT_SHADOW >> 2] === 0 && !this.cpu.tripleFault;
  }
  /** In HLT or shutdown, or an x87 instruction waits for IRQ 13. */
  get still(): boolean {
    return this.#memory.u32[HALTED >> 2] !== 0;
  }
  get tripleFault(): boolean {
    return this.cpu.tripleFault;
  }

  run(budget: number): void {
    this.#isRunning = true;
    if (this.exact) this.#runExactly(budget);
    else this.engine.run(budget);
    this.#isRunning = false;
    if (this.#memory.u32[FPU_FERR >> 2] === FERR) this.ferrUp();
  }

  /** As many blocks as surely fit, then single instructions. */
  #runExactly(budget: number): void {
    const end = this.instructions + BigInt(budget);
    this.#endAsked = false;
    // Exceptions use up budget, too.
    for (let left = budget; left > LONGEST_BLOCK && !this.#endAsked; left = Number(end - this.instructions)) {
      const before = this.instructions;
      if (this.engine.run(left - LONGEST_BLOCK) === ExitReason.state) return;
      if (this.instructions === before) return;
    }
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      if (this.#endAsked || this.still || this.instructions >= end || (this.#intr && this.interruptible)) return;
      this.engine.step();
    }
  }

  interrupt(vector: number): void {
    this.interrupts++;
    this.#memory.u32[HALTED >> 2] = 0;
    if (!this.cpu.kernels.externalShortcut(vector)) deliverInterrupt(this.cpu, vector);
  }

  /** The engine returns at the next block border. Between two slices there is nothing to end, and no trace of it may get into a saved state. */
  endSlice(): void {
    if (!this.#isRunning) return;
    this.engine.endSlice();
    this.#endAsked = true;
  }

  /** RESET#: the time stamp counter restarts at zero. */
  reset(): void {
    this.cpu.reset();
    this.engine.reset();
    const offset = BigInt.asUintN(64, -this.#clock.now() * TSC_PER_NS);
    const { u32 } = this.#memory;
    u32[TSC_OFFSET >> 2] = Number(offset & 0xffff_ffffn);
    u32[(TSC_OFFSET >> 2) + 1] = Number(offset >> 32n);
  }

  /** CPU state and memory were replaced: every cache follows. */
  restored(): void {
    this.cpu.stateRestored();
    this.engine.reset();
  }
}

function timedFlushes(kernels: Kernels, timer: SampledTimer): Kernels {
  return {
    ...kernels,
    flushTranslations: (includingGlobal) => timer.measure(() => kernels.flushTranslations(includingGlobal)),
    invalidatePage: (linear) => timer.measure(() => kernels.invalidatePage(linear)),
  };
}

function fpuErrorPinsOf(cpu: Cpu): FpuErrorPins {
  const { u32 } = cpu;
  return {
    get ferr() {
      return (u32[FPU_FERR >> 2]! & FERR) !== 0;
    },
    ignne: {
      get level() {
        return (u32[FPU_FERR >> 2]! & IGNNE) !== 0;
      },
      set: (level) => {
        u32[FPU_FERR >> 2] = level ? u32[FPU_FERR >> 2]! | IGNNE : u32[FPU_FERR >> 2]! & ~IGNNE;
        cpu.modeChanged();
      },
    },
  };
}

function registersOf(i32: () => Int32Array): BackdoorRegisters {
  const register = (index: number): PropertyDescriptor => ({
    get: () => i32()[(GPR >> 2) + index * 2]! >>> 0,
    set: (value: number) => {
      i32()[(GPR >> 2) + index * 2] = value;
    },
  });
  return Object.defineProperties({}, { eax: register(0), ecx: register(1), edx: register(2), ebx: register(3) }) as BackdoorRegisters;
}
