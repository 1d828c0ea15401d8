import type { Bus } from '../bus/bus.js';
import type { MachineClock } from '../bus/clock.js';
import type { InterruptLine } from '../bus/device.js';
import { Cpu } from '../cpu/cpu.js';
import { afterInstruction, beforeInstruction } from '../cpu/events/debug.js';
import { deliverDebug, deliverException, deliverInterrupt, interruptsEnabled } from '../cpu/events/exceptions.js';
import { instantiateKernels } from '../cpu/mmu/kernels.js';
import type { LinearMemory } from '../cpu/mmu/linear-memory.js';
import { BUDGET, GPR, HALTED, INSTRUCTIONS, INTERRUPT_SHADOW } from '../cpu/state.js';
import { PortableEngine } from '../engines/portable/portable-engine.js';
import type { BackdoorRegisters } from './devices/vmmouse/vmmouse.js';
import type { Processor } from './run-loop.js';

/** Guest TSC ticks a nanosecond: a 1 GHz processor, so that guests' delay loops calibrate to round figures. */
const TSC_PER_NS = 1n;

/** CPU, engine and event delivery of one machine behind the run loop's face. The board reaches it through lines only. */
export class ProcessorCore implements Processor {
  readonly cpu: Cpu;
  readonly engine: PortableEngine;
  readonly #memory: LinearMemory;
  #intr = false;

  constructor(memory: LinearMemory, bus: () => Bus, clock: MachineClock) {
    this.#memory = memory;
    const { kernels, exports } = instantiateKernels(memory, {
      mmioRead: (physical, bytes) => bus().readMemory(physical, bytes),
      mmioWrite: (physical, value, bytes) => bus().writeMemory(physical, bytes, value),
      codeWritten: (physical, bytes) => this.engine.codeWritten(physical, bytes),
    });
    this.cpu = new Cpu({
      memory,
      kernels,
      ports: {
        readPort: (port, size) => bus().readPort(port, size),
        writePort: (port, size, value) => bus().writePort(port, size, value),
        stringPort: (port) => bus().stringPort(port),
      },
      timeStampCounter: () => clock.now() * TSC_PER_NS,
    });
    this.engine = new PortableEngine({
      memory,
      kernels: exports,
      cpu: this.cpu,
      events: {
        deliverException: (vector, errorCode) => {
          deliverException(this.cpu, vector, errorCode);
          // Shutdown: nothing executes until a reset.
          if (this.cpu.tripleFault) this.#memory.u32[HALTED >> 2] = 1;
        },
        deliverPendingDebug: (causes) => deliverDebug(this.cpu, causes),
        beforeInstruction: () => beforeInstruction(this.cpu),
        afterInstruction: () => afterInstruction(this.cpu),
      },
    });
  }

  /** INTR pin: a rise ends the slice, so that the loop takes the interrupt at the next block border. */
  readonly interruptPin: InterruptLine = {
    set: (level) => {
      this.#intr = level;
      if (level && interruptsEnabled(this.cpu)) this.endSlice();
    },
  };

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
  get tripleFault(): boolean {
    return this.cpu.tripleFault;
  }

  run(budget: number): void {
    this.engine.run(budget);
  }

  interrupt(vector: number): void {
    this.#memory.u32[HALTED >> 2] = 0;
    deliverInterrupt(this.cpu, vector);
  }

  /** The engine returns at the next block border. */
  endSlice(): void {
    this.#memory.i32[BUDGET >> 2] = -1;
  }

  reset(): void {
    this.cpu.reset();
    this.engine.reset();
  }

  /** CPU state and memory were replaced: every cache follows. */
  restored(): void {
    this.cpu.stateRestored();
    this.engine.reset();
  }
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
