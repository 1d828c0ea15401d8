import { assert, test } from 'vitest';
import { CommandError } from '../command-error.js';
import { codesOfCombination } from './key-names.js';

test.each([
  ['ctrl-alt-delete', ['ControlLeft', 'AltLeft', 'Delete']],
  ['Ctrl+Alt+F1', ['ControlLeft', 'AltLeft', 'F1']],
  ['alt-f4', ['AltLeft', 'F4']],
  ['enter', ['Enter']],
  ['a', ['KeyA']],
  ['7', ['Digit7']],
  ['altgr-q', ['AltRight', 'KeyQ']],
  ['NumpadEnter', ['NumpadEnter']],
  ['up', ['ArrowUp']],
])('%s is %j', (text, codes) => {
  assert.deepEqual(codesOfCombination(text), codes);
});

test.each(['ctrl-', '-', '', 'ctrl-alt-nonsense', 'constructor', 'ctrl--a'])('%j is refused as wrong usage', (text) => {
  assert.throws(() => codesOfCombination(text), CommandError);
});
