import { assemble } from '@millwright/assembler';
import { afterAll, assert, test } from 'vitest';
import { differences } from './compare.js';
import { EngineCpu } from './engine-cpu.js';
import { NativeCpu, nativeMissing } from './native-cpu.js';
import {
  CODE_BYTES,
  Context,
  localSelector,
  Place,
  RECORD_BYTES,
  RECORD_CODE,
  RECORD_FPU,
  RECORD_STACK,
  USER_CODE,
  USER_DATA,
  WINDOW,
} from './record.js';

/* What random sequences have found, as rows: the physical CPU gave these answers, and gives them again where there is one. */

type Field = keyof typeof Context;
interface FoundRow {
  readonly name: string;
  readonly source: string;
  readonly before?: Partial<Record<Field, number>>;
  readonly stack?: readonly (readonly [offset: number, value: number])[];
  readonly after: Partial<Record<Field, number>>;
  readonly stackAfter?: readonly (readonly [offset: number, value: number])[];
}
const STACK = Place.stack + WINDOW;
const DATA = Place.data + WINDOW;
const AC = 0x4_0000;
const RF = 0x1_0000;
const Vector = { BP: 3, GP: 13, PF: 14, AC: 17 } as const;

const rows: readonly FoundRow[] = [
  {
    name: 'DIV keeps CF and OF, sets AF and clears the rest',
    source: 'div cl',
    before: { eax: 100, ecx: 7, eflags: 0xad7 },
    after: { eax: 0x20e, eflags: 0xa13 },
  },
  {
    name: 'IDIV likewise',
    source: 'idiv ecx',
    before: { eax: 100, edx: 0, ecx: 7, eflags: 0x2c6 },
    after: { eax: 14, edx: 2, eflags: 0x212 },
  },
  {
    name: 'AAD leaves the flags of its addition',
    source: 'aad 0xf0',
    before: { eax: 0x5555_5555, eflags: 0xa56 },
    after: { eax: 0x5555_0005, eflags: 0x207 },
  },
  {
    name: 'SHLD of 16 bits by 17 clears OF',
    source: 'shld bx, dx, 17',
    before: { ebx: 0x62c2, edx: 0x6b2d, eflags: 0xad7 },
    after: { ebx: 0xd65a, eflags: 0x296 },
  },
  {
    name: 'SHLD of 16 bits by 16 leaves CF in OF',
    source: 'shld bx, ax, 16',
    before: { ebx: 0x78f7, eax: 0xabe1, eflags: 0x202 },
    after: { ebx: 0xabe1, eflags: 0xa97 },
  },
  {
    name: 'REP OUTS asks for the port even with nothing to move',
    source: 'rep outsb',
    before: { ecx: 0, esi: DATA },
    after: { vector: Vector.GP, errorCode: 0, eflags: RF | 0x202 },
  },
  {
    name: 'ENTER copies a display that its own frame overlaps one link after the other',
    source: 'enter 0, 3',
    before: { esp: STACK + 0x80, ebp: STACK + 0x80 },
    stack: [
      [0x7c, 0x1111],
      [0x78, 0x2222],
    ],
    after: { ebp: STACK + 0x7c, esp: STACK + 0x70 },
    // The first link copied is the saved EBP, just pushed over the old one.
    stackAfter: [
      [0x7c, STACK + 0x80],
      [0x78, STACK + 0x80],
      [0x74, STACK + 0x80],
      [0x70, STACK + 0x7c],
    ],
  },
  {
    name: 'ENTER of 32 bits on a 16-bit stack gives EBP the upper half of ESP',
    source: 'bits 16\no32 enter 0x1d, 0',
    before: { cs: localSelector(3), ss: localSelector(5), eip: 0, esp: 0x8000_0f80, ebp: 0x1234_5678 },
    after: { ebp: 0x8000_0f7c, esp: 0x8000_0f5f },
  },
  {
    name: 'ENTER without room faults as a write',
    source: 'enter 0x1000, 0',
    before: { esp: STACK + 0x80 },
    after: { vector: Vector.PF, errorCode: 6, eflags: RF | 0x202 },
  },
  {
    name: 'PUSH of a segment register checks alignment',
    source: 'push ds',
    before: { esp: STACK + 0x7d, eflags: AC | 0x202 },
    after: { vector: Vector.AC, eflags: AC | RF | 0x202 },
  },
  {
    name: 'PUSHA needs its words aligned, not the whole',
    source: 'pusha',
    before: { esp: STACK + 0x84, eflags: AC | 0x202 },
    after: { vector: Vector.BP, esp: STACK + 0x64 },
  },
  {
    name: 'ten bytes of the x87 are aligned to eight',
    source: `fstp tword [${DATA + 4}]`,
    before: { eflags: AC | 0x202 },
    after: { vector: Vector.AC, eflags: AC | RF | 0x202 },
  },
  {
    name: 'FRSTOR needs its doublewords aligned, not its registers',
    source: `frstor [${DATA + 4}]`,
    before: { eflags: AC | 0x202 },
    after: { vector: Vector.BP },
  },
  { name: 'with 16 bits, its words', source: `o16 frstor [${DATA + 2}]`, before: { eflags: AC | 0x202 }, after: { vector: Vector.BP } },
];

function recordOf({ source, before, stack }: FoundRow): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  const start: Partial<Record<Field, number>> = {
    ds: USER_DATA,
    es: USER_DATA,
    ss: USER_DATA,
    cs: USER_CODE,
    eip: Place.code,
    eflags: 0x202,
    esp: STACK + 0x80,
    ...before,
  };
  for (const [field, value] of Object.entries(start)) record.writeUInt32LE(value >>> 0, Context[field as Field]);
  for (const [offset, value] of stack ?? []) record.writeUInt32LE(value >>> 0, RECORD_STACK + offset);
  record.writeUInt16LE(0x37f, RECORD_FPU);
  record.fill(0xcc, RECORD_CODE, RECORD_CODE + CODE_BYTES);
  record.set(assemble(`org ${Place.code}\n${source}`, { file: 'row', bits: 32 }).bytes, RECORD_CODE);
  return record;
}

const engines = { interpreter: new EngineCpu('interpreter'), translator: new EngineCpu('translator') };
const tiers = Object.entries(engines).map(([tier, engine]) => ({ tier, engine }));
const reason = nativeMissing();
const native = reason === undefined ? new NativeCpu() : undefined;
afterAll(() => native?.dispose());

test.each(tiers.flatMap(({ tier, engine }) => rows.map((row) => ({ name: row.name, tier, engine, row }))))(
  '$name ($tier)',
  ({ row, engine }) => {
    const record = recordOf(row);
    const answer = Buffer.alloc(RECORD_BYTES);
    assert.isUndefined(engine.run(record, answer));
    const found = Object.fromEntries(
      Object.keys(row.after).map((field) => [field, answer.readUInt32LE(Context[field as Field]).toString(16)]),
    );
    assert.deepEqual(found, Object.fromEntries(Object.entries(row.after).map(([field, value]) => [field, value.toString(16)])));
    for (const [offset, value] of row.stackAfter ?? [])
      assert.equal(answer.readUInt32LE(RECORD_STACK + offset).toString(16), (value >>> 0).toString(16), `stack+${offset.toString(16)}`);
  },
);

test.skipIf(reason !== undefined)(`the physical CPU gives the same answers${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const records = rows.map(recordOf);
  const theirs = native!.run(Buffer.concat(records));
  const found = records.flatMap((record, i) => {
    const mine = Buffer.alloc(RECORD_BYTES);
    engines.interpreter.run(record, mine);
    return differences(record, mine, theirs.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES)).map((text) => `${rows[i]!.name}: ${text}`);
  });
  assert.deepEqual(found, []);
});
