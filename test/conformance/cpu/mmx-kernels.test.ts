import { existsSync } from 'node:fs';
import { afterAll, assert, test } from 'vitest';
import { mmxInstructions } from '../../../packages/x86-vmm/src/cpu/semantics/mmx.js';
import { SeededRandom } from '../../../packages/x86-vmm/src/verification/seeded-random.js';
import { X87Machine } from './x87-machine.js';
import { oracleMissing, ROW_BYTES, ROW_MEMORY, ROW_OPERATION, X87Oracle } from './x87-oracle.js';

/* Every MMX kernel against the physical CPU: MM0 op memory, and for the shifts MM0 op imm8, with lanes at their limits common. */
const ROWS = Number(process.env['MILLWRIGHT_X87_ROWS'] ?? 20_000);
const WASM = process.env['MILLWRIGHT_X87_KERNELS']
  ? new URL(`file://${process.env['MILLWRIGHT_X87_KERNELS']}`)
  : new URL('../../../packages/x86-vmm/dist/kernels.wasm', import.meta.url);

interface Case {
  readonly name: string;
  readonly kernel: string;
  readonly code: readonly number[];
  readonly count?: number;
  readonly isShift: boolean;
}
const CASES: Case[] = mmxInstructions.flatMap(({ mnemonic, encodings }): Case[] => {
  const kernel = mnemonic.toLowerCase();
  const isShift = encodings.length === 2 && mnemonic.startsWith('PS');
  if (!mnemonic.startsWith('P') || ['PAND', 'PANDN', 'POR', 'PXOR'].includes(mnemonic)) return [];
  const opcode = Number.parseInt(encodings[0]!.opcode.slice(3, 5), 16);
  const cases: Case[] = [{ name: `${kernel} mm0, m`, kernel, code: [0x0f, opcode, 0x06], isShift }];
  if (!isShift) return cases;
  const [, group, digit] = /^0F (\w\w) \/(\d) ib$/.exec(encodings[1]!.opcode)!;
  for (const count of [0, 1, 7, 15, 16, 31, 32, 63, 64, 255]) {
    cases.push({
      name: `${kernel} mm0, ${count}`,
      kernel,
      code: [0x0f, Number.parseInt(group!, 16), 0xc0 | (Number(digit) << 3), count],
      count,
      isShift,
    });
  }
  return cases;
});

/** Bytes at their limits, words at theirs, or anything. */
function lanes(random: SeededRandom): bigint {
  if (random.below(3) === 0) return random.u64();
  let value = 0n;
  for (let i = 0; i < 4; i++) {
    const word = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x8001, 0xff80, 0xff7f, 0xffff, random.u32() & 0xffff]);
    value = (value << 16n) | BigInt(word);
  }
  return value;
}

const reason = oracleMissing() ?? (existsSync(WASM) ? undefined : 'kernels.wasm has not been built');
const oracle = reason === undefined ? new X87Oracle(CASES.map(({ code }) => code)) : undefined;
const machine = reason === undefined ? new X87Machine(WASM) : undefined;
afterAll(() => oracle?.dispose());

test('there is a case for each of the instructions with a kernel', () => {
  assert.equal(CASES.filter(({ count }) => count === undefined).length, 40);
});

for (const [index, { name, kernel, count, isShift }] of CASES.entries()) {
  test.skipIf(reason !== undefined)(`${name}: as the physical CPU${reason ? ` (skipped: ${reason})` : ''}`, () => {
    if (!oracle || !machine) return;
    const random = new SeededRandom(0x7654321 + 104729 * index);
    const rows = Buffer.alloc(ROWS * ROW_BYTES);
    for (let i = 0; i < ROWS; i++) {
      const row = rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      row.writeUInt16LE(0x37f, 0);
      row.writeBigUInt64LE(lanes(random), 28);
      row.writeUInt32LE(index, ROW_OPERATION);
      row.writeBigUInt64LE(isShift && random.below(8) !== 0 ? BigInt(random.below(70)) : lanes(random), ROW_MEMORY);
    }
    const answers = oracle.run(rows);
    for (let i = 0; i < ROWS; i++) {
      const at = i * ROW_BYTES;
      const a = rows.readBigUInt64LE(at + 28);
      const b = count === undefined ? rows.readBigUInt64LE(at + ROW_MEMORY) : BigInt(count);
      const ours = BigInt.asUintN(64, machine.kernels[kernel]!(BigInt.asIntN(64, a), BigInt.asIntN(64, b)) as bigint);
      const theirs = answers.readBigUInt64LE(at + 28);
      if (ours !== theirs) assert.equal(ours.toString(16), theirs.toString(16), `${name}: ${a.toString(16)}, ${b.toString(16)}`);
    }
  });
}
