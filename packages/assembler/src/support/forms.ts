import type { OperandSource, Row } from '@millwright/x86-vmm/instructions';
import { allMnemonicRows } from '../rows.js';

/*
 * Source lines for every row of the instruction tables: each operand size, register and memory operands of all kinds. Shapes of addresses,
 * registers and immediates rotate through the rows, so that each row sees many of them and all rows together see all of them.
 */

const R8 = ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh'];
const R16 = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];
const R32 = R16.map((each) => `e${each}`);
const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];
const SIZE_WORDS: Readonly<Record<number, string>> = { 8: 'byte', 16: 'word', 32: 'dword', 64: 'qword', 80: 'tword', 128: 'oword' };

/** All addresses a ModR/M byte with 16-bit addressing can make, with each length of displacement. */
const ADDRESSES_16 = ['bx+si', 'bx+di', 'bp+si', 'bp+di', 'si', 'di', 'bp', 'bx']
  .flatMap((pair) => ['', '+0x12', '-0x80', '+0x80', '-0x1234', '+0x7fff'].map((tail) => `${pair}${tail}`))
  .concat('word 0x1234', 'word 0x12');
/** The same with 32-bit addressing: all bases, indices, scales and lengths of displacement. */
const ADDRESSES_32 = [undefined, ...R32].flatMap((base) =>
  [undefined, ...R32.filter((each) => each !== 'esp')].flatMap((index) =>
    (index === undefined ? [1] : [1, 2, 4, 8]).flatMap((scale) =>
      ['', '+0x12', '-0x80', '+0x80', '+0x12345678', '-0x200'].flatMap((tail) => {
        const registers = [base, index && (scale === 1 ? index : `${index}*${scale}`)].filter(Boolean).join('+');
        return registers === '' ? (tail.startsWith('+') ? [`dword ${tail.slice(1)}`] : []) : [`${registers}${tail}`];
      }),
    ),
  ),
);

/** Takes values in turn; two lists of lengths without a common divisor meet in all combinations. */
class Wheel<T> {
  #at = 0;
  constructor(private readonly values: readonly T[]) {}
  next(): T {
    return this.values[this.#at++ % this.values.length]!;
  }
}
const wheels = {
  r8: new Wheel(R8),
  r16: new Wheel(R16),
  r32: new Wheel(R32),
  segment: new Wheel(SEGMENTS),
  st: new Wheel(['st0', 'st1', 'st2', 'st3', 'st4', 'st5', 'st6', 'st7']),
  mm: new Wheel(['mm0', 'mm1', 'mm2', 'mm3', 'mm4', 'mm5', 'mm6', 'mm7']),
  xmm: new Wheel(['xmm0', 'xmm1', 'xmm2', 'xmm3', 'xmm4', 'xmm5', 'xmm6', 'xmm7']),
  control: new Wheel(['cr0', 'cr2', 'cr3', 'cr4']),
  debug: new Wheel(['dr0', 'dr1', 'dr2', 'dr3', 'dr6', 'dr7']),
  address16: new Wheel(ADDRESSES_16),
  address32: new Wheel(ADDRESSES_32),
  override: new Wheel(['', '', '', 'es:', 'cs:', 'ss:', 'ds:', 'fs:', 'gs:']),
  imm8: new Wheel(['0x12', '0', '1', '-1', '0x7f', '0x80', '-128', '0xff', '3']),
  imm16: new Wheel(['0x1234', '0x12', '-1', '0x7f', '0x80', '0xff', '-128', '-129', '0xfffe', '0xff80', '0xff7f', '1', '0']),
  imm32: new Wheel([
    '0x12345678',
    '0x12',
    '-1',
    '0x7f',
    '0x80',
    '0xff',
    '-128',
    '-129',
    '0xfffffffe',
    '0xffffff80',
    '0xffffff7f',
    '0xffff',
    '1',
    '0',
  ]),
  far: new Wheel(['0x8:0x1234', '0x18:0', '0xffff:0x10']),
  near: new Wheel(['$+2', '$', '$+0x7f', '$-0x70', '$+0x80', '$-0x100', '$+0x300']),
};

interface Choice {
  readonly text: string;
  readonly memory?: true;
}

function addressesFor(bits: 16 | 32, count: number): string[] {
  const [own, other] = bits === 16 ? [wheels.address16, wheels.address32] : [wheels.address32, wheels.address16];
  return Array.from({ length: count }, (_, i) => (i % 4 === 3 ? other : own).next());
}

const general = (width: number): string => (width === 8 ? wheels.r8 : width === 16 ? wheels.r16 : wheels.r32).next();

/** Ways to write the operand; every memory operand with its size word, sometimes without. */
function choices(row: Row, source: OperandSource, size: 16 | 32, bits: 16 | 32, many: number): Choice[] {
  const widthOf = (width: number | 'v'): number => (width === 'v' ? size : width);
  const memory = (word: string, count: number): Choice[] =>
    addressesFor(bits, count).map((address) => ({ text: `${word}[${wheels.override.next()}${address}]`, memory: true }));
  switch (source.from) {
    case 'rm': {
      const width = widthOf(source.width);
      const isFar = row.encoding.operands.startsWith('m16:16');
      const word = isFar
        ? `${size === 16 ? 'word' : 'dword'} far `
        : source.register === 'none' && (source.width === 'v' || !SIZE_WORDS[width])
          ? ''
          : `${SIZE_WORDS[width]} `;
      const found: Choice[] = [];
      if (source.register === 'general') found.push({ text: general(width) }, { text: general(width) });
      else if (source.register !== 'none') found.push({ text: wheels[source.register].next() }, { text: wheels[source.register].next() });
      if (source.memory) found.push(...memory(word, many));
      return found;
    }
    case 'reg':
    case 'opcode':
      return Array.from({ length: 3 }, () => ({
        text: source.register === 'general' ? general(widthOf(source.width)) : wheels[source.register].next(),
      }));
    case 'fixed':
      return [
        {
          text:
            source.register === 'segment'
              ? SEGMENTS[source.index]!
              : (widthOf(source.width) === 8 ? R8 : widthOf(source.width) === 16 ? R16 : R32)[source.index]!,
        },
      ];
    case 'st':
      return source.fixed === undefined ? Array.from({ length: 3 }, () => ({ text: wheels.st.next() })) : [{ text: `st${source.fixed}` }];
    case 'one':
      return [{ text: String(source.value) }];
    case 'immediate': {
      const bytes = source.bytes === 'z' ? size / 8 : source.bytes;
      const wheel = bytes === 1 ? wheels.imm8 : bytes === 2 ? wheels.imm16 : wheels.imm32;
      return Array.from({ length: 5 }, () => ({ text: wheel.next() }));
    }
    case 'relative':
      return (source.bytes === 1 ? ['$+2', '$', '$-0x70'] : ['$', '$+0x300', wheels.near.next()]).map((text) => ({ text }));
    case 'far':
      return [{ text: `${size === 16 ? 'word ' : 'dword '}${wheels.far.next()}` }];
    case 'moffs':
      return memory('', 3).map(() => ({
        text: `[${wheels.override.next()}${wheels.imm16.next().replace('-', '0x')}]`,
        memory: true as const,
      }));
  }
}

export interface Form {
  readonly row: Row;
  readonly line: string;
}

/** Lines for all rows under all their mnemonics, in code of `bits`. `many`: memory operands for each row and size. */
export function* formsFor(bits: 16 | 32, many: number): Generator<Form> {
  for (const [mnemonic, rows] of allMnemonicRows()) {
    for (const { row, operandSize, codeSize } of rows) {
      if (codeSize !== undefined && codeSize !== bits) continue;
      const sized = row.operands.some(
        (source) =>
          ('width' in source && source.width === 'v') || source.from === 'far' || (source.from === 'immediate' && source.bytes === 'z'),
      );
      const own = operandSize ?? (row.encoding.operandSize as 16 | 32 | undefined);
      for (const size of own ? [own] : sized ? ([16, 32] as const) : [bits]) {
        for (const line of linesOf(mnemonic.toLowerCase(), row, size, bits, many)) yield { row, line };
      }
    }
  }
}

function* linesOf(mnemonic: string, row: Row, size: 16 | 32, bits: 16 | 32, many: number): Generator<string> {
  const lists = row.operands.map((source) => choices(row, source, size, bits, many));
  const count = Math.max(1, ...lists.map((list) => list.length));
  const lockable = row.encoding.lockable === true;
  for (let i = 0; i < count; i++) {
    const chosen = lists.map((list) => list[i % list.length]!);
    const line = `${mnemonic} ${chosen.map(({ text }) => text).join(', ')}`.trim();
    yield line;
    if (lockable && i % 4 === 2 && chosen[0]!.memory) yield `lock ${line}`;
  }
  if (row.instruction.repeats) {
    for (const prefix of row.instruction.repeats === 'rep' ? ['rep'] : ['repe', 'repne']) yield `${prefix} ${mnemonic}`;
    for (const prefix of ['a16', 'a32', 'rep a16', 'rep a32', 'es', 'fs', 'rep gs']) yield `${prefix} ${mnemonic}`;
  }
}
