import { assert, test } from 'vitest';
import { TextWatch } from './text-watch.js';

test('a text split between two pieces, with colours inside, is found', () => {
  const watch = new TextWatch(['~ # ']);
  assert.isUndefined(watch.addBytes(Buffer.from('boot\r\n\x1b[1;32m~')));
  assert.equal(watch.addBytes(Buffer.from('\x1b[0m # ')), '~ # ');
});

test('a text on the screen is found, another is not', () => {
  const watch = new TextWatch(['Test #4']);
  assert.isUndefined(watch.addScreen(['Memtest86+', 'Test #3']));
  assert.equal(watch.addScreen(['Memtest86+', '  Test #4']), 'Test #4');
});
