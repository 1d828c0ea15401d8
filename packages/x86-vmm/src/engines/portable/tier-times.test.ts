import { assert, describe, test } from 'vitest';
import { TierTimes } from './tier-times.js';

describe('tier times', () => {
  test('pure intervals go to their tier whole', () => {
    const times = new TierTimes();
    times.add(10, 1000, 0);
    times.add(3, 0, 30_000);
    assert.deepEqual([times.interpreterMs, times.regionsMs], [10, 3]);
  });

  test('a mixed interval is divided by what instructions cost in pure ones', () => {
    const times = new TierTimes();
    times.add(10, 1000, 0);
    times.add(1, 0, 1000);
    // Ten times as dear: half the instructions are ten elevenths of the time.
    times.add(11, 500, 500);
    assert.closeTo(times.interpreterMs, 20, 1e-9);
    assert.closeTo(times.regionsMs, 2, 1e-9);
  });

  test('until both costs are known, by counts; nothing is lost', () => {
    const times = new TierTimes();
    times.add(8, 100, 300);
    assert.deepEqual([times.interpreterMs, times.regionsMs], [2, 6]);
    for (const [ms, interpreted, translated] of [
      [5, 0, 0],
      [0, 100, 0],
      [-1, 100, 0],
      [Number.NaN, 1, 1],
    ] as const)
      times.add(ms, interpreted, translated);
    assert.equal(times.interpreterMs + times.regionsMs, 8);
  });
});
