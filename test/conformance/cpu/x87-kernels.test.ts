import { existsSync } from 'node:fs';
import { afterAll, assert, test } from 'vitest';
import { SeededRandom } from '../../../packages/x86-vmm/src/verification/seeded-random.js';
import { type Kernels, X87Machine } from './x87-machine.js';
import { oracleMissing, ROW_BYTES, ROW_MEMORY, ROW_OPERATION, X87Oracle } from './x87-oracle.js';
import { memoryDecimal, memoryF32, memoryF64, memoryF80, memoryInteger, type RowOptions, writeRow } from './x87-rows.js';

/*
 * Every x87 kernel against the physical CPU: results, all eight registers, tags, status word with condition codes, memory and flags, bit for
 * bit, with masked and unmasked exceptions, all rounding and precision controls, stack over- and underflow.
 */
const ROWS = Number(process.env['MILLWRIGHT_X87_ROWS'] ?? 20_000);
const WASM = process.env['MILLWRIGHT_X87_KERNELS']
  ? new URL(`file://${process.env['MILLWRIGHT_X87_KERNELS']}`)
  : new URL('../../../packages/x86-vmm/dist/kernels.wasm', import.meta.url);

/*
 * Where an AMD processor and Intel's manual part, ours follows the manual; these rules take the difference out of a row.
 */
/** "Invalid and unmasked: condition codes are not changed" (FCOM's pseudo-code); AMD sets them to unordered. */
function unmaskedCompare(mine: Buffer, theirs: Buffer): void {
  const unmasked = mine.readUInt16LE(4) & ~mine.readUInt16LE(0) & 1;
  if (unmasked) copyStatusBits(mine, theirs, 0x4500);
}
/** "C1: set to 0", "if invalid and unmasked: flags are not set" (FCOMI); AMD leaves C1 and sets the flags to unordered. */
function compareToEflags(mine: Buffer, theirs: Buffer): void {
  if (mine.readUInt16LE(4) & ~mine.readUInt16LE(0) & 1) mine.writeUInt32LE(theirs.readUInt32LE(ROW_OPERATION), ROW_OPERATION);
  copyStatusBits(mine, theirs, 0x0200);
}
function copyStatusBits(mine: Buffer, theirs: Buffer, bits: number): void {
  mine.writeUInt16LE((mine.readUInt16LE(4) & ~bits) | (theirs.readUInt16LE(4) & bits), 4);
}

interface Operation extends RowOptions {
  readonly name: string;
  /** Machine code; memory operand at [RSI]. */
  readonly code: readonly number[];
  /** Calls the kernel; the answer's memory and flags are written here. Bits of EFLAGS are returned by comparisons. */
  readonly differs?: (mine: Buffer, theirs: Buffer) => void;
  readonly run: (k: Kernels, row: Buffer, answer: Buffer, scratch: () => number) => number | undefined;
}

const OPERATIONS: Operation[] = [];
const SINGLE = [
  ['fadd', 0],
  ['fmul', 1],
  ['fsub', 4],
  ['fsubr', 5],
  ['fdiv', 6],
  ['fdivr', 7],
] as const;
for (const [name, digit] of SINGLE) {
  const kernel = name;
  OPERATIONS.push({ name: `${name} st0, st1`, code: [0xd8, 0xc1 + 8 * digit], run: (k) => void k[kernel]?.(0, 1, 0) });
  OPERATIONS.push({ name: `${name} st0, st0`, code: [0xd8, 0xc0 + 8 * digit], run: (k) => void k[kernel]?.(0, 0, 0) });
  // In DC and DE the reversed forms change places.
  const other = digit >= 4 ? digit ^ 1 : digit;
  OPERATIONS.push({ name: `${name} st2, st0`, code: [0xdc, 0xc2 + 8 * other], run: (k) => void k[kernel]?.(2, 0, 0) });
  OPERATIONS.push({ name: `${name}p st1, st0`, code: [0xde, 0xc1 + 8 * other], run: (k) => void k[kernel]?.(1, 0, 1) });
  OPERATIONS.push({
    name: `${name} m32fp`,
    code: [0xd8, 0x06 | (digit << 3)],
    memory: memoryF32,
    near: 0x3fff,
    run: (k, row) => void k[`${kernel}F32`]?.(row.readInt32LE(ROW_MEMORY)),
  });
  OPERATIONS.push({
    name: `${name} m64fp`,
    code: [0xdc, 0x06 | (digit << 3)],
    memory: memoryF64,
    near: 0x3fff,
    run: (k, row) => void k[`${kernel}F64`]?.(row.readBigInt64LE(ROW_MEMORY)),
  });
  OPERATIONS.push({
    name: `fi${name.slice(1)} m16int`,
    code: [0xde, 0x06 | (digit << 3)],
    memory: memoryInteger,
    near: 0x3fff,
    run: (k, row) => void k[`${kernel}Integer`]?.(row.readInt16LE(ROW_MEMORY)),
  });
  OPERATIONS.push({
    name: `fi${name.slice(1)} m32int`,
    code: [0xda, 0x06 | (digit << 3)],
    memory: memoryInteger,
    near: 0x3fff,
    run: (k, row) => void k[`${kernel}Integer`]?.(row.readInt32LE(ROW_MEMORY)),
  });
}
OPERATIONS.push(
  { name: 'fsqrt', code: [0xd9, 0xfa], run: (k) => void k['fsqrt']?.() },
  { name: 'fcom', differs: unmaskedCompare, code: [0xd8, 0xd1], run: (k) => void k['fcom']?.(1, 0) },
  { name: 'fcomp', differs: unmaskedCompare, code: [0xd8, 0xd9], run: (k) => void k['fcom']?.(1, 1) },
  {
    name: 'fcom m32fp',
    differs: unmaskedCompare,
    code: [0xd8, 0x16],
    memory: memoryF32,
    near: 0x3fff,
    run: (k, row) => void k['fcomF32']?.(row.readInt32LE(ROW_MEMORY), 0),
  },
  {
    name: 'fcomp m64fp',
    differs: unmaskedCompare,
    code: [0xdc, 0x1e],
    memory: memoryF64,
    near: 0x3fff,
    run: (k, row) => void k['fcomF64']?.(row.readBigInt64LE(ROW_MEMORY), 1),
  },
  {
    name: 'ficomp m16int',
    differs: unmaskedCompare,
    code: [0xde, 0x1e],
    memory: memoryInteger,
    near: 0x400f,
    run: (k, row) => void k['fcomInteger']?.(row.readInt16LE(ROW_MEMORY), 1),
  },
  {
    name: 'ficom m32int',
    differs: unmaskedCompare,
    code: [0xda, 0x16],
    memory: memoryInteger,
    near: 0x401f,
    run: (k, row) => void k['fcomInteger']?.(row.readInt32LE(ROW_MEMORY), 0),
  },
  { name: 'fcompp', differs: unmaskedCompare, code: [0xde, 0xd9], run: (k) => void k['fcom']?.(1, 2) },
  { name: 'fucom', differs: unmaskedCompare, code: [0xdd, 0xe2], run: (k) => void k['fucom']?.(2, 0) },
  { name: 'fucompp', differs: unmaskedCompare, code: [0xda, 0xe9], run: (k) => void k['fucom']?.(1, 2) },
  { name: 'ftst', differs: unmaskedCompare, code: [0xd9, 0xe4], run: (k) => void k['ftst']?.() },
  { name: 'fcomi', differs: compareToEflags, code: [0xdb, 0xf1], run: (k) => k['fcomi']?.(1, 0) as number },
  { name: 'fcomip', differs: compareToEflags, code: [0xdf, 0xf1], run: (k) => k['fcomi']?.(1, 1) as number },
  { name: 'fucomi', differs: compareToEflags, code: [0xdb, 0xe9], run: (k) => k['fucomi']?.(1, 0) as number },
  { name: 'fxam', code: [0xd9, 0xe5], run: (k) => void k['fxam']?.() },
  { name: 'frndint', code: [0xd9, 0xfc], near: 0x401f, run: (k) => void k['frndint']?.() },
  { name: 'fscale', code: [0xd9, 0xfd], run: (k) => void k['fscale']?.() },
  { name: 'fscale near', code: [0xd9, 0xfd], near: 0x400b, run: (k) => void k['fscale']?.() },
  { name: 'fxtract', code: [0xd9, 0xf4], run: (k) => void k['fxtract']?.() },
  { name: 'fprem', code: [0xd9, 0xf8], run: (k) => void k['fprem']?.() },
  { name: 'fprem1', code: [0xd9, 0xf5], run: (k) => void k['fprem1']?.() },
  { name: 'fld st3', code: [0xd9, 0xc3], run: (k) => void k['fld']?.(3) },
  { name: 'fld m32fp', code: [0xd9, 0x06], memory: memoryF32, run: (k, row) => void k['fldF32']?.(row.readInt32LE(ROW_MEMORY)) },
  { name: 'fld m64fp', code: [0xdd, 0x06], memory: memoryF64, run: (k, row) => void k['fldF64']?.(row.readBigInt64LE(ROW_MEMORY)) },
  {
    name: 'fld m80fp',
    code: [0xdb, 0x2e],
    memory: memoryF80,
    run: (k, row) => void k['fldF80']?.(row.readBigInt64LE(ROW_MEMORY), row.readUInt16LE(ROW_MEMORY + 8)),
  },
  {
    name: 'fild m16int',
    code: [0xdf, 0x06],
    memory: memoryInteger,
    run: (k, row) => void k['fildInteger']?.(BigInt(row.readInt16LE(ROW_MEMORY))),
  },
  {
    name: 'fild m32int',
    code: [0xdb, 0x06],
    memory: memoryInteger,
    run: (k, row) => void k['fildInteger']?.(BigInt(row.readInt32LE(ROW_MEMORY))),
  },
  {
    name: 'fild m64int',
    code: [0xdf, 0x2e],
    memory: memoryInteger,
    run: (k, row) => void k['fildInteger']?.(row.readBigInt64LE(ROW_MEMORY)),
  },
  {
    name: 'fbld',
    code: [0xdf, 0x26],
    memory: memoryDecimal,
    run: (k, row) => void k['fbld']?.(row.readBigInt64LE(ROW_MEMORY), row.readUInt16LE(ROW_MEMORY + 8)),
  },
  { name: 'fst st3', code: [0xdd, 0xd3], run: (k) => void k['fst']?.(3, 0) },
  { name: 'fstp st3', code: [0xdd, 0xdb], run: (k) => void k['fst']?.(3, 1) },
  { name: 'fxch st2', code: [0xd9, 0xca], run: (k) => void k['fxch']?.(2) },
  { name: 'fcmovc st1 (taken)', code: [0xda, 0xc1], run: (k) => void k['fcmov']?.(1, 1) },
  { name: 'fcmovnc st1 (not taken)', code: [0xdb, 0xc1], run: (k) => void k['fcmov']?.(1, 0) },
  { name: 'fchs', code: [0xd9, 0xe0], run: (k) => void k['fchs']?.() },
  { name: 'fabs', code: [0xd9, 0xe1], run: (k) => void k['fabs']?.() },
  { name: 'ffree st2', code: [0xdd, 0xc2], run: (k) => void k['ffree']?.(2, 0) },
  { name: 'ffreep st2', code: [0xdf, 0xc2], run: (k) => void k['ffree']?.(2, 1) },
  { name: 'fincstp', code: [0xd9, 0xf7], run: (k) => void k['fturn']?.(1) },
  { name: 'fdecstp', code: [0xd9, 0xf6], run: (k) => void k['fturn']?.(-1) },
);
for (const [index, name] of ['fld1', 'fldl2t', 'fldl2e', 'fldpi', 'fldlg2', 'fldln2', 'fldz'].entries()) {
  OPERATIONS.push({ name, code: [0xd9, 0xe8 + index], run: (k) => void k[name]?.() });
}
OPERATIONS.push(
  // Encodings the manual does not have.
  { name: 'fcom2 st1 (DC D0+i)', code: [0xdc, 0xd1], differs: unmaskedCompare, run: (k) => void k['fcom']?.(1, 0) },
  { name: 'fcomp3 st1 (DC D8+i)', code: [0xdc, 0xd9], differs: unmaskedCompare, run: (k) => void k['fcom']?.(1, 1) },
  { name: 'fcomp5 st1 (DE D0+i)', code: [0xde, 0xd1], differs: unmaskedCompare, run: (k) => void k['fcom']?.(1, 1) },
  { name: 'fxch4 st1 (DD C8+i)', code: [0xdd, 0xc9], run: (k) => void k['fxch']?.(1) },
  { name: 'fxch7 st1 (DF C8+i)', code: [0xdf, 0xc9], run: (k) => void k['fxch']?.(1) },
  { name: 'fstp8 st1 (DF D0+i)', code: [0xdf, 0xd1], run: (k) => void k['fst']?.(1, 1) },
  { name: 'fstp9 st1 (DF D8+i)', code: [0xdf, 0xd9], run: (k) => void k['fst']?.(1, 1) },
  { name: 'fstpnce st1 (D9 D8+i)', code: [0xd9, 0xd9], run: (k) => void k['fstpnce']?.(1) },
  { name: 'fneni', code: [0xdb, 0xe0], run: () => undefined },
  { name: 'fndisi', code: [0xdb, 0xe1], run: () => undefined },
  { name: 'fnsetpm', code: [0xdb, 0xe4], run: () => undefined },
  { name: 'fnop', code: [0xd9, 0xd0], run: () => undefined },
  { name: 'fninit', code: [0xdb, 0xe3], run: (k) => void k['fninit']?.() },
  { name: 'fnclex', code: [0xdb, 0xe2], run: (k) => void k['fnclex']?.() },
  { name: 'fldcw', code: [0xd9, 0x2e], run: (k, row) => void k['fldcw']?.(row.readUInt16LE(ROW_MEMORY)) },
);
const u32 = (value: unknown) => Number(value) >>> 0;
for (const [near, label] of [
  [0x3fff, ''],
  [0x3f81, ' small'],
  [0x3c01, ' tiny'],
  [0x407e, ' large'],
  [0x43fe, ' larger'],
] as const) {
  OPERATIONS.push(
    {
      name: `fst m32fp${label}`,
      code: [0xd9, 0x16],
      near,
      run: (k, row, answer) => void answer.writeUInt32LE(u32(k['fstF32']?.(row.readInt32LE(ROW_MEMORY), 0)), ROW_MEMORY),
    },
    {
      name: `fstp m64fp${label}`,
      code: [0xdd, 0x1e],
      near,
      run: (k, row, answer) => void answer.writeBigInt64LE(k['fstF64']?.(row.readBigInt64LE(ROW_MEMORY), 1) as bigint, ROW_MEMORY),
    },
  );
}
for (const near of [0x3fff, 0x400e, 0x401e, 0x403a]) {
  OPERATIONS.push(
    {
      name: `fist m16int ${near}`,
      code: [0xdf, 0x16],
      near,
      run: (k, row, answer) => void answer.writeUInt16LE(u32(k['fistI16']?.(row.readUInt16LE(ROW_MEMORY), 0)), ROW_MEMORY),
    },
    {
      name: `fistp m16int ${near}`,
      code: [0xdf, 0x1e],
      near,
      run: (k, row, answer) => void answer.writeUInt16LE(u32(k['fistI16']?.(row.readUInt16LE(ROW_MEMORY), 1)), ROW_MEMORY),
    },
    {
      name: `fistp m32int ${near}`,
      code: [0xdb, 0x1e],
      near,
      run: (k, row, answer) => void answer.writeUInt32LE(u32(k['fistI32']?.(row.readInt32LE(ROW_MEMORY), 1)), ROW_MEMORY),
    },
    {
      name: `fistp m64int ${near}`,
      code: [0xdf, 0x3e],
      near,
      run: (k, row, answer) => void answer.writeBigInt64LE(k['fistpI64']?.(row.readBigInt64LE(ROW_MEMORY)) as bigint, ROW_MEMORY),
    },
    {
      name: `fbstp ${near}`,
      code: [0xdf, 0x36],
      near,
      run: (k, row, answer, scratch) => {
        answer.writeBigInt64LE(k['fbstp']?.(row.readBigInt64LE(ROW_MEMORY), row.readUInt16LE(ROW_MEMORY + 8)) as bigint, ROW_MEMORY);
        answer.writeUInt16LE(scratch(), ROW_MEMORY + 8);
        return undefined;
      },
    },
  );
}
OPERATIONS.push({
  name: 'fstp m80fp',
  code: [0xdb, 0x3e],
  run: (k, row, answer, scratch) => {
    answer.writeBigInt64LE(k['fstpF80']?.(row.readBigInt64LE(ROW_MEMORY), row.readUInt16LE(ROW_MEMORY + 8)) as bigint, ROW_MEMORY);
    answer.writeUInt16LE(scratch(), ROW_MEMORY + 8);
    return undefined;
  },
});

function describe(image: Buffer): string {
  const words = [
    `cw ${image.readUInt16LE(0).toString(16)} sw ${image.readUInt16LE(4).toString(16)} tags ${image.readUInt16LE(8).toString(16)}`,
  ];
  for (let i = 0; i < 4; i++)
    words.push(
      `st${i} ${image
        .readUInt16LE(36 + 10 * i)
        .toString(16)
        .padStart(4, '0')}.${image
        .readBigUInt64LE(28 + 10 * i)
        .toString(16)
        .padStart(16, '0')}`,
    );
  words.push(
    `mem ${image.subarray(ROW_MEMORY, ROW_MEMORY + 10).toString('hex')} flags ${(image.readUInt32LE(ROW_OPERATION) & 0xffff).toString(16)}`,
  );
  return words.join(' ');
}
/** FNSAVE's tags with valid, zero and special as one. */
function emptyTags(tags: number): number {
  const empty = tags & (tags >> 1) & 0x5555;
  return empty | (empty << 1);
}

const reason = oracleMissing() ?? (existsSync(WASM) ? undefined : 'kernels.wasm has not been built');
const oracle = reason === undefined ? new X87Oracle(OPERATIONS.map(({ code }) => code)) : undefined;
const machine = reason === undefined ? new X87Machine(WASM) : undefined;
afterAll(() => oracle?.dispose());

for (const [index, operation] of OPERATIONS.entries()) {
  test.skipIf(reason !== undefined)(`${operation.name}: as the physical CPU${reason ? ` (skipped: ${reason})` : ''}`, () => {
    if (!oracle || !machine) return;
    const random = new SeededRandom(0x1234567 + 7919 * index);
    const rows = Buffer.alloc(ROWS * ROW_BYTES);
    for (let i = 0; i < ROWS; i++) writeRow(random, rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES), index, operation);
    const answers = oracle.run(rows);
    const mine = Buffer.alloc(ROW_BYTES);
    const differences: string[] = [];
    let different = 0;
    for (let i = 0; i < ROWS; i++) {
      const row = rows.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      const theirs = answers.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
      machine.load(row);
      mine.fill(0);
      row.copy(mine, ROW_MEMORY, ROW_MEMORY);
      const memory = Buffer.from(mine);
      const flags = operation.run(machine.kernels, row, memory, () => machine.scratch());
      machine.save(mine, row);
      memory.copy(mine, ROW_MEMORY, ROW_MEMORY);
      const eflags = flags === undefined || flags === -1 ? 0x8d7 : 2 | flags;
      mine.writeUInt32LE(eflags, ROW_OPERATION);
      // Not compared here: instruction and operand pointers (bytes 12..27), interrupt flag and AX.
      theirs.fill(0, 12, 28);
      theirs.fill(0xff, 2, 4).fill(0, 2, 4);
      theirs.fill(0, 6, 8);
      theirs.writeUInt16LE(emptyTags(theirs.readUInt16LE(8)), 8);
      theirs.fill(0, 10, 12);
      theirs.writeUInt32LE(theirs.readUInt32LE(ROW_OPERATION) & 0x8d7, ROW_OPERATION);
      if (operation.differs) operation.differs(mine, theirs);
      if (mine.equals(theirs)) continue;
      different++;
      if (differences.length < 6) differences.push(`row  ${describe(row)}\ncpu  ${describe(theirs)}\nours ${describe(mine)}`);
    }
    assert.equal(different, 0, `${different} of ${ROWS} rows differ:\n${differences.join('\n\n')}\n`);
  });
}
