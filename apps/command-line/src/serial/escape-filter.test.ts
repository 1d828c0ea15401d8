import { assert, test } from 'vitest';
import { EscapeFilter, parseEscape } from './escape-filter.js';

const CTRL_BRACKET = 0x1d;
const typed = (filter: EscapeFilter, ...bytes: number[]) => {
  const { bytes: sent, leaves } = filter.take(Uint8Array.from(bytes));
  return { sent: [...sent], leaves };
};

test.each([
  ['^]', 0x1d],
  ['^A', 1],
  ['^a', 1],
  ['^@', 0],
])('%s is byte %i', (text, byte) => {
  assert.equal(parseEscape(text), byte);
});

test.each(['', ']', '^', '^1', '^AB'])('--escape %j is refused', (text) => {
  assert.throws(() => parseEscape(text));
});

test('what is typed goes through as it is, Ctrl-C too', () => {
  assert.deepEqual(typed(new EscapeFilter(CTRL_BRACKET), 0x61, 0x03, 0xff), { sent: [0x61, 0x03, 0xff], leaves: false });
});

test('the escape key leaves after a moment, twice it is sent once', () => {
  const filter = new EscapeFilter(CTRL_BRACKET);
  assert.deepEqual(typed(filter, 0x61, CTRL_BRACKET), { sent: [0x61], leaves: false });
  assert.isTrue(filter.isWaiting);
  assert.deepEqual(typed(filter, CTRL_BRACKET), { sent: [CTRL_BRACKET], leaves: false });
  assert.isFalse(filter.isWaiting);
});

test('the escape key followed by another key leaves at once and sends neither', () => {
  assert.deepEqual(typed(new EscapeFilter(CTRL_BRACKET), CTRL_BRACKET, 0x61), { sent: [], leaves: true });
});
