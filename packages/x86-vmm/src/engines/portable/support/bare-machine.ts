import type { AccessSize } from '../../../bus/device.js';
import { Rights } from '../../../cpu/architecture.js';
import { Cpu } from '../../../cpu/cpu.js';
import { instantiateKernels } from '../../../cpu/mmu/kernels.js';
import { createLinearMemory, type LinearMemory } from '../../../cpu/mmu/linear-memory.js';
import { PagedPhysicalMap } from '../../../cpu/mmu/physical-map.js';
import { setSegment } from '../../../cpu/mmu/segmentation.js';
import { type CpuModel, NEWEST_MODEL } from '../../../cpu/model.js';
import { CR, EIP, FAULT, FAULT_ERROR, GPR, INSTRUCTIONS, RAM, ROM, SegmentIndex } from '../../../cpu/state.js';
import type { EngineTier, EventDelivery } from '../../engine.js';
import { eventDeliveryOf } from '../event-delivery.js';
import { PortableEngine } from '../portable-engine.js';

const RAM_MIB = 20;
const ROM_PAGE_COUNT = 16;

export interface BareMachineOptions {
  /** RAM from 0 that the processor reaches; what the memory has beyond it is nobody's. */
  readonly mappedBytes?: number;
  /** See PortableEngineParts. */
  readonly samplePeriod?: number;
  /** See PortableEngineParts. */
  readonly shortcuts?: boolean;
}

/** A processor with RAM from 0, 64 KiB of ROM at F0000 and at the top of 4 GiB, and ports that are only recorded: for tests and benches. */
export class BareMachine {
  readonly memory: LinearMemory;
  readonly written: { readonly port: number; readonly value: number }[] = [];
  readonly cpu: Cpu;
  readonly engine: PortableEngine;
  /** Vector of the first exception delivered since this was set to -1; error code, EIP and ESP as they were then. */
  firstFault = -1;
  firstErrorCode = -1;
  firstEip = 0;
  firstStackPointer = 0;

  constructor(tier: EngineTier = 'interpreter', model: CpuModel = NEWEST_MODEL, options: BareMachineOptions = {}) {
    const { mappedBytes = RAM_MIB * 0x10_0000, samplePeriod, shortcuts = true } = options;
    this.memory = createLinearMemory(Math.ceil(mappedBytes / 0x10_0000));
    const ports = {
      readPort: (_port: number, size: AccessSize) => (size === 1 ? 0xff : size === 2 ? 0xffff : 0xffff_ffff),
      writePort: (port: number, _size: AccessSize, value: number) => void this.written.push({ port, value }),
      stringPort: () => undefined,
    };
    const timeStampCounter = (): bigint => 0n;
    const hooks = {
      mmioRead: () => -1,
      mmioWrite: () => {},
      codeWritten: (physical: number, bytes: number) => this.engine.codeWritten(physical, bytes),
      ...ports,
      timeStampCounter,
    };
    const { kernels, exports } = instantiateKernels(this.memory, hooks);
    const map = new PagedPhysicalMap(this.memory, () => {});
    map.map(0, mappedBytes, { region: 'ram', offset: 0 }, { region: 'ram', offset: 0 });
    for (const base of [0xf_0000, 0xffff_0000]) map.map(base, ROM_PAGE_COUNT * 0x1000, { region: 'rom', offset: 0 }, undefined);
    this.cpu = new Cpu({ memory: this.memory, kernels, ports, timeStampCounter, model });
    const exceptionShortcut = (): number => {
      this.#exceptionNoted();
      return kernels.exceptionShortcut();
    };
    const noting = { ...exports, exceptionShortcut };
    const parts = {
      shortcuts,
      memory: this.memory,
      kernels: noting,
      cpu: this.cpu,
      events: this.#events(),
      tier,
      isInterruptPending: () => true,
    };
    this.engine = new PortableEngine({ ...parts, ...(samplePeriod === undefined ? {} : { samplePeriod }) });
  }

  #events(): EventDelivery {
    const events = eventDeliveryOf(this.cpu);
    return {
      ...events,
      deliverException: (vector, errorCode) => {
        this.#noteFault(vector, errorCode);
        events.deliverException(vector, errorCode);
      },
    };
  }

  /** An exception on its way to the kernel that may deliver it; whatever that leaves comes to `#events`, too. */
  #exceptionNoted(): void {
    const { u32, i32 } = this.memory;
    this.#noteFault(u32[FAULT >> 2]! - 1, i32[FAULT_ERROR >> 2]!);
  }
  #noteFault(vector: number, errorCode: number): void {
    if (this.firstFault >= 0) return;
    this.firstFault = vector;
    this.firstErrorCode = errorCode;
    this.firstEip = this.eip;
    this.firstStackPointer = this.register(4);
  }

  loadRom(offset: number, bytes: readonly number[]): void {
    this.memory.u8.set(bytes, ROM + offset);
  }
  load(physical: number, bytes: ArrayLike<number>): void {
    this.memory.u8.set(bytes, RAM + physical);
  }
  read8(physical: number): number {
    return this.memory.u8[RAM + physical]!;
  }
  read32(physical: number): number {
    const at = RAM + physical;
    return new DataView(this.memory.memory.buffer).getUint32(at, true);
  }
  write32(physical: number, value: number): void {
    new DataView(this.memory.memory.buffer).setUint32(RAM + physical, value, true);
  }

  /** Protected mode with flat 32-bit segments at CPL 0, at an address. */
  enterFlat(eip: number): void {
    const { cpu, memory } = this;
    memory.u32[CR >> 2]! |= 1;
    const data = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | 0x8000;
    for (let index = SegmentIndex.ES; index <= SegmentIndex.GS; index++) setSegment(cpu, index, 0x10, 0, 0xffff_ffff, data);
    setSegment(cpu, SegmentIndex.CS, 0x08, 0, 0xffff_ffff, data | Rights.CODE);
    memory.u32[EIP >> 2] = eip;
    cpu.modeChanged();
  }

  get eip(): number {
    return this.memory.u32[EIP >> 2]!;
  }
  register(index: number): number {
    return this.memory.u32[(GPR >> 2) + index * 2]!;
  }
  setRegister(index: number, value: number): void {
    this.memory.u32[(GPR >> 2) + index * 2] = value;
  }
  get instructions(): number {
    return this.memory.u32[INSTRUCTIONS >> 2]!;
  }
}
