import { assert, test } from 'vitest';
import { displayWidth, textRecord, textTable } from './text-table.js';

test('wide characters take two cells, combining marks none', () => {
  assert.deepEqual(['混料', 'Line 3', 'e\u0301', '한'].map(displayWidth), [4, 6, 1, 2]);
});

test('columns stay in line under Chinese names, without space at line ends', () => {
  assert.equal(
    textTable(
      ['NAME', 'STATE'],
      [
        ['混料三线', 'running'],
        ['Line 3', ''],
      ],
    ),
    'NAME      STATE\n混料三线  running\nLine 3',
  );
});

test('a record leaves out what is empty', () => {
  assert.equal(
    textRecord([
      ['Name', 'a'],
      ['Problem', undefined],
      ['Id', '1'],
    ]),
    'Name  a\nId    1',
  );
});
