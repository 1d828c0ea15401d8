import { existsSync, readFileSync } from 'node:fs';
import { ESCAPES, type Row } from '../../../../packages/x86-vmm/src/cpu/decoder/encoding.js';
import { allRows } from '../../../../packages/x86-vmm/src/cpu/decoder/opcode-map.js';
import type { SeededRandom } from '../../../../packages/x86-vmm/src/verification/seeded-random.js';
import { writeRow } from '../x87-rows.js';
import {
  CODE_BYTES,
  Context,
  FPU_BYTES,
  localSelector,
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
  USER_CODE,
  USER_DATA,
  WINDOW,
  WINDOW_BYTES,
  XMM_BYTES,
} from './record.js';

/** Instructions that are not run, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  CPUID: 'tells what the host is',
  RDTSC: 'time goes on',
  INT1: 'a hypervisor under the host reports its own idea of EIP',
  SYSENTER: 'a system call of the host',
  FXSAVE: 'its 512 bytes are more than a case has, and AMD leaves the x87 pointers out; it has a test in x86-vmm',
  FXRSTOR: 'as FXSAVE',
  FNSTENV:
    'instruction and operand pointers are not kept by AMD unless an exception is pending; the rest is compared in x87-instructions.test.ts',
  FNSAVE: 'as FNSTENV',
  SGDT: "the host's table, or its imitation under UMIP",
  SIDT: 'as SGDT',
  SLDT: 'as SGDT',
  STR: 'as SGDT',
  SMSW: 'as SGDT',
};
/** Results may differ in the last place: compared with a tolerance in x87-instructions.test.ts. */
const INEXACT = /^(F2XM1|FYL2X|FYL2XP1|FPTAN|FPATAN|FSIN|FCOS|FSINCOS)$/;

/** Tables of a processor family; ours are AMD's of family 25 (assembly/sse-approximate.ts). */
const APPROXIMATE = /^R(CP|SQRT)[PS]S$/;
const CPU_FACTS = '/proc/cpuinfo';
const hasOurTables = existsSync(CPU_FACTS) && /^cpu family\s*: 25$/m.test(readFileSync(CPU_FACTS, 'latin1'));

export const rowsToRun: readonly Row[] = allRows.filter(
  ({ instruction: { mnemonic }, encoding }) =>
    encoding.mode64 !== 'only' && !(mnemonic in LEFT_OUT) && !INEXACT.test(mnemonic) && (hasOurTables || !APPROXIMATE.test(mnemonic)),
);
const SYSTEM_CALL = 0x80;

const [EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI] = [0, 1, 2, 3, 4, 5, 6, 7];
const INTERESTING = [
  0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000,
  0xffff_ff80, 0xffff_8000, 0xffff_fffe, 0xffff_ffff, 0x5555_5555, 0x1234_5678, 0x9999_9999,
];
const SELECTORS = [
  0,
  1,
  2,
  3,
  0x10,
  0x1b,
  USER_CODE,
  USER_DATA,
  0x20,
  0x28,
  0x33,
  0x63,
  0x7b,
  0x83,
  ...Array.from({ length: 13 }, (_, i) => localSelector(i)),
  0x04,
  0x05,
];
const DATA_SEGMENTS = [0, 1, 2, 4, 6].map(localSelector);
const CODE_16 = localSelector(3);
const STACK_16 = localSelector(5);
const STACK_SMALL = localSelector(9);
const ARITHMETIC = 0xcd5;
const [TF, IF, AC, DF] = [0x100, 0x200, 0x4_0000, 0x400];

const chance = (random: SeededRandom, oneIn: number): boolean => random.below(oneIn) === 0;
const value32 = (random: SeededRandom): number => {
  switch (random.below(6)) {
    case 0:
    case 1:
      return random.pick(INTERESTING);
    case 2:
      return random.u32() >>> random.below(32);
    case 3:
      return chance(random, 4) ? random.pick(SELECTORS) : (random.pick(INTERESTING) + random.below(5) - 2) >>> 0;
    default:
      return random.u32();
  }
};

/** How the segments of a case lie, which decides about addresses that reach something. */
interface Setting {
  readonly is16: boolean;
  readonly ds: number;
  readonly es: number;
  readonly fs: number;
  readonly gs: number;
  readonly ss: number;
}

function setting(random: SeededRandom): Setting {
  const data = (): number => random.pick(DATA_SEGMENTS);
  const spare = (): number => (chance(random, 3) ? data() : chance(random, 2) ? USER_DATA : 0);
  const kind = random.below(10);
  if (kind < 6) return { is16: false, ds: USER_DATA, es: USER_DATA, fs: spare(), gs: spare(), ss: USER_DATA };
  if (kind < 8)
    return { is16: false, ds: data(), es: data(), fs: spare(), gs: data(), ss: random.pick([USER_DATA, STACK_SMALL, STACK_16]) };
  return { is16: true, ds: data(), es: data(), fs: data(), gs: spare(), ss: random.pick([STACK_16, STACK_16, STACK_SMALL]) };
}

/** An offset that reaches the data window through a segment, or nearly. */
function dataOffset(random: SeededRandom, selector: number): number {
  const at = random.below(WINDOW_BYTES + 8) - 4;
  if (selector === USER_DATA || selector === USER_CODE) return (Place.data + WINDOW + at) >>> 0;
  if (selector === localSelector(1) || selector === localSelector(6)) return WINDOW + at;
  return Math.max(0, at >> 1);
}

/** Writes one random case: registers, flags, segments, code of one to four instructions, memory, x87. `rows`: what to choose from. */
export function writeCase(random: SeededRandom, record: Buffer, rows: readonly Row[]): void {
  record.fill(0, 0, RECORD_BYTES);
  for (let i = 0; i < WINDOW_BYTES; i += 4) {
    record.writeUInt32LE(value32(random), RECORD_DATA + i);
    record.writeUInt32LE(value32(random), RECORD_STACK + i);
  }
  const image = Buffer.alloc(128);
  writeRow(random, image, 0, { near: random.pick([0x3fff, 0x401e]) });
  image.copy(record, RECORD_FPU, 0, FPU_BYTES);

  writeSse(random, record);

  const place = setting(random);
  const stackBase = place.ss === USER_DATA ? Place.stack : 0;
  const stackTop = stackBase + PAGE - 0x80 + (chance(random, 16) ? random.below(0x90) : -4 * random.below(8));
  for (const [index, offset] of REGISTERS.entries()) {
    const isPointer = index === EBX || index === ESI || index === EDI || index === EBP;
    let value = value32(random);
    if (isPointer && !chance(random, 5)) value = dataOffset(random, index === EDI ? place.es : place.ds);
    if (index === EBP && chance(random, 2)) value = stackTop + 4 * random.below(8);
    if (index === ECX && !chance(random, 4)) value = random.below(24);
    if (index === ESP) value = stackTop;
    record.writeUInt32LE(value >>> 0, offset);
  }
  const special = (chance(random, 24) ? TF : 0) | (chance(random, 24) ? AC : 0) | (chance(random, 3) ? DF : 0);
  record.writeUInt32LE((random.u32() & ARITHMETIC & ~DF) | special | IF | 2, Context.eflags);
  record.writeUInt32LE(place.is16 ? CODE_16 : USER_CODE, Context.cs);
  for (const name of ['ds', 'es', 'fs', 'gs', 'ss'] as const) record.writeUInt32LE(place[name], Context[name]);
  record.writeUInt32LE(place.is16 ? 0 : Place.code, Context.eip);
  // Frames for RETF and IRET, and selectors for POP and LDS to find.
  if (chance(random, 3)) frame(random, record, stackTop - stackBase - WINDOW, place);
  if (chance(random, 3))
    for (let i = 0; i < 8; i++) record.writeUInt16LE(random.pick(SELECTORS), RECORD_DATA + 2 * random.below(WINDOW_BYTES / 2));

  const parts: Instruction[] = [];
  const starts = [0];
  const count = 1 + random.below(4);
  for (let i = 0; i < count; i++) {
    const next = instruction(random, random.pick(rows), place);
    if (starts.at(-1)! + next.bytes.length > CODE_LIMIT) break;
    parts.push(next);
    starts.push(starts.at(-1)! + next.bytes.length);
  }
  // Branches lead to a beginning of an instruction or to the INT3 behind them, so that nothing runs that was left out.
  for (const [index, { bytes, distanceAt }] of parts.entries()) {
    if (distanceAt >= 0) {
      const distance = (chance(random, 6) ? random.pick(starts) : starts.at(-1)! + random.below(4)) - starts[index + 1]!;
      for (let i = distanceAt; i < bytes.length; i++) bytes[i] = (distance >> (8 * (i - distanceAt))) & 0xff;
    }
  }
  record.fill(INT3, RECORD_CODE, RECORD_CODE + CODE_BYTES);
  record.set(
    parts.flatMap(({ bytes }) => bytes),
    RECORD_CODE,
  );
}

/** Exponents at which something changes: zero and denormal, 1, around 2^0, integers' limits, the largest, infinity and NaN. */
const EXPONENTS_32 = [0, 0, 1, 2, 24, 60, 103, 126, 127, 128, 150, 157, 158, 200, 253, 254, 255];
const EXPONENTS_64 = [0, 0, 1, 2, 53, 511, 873, 896, 897, 1021, 1022, 1023, 1024, 1053, 1054, 1075, 1150, 1151, 1535, 2045, 2046, 2047];

/** A fraction with runs of ones and zeros, so that ties, carries and exact results are common. */
function fraction(random: SeededRandom, bits: bigint): bigint {
  const all = (1n << bits) - 1n;
  const run = BigInt(random.below(Number(bits) + 1));
  switch (random.below(6)) {
    case 0:
      return 0n;
    case 1:
      return all >> run;
    case 2:
      return (all << run) & all;
    case 3:
      return (1n << run) & all;
    case 4:
      return random.u64() & (all << run) & all;
    default:
      return random.u64() & all;
  }
}
function single(random: SeededRandom): number {
  const sign = random.below(2);
  const exponent = chance(random, 3) ? random.pick(EXPONENTS_32) : chance(random, 2) ? 117 + random.below(20) : random.below(256);
  return ((sign << 31) | (exponent << 23) | Number(fraction(random, 23n))) >>> 0;
}
function double(random: SeededRandom): bigint {
  const sign = BigInt(random.below(2));
  const exponent = chance(random, 3) ? random.pick(EXPONENTS_64) : chance(random, 2) ? 1013 + random.below(20) : random.below(2048);
  return (sign << 63n) | (BigInt(exponent) << 52n) | fraction(random, 52n);
}
/** Sixteen bytes: singles, doubles, or what integer lanes find interesting. */
function vector(random: SeededRandom, buffer: Buffer, at: number): void {
  const kind = random.below(5);
  for (let i = 0; i < 16; i += 8) {
    if (kind < 2) buffer.writeBigUInt64LE(double(random), at + i);
    else if (kind < 4) {
      buffer.writeUInt32LE(single(random), at + i);
      buffer.writeUInt32LE(single(random), at + i + 4);
    } else {
      buffer.writeUInt32LE(value32(random), at + i);
      buffer.writeUInt32LE(chance(random, 2) ? 0 : value32(random), at + i + 4);
    }
  }
  // Related operands: equal, or negated.
  if (at > RECORD_XMM && chance(random, 6)) buffer.copy(buffer, at, at - 16, at);
}
const MXCSR_MASKS = 0x1f80;
const MXCSR_PE = 0x20;
/** XMM registers and MXCSR, and sometimes such values in memory. Half of the cases have MXCSR as programs do. */
function writeSse(random: SeededRandom, record: Buffer): void {
  for (let i = 0; i < XMM_BYTES; i += 16) vector(random, record, RECORD_XMM + i);
  if (chance(random, 2)) for (let i = 0; i < WINDOW_BYTES; i += 16) vector(random, record, RECORD_DATA + i);
  let mxcsr = chance(random, 2) ? MXCSR_MASKS | MXCSR_PE : MXCSR_MASKS | (random.below(4) << 13);
  if (chance(random, 2)) mxcsr |= random.below(64);
  if (chance(random, 3)) mxcsr ^= random.pick([0x40, 0x8000, 0x8040]);
  if (chance(random, 4)) mxcsr &= ~(random.below(64) << 7);
  record.writeUInt32LE(mxcsr, RECORD_MXCSR);
}

/** The rest of the code is INT3: there far transfers lead. */
const CODE_LIMIT = 48;
const INT3 = 0xcc;
const afterCode = (random: SeededRandom): number => CODE_LIMIT + random.below(CODE_BYTES - CODE_LIMIT);

function frame(random: SeededRandom, record: Buffer, at: number, place: Setting): void {
  const words = place.is16
    ? [afterCode(random) | (CODE_16 << 16), value32(random), value32(random)]
    : [
        Place.code + afterCode(random),
        random.pick([USER_CODE, USER_CODE, localSelector(4), random.pick(SELECTORS)]),
        random.u32() & 0x47fd5,
        random.u32(),
        random.pick(SELECTORS),
      ];
  for (const [index, word] of words.entries())
    if (at + 4 * index + 4 <= WINDOW_BYTES && at >= 0) record.writeUInt32LE(word >>> 0, RECORD_STACK + at + 4 * index);
}

const SEGMENT_PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];

interface Instruction {
  readonly bytes: number[];
  /** Where a branch's distance is, to the end of the bytes; or -1. */
  readonly distanceAt: number;
}

/** One instruction of a row, with random prefixes and operands. */
function instruction(random: SeededRandom, row: Row, place: Setting): Instruction {
  let distanceAt = -1;
  const { encoding, operands } = row;
  const bytes: number[] = [];
  const own = place.is16 ? 16 : 32;
  // With 66, F2 or F3 these are SSE instructions of the host.
  const mayHavePrefix = row.map === 0;
  // AMD takes REP before LOOPcc for a turn of its condition, which no manual tells.
  const isLoop = row.instruction.mnemonic.startsWith('LOOP');
  const size = encoding.operandSize ?? (encoding.prefix !== 'none' && chance(random, 4) ? 48 - own : own);
  const address = (chance(random, 12) ? 48 - own : own) as 16 | 32;
  const rm = operands.find((operand) => operand.from === 'rm');
  const mayBeMemory = row.hasModRM && row.modRM < 0 && (rm === undefined || (rm.from === 'rm' && rm.memory));
  const mustBeMemory = rm?.from === 'rm' && rm.register === 'none';
  const isMemory = mustBeMemory || (mayBeMemory && chance(random, 2));
  let segment = 3;
  if (chance(random, 8)) {
    segment = random.below(6);
    bytes.push(SEGMENT_PREFIXES[segment]!);
  }
  if (size !== own) bytes.push(0x66);
  if (address !== own) bytes.push(0x67);
  if (row.instruction.repeats ? chance(random, 2) : mayHavePrefix && !isLoop && chance(random, 200)) bytes.push(random.pick([0xf2, 0xf3]));
  // AMD takes LOCK MOV CR0 for MOV CR8.
  const isControl = operands.some((operand) => operand.from === 'reg' && operand.register === 'control');
  if (encoding.lockable && isMemory ? chance(random, 6) : !isControl && chance(random, 200)) bytes.push(0xf0);
  if (typeof encoding.prefix === 'number') bytes.push(encoding.prefix);
  bytes.push(...ESCAPES[row.map]);
  bytes.push(row.opcode + (row.plusRegister ? random.below(8) : 0));
  if (row.modRM >= 0) bytes.push(row.modRM + random.below(row.modRMCount));
  else if (row.hasModRM) {
    const selectsSegment = operands.some((operand) => operand.from === 'reg' && operand.register === 'segment');
    const reg = row.digit >= 0 ? row.digit : random.below(selectsSegment ? 6 : 8);
    const selector = [place.es, place.is16 ? CODE_16 : USER_CODE, place.ss, place.ds, place.fs, place.gs][segment]!;
    if (!isMemory) bytes.push(0xc0 | (reg << 3) | random.below(8));
    else if (rm?.from === 'rm' && rm.width === 128 && !chance(random, 4)) bytes.push(...alignedMemory(random, reg, selector, address));
    else if (address === 16) bytes.push(...memory16(random, reg, selector));
    else bytes.push(...memory32(random, reg, selector));
  }
  for (const operand of operands) {
    switch (operand.from) {
      case 'immediate': {
        const length = operand.bytes === 'z' ? (size === 16 ? 2 : 4) : operand.bytes;
        let value = row.instruction.mnemonic === 'ENTER' && length === 1 ? random.below(4) : value32(random);
        if (row.instruction.mnemonic === 'ENTER' && length === 2) value = random.below(64);
        // AMD reads the stack behind the released bytes first, wherever that is.
        if (row.instruction.mnemonic === 'RETF') value = 4 * random.below(6);
        if (row.instruction.mnemonic === 'INT' && (value & 0xff) === SYSTEM_CALL) value = 0x81;
        push(bytes, value, length);
        break;
      }
      case 'relative':
        distanceAt = bytes.length;
        push(bytes, 0, operand.bytes === 1 ? 1 : size === 16 ? 2 : 4);
        break;
      case 'far': {
        const selector = random.pick([place.is16 ? CODE_16 : USER_CODE, CODE_16, localSelector(4), random.pick(SELECTORS)]);
        const isFlat = selector === USER_CODE;
        push(bytes, (isFlat ? Place.code : 0) + afterCode(random), size === 16 ? 2 : 4);
        push(bytes, selector === 0x33 ? USER_CODE : selector, 2);
        break;
      }
      case 'moffs':
        push(bytes, dataOffset(random, place.ds), address / 8);
        break;
      default:
    }
  }
  return { bytes, distanceAt };
}

function push(bytes: number[], value: number, count: number): void {
  for (let i = 0; i < count; i++) bytes.push((value >>> (8 * i)) & 0xff);
}

/** An absolute address of a whole vector inside the window. */
function alignedMemory(random: SeededRandom, reg: number, selector: number, address: 16 | 32): number[] {
  const bytes = [(reg << 3) | (address === 16 ? 6 : 5)];
  push(bytes, dataOffset(random, selector) & ~15, address / 8);
  return bytes;
}

function memory16(random: SeededRandom, reg: number, selector: number): number[] {
  const mod = random.below(3);
  const rm = mod === 0 && chance(random, 2) ? 6 : random.below(8);
  const bytes = [(mod << 6) | (reg << 3) | rm];
  if (mod === 1) bytes.push(random.below(16) & 0xff);
  else if (mod === 2 || rm === 6)
    push(bytes, mod === 0 ? dataOffset(random, selector) : chance(random, 4) ? value32(random) : random.below(16), 2);
  return bytes;
}

function memory32(random: SeededRandom, reg: number, selector: number): number[] {
  const kind = random.below(8);
  const near = (): number => random.below(24) - 12;
  // Absolute; base with displacement; base, index and scale.
  if (kind < 3) {
    const bytes = [(reg << 3) | 5];
    push(bytes, dataOffset(random, selector), 4);
    return bytes;
  }
  const base = chance(random, 6) ? random.below(8) : random.pick([EBX, ESI, EDI, EBP, ESP]);
  const mod = base === EBP ? 1 + random.below(2) : random.below(3);
  const bytes: number[] = [];
  if (kind < 6 && base !== ESP) bytes.push((mod << 6) | (reg << 3) | base);
  else
    bytes.push(
      (mod << 6) | (reg << 3) | 4,
      (random.below(4) << 6) | (random.pick([ECX, ECX, ESP, ESP, random.pick([EAX, EDX, EBP])]) << 3) | base,
    );
  if (mod === 1) bytes.push(near() & 0xff);
  else if (mod === 2) push(bytes, chance(random, 8) ? value32(random) : near(), 4);
  return bytes;
}
