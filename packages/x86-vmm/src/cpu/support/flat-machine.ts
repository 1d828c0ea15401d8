import type { StringPort } from '../../bus/device.js';
import { Rights } from '../architecture.js';
import { Cpu, type PortBus } from '../cpu.js';
import { decode } from '../decoder/decode.js';
import { instantiateKernels, type KernelHooks, type Kernels } from '../mmu/kernels.js';
import { createLinearMemory, type LinearMemory } from '../mmu/linear-memory.js';
import { PagedPhysicalMap } from '../mmu/physical-map.js';
import { setSegment } from '../mmu/segmentation.js';
import { CPL, CR, EIP, GDTR_BASE, GDTR_LIMIT, IDTR_BASE, IDTR_LIMIT, MODE_KEY, RAM, SegmentIndex } from '../state.js';

/*
 * A processor with four MiB of RAM at physical 0 and nothing else, for tests of the system half: descriptor tables of a small kernel, handlers that
 * are only addresses, and single slow instructions given as bytes.
 */

/** Where the tables and stacks are; linear = physical. */
export const Place = {
  gdt: 0x1000,
  idt: 0x2000,
  tss: 0x3000,
  otherTss: 0x3100,
  tss16: 0x3200,
  ldt: 0x3300,
  stack0: 0x9000,
  stack3: 0xa000,
  handlers: 0x2_0000,
  code: 0x4000,
} as const;

/** Selectors of the GDT that `protectedMode` writes. */
export const Selector = {
  code0: 0x08,
  data0: 0x10,
  code3: 0x1b,
  data3: 0x23,
  tss: 0x28,
  conforming: 0x30,
  callGate: 0x38,
  absentData: 0x40,
  executeOnly: 0x48,
  expandDown: 0x50,
  ldt: 0x58,
  readOnly: 0x60,
  otherTss: 0x68,
  taskGate: 0x70,
  tss16: 0x78,
  code16: 0x80,
  stack16: 0x88,
  smallCode: 0x90,
  absentCode: 0x98,
  callGate16: 0xa0,
  beyond: 0x100,
} as const;

const ERROR_CODE_VECTORS = new Set([8, 10, 11, 12, 13, 14, 17]);

/** Low and high word of a segment descriptor; `access` is the byte with P, DPL, S and type, `flags` G, D/B, L, AVL. */
export function descriptor(base: number, limit: number, access: number, flags = 0): [number, number] {
  return [
    ((base << 16) | (limit & 0xffff)) >>> 0,
    ((base & 0xff00_0000) | (flags << 20) | (limit & 0xf_0000) | (access << 8) | ((base >>> 16) & 0xff)) >>> 0,
  ];
}

export function gate(selector: number, offset: number, access: number, parameters = 0): [number, number] {
  return [((selector << 16) | (offset & 0xffff)) >>> 0, ((offset & 0xffff_0000) | (access << 8) | parameters) >>> 0];
}

export interface Delivered {
  readonly vector: number;
  /** -1: none. */
  readonly errorCode: number;
  readonly eip: number;
  readonly cs: number;
  readonly eflags: number;
}

export interface FlatMachine {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  readonly cpu: Cpu;
  readonly map: PagedPhysicalMap;
  readonly hooks: KernelHooks;
  /** Port accesses in order: `r3f8/1`, `w3f8/1=41`. */
  readonly portLog: string[];
  strings: StringPort | undefined;
  /** Linear addresses whose translations were dropped; -1: all. */
  readonly dropped: number[];
  /** 32-bit words of physical RAM. */
  peek(physical: number): number;
  poke(physical: number, ...words: number[]): void;
  /** Clears RAM and resets the processor. */
  clear(): void;
  /** Flat 32-bit protected mode at `cpl` with GDT, IDT (interrupt gates to ring 0 for all vectors) and TSS. */
  protectedMode(cpl: 0 | 3): void;
  /** Executes one slow instruction at CS:EIP. */
  execute(...bytes: number[]): void;
  /** The exception whose handler was entered through `protectedMode`'s IDT, from the frame on the stack. */
  delivered(): Delivered;
}

export function flatMachine(): FlatMachine {
  const memory = createLinearMemory(4);
  const portLog: string[] = [];
  const ports: PortBus = {
    readPort: (port, size) => {
      portLog.push(`r${port.toString(16)}/${size}`);
      return 0x1234_5678 & (2 ** (8 * size) - 1);
    },
    writePort: (port, size, value) => void portLog.push(`w${port.toString(16)}/${size}=${value.toString(16)}`),
    stringPort: () => machine.strings,
  };
  const timeStampCounter = (): bigint => 0x1_0000_0002n;
  const hooks: KernelHooks = {
    mmioRead: (_physical, bytes) => 2 ** (8 * bytes) - 1,
    mmioWrite: () => {},
    codeWritten: () => {},
    readPort: (port, bytes) => ports.readPort(port, bytes),
    writePort: (port, bytes, value) => ports.writePort(port, bytes, value),
    timeStampCounter,
  };
  const { kernels } = instantiateKernels(memory, hooks);
  const dropped: number[] = [];
  const translationsDropped = (linear?: number): void => void dropped.push(linear ?? -1);
  const cpu = new Cpu({ memory, kernels, ports, timeStampCounter, translationsDropped });
  const map = new PagedPhysicalMap(memory, () => cpu.flushTranslations(true));
  const ramBytes = memory.ramBytes;
  const machine: FlatMachine = {
    memory,
    kernels,
    cpu,
    map,
    hooks,
    portLog,
    strings: undefined,
    dropped,
    peek: (physical) => memory.u32[(RAM + physical) >> 2]!,
    poke: (physical, ...words) => memory.u32.set(words, (RAM + physical) >> 2),
    clear: () => {
      memory.u32.fill(0, RAM >> 2, (RAM + ramBytes) >> 2);
      cpu.reset();
      portLog.length = 0;
      dropped.length = 0;
      machine.strings = undefined;
    },
    protectedMode: (cpl) => protectedMode(machine, cpl),
    execute: (...bytes) => cpu.executeSlow(decode((i) => bytes[i] ?? 0x90, memory.u32[MODE_KEY >> 2]!, memory.u32[EIP >> 2]!)),
    delivered: () => delivered(machine),
  };
  map.map(0, ramBytes, { region: 'ram', offset: 0 }, { region: 'ram', offset: 0 });
  return machine;
}

function protectedMode(machine: FlatMachine, cpl: 0 | 3): void {
  const { cpu, poke } = machine;
  const { u32 } = cpu;
  machine.clear();
  const at = (selector: number) => Place.gdt + (selector & ~7);
  poke(at(Selector.code0), ...descriptor(0, 0xf_ffff, 0x9b, 0xc));
  poke(at(Selector.data0), ...descriptor(0, 0xf_ffff, 0x93, 0xc));
  poke(at(Selector.code3), ...descriptor(0, 0xf_ffff, 0xfb, 0xc));
  poke(at(Selector.data3), ...descriptor(0, 0xf_ffff, 0xf3, 0xc));
  poke(at(Selector.tss), ...descriptor(Place.tss, 0x67, 0x8b));
  poke(at(Selector.conforming), ...descriptor(0, 0xf_ffff, 0x9e, 0xc));
  poke(at(Selector.callGate), ...gate(Selector.code0, 0x5000, 0xec, 2));
  poke(at(Selector.absentData), ...descriptor(0, 0xffff, 0x72, 0x4));
  poke(at(Selector.executeOnly), ...descriptor(0, 0xffff, 0xf8, 0x4));
  poke(at(Selector.expandDown), ...descriptor(0, 0xfff, 0xf6, 0x4));
  poke(at(Selector.ldt), ...descriptor(Place.ldt, 0x17, 0x82));
  poke(at(Selector.readOnly), ...descriptor(0, 0xffff, 0xf0, 0x4));
  poke(at(Selector.otherTss), ...descriptor(Place.otherTss, 0x67, 0xe9));
  poke(at(Selector.taskGate), ...gate(Selector.otherTss, 0, 0xe5));
  poke(at(Selector.tss16), ...descriptor(Place.tss16, 0x2b, 0xe1));
  poke(at(Selector.code16), ...descriptor(0, 0xffff, 0x9a));
  poke(at(Selector.stack16), ...descriptor(0, 0xffff, 0x92));
  poke(at(Selector.smallCode), ...descriptor(0, 0xff, 0x9a, 0x4));
  poke(at(Selector.absentCode), ...descriptor(0, 0xffff, 0x1a, 0x4));
  poke(at(Selector.callGate16), ...gate(Selector.code0, 0x5000, 0xe4, 1));
  for (let vector = 0; vector < 256; vector++) poke(Place.idt + vector * 8, ...gate(Selector.code0, Place.handlers + vector * 16, 0x8e));
  poke(Place.tss + 4, Place.stack0, Selector.data0);

  u32[GDTR_BASE >> 2] = Place.gdt;
  u32[GDTR_LIMIT >> 2] = 0xff;
  u32[IDTR_BASE >> 2] = Place.idt;
  u32[IDTR_LIMIT >> 2] = 0x7ff;
  u32[CR >> 2] = 0x31;
  u32[CPL >> 2] = cpl;
  const flat =
    Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | Rights.GRANULARITY | (cpl === 3 ? Rights.DPL : 0);
  setSegment(cpu, SegmentIndex.CS, cpl === 3 ? Selector.code3 : Selector.code0, 0, 0xffff_ffff, flat | Rights.CODE);
  for (const index of [SegmentIndex.SS, SegmentIndex.DS, SegmentIndex.ES, SegmentIndex.FS, SegmentIndex.GS])
    setSegment(cpu, index, cpl === 3 ? Selector.data3 : Selector.data0, 0, 0xffff_ffff, flat);
  setSegment(cpu, SegmentIndex.TR, Selector.tss, Place.tss, 0x67, 0x8b);
  setSegment(cpu, SegmentIndex.LDTR, 0, 0, 0, Rights.UNUSABLE);
  cpu.setRegister(4, 32, cpl === 3 ? Place.stack3 : Place.stack0);
  u32[EIP >> 2] = Place.code;
  cpu.setEflags(2);
  cpu.modeChanged();
}

function delivered({ cpu, peek }: FlatMachine): Delivered {
  const vector = (cpu.u32[EIP >> 2]! - Place.handlers) / 16;
  let esp = cpu.getRegister(4, 32);
  let errorCode = -1;
  if (ERROR_CODE_VECTORS.has(vector)) {
    errorCode = peek(esp);
    esp += 4;
  }
  return { vector, errorCode, eip: peek(esp), cs: peek(esp + 4) & 0xffff, eflags: peek(esp + 8) };
}
