import { decode, modeOfCode } from '@millwright/x86-vmm/instructions';
import { assert, describe, test } from 'vitest';
import { assemble } from './assemble.js';
import { allMnemonicRows } from './rows.js';
import { formsFor } from './support/forms.js';
import { nasmLines, nasmMissing } from './support/nasm.js';
import { WRITTEN_LINES } from './support/written-lines.js';

/*
 * Every form of the instruction tables, assembled by us and by Debian's NASM: a table's encoding and the assembler cannot be wrong together.
 */

const reason = nasmMissing();
/** Memory operands for each row and operand size: all addresses of both sizes come round many times. */
const MEMORY_OPERANDS = 24;
const TIMEOUT_MS = 160_000;

/** Where NASM chooses other bytes, with the reason. */
const DIFFERENCES: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^f(add|mul|sub|subr|div|divr) st0, st0$/, 'D8 and DC forms do the same to ST(0) and ST(0); we take the first row'],
  [/^mov e?ax, \[0x12345(678)?\]$/, 'NASM cuts the address to 16 bits; we take a 32-bit address'],
  [
    /^o(16|32) (jz near|call) \$/,
    "NASM writes a displacement of the code's size behind an operand-size prefix, which then swallows or misses two bytes",
  ],
];
/** What NASM refuses or does not know, though the processor has it. */
const UNKNOWN_TO_NASM: readonly (readonly [line: RegExp, reason: string])[] = [
  [/^mov[sz]x (ax|[cdb]x|[sb]p|[sd]i), /, 'a 16-bit register from 16 bits: the SDM has the row, NASM does not'],
  [/^bswap (ax|[cdb]x|[sb]p|[sd]i)$/, 'BSWAP of 16 bits is undefined by the SDM; processors have it'],
  [/^punpckl\w\w mm\d, dword/, "NASM takes these rows' memory operand as 64 bits, the SDM as 32; without a size word it assembles"],
  [
    /^(clflush byte|(psubq|pmuludq|pshufw) mm\d, qword|pshuf[dlh]w? xmm\d, oword|palignr x?mm\d, (q|o)word)/,
    'NASM has these rows without a size of the memory operand; without a size word it assembles',
  ],
  [/^cmpsd xmm\d, qword/, "NASM has this row's memory operand without a size; CMPSD with one is the string instruction's"],
  [/^fstpnce /, 'D9 D8+i, an alias that no assembler knows'],
  [/^fnsetpm$/, 'NASM has it as FSETPM, without WAIT'],
  [/^j\w+ dword \$/, 'NASM takes no size for the distance of a conditional jump'],
  [/^jmp far 0x10/, 'NASM takes no FAR before selector and offset'],
];
/** Rows that no source line produces, because another row has the same meaning and is preferred. */
const NEVER_CHOSEN: readonly (readonly [row: RegExp, reason: string])[] = [
  [/^TEST F[67] \/1/, 'an alias of /0'],
  [/^\w+ 82 \//, 'an alias of 80'],
  [/^SHL (C[01]|D[0-3]) \/6/, 'an alias of /4'],
  [/^(FCOM DC|FCOMP D[CE]|FSTP DF|FXCH D[DF]) /, 'aliases of the x87 that later manuals do not print'],
];

const ours = (line: string, bits: 16 | 32): string =>
  Buffer.from(assemble(`org 0x100\n${line}`, { file: 'line', bits }).bytes).toString('hex');
const isListed = (list: readonly (readonly [RegExp, string])[], text: string): boolean => list.some(([pattern]) => pattern.test(text));

describe.each([16, 32] as const)('%i-bit code', (bits) => {
  test.skipIf(reason !== undefined)(
    `every form gives NASM's bytes${reason ? ` (skipped: ${reason})` : ''}`,
    () => {
      const lines = [...formsFor(bits, MEMORY_OPERANDS)].map(({ line }) => line);
      assert.isAbove(lines.length, 15_000);
      assert.deepEqual(differencesOf(lines, bits), []);
    },
    TIMEOUT_MS,
  );

  test.skipIf(reason !== undefined)(
    `lines as people write them give NASM's bytes, or are refused as NASM refuses them${reason ? ` (skipped: ${reason})` : ''}`,
    () => {
      assert.deepEqual(differencesOf(WRITTEN_LINES, bits), []);
    },
    TIMEOUT_MS,
  );
});

function differencesOf(lines: readonly string[], bits: 16 | 32): string[] {
  const theirs = nasmLines(bits, lines);
  return lines.flatMap((line, index) => {
    const expected = theirs[index]!;
    const isUnknown = expected instanceof Error || expected === '';
    if (isUnknown && isListed(UNKNOWN_TO_NASM, line)) return [];
    if (isListed(DIFFERENCES, line)) return [];
    let actual: string;
    try {
      actual = ours(line, bits);
    } catch (error) {
      return isUnknown ? [] : [`${line}: ${(error as Error).message}, NASM ${expected}`];
    }
    return actual === expected ? [] : [`${line}: ${actual}, NASM ${expected}`];
  });
}

test(
  'every row of the tables is produced by some line, or is listed with the reason',
  () => {
    const produced = new Set<string>();
    const nameOf = ({
      instruction,
      encoding,
    }: {
      instruction: { mnemonic: string };
      encoding: { opcode: string; operands: string };
    }): string => `${instruction.mnemonic} ${encoding.opcode} ${encoding.operands}`.trim();
    for (const bits of [16, 32] as const) {
      for (const { line } of formsFor(bits, 4)) {
        const bytes = assemble(`org 0x100\n${line}`, { file: 'line', bits }).bytes;
        const start = bytes[0] === 0x9b && bytes.length > 1 ? 1 : 0;
        const decoded = decode((index) => bytes[start + index]!, modeOfCode(bits), 0x100);
        assert.equal(decoded.nextEip - 0x100, bytes.length - start, line);
        produced.add(nameOf(decoded));
      }
    }
    const all = new Set([...allMnemonicRows().values()].flatMap((rows) => rows.map(({ row }) => nameOf(row))));
    const missing = [...all].filter((name) => !produced.has(name) && !isListed(NEVER_CHOSEN, name));
    assert.deepEqual(missing, []);
  },
  TIMEOUT_MS,
);
