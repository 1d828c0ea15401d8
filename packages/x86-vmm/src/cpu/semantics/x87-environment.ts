import {
  CR,
  FPU_ATTENTION,
  FPU_CONTROL,
  FPU_CS,
  FPU_DP,
  FPU_DS,
  FPU_EMPTY,
  FPU_FERR,
  FPU_IP,
  FPU_OPCODE,
  FPU_REGISTERS,
  FPU_STATUS,
  MODE_KEY,
  ModeKey,
} from '../state.js';
import type { Decoded, Operand } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';
import { VECTOR_MF, VECTOR_NM } from './x87-steps.js';

/*
 * FSTENV, FLDENV, FSAVE, FRSTOR: the x87's state in memory, in the four formats of SDM Vol. 1 section 8.1.10 (figures 8-9 to 8-12): 16 or 32
 * bits by operand size, protected or real (virtual-8086 as real). Loads read everything before anything changes; a store changes the
 * registers only after its last byte is written.
 */

type Memory = Extract<Operand, { kind: 'memory' }>;
const NE = 0x20;

/** A memory operand as bytes from its start, offsets wrapped to the address size. */
export class OperandBytes {
  readonly #segment: number;
  readonly #base: number;
  readonly #mask: number;
  constructor(
    private readonly cpu: SlowCpu,
    decoded: Decoded,
  ) {
    const operand = decoded.operands[0] as Memory;
    this.#segment = operand.segment;
    this.#base = cpu.effectiveAddress(decoded, operand);
    this.#mask = decoded.addressSize === 16 ? 0xffff : 0xffff_ffff;
  }
  get offset(): number {
    return this.#base;
  }
  get segment(): number {
    return this.#segment;
  }
  #at(offset: number): number {
    return ((this.#base + offset) & this.#mask) >>> 0;
  }
  read16(offset: number): number {
    return this.cpu.readSegment(this.#segment, this.#at(offset), 16);
  }
  read32(offset: number): number {
    return this.cpu.readSegment(this.#segment, this.#at(offset), 32);
  }
  write16(offset: number, value: number): void {
    this.cpu.writeSegment(this.#segment, this.#at(offset), 16, value & 0xffff);
  }
  write32(offset: number, value: number): void {
    this.cpu.writeSegment(this.#segment, this.#at(offset), 32, value >>> 0);
  }
}

const word = (cpu: SlowCpu, offset: number): number => cpu.u32[offset >> 2]!;
export const setWord = (cpu: SlowCpu, offset: number, value: number): void => {
  cpu.u32[offset >> 2] = value;
};
export const top = (cpu: SlowCpu): number => (word(cpu, FPU_STATUS) >> 11) & 7;

/** #NM for CR0.EM or TS; #MF for a pending exception when the instruction waits. */
export function checkAvailableNow(cpu: SlowCpu, waits: boolean): void {
  const attention = word(cpu, FPU_ATTENTION);
  if (attention & 1) cpu.raise(VECTOR_NM);
  if (waits && attention & 2) cpu.raise(VECTOR_MF);
}

/** Control and status words in force: ES and B follow the unmasked flags, FERR# and FPU_ATTENTION follow ES (as `fpuSetStatus` in the kernels). */
export function setControlAndStatus(cpu: SlowCpu, control: number, status: number): void {
  const kept = (control & 0x1f3f) | 0x40;
  const error = status & ~kept & 0x3f ? 1 : 0;
  setWord(cpu, FPU_CONTROL, kept);
  setWord(cpu, FPU_STATUS, (status & 0x7f7f) | (error ? 0x8080 : 0));
  const wires = word(cpu, FPU_FERR);
  setWord(cpu, FPU_FERR, error ? wires | 1 : 0);
  const ignored = wires & 2 && !(word(cpu, CR) & NE);
  setWord(cpu, FPU_ATTENTION, (word(cpu, FPU_ATTENTION) & ~2) | (ignored ? 0 : error << 1));
}

/** The tag word: 0 valid, 1 zero, 2 special, 3 empty for each physical register (SDM Vol. 1 section 8.1.7). */
export function tagWord(cpu: SlowCpu): number {
  const empty = word(cpu, FPU_EMPTY);
  let tags = 0;
  for (let register = 0; register < 8; register++) {
    const at = FPU_REGISTERS + 16 * register;
    const exponent = cpu.u16[(at + 8) >> 1]! & 0x7fff;
    const low = cpu.u32[at >> 2]!;
    const high = cpu.u32[(at + 4) >> 2]!;
    let tag = 0;
    if ((empty >> register) & 1) tag = 3;
    else if (exponent === 0 && low === 0 && high === 0) tag = 1;
    else if (exponent === 0 || exponent === 0x7fff || !(high & 0x8000_0000)) tag = 2;
    tags |= tag << (2 * register);
  }
  return tags;
}
function setTags(cpu: SlowCpu, tags: number): void {
  let empty = 0;
  for (let register = 0; register < 8; register++) if (((tags >> (2 * register)) & 3) === 3) empty |= 1 << register;
  setWord(cpu, FPU_EMPTY, empty);
}

const isProtected = (cpu: SlowCpu): boolean => (word(cpu, MODE_KEY) & ModeKey.protectedMode) !== 0;
const environmentBytes = (decoded: Decoded): number => (decoded.operandSize === 16 ? 14 : 28);
/** Real formats hold linear addresses. */
const linear = (cpu: SlowCpu, selector: number, offset: number): number => ((word(cpu, selector) << 4) + word(cpu, offset)) >>> 0;

function writeEnvironment(cpu: SlowCpu, decoded: Decoded, bytes: OperandBytes): void {
  const control = word(cpu, FPU_CONTROL);
  const status = word(cpu, FPU_STATUS);
  const tags = tagWord(cpu);
  const fop = word(cpu, FPU_OPCODE) & 0x7ff;
  if (decoded.operandSize === 16) {
    bytes.write16(0, control);
    bytes.write16(2, status);
    bytes.write16(4, tags);
    if (isProtected(cpu)) {
      bytes.write16(6, word(cpu, FPU_IP));
      bytes.write16(8, word(cpu, FPU_CS));
      bytes.write16(10, word(cpu, FPU_DP));
      bytes.write16(12, word(cpu, FPU_DS));
    } else {
      const instruction = linear(cpu, FPU_CS, FPU_IP);
      const data = linear(cpu, FPU_DS, FPU_DP);
      bytes.write16(6, instruction);
      bytes.write16(8, ((instruction >>> 4) & 0xf000) | fop);
      bytes.write16(10, data);
      bytes.write16(12, (data >>> 4) & 0xf000);
    }
    return;
  }
  // Reserved halves read as ones.
  bytes.write32(0, control | 0xffff_0000);
  bytes.write32(4, status | 0xffff_0000);
  bytes.write32(8, tags | 0xffff_0000);
  if (isProtected(cpu)) {
    bytes.write32(12, word(cpu, FPU_IP));
    bytes.write32(16, (fop << 16) | (word(cpu, FPU_CS) & 0xffff));
    bytes.write32(20, word(cpu, FPU_DP));
    bytes.write32(24, (word(cpu, FPU_DS) & 0xffff) | 0xffff_0000);
  } else {
    const instruction = linear(cpu, FPU_CS, FPU_IP);
    const data = linear(cpu, FPU_DS, FPU_DP);
    bytes.write32(12, (instruction & 0xffff) | 0xffff_0000);
    bytes.write32(16, ((instruction >>> 16) << 12) | fop);
    bytes.write32(20, (data & 0xffff) | 0xffff_0000);
    bytes.write32(24, (data >>> 16) << 12);
  }
}

interface Environment {
  readonly control: number;
  readonly status: number;
  readonly tags: number;
  readonly ip: number;
  readonly cs: number;
  readonly fop: number;
  readonly dp: number;
  readonly ds: number;
}
function readEnvironment(cpu: SlowCpu, decoded: Decoded, bytes: OperandBytes): Environment {
  const isReal = !isProtected(cpu);
  if (decoded.operandSize === 16) {
    const [control, status, tags, w6, w8, w10, w12] = [0, 2, 4, 6, 8, 10, 12].map((offset) => bytes.read16(offset)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (!isReal) return { control, status, tags, ip: w6, cs: w8, fop: 0, dp: w10, ds: w12 };
    return { control, status, tags, ip: w6 | ((w8 & 0xf000) << 4), cs: 0, fop: w8 & 0x7ff, dp: w10 | ((w12 & 0xf000) << 4), ds: 0 };
  }
  const [control, status, tags, d12, d16, d20, d24] = [0, 4, 8, 12, 16, 20, 24].map((offset) => bytes.read32(offset)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isReal) return { control, status, tags, ip: d12, cs: d16 & 0xffff, fop: (d16 >>> 16) & 0x7ff, dp: d20, ds: d24 & 0xffff };
  const high = (value: number): number => ((value >>> 12) & 0xffff) << 16;
  return {
    control,
    status,
    tags,
    ip: ((d12 & 0xffff) | high(d16)) >>> 0,
    cs: 0,
    fop: d16 & 0x7ff,
    dp: ((d20 & 0xffff) | high(d24)) >>> 0,
    ds: 0,
  };
}
function setEnvironment(cpu: SlowCpu, environment: Environment): void {
  setControlAndStatus(cpu, environment.control & 0xffff, environment.status & 0xffff);
  setTags(cpu, environment.tags);
  setWord(cpu, FPU_IP, environment.ip);
  setWord(cpu, FPU_CS, environment.cs);
  setWord(cpu, FPU_OPCODE, environment.fop);
  setWord(cpu, FPU_DP, environment.dp);
  setWord(cpu, FPU_DS, environment.ds);
}

/** FNSTENV masks all exceptions after it has stored. */
export function storeEnvironment(cpu: SlowCpu, decoded: Decoded): void {
  checkAvailableNow(cpu, false);
  writeEnvironment(cpu, decoded, new OperandBytes(cpu, decoded));
  setControlAndStatus(cpu, word(cpu, FPU_CONTROL) | 0x3f, word(cpu, FPU_STATUS));
}
export function loadEnvironment(cpu: SlowCpu, decoded: Decoded): void {
  checkAvailableNow(cpu, true);
  setEnvironment(cpu, readEnvironment(cpu, decoded, new OperandBytes(cpu, decoded)));
}

/** A register in 16-bit words: in the image it is aligned to no more, and #AC is about the environment's words only (measured). */
const REGISTER_WORDS = 5;

/** FNSAVE: environment, then ST(0)..ST(7) in ten bytes each, then FNINIT. */
export function saveState(cpu: SlowCpu, decoded: Decoded): void {
  checkAvailableNow(cpu, false);
  const bytes = new OperandBytes(cpu, decoded);
  writeEnvironment(cpu, decoded, bytes);
  const start = environmentBytes(decoded);
  for (let i = 0; i < 8; i++) {
    const at = FPU_REGISTERS + 16 * ((top(cpu) + i) & 7);
    for (let word = 0; word < REGISTER_WORDS; word++) bytes.write16(start + 10 * i + 2 * word, cpu.u16[(at >> 1) + word]!);
  }
  setEnvironment(cpu, { control: 0x037f, status: 0, tags: 0xffff, ip: 0, cs: 0, fop: 0, dp: 0, ds: 0 });
}
export function restoreState(cpu: SlowCpu, decoded: Decoded): void {
  checkAvailableNow(cpu, true);
  const bytes = new OperandBytes(cpu, decoded);
  const environment = readEnvironment(cpu, decoded, bytes);
  const start = environmentBytes(decoded);
  const registers = Array.from({ length: 8 * REGISTER_WORDS }, (_, i) => bytes.read16(start + 2 * i));
  setEnvironment(cpu, environment);
  for (let i = 0; i < 8; i++) {
    const at = FPU_REGISTERS + 16 * ((top(cpu) + i) & 7);
    for (let word = 0; word < REGISTER_WORDS; word++) cpu.u16[(at >> 1) + word] = registers[REGISTER_WORDS * i + word]!;
  }
}
