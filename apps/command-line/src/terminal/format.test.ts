import { assert, test } from 'vitest';
import { bytes, memoryMiB, moment, wholeNumber } from './format.js';

test.each([
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [64 * 2 ** 30, '64 GiB'],
  [123 * 2 ** 20 + 5, '123 MiB'],
])('%i bytes read %s', (count, text) => {
  assert.equal(bytes(count), text);
});

test.each([
  ['256', 256],
  ['256M', 256],
  ['1G', 1024],
  ['2GiB', 2048],
])('--memory %s is %i MiB', (text, mib) => {
  assert.equal(memoryMiB(text), mib);
});

test.each(['', '1T', '-4', '1.5G', 'G'])('--memory %j is refused', (text) => {
  assert.throws(() => memoryMiB(text));
});

test.each(['', '1e2', '0x10', '1.5', '11', '-1', ' 1'])('%j is no whole number from 0 to 10', (text) => {
  assert.throws(() => wholeNumber('n', text, 0, 10));
});

test('a moment is shown in the reader’s time zone, and never as a dash', () => {
  assert.equal(moment(null), '-');
  assert.match(moment('2026-03-01T14:05:00Z'), /^2026-0[23]-\d\d \d\d:\d5$/);
});
