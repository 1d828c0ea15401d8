import { disassemble } from '@millwright/assembler';
import {
  CODE_BYTES,
  Context,
  LOCAL_DESCRIPTORS,
  Place,
  RECORD_CODE,
  RECORD_DATA,
  RECORD_FPU,
  RECORD_MXCSR,
  RECORD_STACK,
  RECORD_XMM,
  REGISTERS,
  USER_CODE,
  WINDOW_BYTES,
  XMM_BYTES,
} from './record.js';

const HAS_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17]);
const PAGE_FAULT = 14;
/** #NP, #SS, #GP, #PF. */
const LIMITS_AND_PAGES = new Set([11, 12, 13, 14]);
const DEBUG = 1;
const BREAKPOINT_VECTOR = 3;
const GENERAL_PROTECTION = 13;
/** INT3, which ends the code. */
const BREAKPOINT = 0xcc;
const RESUME = 0x1_0000;
const NESTED_TASK = 0x4000;
/** FRSTOR's image. */
const LONGEST_ACCESS = 108;
/** The engine has no execute-disable, with which the host marks instruction fetches. */
const INSTRUCTION_FETCH = 0x10;
const SELECTORS = new Set(['gs', 'fs', 'es', 'ds', 'cs', 'ss']);
/** Accesses of more than one part: which missing byte the CPU reports is its own choice. */
const MANY_PARTS = /\b(frstor|fldenv|ret|retf|iret\w*|call|jmp|l[defgs]s|popad?|pushad?|enter|bound|fld|fstp|fbld|fbstp)\b/;

/** The code of a case as text. */
export function listing(record: Buffer): string {
  const is32 = record.readUInt16LE(Context.cs) === USER_CODE;
  const code = record.subarray(RECORD_CODE, RECORD_CODE + CODE_BYTES);
  const lines: string[] = [];
  for (let at = 0; at < CODE_BYTES && code[at] !== BREAKPOINT; ) {
    const { text, length } = disassemble(code, at, is32 ? 32 : 16, record.readUInt32LE(Context.eip));
    lines.push(text);
    at += length;
  }
  return lines.join('; ');
}

/** Mnemonic of the instruction that an exception is reported at, in the code segment it ran in. */
function faultedInstruction(record: Buffer, answer: Buffer): string {
  const cs = answer.readUInt16LE(Context.cs);
  const local = cs & 4 ? LOCAL_DESCRIPTORS[cs >>> 3] : undefined;
  const at = answer.readUInt32LE(Context.eip) + (local?.base ?? 0) - Place.code;
  if (at < 0 || at >= CODE_BYTES) return '';
  const { text } = disassemble(record.subarray(RECORD_CODE, RECORD_CODE + CODE_BYTES), at, (local?.is32 ?? true) ? 32 : 16);
  return text.replace(/^([oa](16|32) |rep\w* |lock )*/, '').split(' ')[0]!;
}

/** What differs between the engine's answer and the CPU's, in words: `eax 1, CPU 2`. `open`: bits of EFLAGS that are undefined here (host.ts). */
export function differences(record: Buffer, mine: Buffer, theirs: Buffer, open = 0): string[] {
  const found: string[] = [];
  const expect = (what: string, actual: number, wanted: number): void => {
    if (actual !== wanted) found.push(`${what} ${actual.toString(16)}, CPU ${wanted.toString(16)}`);
  };
  const vector = mine.readUInt32LE(Context.vector);
  const faulted = faultedInstruction(record, mine);
  // What a fault leaves half done is the CPU's own: the registers POPA has loaded, what ENTER and CALL have written below ESP.
  // Which of two faults comes first is AMD's own where one instruction makes several accesses: it reads and writes all that a far transfer may
  // need before it looks at the selector, and looks at a near call's target first. What wraps at 4 GiB in a segment without limit there
  // is the processor's own choice too (SDM Vol. 3A 5.3); AMD lets ten bytes and PUSHA wrap.
  if (
    /^(retf|iret|call|fld|fstp|fbld|fbstp|pusha)/.test(faulted) &&
    vector !== theirs.readUInt32LE(Context.vector) &&
    LIMITS_AND_PAGES.has(vector) &&
    LIMITS_AND_PAGES.has(theirs.readUInt32LE(Context.vector))
  )
    return found;
  if (theirs.readUInt32LE(Context.eip) === mine.readUInt32LE(Context.eip)) {
    if (faulted === 'popa') for (const offset of REGISTERS) if (offset !== Context.esp) theirs.copy(mine, offset, offset, offset + 4);
    if (faulted === 'enter' || faulted === 'call') theirs.copy(mine, RECORD_DATA, RECORD_DATA, RECORD_STACK + WINDOW_BYTES);
  }
  for (const [name, offset] of Object.entries(Context)) {
    let [actual, wanted] = [mine.readUInt32LE(offset), theirs.readUInt32LE(offset)];
    if (name === 'fpstate') continue;
    if (name === 'errorCode' && !HAS_ERROR_CODE.has(vector)) continue;
    if (name === 'errorCode' && vector === PAGE_FAULT) wanted &= ~INSTRUCTION_FETCH;
    if (name === 'cr2' && vector !== PAGE_FAULT) continue;
    if (name === 'cr2' && Math.abs(actual - wanted) < LONGEST_ACCESS && MANY_PARTS.test(listing(record))) continue;
    // RF in the image of a single step behind IRET: the engine keeps RF only while a breakpoint is enabled (cpu/events/debug.ts).
    if (name === 'eflags' && vector === DEBUG) [actual, wanted] = [actual & ~RESUME, wanted & ~RESUME];
    if (name === 'eflags') [actual, wanted] = [actual & ~open, wanted & ~open];
    if (SELECTORS.has(name)) [actual, wanted] = [actual & 0xffff, wanted & 0xffff];
    expect(name, actual, wanted);
  }
  for (const [name, start] of [
    ['data', RECORD_DATA],
    ['stack', RECORD_STACK],
  ] as const) {
    for (let i = start; i < start + WINDOW_BYTES; i++) expect(`${name}+${(i - start).toString(16)}`, mine[i]!, theirs[i]!);
  }
  expect('MXCSR', mine.readUInt32LE(RECORD_MXCSR), theirs.readUInt32LE(RECORD_MXCSR));
  for (let i = 0; i < XMM_BYTES / 4; i++) {
    const at = RECORD_XMM + 4 * i;
    expect(`XMM${i >> 2}[${i & 3}]`, mine.readUInt32LE(at), theirs.readUInt32LE(at));
  }
  fpuDifferences(mine.subarray(RECORD_FPU), theirs.subarray(RECORD_FPU), expect);
  return found;
}

/** C1, and C0-C3 after an unmasked invalid operand, are where AMD and the manual part: they have tests of their own (x87-kernels.test.ts). */
function fpuDifferences(mine: Buffer, theirs: Buffer, expect: (what: string, actual: number, wanted: number) => void): void {
  const control = mine.readUInt16LE(0);
  const status = mine.readUInt16LE(4);
  const compared = status & ~control & 1 ? 0xb8ff : 0xfdff;
  expect('FCW', control, theirs.readUInt16LE(0));
  expect('FSW', status & compared, theirs.readUInt16LE(4) & compared);
  expect('empty tags', emptyTags(mine.readUInt16LE(8)), emptyTags(theirs.readUInt16LE(8)));
  for (let i = 0; i < 8; i++) {
    const at = 28 + 10 * i;
    if (!mine.subarray(at, at + 10).equals(theirs.subarray(at, at + 10)))
      expect(`ST${i}`, Number(mine.readBigUInt64LE(at)), Number(theirs.readBigUInt64LE(at)) + 0.5);
  }
}

/** Tags with valid, zero and special as one. */
function emptyTags(tags: number): number {
  const empty = tags & (tags >> 1) & 0x5555;
  return empty | (empty << 1);
}

/** The exception's place is a beginning of an instruction as they were written, or in the INT3 behind them, or outside of the code. */
function endsBetweenInstructions(record: Buffer, answer: Buffer): boolean {
  const cs = answer.readUInt16LE(Context.cs);
  const at = answer.readUInt32LE(Context.eip) + (cs & 4 ? (LOCAL_DESCRIPTORS[cs >>> 3]?.base ?? 0) : 0) - Place.code;
  if (at < 0 || at >= CODE_BYTES) return true;
  const code = record.subarray(RECORD_CODE, RECORD_CODE + CODE_BYTES);
  const bits = record.readUInt16LE(Context.cs) === USER_CODE ? 32 : 16;
  let start = 0;
  while (start < at && code[start] !== BREAKPOINT) start += disassemble(code, start, bits).length;
  return start === at || (start < at && code[start] === BREAKPOINT);
}

/**
 * FCOMI with an unmasked invalid operand: AMD sets the flags, the manual leaves them; what follows depends on it. IRET with NT returns to another
 * task, which 64-bit systems do not have.
 */
export function isUnsettled(record: Buffer, mine: Buffer): boolean {
  if (mine.readUInt32LE(Context.eflags) & NESTED_TASK && faultedInstruction(record, mine).startsWith('iret')) return true;
  // AMD has entered MMX state when these find an unmasked exception or cannot store.
  if (mine.readUInt32LE(Context.vector) !== BREAKPOINT_VECTOR && /^(cvt\w*pi|cvtpi|maskmovq)/.test(faultedInstruction(record, mine)))
    return true;
  // AMD's MXCSR has one bit more (17, misaligned accesses).
  if (mine.readUInt32LE(Context.vector) === GENERAL_PROTECTION && faultedInstruction(record, mine) === 'ldmxcsr') return true;
  const status = mine.readUInt16LE(RECORD_FPU + 4);
  // A jump through a register or a return into the middle of an instruction can find what is left out.
  if (!endsBetweenInstructions(record, mine)) return true;
  // The condition codes of comparisons, see above, moved elsewhere.
  const text = listing(record);
  const isRepeated = /\b(loop\w*|j\w+)\b/.test(text);
  if (/\bf(u?comi?p?p?|icomp?|tst)\b.*\b(fnstsw|fnclex|fninit)\b/.test(isRepeated ? `${text}; ${text}` : text)) return true;
  return (status & ~mine.readUInt16LE(RECORD_FPU) & 1) !== 0 && /\bfu?comip?\b/.test(text);
}
