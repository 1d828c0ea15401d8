import { assert, test } from 'vitest';
import { eventsForCombination, KEY_COMBINATIONS, type KeyEvent, USAGE_OF_CODE } from './keys.js';
import { KEYBOARD_LAYOUTS, type KeyboardLayout, keysForText } from './layouts.js';
import { fromAbsolute, toAbsolute } from './pointer.js';

const CODE_OF_USAGE = new Map(Object.entries(USAGE_OF_CODE).map(([code, usage]) => [usage, code]));

/** Events as text: `+ShiftLeft +KeyA -KeyA -ShiftLeft`. */
function spelled(events: readonly KeyEvent[]): string {
  return events.map(({ usage, down }) => `${down ? '+' : '-'}${CODE_OF_USAGE.get(usage)}`).join(' ');
}

/** Layout, text → keys. Positions as in XKB's symbols files. */
const ROWS: readonly (readonly [KeyboardLayout, string, string])[] = [
  ['us', 'aA', '+KeyA -KeyA +ShiftLeft +KeyA -KeyA -ShiftLeft'],
  ['us', '-_\n', '+Minus -Minus +ShiftLeft +Minus -Minus -ShiftLeft +Enter -Enter'],
  ['de', 'yz', '+KeyZ -KeyZ +KeyY -KeyY'],
  ['de', '@', '+AltRight +KeyQ -KeyQ -AltRight'],
  ['de', '^', '+Backquote -Backquote +Space -Space'],
  ['de', '/', '+ShiftLeft +Digit7 -Digit7 -ShiftLeft'],
  ['gb', '#"', '+Backslash -Backslash +ShiftLeft +Digit2 -Digit2 -ShiftLeft'],
  ['fr', 'a1.', '+KeyQ -KeyQ +ShiftLeft +Digit1 -Digit1 -ShiftLeft +ShiftLeft +Comma -Comma -ShiftLeft'],
];

test.each(ROWS)('%s types %j as %s', (layout, text, keys) => {
  assert.equal(spelled(keysForText(text, layout).events), keys);
});

test('every layout types all of printable ASCII, Tab and Enter', () => {
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join('');
  for (const layout of KEYBOARD_LAYOUTS) assert.deepEqual(keysForText(`${ascii}\t\n`, layout).untypable, [], layout);
});

test('what a layout cannot type is named once and left out; CR LF is one Enter', () => {
  const { events, untypable } = keysForText('中a中\r\n', 'us');
  assert.deepEqual(untypable, ['中']);
  assert.equal(spelled(events), '+KeyA -KeyA +Enter -Enter');
});

test('combinations are pressed in order and released backwards', () => {
  assert.equal(
    spelled(eventsForCombination(KEY_COMBINATIONS['Ctrl+Alt+Delete'])),
    '+ControlLeft +AltLeft +Delete -Delete -AltLeft -ControlLeft',
  );
  for (const codes of Object.values(KEY_COMBINATIONS)) eventsForCombination(codes);
  assert.throws(() => eventsForCombination(['NoKey']), RangeError);
  assert.throws(() => eventsForCombination(['constructor']), RangeError);
});

test('no two keys have the same usage', () => {
  assert.equal(CODE_OF_USAGE.size, Object.keys(USAGE_OF_CODE).length);
});

test('an absolute position names the same pixel on both sides', () => {
  for (const side of [1, 2, 3, 320, 640, 719, 720, 1024, 1920, 8192]) {
    for (let px = 0; px < side; px++) assert.equal(fromAbsolute(toAbsolute(px, side), side), px);
  }
  assert.deepEqual([toAbsolute(0, 1024), toAbsolute(1023, 1024), toAbsolute(-5, 10), toAbsolute(99, 10)], [0, 65535, 0, 65535]);
});
