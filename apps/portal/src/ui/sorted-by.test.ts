import { assert, test } from 'vitest';
import { sortedBy } from './sorted-by';

test('words sort by the language and by the numbers in them', () => {
  assert.deepEqual(
    sortedBy(['Line 10', 'line 2', 'Äpfel'], (word) => word, false, 'en'),
    ['Äpfel', 'line 2', 'Line 10'],
  );
});

test('what is missing comes last in both directions', () => {
  const rows = [null, 2, 1];
  assert.deepEqual(
    sortedBy(rows, (row) => row, false, 'en'),
    [1, 2, null],
  );
  assert.deepEqual(
    sortedBy(rows, (row) => row, true, 'en'),
    [2, 1, null],
  );
});
