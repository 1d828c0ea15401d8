import { assert, expect, test } from 'vitest';
import type { Input } from './display-session.js';
import { buttonBits, moveBy, moveTo, type PointerTarget, pointerAct } from './pointer-acts.js';

function target(pointerMode: 'absolute' | 'relative') {
  const sent: Input[] = [];
  const pointer: PointerTarget = {
    pointerMode,
    size: async () => ({ widthPx: 1024, heightPx: 768 }),
    send: async (inputs) => void sent.push(...inputs),
  };
  return { pointer, sent };
}

test('the corners of the screen are the ends of the scale', () => {
  assert.deepEqual(moveTo({ x: 0, y: 767 }, 0, { widthPx: 1024, heightPx: 768 }), [
    { type: 'pointer-absolute', x: 0, y: 65_535, buttons: 0 },
  ]);
});

test('a pixel outside the screen is refused', () => {
  assert.throws(() => moveTo({ x: 1024, y: 0 }, 0, { widthPx: 1024, heightPx: 768 }), /not on the screen of 1024x768/);
});

test.each([
  [0, 0],
  [5, -3],
  [-1000, 300],
  [128, 127],
  [32_767, -32_767],
])('steps of a move by %i %i fit a mouse packet and add up', (x, y) => {
  const steps = moveBy({ x, y }, 0) as Extract<Input, { dx: number }>[];
  const sum = (pick: (step: (typeof steps)[number]) => number) => steps.reduce((total, step) => total + pick(step), 0);
  assert.deepEqual([sum(({ dx }) => dx), sum(({ dy }) => dy)], [x, y]);
  assert.isTrue(steps.every(({ dx, dy }) => Math.abs(dx) <= 128 && Math.abs(dy) <= 128));
});

test('a click with an absolute pointer moves, presses and lets go at the place', async () => {
  const { pointer, sent } = target('absolute');
  await pointerAct('click', ['0', '0'], 1, 1)(pointer);
  assert.deepEqual(sent, [
    { type: 'pointer-absolute', x: 0, y: 0, buttons: 0 },
    { type: 'pointer-absolute', x: 0, y: 0, buttons: 1 },
    { type: 'pointer-absolute', x: 0, y: 0, buttons: 0 },
  ]);
});

test('a double click with a relative pointer presses twice where it is', async () => {
  const { pointer, sent } = target('relative');
  await pointerAct('click', [], 2, 2)(pointer);
  assert.deepEqual(
    sent.map((input) => ('buttons' in input ? input.buttons : undefined)),
    [0, 2, 0, 2, 0],
  );
});

test('an absolute click without a place is refused: only the guest knows where the pointer is', async () => {
  await expect(pointerAct('click', [], 1, 1)(target('absolute').pointer)).rejects.toThrow('give X and Y');
});

test.each([
  ['move', ['1']],
  ['move', ['1', 'x']],
  ['scroll', ['1', '2']],
  ['jump', ['1', '2']],
  ['scroll', ['128']],
])('pointer %s %j is wrong usage', (action, numbers) => {
  assert.throws(() => pointerAct(action, numbers, 1, 1));
});

test('buttons have names', () => {
  assert.equal(buttonBits('middle'), 4);
  assert.throws(() => buttonBits('toString'));
});
