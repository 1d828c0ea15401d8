import { CR0, CR4 } from '../../../../packages/x86-vmm/src/cpu/architecture.js';
import { readDescriptor } from '../../../../packages/x86-vmm/src/cpu/mmu/descriptor.js';
import { setFromDescriptor, setNull, setSegment } from '../../../../packages/x86-vmm/src/cpu/mmu/segmentation.js';
import {
  CPL,
  CR,
  EIP,
  GDTR_BASE,
  GDTR_LIMIT,
  HALTED,
  IDTR_BASE,
  IDTR_LIMIT,
  INTERRUPT_SHADOW,
  MXCSR,
  PENDING_DEBUG,
  RAM,
  SEGMENT,
  SEGMENT_BYTES,
  SegmentField,
  SegmentIndex,
  XMM,
} from '../../../../packages/x86-vmm/src/cpu/state.js';
import type { EngineTier } from '../../../../packages/x86-vmm/src/engines/engine.js';
import { BareMachine } from '../../../../packages/x86-vmm/src/engines/portable/support/bare-machine.js';
import { X87State } from '../x87-machine.js';
import {
  CODE_BYTES,
  Context,
  FPU_BYTES,
  inPages,
  isForbidden,
  LOCAL_DESCRIPTORS,
  type LocalDescriptor,
  PAGE,
  Place,
  RECORD_BYTES,
  RECORD_CODE,
  RECORD_DATA,
  RECORD_FPU,
  RECORD_MXCSR,
  RECORD_STACK,
  RECORD_XMM,
  REGISTERS,
  SEGMENTS,
  USER_CODE_64,
  WINDOW,
  WINDOW_BYTES,
  XMM_BYTES,
} from './record.js';

/** The engine's kernel: linear addresses where the native program is, physical ones from 0. */
const KERNEL = 0x0800_0000;
const Kernel = {
  directory: 0x1000,
  table: 0x2000,
  gdt: 0x3000,
  ldt: 0x3800,
  idt: 0x4000,
  tss: 0x5000,
  stack: 0x8000,
  handlers: 0x1_0000,
} as const;
/** As in Linux's GDT: kernel code and data, 32-bit user code, user data, 64-bit user code, the per-CPU segment of the first CPU. */
const GDT: Readonly<Record<number, readonly [number, number]>> = {
  2: [0x0000_ffff, 0x00cf_9b00],
  3: [0x0000_ffff, 0x00cf_9300],
  4: [0x0000_ffff, 0x00cf_fb00],
  5: [0x0000_ffff, 0x00cf_f300],
  6: [0x0000_ffff, 0x00af_fb00],
  15: [0x0000_0000, 0x0040_f500],
};
const GDT_LIMIT = 0x7f;
const HANDLER_BYTES = 16;
const HLT = 0xf4;
const HAS_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17]);
const PRESENT_USER_WRITABLE = 7;
const BIG_PAGE = 0x83;
/** Instructions a case may take; more is a loop, which is not compared. */
const BUDGET = 2_000;

/** Why a case cannot be compared. */
export type Unusable = 'endless' | 'forbidden address' | '64-bit code' | 'data run as code';

/** The engine in the same situation as a 32-bit Linux process: the same records in and out. */
export class EngineCpu {
  readonly #machine: BareMachine;
  readonly #state: X87State;

  constructor(tier: EngineTier) {
    this.#machine = new BareMachine(tier);
    this.#state = new X87State(this.#machine.memory.memory);
    const { write32, load } = bound(this.#machine);
    write32(Kernel.directory + 4 * (KERNEL >>> 22), BIG_PAGE);
    write32(Kernel.directory + 4 * (Place.data >>> 22), Kernel.table | PRESENT_USER_WRITABLE);
    for (const page of [Place.data, Place.code, Place.stack])
      write32(Kernel.table + 4 * ((page >>> 12) & 0x3ff), page | PRESENT_USER_WRITABLE);
    for (const [index, [low, high]] of Object.entries(GDT)) {
      write32(Kernel.gdt + 8 * Number(index), low);
      write32(Kernel.gdt + 8 * Number(index) + 4, high);
    }
    for (const [index, descriptor] of LOCAL_DESCRIPTORS.entries()) {
      const [low, high] = wordsOf(descriptor, inPages(index));
      write32(Kernel.ldt + 8 * index, low);
      write32(Kernel.ldt + 8 * index + 4, high);
    }
    for (let vector = 0; vector < 256; vector++) {
      const handler = KERNEL + Kernel.handlers + vector * HANDLER_BYTES;
      // Linux lets programs use INT3 and INTO.
      const access = vector === 3 || vector === 4 ? 0xee : 0x8e;
      write32(Kernel.idt + 8 * vector, (0x10 << 16) | (handler & 0xffff));
      write32(Kernel.idt + 8 * vector + 4, ((handler & 0xffff_0000) | (access << 8)) >>> 0);
      load(Kernel.handlers + vector * HANDLER_BYTES, [HLT]);
    }
    write32(Kernel.tss + 4, KERNEL + Kernel.stack);
    write32(Kernel.tss + 8, 0x18);
    // No port is allowed: the bitmap begins behind the segment's limit.
    write32(Kernel.tss + 0x64, 0x68 << 16);
  }

  /** Runs one record and writes what came of it over `answer`, in the native program's form. */
  run(record: Buffer, answer: Buffer): Unusable | undefined {
    const machine = this.#machine;
    this.#load(record);
    const { u32 } = machine.memory;
    const begin = machine.instructions;
    // A single step of a repeated instruction may end a slice early.
    for (let left = BUDGET; left > 0 && u32[HALTED >> 2] === 0; left = BUDGET - (machine.instructions - begin)) machine.engine.run(left);
    const handler = machine.eip - 1 - KERNEL - Kernel.handlers;
    if (u32[HALTED >> 2] === 0 || handler < 0 || handler % HANDLER_BYTES !== 0) return 'endless';
    return this.#save(handler / HANDLER_BYTES, answer);
  }

  #load(record: Buffer): void {
    const machine = this.#machine;
    const { cpu, memory } = machine;
    const { u32, u8 } = memory;
    u8.fill(0xcc, RAM + Place.code, RAM + Place.code + PAGE);
    machine.load(Place.code, record.subarray(RECORD_CODE, RECORD_CODE + CODE_BYTES));
    machine.engine.codeWritten(Place.code, PAGE);
    u8.fill(0, RAM + Place.data, RAM + Place.data + PAGE);
    machine.load(Place.data + WINDOW, record.subarray(RECORD_DATA, RECORD_DATA + WINDOW_BYTES));
    u8.fill(0, RAM + Place.stack, RAM + Place.stack + PAGE);
    machine.load(Place.stack + WINDOW, record.subarray(RECORD_STACK, RECORD_STACK + WINDOW_BYTES));
    this.#state.load(record.subarray(RECORD_FPU, RECORD_FPU + 128) as Buffer);
    u32[MXCSR >> 2] = record.readUInt32LE(RECORD_MXCSR);
    u8.set(record.subarray(RECORD_XMM, RECORD_XMM + XMM_BYTES), XMM);
    u32[CR >> 2] = CR0.PE | CR0.MP | CR0.ET | CR0.NE | CR0.WP | CR0.AM | CR0.PG;
    u32[(CR + 3 * 8) >> 2] = Kernel.directory;
    u32[(CR + 4 * 8) >> 2] = CR4.PSE | CR4.OSFXSR | CR4.OSXMMEXCPT;
    u32[HALTED >> 2] = 0;
    u32[INTERRUPT_SHADOW >> 2] = 0;
    u32[PENDING_DEBUG >> 2] = 0;
    u32[GDTR_BASE >> 2] = KERNEL + Kernel.gdt;
    u32[GDTR_LIMIT >> 2] = GDT_LIMIT;
    u32[IDTR_BASE >> 2] = KERNEL + Kernel.idt;
    u32[IDTR_LIMIT >> 2] = 0x7ff;
    setSegment(cpu, SegmentIndex.LDTR, 0x50, KERNEL + Kernel.ldt, 8 * LOCAL_DESCRIPTORS.length - 1, 0x82);
    setSegment(cpu, SegmentIndex.TR, 0x40, KERNEL + Kernel.tss, 0x67, 0x8b);
    u32[CPL >> 2] = 0;
    cpu.setEflags(2);
    cpu.modeChanged();
    for (const [index, offset] of SEGMENTS.entries()) {
      const selector = record.readUInt16LE(offset);
      if ((selector & 0xfffc) === 0) setNull(cpu, index, selector);
      else setFromDescriptor(cpu, index, selector, readDescriptor(cpu, selector)!);
    }
    u32[CPL >> 2] = 3;
    cpu.tripleFault = false;
    for (const [index, offset] of REGISTERS.entries()) machine.setRegister(index, record.readUInt32LE(offset));
    u32[EIP >> 2] = record.readUInt32LE(Context.eip);
    cpu.setEflags(record.readUInt32LE(Context.eflags));
    cpu.modeChanged();
  }

  #save(vector: number, answer: Buffer): Unusable | undefined {
    const machine = this.#machine;
    const { u32, u8 } = machine.memory;
    answer.fill(0, 0, RECORD_BYTES);
    let frame = machine.register(4) - KERNEL;
    answer.writeUInt32LE(vector, Context.vector);
    if (HAS_ERROR_CODE.has(vector)) {
      answer.writeUInt32LE(machine.read32(frame), Context.errorCode);
      frame += 4;
    }
    const cr2 = u32[(CR + 2 * 8) >> 2]!;
    if (vector === 14) {
      if (isForbidden(cr2)) return 'forbidden address';
      answer.writeUInt32LE(cr2, Context.cr2);
    }
    for (const [index, offset] of REGISTERS.entries()) answer.writeUInt32LE(machine.register(index), offset);
    for (const [index, offset] of SEGMENTS.entries())
      answer.writeUInt32LE(u32[(SEGMENT + index * SEGMENT_BYTES + SegmentField.selector) >> 2]! & 0xffff, offset);
    for (const [place, offset] of [
      [0, Context.eip],
      [4, Context.cs],
      [8, Context.eflags],
      [12, Context.esp],
      [16, Context.ss],
    ] as const) {
      answer.writeUInt32LE(machine.read32(frame + place), offset);
    }
    if ((answer.readUInt16LE(Context.cs) & 0xfffc) === (USER_CODE_64 & 0xfffc)) return '64-bit code';
    // Random data may be instructions that are left out.
    const cs = answer.readUInt16LE(Context.cs);
    const base = cs & 4 ? (LOCAL_DESCRIPTORS[cs >>> 3]?.base ?? 0) : 0;
    const linear = (base + answer.readUInt32LE(Context.eip)) >>> 0;
    if (linear >>> 12 === Place.data >>> 12 || linear >>> 12 === Place.stack >>> 12) return 'data run as code';
    answer.set(u8.subarray(RAM + Place.data + WINDOW, RAM + Place.data + PAGE), RECORD_DATA);
    answer.set(u8.subarray(RAM + Place.stack + WINDOW, RAM + Place.stack + PAGE), RECORD_STACK);
    const image = Buffer.alloc(128);
    this.#state.save(image, image);
    image.copy(answer, RECORD_FPU, 0, FPU_BYTES);
    answer.writeUInt32LE(u32[MXCSR >> 2]!, RECORD_MXCSR);
    answer.set(u8.subarray(XMM, XMM + XMM_BYTES), RECORD_XMM);
    return undefined;
  }
}

function bound(machine: BareMachine): Pick<BareMachine, 'write32' | 'load'> {
  return { write32: (physical, value) => machine.write32(physical, value), load: (physical, bytes) => machine.load(physical, bytes) };
}

/** A descriptor as Linux makes it of a `user_desc`: accessed, DPL 3. */
function wordsOf({ base, limit, kind, is32, isRestricted, isAbsent }: LocalDescriptor, pages: boolean): [number, number] {
  const type = (isRestricted ? 0 : 2) | (kind << 2) | 1;
  const access = type | 0x70 | (isAbsent ? 0 : 0x80);
  const high =
    (base & 0xff00_0000) | (Number(pages) << 23) | (Number(is32) << 22) | (limit & 0xf_0000) | (access << 8) | ((base >>> 16) & 0xff);
  return [((base << 16) | (limit & 0xffff)) >>> 0, high >>> 0];
}
