import { assert, test } from 'vitest';
import { TierComparison } from './compare-tiers.js';
import { PROGRAM_KINDS } from './random-program.js';

/*
 * Random programs (random-program.ts) in all tiers. Case n is seed n: what fails comes back with `new TierComparison().run(seed)`, or, where it
 * depends on the programs before it, by running from a seed a few before. MILLWRIGHT_FUZZ_CASES: how many; MILLWRIGHT_FUZZ_SEED: the first.
 */
const CASES = Number(process.env['MILLWRIGHT_FUZZ_CASES'] ?? 3_000);
const FIRST = Number(process.env['MILLWRIGHT_FUZZ_SEED'] ?? 1);
const SHOWN = 5;
/** Ten times what a case takes on a busy machine. */
const MS_A_CASE = 50;

test(
  `${CASES} random programs end in the same states in all tiers`,
  () => {
    const comparison = new TierComparison();
    const found: string[] = [];
    for (let seed = FIRST; seed < FIRST + CASES; seed++) {
      const difference = comparison.run(seed);
      if (difference) found.push(`seed ${seed} (${difference.kind}) after ${difference.instructions}: ${difference.text}`);
    }
    assert.deepEqual(found.slice(0, SHOWN), [], `${found.length} of ${CASES}`);
    // The comparison means something only while regions are made, dropped, and left for exceptions.
    const { regionsTranslated, exceptions, blocksInvalidated, regionFailures } = comparison.auto.bare.engine.counters();
    assert.isAbove(regionsTranslated!, CASES / 4);
    assert.isAbove(exceptions!, CASES);
    assert.isAbove(blocksInvalidated!, CASES);
    assert.equal(regionFailures, 0);
    assert.isAbove(comparison.instructions, CASES * 500);
  },
  60_000 + CASES * MS_A_CASE,
);

test('a program follows from its seed', () => {
  const first = new TierComparison();
  const second = new TierComparison();
  for (let seed = 0; seed < 2 * PROGRAM_KINDS.length; seed++) {
    first.run(seed);
    second.run(seed);
    assert.isTrue(first.auto.isAs(second.reference), `seed ${seed}`);
  }
});
