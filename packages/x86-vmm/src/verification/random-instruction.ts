import { ESCAPES, type Row } from '../cpu/decoder/encoding.js';
import { allRows } from '../cpu/decoder/opcode-map.js';
import type { SeededRandom } from './seeded-random.js';

/** What would end a program, lead it out of its memory at once, or differ between two runs; random bytes have them all the same. */
const LEFT_OUT =
  /^(HLT|LGDT|LIDT|LLDT|LTR|LMSW|CLTS|WRMSR|SYSENTER|SYSEXIT|IRET|RETF|CALLF|JMPF|INT|INT1|INT3|INTO|RSM|INVLPG|RDTSC|ENTER|LEAVE|LSS)$/;

/** Rows of 32-bit code that stay where they are: no control flow, no system registers. */
export const straightRows: readonly Row[] = allRows.filter(
  ({ instruction, encoding, operands }) =>
    encoding.mode64 !== 'only' &&
    !LEFT_OUT.test(instruction.mnemonic) &&
    instruction.endsBlock === undefined &&
    !operands.some(
      (operand) =>
        operand.from === 'far' ||
        operand.from === 'relative' ||
        (operand.from === 'reg' && (operand.register === 'control' || operand.register === 'debug' || operand.register === 'segment')) ||
        (operand.from === 'fixed' && operand.register === 'segment'),
    ),
);

/** Plain arithmetic and moves, which regions are mostly made of. */
const PLAIN =
  /^(ADD|ADC|SUB|SBB|CMP|AND|OR|XOR|TEST|INC|DEC|NEG|NOT|MOV|MOVZX|MOVSX|LEA|SHL|SHR|SAR|ROL|RCR|IMUL|SET.*|CMOV.*|XCHG|BT|PUSH|POP)$/;
const plainRows = straightRows.filter(({ instruction: { mnemonic }, map }) => PLAIN.test(mnemonic) && map < 2);

const INTERESTING = [0, 1, 2, 7, 8, 15, 16, 31, 32, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
export function randomValue(random: SeededRandom): number {
  if (random.oneIn(2)) return random.pick(INTERESTING);
  return random.u32() >>> random.below(32);
}

const EBX = 3;
const ESP = 4;
const EBP = 5;
const ESI = 6;
const EDI = 7;
const SEGMENT_PREFIXES = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];

/** Where instructions find their memory. */
export interface Window {
  readonly start: number;
  readonly bytes: number;
}

export function pushLittle(bytes: number[], value: number, count: number): void {
  for (let i = 0; i < count; i++) bytes.push((value >>> (8 * i)) & 0xff);
}
/** A doubleword's bytes. */
export function littleOf(value: number): number[] {
  const bytes: number[] = [];
  pushLittle(bytes, value, 4);
  return bytes;
}

/** One instruction of 32-bit code that does not branch: its bytes. */
export function randomInstruction(random: SeededRandom, window: Window): number[] {
  const row = random.pick(random.below(8) < 5 ? plainRows : straightRows);
  const { encoding, operands } = row;
  const bytes: number[] = [];
  const rm = operands.find((operand) => operand.from === 'rm');
  const mayBeMemory = row.hasModRM && row.modRM < 0 && (rm === undefined || (rm.from === 'rm' && rm.memory));
  const isMemory = (rm?.from === 'rm' && rm.register === 'none') || (mayBeMemory && random.oneIn(2));
  const size = encoding.operandSize ?? (encoding.prefix === undefined && random.oneIn(5) ? 16 : 32);
  if (random.oneIn(24)) bytes.push(random.pick(SEGMENT_PREFIXES));
  if (size === 16) bytes.push(0x66);
  if (row.instruction.repeats && random.oneIn(2)) bytes.push(random.pick([0xf2, 0xf3]));
  if (encoding.lockable && isMemory && random.oneIn(6)) bytes.push(0xf0);
  if (typeof encoding.prefix === 'number') bytes.push(encoding.prefix);
  bytes.push(...ESCAPES[row.map], row.opcode + (row.plusRegister ? random.pick([0, 1, 2, 3, 5, 6, 7]) : 0));
  if (row.modRM >= 0) bytes.push(row.modRM + random.below(row.modRMCount));
  else if (row.hasModRM) {
    const reg = row.digit >= 0 ? row.digit : generalRegister(random);
    if (isMemory) bytes.push(...memoryOperand(random, reg, window));
    else bytes.push(0xc0 | (reg << 3) | generalRegister(random));
  }
  for (const operand of operands) {
    if (operand.from === 'immediate') pushLittle(bytes, randomValue(random), operand.bytes === 'z' ? size / 8 : operand.bytes);
    else if (operand.from === 'moffs') pushLittle(bytes, window.start + random.below(window.bytes), 4);
  }
  return bytes;
}

/** ESP seldom: what writes it leads the stack away. */
function generalRegister(random: SeededRandom): number {
  return random.oneIn(40) ? ESP : random.pick([0, 1, 2, 3, 5, 6, 7]);
}

function memoryOperand(random: SeededRandom, reg: number, window: Window): number[] {
  const bytes: number[] = [];
  const kind = random.below(8);
  if (kind < 3) {
    bytes.push((reg << 3) | 5);
    pushLittle(bytes, window.start + (random.below(window.bytes) & (random.oneIn(3) ? -1 : -16)), 4);
    return bytes;
  }
  const base = random.oneIn(8) ? random.below(8) : random.pick([EBX, ESI, EDI, EBP, ESP]);
  const mod = base === EBP ? 1 + random.below(2) : random.below(3);
  if (kind < 7 && base !== ESP) bytes.push((mod << 6) | (reg << 3) | base);
  else bytes.push((mod << 6) | (reg << 3) | ESP, (random.below(4) << 6) | ((random.oneIn(4) ? random.below(8) : ESP) << 3) | base);
  if (mod === 1) pushLittle(bytes, random.below(64) - 24, 1);
  else if (mod === 2) pushLittle(bytes, random.below(256) - 64, 4);
  return bytes;
}
