import { afterAll, assert, describe, test } from 'vitest';
import { differences } from './compare.js';
import { EngineCpu } from './engine-cpu.js';
import { Host } from './host.js';
import { NativeCpu, nativeMissing } from './native-cpu.js';
import { localSelector, Place, RECORD_BYTES, RECORD_STACK } from './record.js';
import { DATA, type NativeRow, namedOf, recordOf, STACK } from './row.js';
import { faultOrders, undefinedResults } from './undefined-results.js';

/* What random sequences have found, as rows: the physical CPU gave these answers, and gives them again where there is one. */

const AC = 0x4_0000;
const RF = 0x1_0000;
const TF = 0x100;
const Vector = { DB: 1, BP: 3, GP: 13, PF: 14, AC: 17 } as const;

const rows: readonly NativeRow[] = [
  {
    name: 'REP OUTS asks for the port even with nothing to move',
    source: 'rep outsb',
    before: { ecx: 0, esi: DATA },
    after: { vector: Vector.GP, errorCode: 0, eflags: RF | 0x202 },
  },
  ...['rep movsw', 'rep stosd'].map(
    (source): NativeRow => ({
      name: `a single step of the last element of ${source} is behind it`,
      source,
      before: { eflags: TF | 0x202, ecx: 1, esi: DATA, edi: DATA + 0x40 },
      after: { vector: Vector.DB, eip: Place.code + (source === 'rep movsw' ? 3 : 2), ecx: 0 },
    }),
  ),
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

const groups: readonly { readonly name: string; readonly rows: readonly NativeRow[] }[] = [
  { name: 'what random sequences have found', rows },
  ...undefinedResults,
  ...faultOrders,
];

const engines = { interpreter: new EngineCpu('interpreter'), translator: new EngineCpu('translator') };
const tiers = Object.entries(engines).map(([tier, engine]) => ({ tier, engine }));
const reason = nativeMissing();
const native = reason === undefined ? new NativeCpu() : undefined;
const differs = native ? new Host(native, engines.interpreter).differs : [];
afterAll(() => native?.dispose());

describe.each(groups)('$name', (group) => {
  test.each(tiers.flatMap(({ tier, engine }) => group.rows.map((row) => ({ name: row.name, tier, engine, row }))))(
    '$name ($tier)',
    ({ row, engine }) => {
      const answer = Buffer.alloc(RECORD_BYTES);
      assert.isUndefined(engine.run(recordOf(row), answer));
      const { found, wanted } = namedOf(row, answer);
      assert.deepEqual(found, wanted);
      for (const [offset, value] of row.stackAfter ?? [])
        assert.equal(answer.readUInt32LE(RECORD_STACK + offset).toString(16), (value >>> 0).toString(16), `stack+${offset.toString(16)}`);
    },
  );

  const skipped = reason ?? (differs.includes(group.name) ? 'the manual leaves it undefined, and the CPU here does otherwise' : undefined);
  test.skipIf(skipped !== undefined)(`the physical CPU gives the same answers${skipped ? ` (skipped: ${skipped})` : ''}`, () => {
    const records = group.rows.map(recordOf);
    const theirs = native!.run(Buffer.concat(records));
    const found = records.flatMap((record, i) => {
      const mine = Buffer.alloc(RECORD_BYTES);
      engines.interpreter.run(record, mine);
      const answer = theirs.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
      return differences(record, mine, answer).map((text) => `${group.rows[i]!.name}: ${text}`);
    });
    assert.deepEqual(found, []);
  });
});
