import { assert, test } from 'vitest';
import { findNamed } from './find.js';

const ITEMS = [
  { id: '1', name: 'Line 3' },
  { id: '2', name: 'line 4' },
  { id: '3', name: 'Disk' },
  { id: '4', name: 'Disk' },
];
const find = (text: string) => findNamed('machine', ITEMS, text, 'mw machine list').id;

test('an id, a name, or a name in other letter case finds', () => {
  assert.deepEqual(['2', 'Line 3', 'LINE 3'].map(find), ['2', '1', '1']);
});

test('a name of several things names their ids', () => {
  assert.throws(() => find('Disk'), /Give the id instead: 3, 4/);
});

test('an unknown name says how to see the names there are', () => {
  assert.throws(() => find('Line 5'), 'There is no machine Line 5. mw machine list shows them.');
});
