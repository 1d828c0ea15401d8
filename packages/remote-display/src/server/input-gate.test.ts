import { assert, test } from 'vitest';
import type { InputMessage } from '../protocol/client-messages.js';
import { InputGate } from './input-gate.js';

/** A machine that takes an input when the test says so. */
function slowPort() {
  const log: string[] = [];
  const waiting: (() => void)[] = [];
  const take = (what: string): Promise<void> => {
    log.push(what);
    return new Promise((resolve) => waiting.push(resolve));
  };
  return {
    log,
    async answer(which = 0): Promise<void> {
      waiting.splice(which, 1)[0]?.();
      await Promise.resolve();
    },
    key: (usage: number, down: boolean) => take(`${usage}${down ? '+' : '-'}`),
    pointerAbsolute: (x: number, y: number, buttons: number) => take(`at ${x},${y} ${buttons}`),
    pointerRelative: (dx: number, dy: number, buttons: number) => take(`by ${dx},${dy} ${buttons}`),
    wheel: (dz: number) => take(`wheel ${dz}`),
  };
}

let id = 0;
const key = (usage: number, down: boolean): InputMessage => ({ type: 'key', id: ++id, usage, down });
const at = (x: number): InputMessage => ({ type: 'pointer-absolute', id: ++id, x, y: 0, buttons: 0 });

test('a release follows its press at once, so that a late host repeats no key; the next press waits', async () => {
  const port = slowPort();
  const gate = new InputGate(port);
  const done: number[] = [];
  const inputs = [key(4, true), key(4, false), key(5, true), key(5, false)];
  for (const input of inputs) gate.push(input, (inputId) => done.push(inputId));
  assert.deepEqual(port.log, ['4+', '4-']);
  await port.answer(1);
  assert.deepEqual(done, []);
  await port.answer();
  assert.deepEqual(port.log, ['4+', '4-', '5+', '5-']);
  assert.deepEqual(
    done,
    inputs.slice(0, 2).map((input) => input.id),
  );
});

test('a release does not overtake the pointer, and pointer moves that wait are joined', async () => {
  const port = slowPort();
  const gate = new InputGate(port);
  gate.push(key(4, true));
  for (const x of [1, 2, 3]) gate.push(at(x));
  gate.push(key(4, false));
  assert.deepEqual(port.log, ['4+']);
  await port.answer();
  assert.deepEqual(port.log, ['4+', 'at 3,0 0']);
  await port.answer();
  assert.deepEqual(port.log, ['4+', 'at 3,0 0', '4-']);
});

test('what is held is let go in reverse order, after the input that waits', async () => {
  const port = slowPort();
  const gate = new InputGate(port);
  for (const input of [key(224, true), key(4, true)]) gate.push(input);
  gate.releaseAll();
  assert.deepEqual(port.log, ['224+']);
  for (let i = 0; i < 4; i++) {
    await port.answer();
    await Promise.resolve();
  }
  assert.deepEqual(port.log, ['224+', '4+', '4-', '224-']);
  assert.deepEqual(gate.heldKeys, []);
});

test('who throws when told that an input arrived does not stop the input after it', async () => {
  const log: number[] = [];
  const gate = new InputGate({ key: (usage) => void log.push(usage), pointerAbsolute() {}, pointerRelative() {}, wheel() {} });
  const broken = (): never => {
    throw new Error('the viewer is gone');
  };
  assert.throws(() => gate.push(key(4, true), broken), /the viewer is gone/);
  const done: number[] = [];
  const next = key(5, true);
  gate.push(next, (inputId) => done.push(inputId));
  assert.deepEqual([log, done], [[4, 5], [next.id]]);
});

test('a client that sends more than a person types is refused, a release of everything never', () => {
  const gate = new InputGate(slowPort());
  const wheel = (): boolean => gate.push({ type: 'wheel', id: ++id, dz: 1 });
  while (wheel());
  assert.isFalse(wheel());
  assert.isTrue(gate.push({ type: 'release-all', id: 0 }));
});
