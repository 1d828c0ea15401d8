import { assert, test } from 'vitest';
import { InstructionClock, RealTimeClock } from './guest-clock.js';

test('guest time stops at an undelivered deadline and expires one timer an advance', () => {
  let wall = 0n;
  const clock = new RealTimeClock(
    () => wall,
    () => {},
    () => {},
  );
  const ticks: bigint[] = [];
  const timer = clock.createTimer('tick', () => {
    ticks.push(clock.now());
    timer.arm(clock.now() + 1_000_000n);
  });
  clock.resume();
  timer.arm(1_000_000n);
  clock.advance(0n, false);
  wall = 3_500_000n;
  assert.equal(clock.now(), 1_000_000n);
  while (clock.advance(0n, true));
  assert.deepEqual(ticks, [1_000_000n, 2_000_000n, 3_000_000n]);
});

test('a lag above 250 ms is given up and shows as speed', () => {
  let wall = 0n;
  const lags: bigint[] = [];
  const clock = new RealTimeClock(
    () => wall,
    () => {},
    (lagNs) => lags.push(lagNs),
  );
  clock.resume();
  wall = 10_000_000_000n;
  clock.advance(1_000_000n, false);
  assert.deepEqual(lags, [0n, 0n], 'told when it begins, and when the lag was given up: a long slice may catch up the rest at once');
  wall = 10_000_000_001n;
  for (let i = 0; i < 1000; i++) {
    wall += 1_000_000n;
    clock.advance(1_000_000n, false);
  }
  assert.isAtMost(Number(wall - clock.now()), 1e10 + 1);
  assert.isBelow(clock.takeSpeed(), 1);
});

test('paused time does not count, and is told when guest time goes on', () => {
  let wall = 0n;
  const lags: bigint[] = [];
  const clock = new RealTimeClock(
    () => wall,
    () => {},
    (lagNs) => lags.push(lagNs),
  );
  clock.resume();
  wall = 5n;
  clock.advance(0n, true);
  clock.pause();
  wall = 1_000_000n;
  clock.resume();
  assert.equal(clock.now(), 5n);
  assert.deepEqual(lags, [0n, 0n]);
});

test('instruction-counted time is a function of instructions, and a halted CPU jumps to the next deadline', () => {
  let instructions = 0n;
  const clock = new InstructionClock(
    5n,
    () => instructions,
    () => {},
  );
  let expired = 0;
  const timer = clock.createTimer('t', () => expired++);
  timer.arm(1_000n);
  instructions = 99n;
  assert.equal(clock.now(), 495n, 'within a slice too');
  clock.advance(instructions, false);
  assert.equal(clock.sliceBudget(), 101, 'to the instruction at which the deadline is reached');
  instructions = 100n;
  clock.advance(instructions, true);
  assert.equal(clock.now(), 1_000n);
  assert.equal(expired, 1);
});
