import fc from 'fast-check';
import { assert, describe, test } from 'vitest';
import { type MachineTimes, machineTimes } from './machine-times.js';

const costs = ({ startMs, idleMs, diskMs, memoryMs, translationMs, executionMs }: MachineTimes) => [
  startMs,
  idleMs,
  diskMs,
  memoryMs,
  translationMs,
  executionMs,
];
const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0);

describe('machine times', () => {
  test('what is left of the slices is execution, divided as the tiers were', () => {
    const spent = { start: 1, idle: 2, disk: 3, run: 100, board: 5, decode: 7 };
    const engine = { emitMs: 10, compileMs: 20, interpreterMs: 30, regionsMs: 10 };
    const times = machineTimes(spent, engine, { pageWalkMs: 4, flushMs: 1, deviceMs: 5, codeWrittenMs: 2 });
    assert.deepEqual(costs(times), [1, 2, 3, 10, 39, 63]);
    assert.deepEqual([times.wallMs, times.parts.interpreterMs, times.parts.regionsMs], [118, 43.5, 14.5]);
  });

  test('the costs add up to the wall time and none is negative, whatever the samples claim', () => {
    const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({ start: ms, idle: ms, disk: ms, run: ms, board: ms, decode: ms }),
        fc.record({ interpreterMs: ms, regionsMs: ms }),
        fc.record({ pageWalkMs: ms, flushMs: ms, deviceMs: ms, codeWrittenMs: ms }),
        (spent, tiers, sampled) => {
          const times = machineTimes(spent, { ...tiers, emitMs: spent.run / 4, compileMs: spent.run / 4 }, sampled);
          assert.closeTo(sum(costs(times)), times.wallMs, 1e-6 * times.wallMs + 1e-9);
          const { parts } = times;
          assert.closeTo(sum(Object.values(parts)), times.memoryMs + times.translationMs + times.executionMs, 1e-6 * times.wallMs + 1e-9);
          for (const each of [...costs(times), ...Object.values(parts)]) assert.isAtLeast(each, -1e-6);
        },
      ),
    );
  });
});
