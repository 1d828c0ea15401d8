import { assert, describe, test } from 'vitest';
import { SampledTimer, TimeLedger } from './time-ledger.js';

function clock() {
  let ms = 0;
  return {
    now: () => ms,
    pass: (more: number) => {
      ms += more;
    },
  };
}

describe('time ledger', () => {
  test('an inner activity interrupts the outer one, and everything adds up', () => {
    const { now, pass } = clock();
    const ledger = new TimeLedger(now);
    pass(5);
    assert.equal(ledger.enter('run'), 'start');
    pass(10);
    const answer = ledger.during('decode', () => {
      pass(3);
      return 42;
    });
    pass(2);
    assert.equal(answer, 42);
    assert.equal(ledger.spentIn('run'), 12);
    assert.equal(ledger.enter('idle'), 'run');
    pass(7);
    assert.deepEqual(ledger.spent(), { start: 5, idle: 7, disk: 0, run: 12, board: 0, decode: 3 });
    pass(1);
    assert.equal(ledger.spentIn('idle'), 8);
  });

  test('what throws or rejects is left, too', async () => {
    const { now, pass } = clock();
    const ledger = new TimeLedger(now);
    const fail = () => {
      pass(1);
      throw new Error('no');
    };
    assert.throws(() => ledger.during('decode', fail), 'no');
    await ledger.duringAsync('disk', async () => fail()).catch(() => {});
    assert.deepEqual([ledger.spentIn('decode'), ledger.spentIn('disk'), ledger.enter('idle')], [1, 1, 'start']);
  });

  test('the last activity counts until it is asked for, from a beginning of its own', () => {
    const { now, pass } = clock();
    pass(100);
    const ledger = new TimeLedger(now, 40);
    assert.equal(ledger.spentIn('start'), 60);
  });
});

describe('sampled timer', () => {
  test('one call in sixteen stands for all', () => {
    const { now, pass } = clock();
    let looks = 0;
    const timer = new SampledTimer(() => {
      looks++;
      return now();
    });
    assert.equal(timer.ms, 0);
    for (let i = 0; i < 160; i++) timer.measure(() => pass(0.25));
    assert.equal(timer.ms, 40);
    assert.equal(looks, 20);
  });

  test('an interruption by the host is not multiplied', () => {
    const { now, pass } = clock();
    const timer = new SampledTimer(now);
    timer.measure(() => pass(500));
    for (let i = 1; i < 16; i++) timer.measure(() => {});
    assert.equal(timer.ms, 16);
  });
});
