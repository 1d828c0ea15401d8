import { afterAll, assert, describe, test } from 'vitest';
import type { Row } from '../../../../packages/x86-vmm/src/cpu/decoder/encoding.js';
import { SeededRandom } from '../../../../packages/x86-vmm/src/verification/seeded-random.js';
import { differences, isUnsettled, listing } from './compare.js';
import { EngineCpu } from './engine-cpu.js';
import { rowsToRun, writeCase } from './generate.js';
import { Host } from './host.js';
import { NativeCpu, nativeMissing } from './native-cpu.js';
import { Context, RECORD_BYTES } from './record.js';
import { undefinedResults } from './undefined-results.js';

/*
 * Random sequences of every instruction that user mode can run, on the physical CPU and in the engine, interpreted and translated: registers, flags, segments, memory, x87,
 * MMX, SSE with MXCSR, and for what faults the exception with error code, address and place. Each row of the tables is run by itself and among others, in 32- and
 * 16-bit code, with flat segments and with small ones of the LDT. What the manual leaves undefined is compared where the CPU here is known to do as
 * recorded (undefined-results.ts). MILLWRIGHT_NATIVE_CASES asks for more cases than CI has time for (nightly:
 * millions), MILLWRIGHT_NATIVE_SEED for others.
 */
const reason = nativeMissing();
const CASES = Number(process.env['MILLWRIGHT_NATIVE_CASES'] ?? 25_000);
const SEED = Number(process.env['MILLWRIGHT_NATIVE_SEED'] ?? 1);
const BATCH = 4_096;
const CASES_A_ROW = 24;
const SHOWN = 25;
const TIMEOUT_MS = 120_000 + CASES * 5;

const TIERS = ['interpreter', 'translator'] as const;
const native = reason === undefined ? new NativeCpu() : undefined;
const host = native ? new Host(native, new EngineCpu('interpreter')) : undefined;
if (host && host.differs.length > 0) console.info(`undefined, and not done by the CPU here as recorded: ${host.differs.join('; ')}`);
afterAll(() => native?.dispose());

interface Outcome {
  readonly failures: string[];
  readonly vectors: Map<number, number>;
  compared: number;
}

/** Runs `count` cases on both sides. The engine goes first: what it cannot compare is not given to the CPU. */
function run(engine: EngineCpu, seed: number, count: number, rowsOf: (index: number) => readonly Row[], outcome: Outcome): void {
  const random = new SeededRandom(seed);
  const records = Buffer.alloc(count * RECORD_BYTES);
  const answers = Buffer.alloc(count * RECORD_BYTES);
  const at = (buffer: Buffer, index: number): Buffer => buffer.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES);
  const open: number[] = [];
  for (let i = 0; i < count; i++) {
    const [record, answer] = [at(records, open.length), at(answers, open.length)];
    writeCase(random, record, rowsOf(i));
    if (engine.run(record, answer) !== undefined || isUnsettled(record, answer)) continue;
    const unsettled = host!.unsettled(record, answer, listing(record));
    if (unsettled !== 'case') open.push(unsettled);
  }
  const used = open.length;
  const theirs = native!.run(records.subarray(0, used * RECORD_BYTES));
  for (let i = 0; i < used; i++) {
    const [record, mine, answer] = [at(records, i), at(answers, i), at(theirs, i)];
    const vector = answer.readUInt32LE(Context.vector);
    outcome.vectors.set(vector, (outcome.vectors.get(vector) ?? 0) + 1);
    let found = differences(record, mine, answer, open[i]);
    if (found.length > 0) {
      const others = host!.otherFaults(record, mine);
      if (others === 'case' || others.some((other) => differences(record, other, answer, open[i]).length === 0)) found = [];
    }
    if (found.length > 0)
      outcome.failures.push(`${listing(record)}: ${found.slice(0, 6).join('; ')} (record ${record.toString('base64')})`);
  }
  outcome.compared += used;
}

const begin = (): Outcome => ({ failures: [], vectors: new Map(), compared: 0 });

test('every row with undefined flags is in the table of undefined results', () => {
  const isKnown = ({ instruction: { mnemonic } }: Row): boolean => undefinedResults.some(({ mnemonics }) => mnemonics.test(mnemonic));
  // Moves to and from control and debug registers fault in user mode.
  const isPrivileged = ({ operands }: Row): boolean =>
    operands.some((operand) => operand.from === 'reg' && /^(control|debug)$/.test(operand.register));
  const missing = rowsToRun.filter((row) => row.instruction.flags.undefined !== undefined && !isPrivileged(row) && !isKnown(row));
  assert.deepEqual(
    missing.map(({ instruction: { mnemonic } }) => mnemonic),
    [],
  );
});

describe.skipIf(reason !== undefined).each(TIERS)(`the physical CPU${reason ? ` (skipped: ${reason})` : ''}, and our %s`, (tier) => {
  const engine = new EngineCpu(tier);
  test(
    'does with every row of the instruction tables what the engine does',
    () => {
      const outcome = begin();
      const total = rowsToRun.length * CASES_A_ROW;
      for (let done = 0; done < total; done += BATCH)
        run(engine, SEED + done, Math.min(BATCH, total - done), (i) => [rowsToRun[(done + i) % rowsToRun.length]!], outcome);
      assert.isAbove(outcome.compared, total * 0.9);
      assert.deepEqual(outcome.failures.slice(0, SHOWN), [], `${outcome.failures.length} of ${outcome.compared}`);
    },
    TIMEOUT_MS,
  );

  test(
    'does with sequences of them what the engine does',
    () => {
      const outcome = begin();
      for (let done = 0; done < CASES; done += BATCH)
        run(engine, SEED ^ (done + 1), Math.min(BATCH, CASES - done), () => rowsToRun, outcome);
      assert.isAbove(outcome.compared, CASES * 0.9);
      // #DE #DB #BP #OF #BR #UD #NP #SS #GP #PF #MF #AC #XM have all been seen.
      for (const vector of [0, 1, 3, 4, 5, 6, 11, 12, 13, 14, 16, 17, 19])
        assert.isAbove(outcome.vectors.get(vector) ?? 0, 0, `vector ${vector}`);
      assert.deepEqual(outcome.failures.slice(0, SHOWN), [], `${outcome.failures.length} of ${outcome.compared}`);
    },
    TIMEOUT_MS,
  );
});
