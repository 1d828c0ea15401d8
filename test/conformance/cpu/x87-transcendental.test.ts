import { existsSync } from 'node:fs';
import { afterAll, assert, test } from 'vitest';
import { SeededRandom } from '../../../packages/x86-vmm/src/verification/seeded-random.js';
import { X87Machine } from './x87-machine.js';
import { oracleMissing, ROW_BYTES, X87Oracle } from './x87-oracle.js';
import { arctangent, cosine, exponentialMinus1, extended, logarithm2, type Reference, sine, tangent, ulpsFrom } from './x87-reference.js';
import { writeRow } from './x87-rows.js';

/*
 * The transcendental kernels: against exact values computed with BigInt (half a unit in the last place to nearest, one in the other modes),
 * and against the physical CPU (results within two units of each other, since each may be one off; special values, stack faults, condition
 * codes and exception flags the same).
 */
const ROWS = Number(process.env['MILLWRIGHT_X87_ROWS'] ?? 20_000);
const EXACT_ROWS = Math.min(ROWS, 2_000);
const WASM = process.env['MILLWRIGHT_X87_KERNELS']
  ? new URL(`file://${process.env['MILLWRIGHT_X87_KERNELS']}`)
  : new URL('../../../packages/x86-vmm/dist/kernels.wasm', import.meta.url);

interface Operation {
  readonly name: string;
  readonly kernel: string;
  readonly code: readonly number[];
  /** Centres of ST(0)'s and ST(1)'s exponents. */
  readonly near: readonly number[];
  /** Exact values of the results in ST(0) (and ST(1)) after the instruction, from ST(0) and ST(1) before. */
  readonly exact: (x: Reference, y: Reference) => Reference[];
  readonly domain: (x: Reference, y: Reference) => boolean;
}
const below2to63 = (x: Reference): boolean => x.exponent < 63;
const OPERATIONS: Operation[] = [
  {
    name: 'f2xm1',
    kernel: 'f2xm1',
    code: [0xd9, 0xf0],
    near: [0x3fbf, 0x3ffa],
    exact: (x) => [exponentialMinus1(x)],
    domain: (x) => x.exponent < 0,
  },
  {
    name: 'fyl2x',
    kernel: 'fyl2x',
    code: [0xd9, 0xf1],
    near: [0x3fff],
    exact: (x, y) => [logarithm2(x, y, false)],
    domain: (x) => x.sign === 0,
  },
  {
    name: 'fyl2xp1',
    kernel: 'fyl2xp1',
    code: [0xd9, 0xf9],
    near: [0x3fbf, 0x3ff0],
    exact: (x, y) => [logarithm2(x, y, true)],
    domain: (x) => x.exponent < -2,
  },
  { name: 'fpatan', kernel: 'fpatan', code: [0xd9, 0xf3], near: [0x3fff], exact: (x, y) => [arctangent(y, x)], domain: () => true },
  { name: 'fsin', kernel: 'fsin', code: [0xd9, 0xfe], near: [0x3fff, 0x401f], exact: (x) => [sine(x)], domain: below2to63 },
  { name: 'fcos', kernel: 'fcos', code: [0xd9, 0xff], near: [0x3fff, 0x401f], exact: (x) => [cosine(x)], domain: below2to63 },
  {
    name: 'fsincos',
    kernel: 'fsincos',
    code: [0xd9, 0xfb],
    near: [0x3fff, 0x401f],
    exact: (x) => [cosine(x), sine(x)],
    domain: below2to63,
  },
  {
    name: 'fptan',
    kernel: 'fptan',
    code: [0xd9, 0xf2],
    near: [0x3fff, 0x401f],
    exact: (x) => [extended(0x3fff, 1n << 63n), tangent(x)],
    domain: below2to63,
  },
];

const reason = oracleMissing() ?? (existsSync(WASM) ? undefined : 'kernels.wasm has not been built');
const oracle = reason === undefined ? new X87Oracle(OPERATIONS.map(({ code }) => code)) : undefined;
const machine = existsSync(WASM) ? new X87Machine(WASM) : undefined;
afterAll(() => oracle?.dispose());

const signExponent = (image: Buffer, i: number): number => image.readUInt16LE(36 + 10 * i);
const significand = (image: Buffer, i: number): bigint => image.readBigUInt64LE(28 + 10 * i);
const show = (image: Buffer, i: number): string =>
  `${signExponent(image, i).toString(16).padStart(4, '0')}.${significand(image, i).toString(16).padStart(16, '0')}`;
/** Distance of two registers as ordinals of the format; huge when the classes differ. */
function distance(a: Buffer, b: Buffer, i: number): bigint {
  const ordinal = (image: Buffer): bigint => {
    const se = signExponent(image, i);
    const magnitude = (BigInt(se & 0x7fff) << 63n) | (significand(image, i) & 0x7fff_ffff_ffff_ffffn);
    return se & 0x8000 ? -magnitude : magnitude;
  };
  const difference = ordinal(a) - ordinal(b);
  return difference < 0n ? -difference : difference;
}
function emptyTags(tags: number): number {
  const empty = tags & (tags >> 1) & 0x5555;
  return empty | (empty << 1);
}

for (const [index, operation] of OPERATIONS.entries()) {
  test.skipIf(machine === undefined)(
    `${operation.name}: within half a unit of the exact value to nearest, within one in the directed modes`,
    () => {
      if (!machine) return;
      const random = new SeededRandom(0x2345671 + 7919 * index);
      const row = Buffer.alloc(ROW_BYTES);
      const mine = Buffer.alloc(ROW_BYTES);
      let worst = 0;
      for (let i = 0; i < EXACT_ROWS; i++) {
        writeRow(random, row, index, { near: random.pick(operation.near) });
        row.writeUInt16LE(0x37f | (random.below(4) << 10), 0);
        row.writeUInt16LE(0, 8);
        if (operation.kernel === 'fsincos' || operation.kernel === 'fptan') row.writeUInt16LE(0xffff & ~(0x3f << 0), 8);
        row.writeUInt16LE(0, 4);
        const isNormal = (j: number): boolean =>
          (signExponent(row, j) & 0x7fff) > 0 && (signExponent(row, j) & 0x7fff) < 0x7fff && significand(row, j) >> 63n === 1n;
        if (!isNormal(0) || !isNormal(1)) continue;
        const x = extended(signExponent(row, 0), significand(row, 0));
        const y = extended(signExponent(row, 1), significand(row, 1));
        if (!operation.domain(x, y)) continue;
        machine.load(row);
        machine.kernels[operation.kernel]?.();
        machine.save(mine, row);
        if (mine.readUInt16LE(4) & 0x18) continue; // Over- and underflow: compared with the processor below.
        const isNearest = (row.readUInt16LE(0) & 0xc00) === 0;
        operation.exact(x, y).forEach((exact, j) => {
          const ulps = ulpsFrom(extended(signExponent(mine, j), significand(mine, j)), exact);
          worst = Math.max(worst, isNearest ? ulps : ulps / 2);
          assert.isAtMost(
            ulps,
            isNearest ? 0.500001 : 1.000001,
            `${operation.name} st0 ${show(row, 0)} st1 ${show(row, 1)} cw ${row.readUInt16LE(0).toString(16)}: ${show(mine, j)}`,
          );
        });
      }
      assert.isAbove(worst, 0.4, 'rows were compared');
    },
  );

  test.skipIf(reason !== undefined)(`${operation.name}: as the physical CPU, one unit each${reason ? ` (skipped: ${reason})` : ''}`, () => {
    if (!oracle || !machine) return;
    const random = new SeededRandom(0x3456712 + 7919 * index);
    const rows = Buffer.alloc(ROWS * ROW_BYTES);
    for (let i = 0; i < ROWS; i++) {
      const row = rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      writeRow(random, row, index, random.below(2) ? { near: random.pick(operation.near) } : {});
      if (operation.code[1]! === 0xfb || operation.code[1]! === 0xf2) {
        // A push: mostly with room for it.
        const free = ((row.readUInt16LE(4) >> 11) + 7) & 7;
        if (random.below(8)) row.writeUInt16LE(row.readUInt16LE(8) | (3 << (2 * free)), 8);
      }
    }
    const answers = oracle.run(rows);
    const mine = Buffer.alloc(ROW_BYTES);
    const differences: string[] = [];
    let different = 0;
    for (let i = 0; i < ROWS; i++) {
      const row = rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      const theirs = answers.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      machine.load(row);
      machine.kernels[operation.kernel]?.();
      machine.save(mine, row);
      const status = mine.readUInt16LE(4) ^ theirs.readUInt16LE(4);
      let same = mine.readUInt16LE(8) === emptyTags(theirs.readUInt16LE(8)) && (status & ~0x200) === 0;
      for (let j = 0; j < 8; j++) {
        const far = distance(mine, theirs, j);
        if (far > (j < 2 ? 2n : 0n)) same = false;
      }
      if (same) continue;
      different++;
      if (differences.length < 8) {
        const line = (label: string, image: Buffer): string =>
          `${label} sw ${image.readUInt16LE(4).toString(16)} tags ${emptyTags(image.readUInt16LE(8)).toString(16)} st0 ${show(image, 0)} st1 ${show(image, 1)}`;
        differences.push(
          `${line(`row cw ${row.readUInt16LE(0).toString(16)}`, row)}\n${line('cpu        ', theirs)}\n${line('ours       ', mine)}`,
        );
      }
    }
    assert.equal(different, 0, `${different} of ${ROWS} rows differ:\n${differences.join('\n\n')}\n`);
  });
}
