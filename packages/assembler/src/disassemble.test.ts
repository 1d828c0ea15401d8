import { type DecodedRow, decode, modeOfCode } from '@millwright/x86-vmm/instructions';
import { assert, describe, test } from 'vitest';
import { assemble } from './assemble.js';
import { disassemble } from './disassemble.js';
import { nasmLines, nasmMissing } from './support/nasm.js';

const ORIGIN = 0x8000;
const TIMEOUT_MS = 160_000;
const SIZE_PREFIXES = [[], [0x66], [0x67], [0x66, 0x67]];
/** After opcode and ModR/M: SIB byte and displacements of several signs, then immediates. */
const TAILS = [
  [0x8d, 0x7f, 0x10, 0x20, 0x30, 0x05, 0x06, 0x07, 0x08, 0x09],
  [0x24, 0x80, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff],
  [0xe5, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12],
];

function decoded(bytes: ArrayLike<number>, bits: 16 | 32): DecodedRow | undefined {
  const result = decode((index) => bytes[index] ?? 0, modeOfCode(bits), ORIGIN);
  return result.row && result;
}

/** What an instruction does, without how it is encoded. */
function meaningOf(
  { instruction, encoding, operandSize, addressSize, lock, repeat, operands, segment }: DecodedRow,
  length: number,
): unknown {
  const hasMemory = operands.some(({ kind }) => kind === 'memory');
  // A branch's target is taken from behind the instruction; where that is shifts with an unnecessary prefix.
  const shown = operands.map((operand) => (operand.kind === 'relative' ? { ...operand, target: operand.target - length } : operand));
  if (instruction.mnemonic === 'XCHG') {
    shown.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    // XCHG EAX, EAX is NOP.
    if (
      !hasMemory &&
      JSON.stringify(shown[0]) === JSON.stringify(shown[1]) &&
      shown[0]!.kind === 'register' &&
      shown[0]!.width > 8 &&
      shown[0]!.index === 0
    )
      return 'NOP';
  }
  if (instruction.mnemonic === 'NOP' && operands.length === 0) return 'NOP';
  const isString = instruction.repeats !== undefined || instruction.mnemonic === 'XLATB';
  return {
    mnemonic: instruction.mnemonic,
    // A mandatory prefix is no operand size: MOVQ between registers is 66 0F D6 and F3 0F 7E.
    operandSize: typeof encoding.prefix === 'number' ? 0 : operandSize,
    lock,
    repeat: instruction.repeats ? repeat : 0,
    segment: isString ? segment : 0,
    addressSize: hasMemory || isString ? addressSize : 0,
    operands: shown,
  };
}

/** Every opcode with every ModR/M byte, prefixes of size, and the tails. */
function* instructions(bits: 16 | 32): Generator<Uint8Array> {
  let tail = 0;
  for (const map of [[], [0x0f]]) {
    for (let opcode = 0; opcode < 256; opcode++) {
      for (let modRM = 0; modRM < 256; modRM++) {
        for (const prefixes of SIZE_PREFIXES) {
          const bytes = Uint8Array.from([...prefixes, ...map, opcode, modRM, ...TAILS[tail++ % TAILS.length]!]);
          const found = decoded(bytes, bits);
          if (found === undefined) continue;
          yield bytes.subarray(0, found.nextEip - ORIGIN);
          if (found.row!.hasModRM || modRM >= TAILS.length) continue;
        }
        const sample = decoded([...map, opcode, modRM, ...TAILS[0]!], bits);
        if (sample && !sample.row!.hasModRM && modRM >= TAILS.length) break;
      }
    }
  }
}

const canonical = (text: string, bits: 16 | 32): Uint8Array => assemble(`org ${ORIGIN}\n${text}`, { file: 'disassembly', bits }).bytes;

describe.each([16, 32] as const)('%i-bit code', (bits) => {
  test(
    'whatever decodes has a text that assembles to the same instruction',
    () => {
      const failures: string[] = [];
      let count = 0;
      for (const bytes of instructions(bits)) {
        const { text, length } = disassemble(bytes, 0, bits, ORIGIN);
        assert.equal(length, bytes.length, text);
        count++;
        let again: Uint8Array;
        try {
          again = canonical(text, bits);
        } catch (error) {
          // A register that does not exist (segment 6 and 7) has a text for people only.
          if (!/\bsegment[67]\b/.test(text)) failures.push(`${Buffer.from(bytes).toString('hex')} ${text}: ${(error as Error).message}`);
          continue;
        }
        if (again.length > bytes.length)
          failures.push(`${Buffer.from(bytes).toString('hex')} ${text}: longer, ${Buffer.from(again).toString('hex')}`);
        const before = meaningOf(decoded(bytes, bits)!, bytes.length);
        const after = meaningOf(decoded(again, bits)!, again.length);
        if (JSON.stringify(before) !== JSON.stringify(after))
          failures.push(
            `${Buffer.from(bytes).toString('hex')} ${text}: ${Buffer.from(again).toString('hex')} ${JSON.stringify(before)} ${JSON.stringify(after)}`,
          );
      }
      assert.isAbove(count, 40_000);
      assert.deepEqual(failures.slice(0, 20), []);
    },
    TIMEOUT_MS,
  );

  const reason = nasmMissing();
  test.skipIf(reason !== undefined)(
    `NASM makes the same bytes of the text${reason ? ` (skipped: ${reason})` : ''}`,
    () => {
      const texts = [
        ...new Set([...instructions(bits)].filter((_, index) => index % 7 === 0).map((bytes) => disassemble(bytes, 0, bits, ORIGIN).text)),
      ].filter((text) => !/ (short|near) 0x/.test(text));
      const theirs = nasmLines(bits, texts);
      const failures = texts.flatMap((text, index) => {
        const expected = theirs[index]!;
        if (expected instanceof Error || expected === '') return NOT_NASM.test(text) ? [] : [`${text}: ${expected}`];
        const actual = Buffer.from(canonical(text, bits)).toString('hex');
        return actual === expected || WRITTEN_OTHERWISE.test(text) ? [] : [`${text}: ${actual}, NASM ${expected}`];
      });
      assert.isAbove(texts.length, 4_000);
      assert.deepEqual(failures.slice(0, 20), []);
    },
    TIMEOUT_MS,
  );
});

/** See nasm-forms.test.ts for the reasons; NASM takes WAIT for a prefix and puts it first. */
const NOT_NASM =
  /^(lock |[oa](16|32) )*(fstpnce|fnsetpm|mov[sz]x \w\w, |bswap \w\w$|punpckl|clflush|(psubq|pmuludq) mm|pshuf|palignr|cmpsd xmm)|segment[67]/;
const WRITTEN_OTHERWISE = /^([oa](16|32) )*(f\w+ st0, st0|wait)$/;

test('a listing by hand', () => {
  const code = Uint8Array.from(
    Buffer.from(
      'f30f1efb b805000000 83c0fb 668b04b5 00100000 f366a5 64 a1 30000000 0fc70f e8fbffffff d9e8 0f0b 66ea 34120800'.replaceAll(' ', ''),
      'hex',
    ),
  );
  const found: string[] = [];
  for (let at = 0; at < code.length; ) {
    const { text, length } = disassemble(code, at, 32, 0x1000);
    found.push(text);
    at += length;
  }
  assert.deepEqual(found, [
    'hint_nop55 ebx',
    'mov eax, strict dword 0x5',
    'add eax, -0x5',
    'mov ax, word [nosplit esi*4+0x1000]',
    'rep movsw',
    'mov eax, [fs:0x30]',
    'cmpxchg8b qword [edi]',
    'call near 0x1020',
    'fld1',
    'ud2',
    'jmp word 0x8:0x1234',
  ]);
});

test('what is no instruction, or is cut off, is a byte of data', () => {
  assert.deepEqual(disassemble(Uint8Array.from([0x0f, 0xff]), 0, 32), { text: 'db 0xf', length: 1 });
  assert.deepEqual(disassemble(Uint8Array.from([0xb8, 1, 2]), 0, 32), { text: 'db 0xb8', length: 1 });
  assert.deepEqual(disassemble(new Uint8Array(20).fill(0x66), 0, 32), { text: 'db 0x66', length: 1 });
  assert.deepEqual(disassemble(Uint8Array.from([0x90]), 1, 32), { text: '', length: 0 });
});
