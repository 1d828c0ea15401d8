import { assert, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { Ps2Keyboard } from './keyboard.js';
import { set2Code, set3Code, translateToSet1 } from './scan-codes.js';

function board() {
  const clock = new ManualClock();
  const keyboard = new Ps2Keyboard({ clock, outputReady: () => {} });
  return { clock, keyboard, take: () => take(keyboard) };
}

function take(keyboard: Ps2Keyboard): number[] {
  const bytes: number[] = [];
  while (keyboard.hasOutput) bytes.push(keyboard.takeOutput());
  return bytes;
}

/** Make and break of a key in each set (Microsoft scan code specification; IBM reference for set 3). */
const KEYS: readonly (readonly [name: string, usage: number, set1: number[], set2: number[], set3: number[]])[] = [
  ['A', 0x04, [0x1e, 0x9e], [0x1c, 0xf0, 0x1c], [0x1c]],
  ['F7', 0x40, [0x41, 0xc1], [0x83, 0xf0, 0x83], [0x37]],
  ['Escape', 0x29, [0x01, 0x81], [0x76, 0xf0, 0x76], [0x08]],
  ['right', 0x4f, [0xe0, 0x4d, 0xe0, 0xcd], [0xe0, 0x74, 0xe0, 0xf0, 0x74], [0x6a]],
  ['left Control', 0xe0, [0x1d, 0x9d], [0x14, 0xf0, 0x14], [0x11, 0xf0, 0x11]],
  [
    'Print Screen',
    0x46,
    [0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa],
    [0xe0, 0x12, 0xe0, 0x7c, 0xe0, 0xf0, 0x7c, 0xe0, 0xf0, 0x12],
    [0x57],
  ],
  ['Pause', 0x48, [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5], [0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77], [0x62]],
  ['keypad Enter', 0x58, [0xe0, 0x1c, 0xe0, 0x9c], [0xe0, 0x5a, 0xe0, 0xf0, 0x5a], [0x79]],
  ['non-US backslash', 0x64, [0x56, 0xd6], [0x61, 0xf0, 0x61], [0x13]],
  ['Yen', 0x89, [0x7d, 0xfd], [0x6a, 0xf0, 0x6a], [0x5d]],
  ['Ro', 0x87, [0x73, 0xf3], [0x51, 0xf0, 0x51], [0x51]],
  ['Henkan', 0x8a, [0x79, 0xf9], [0x64, 0xf0, 0x64], [0x86]],
  ['Hangul', 0x90, [0xf2], [0xf2], []],
  ['Hanja', 0x91, [0xf1], [0xf1], []],
  ['mute', 0x7f, [0xe0, 0x20, 0xe0, 0xa0], [0xe0, 0x23, 0xe0, 0xf0, 0x23], []],
  ['left GUI', 0xe3, [0xe0, 0x5b, 0xe0, 0xdb], [0xe0, 0x1f, 0xe0, 0xf0, 0x1f], [0x8b]],
];

test.each(KEYS)('%s sends its codes in sets 1, 2 and 3', (_name, usage, ...sets) => {
  const sent = [1, 2, 3].map((set) => {
    const { keyboard, take } = board();
    keyboard.receive(0xf0);
    keyboard.receive(set);
    take();
    keyboard.pressKey(usage);
    keyboard.releaseKey(usage);
    return take().filter((byte, _i, all) => set !== 3 || byte !== 0xf0 || all.includes(0x11));
  });
  assert.deepEqual(sent, sets);
});

test('keys that differ in set 2 differ in set 1', () => {
  const usages = Array.from({ length: 256 }, (_, usage) => usage).filter((usage) => set2Code(usage) !== 0);
  const codes = usages.map((usage) => (set2Code(usage) & 0x100) | translateToSet1(set2Code(usage) & 0xff));
  // The two backslashes share a code, so do F24 and Zenkaku, and the last part of Pause is Num Lock's.
  assert.equal(new Set(codes).size, usages.length - 3);
  assert.isAbove(usages.length, 125);
  assert.equal(set3Code(0x29), 0x08);
});

test('Print Screen with Alt is System Request, with Shift it has no shift codes of its own', () => {
  const { keyboard, take } = board();
  keyboard.pressKey(0xe2);
  keyboard.pressKey(0x46);
  keyboard.releaseKey(0xe2);
  keyboard.releaseKey(0x46);
  assert.deepEqual(take(), [0x11, 0x84, 0xf0, 0x11, 0xf0, 0x84]);
  keyboard.pressKey(0xe1);
  keyboard.pressKey(0x46);
  keyboard.releaseKey(0x46);
  assert.deepEqual(take(), [0x12, 0xe0, 0x7c, 0xe0, 0xf0, 0x7c]);
});

test('Control with Pause is Break', () => {
  const { keyboard, take } = board();
  keyboard.pressKey(0xe0);
  keyboard.pressKey(0x48);
  assert.deepEqual(take(), [0x14, 0xe0, 0x7e, 0xe0, 0xf0, 0x7e]);
});

test('a held key repeats after 500 ms, every 91.7 ms, until it is released or another goes down', () => {
  const { clock, keyboard, take } = board();
  keyboard.pressKey(0x04);
  take();
  clock.advance(499_000_000);
  assert.deepEqual(take(), []);
  clock.advance(2_000_000);
  assert.deepEqual(take(), [0x1c]);
  clock.advance(92_000_000);
  assert.deepEqual(take(), [0x1c]);
  keyboard.pressKey(0x05);
  assert.deepEqual(take(), [0x32]);
  keyboard.releaseKey(0x05);
  take();
  clock.advance(2_000_000_000);
  assert.deepEqual(take(), []);
});

test('the typematic command changes delay and rate', () => {
  const { clock, keyboard, take } = board();
  keyboard.receive(0xf3);
  keyboard.receive(0x00);
  assert.deepEqual(take(), [0xfa, 0xfa]);
  keyboard.pressKey(0x04);
  take();
  clock.advance(251_000_000);
  assert.deepEqual(take(), [0x1c]);
  clock.advance(34_000_000);
  assert.deepEqual(take(), [0x1c]);
});

test('a full buffer refuses the press, takes every release, and tells when there is space', () => {
  const { keyboard, take } = board();
  let spaces = 0;
  keyboard.onSpace(() => spaces++);
  const accepted = [0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f].filter((usage) => keyboard.pressKey(usage));
  assert.isBelow(accepted.length, 7);
  assert.isFalse(keyboard.canAccept());
  for (const usage of accepted) keyboard.releaseKey(usage);
  const bytes = take();
  assert.equal(bytes.length, accepted.length * 5);
  assert.equal(spaces, 1);
  assert.isTrue(keyboard.pressKey(0x04));
});

test('reset acknowledges at once and passes its self-test a little later', () => {
  const { clock, keyboard, take } = board();
  keyboard.receive(0xff);
  assert.deepEqual(take(), [0xfa]);
  clock.advance(10_000_000);
  assert.deepEqual(take(), [0xaa]);
});

test('LEDs reach the listener; a command in place of the LED byte is obeyed instead', () => {
  const { keyboard, take } = board();
  const seen: number[] = [];
  keyboard.onLeds((leds) => seen.push(leds));
  keyboard.receive(0xed);
  keyboard.receive(0x02);
  keyboard.receive(0xed);
  keyboard.receive(0xee);
  assert.deepEqual(seen, [2]);
  assert.deepEqual(take(), [0xfa, 0xfa, 0xfa, 0xee]);
});

test('replies go before waiting scan codes; resend repeats the last byte; unknown commands are answered FE', () => {
  const { keyboard, take } = board();
  keyboard.pressKey(0x04);
  keyboard.receive(0xee);
  assert.deepEqual(take(), [0xee, 0x1c]);
  keyboard.receive(0xfe);
  assert.deepEqual(take(), [0x1c]);
  keyboard.receive(0xe1);
  assert.deepEqual(take(), [0xfe]);
});

test('set 3: FC makes one key report its release, F0 00 tells the set', () => {
  const { keyboard, take } = board();
  for (const byte of [0xf0, 3, 0xf0, 0, 0xfc, 0x1c]) keyboard.receive(byte);
  assert.deepEqual(take(), [0xfa, 0xfa, 0xfa, 0xfa, 0x03, 0xfa, 0xfa]);
  keyboard.receive(0xf4);
  take();
  keyboard.pressKey(0x04);
  keyboard.releaseKey(0x04);
  assert.deepEqual(take(), [0x1c, 0xf0, 0x1c]);
});

test('a disabled keyboard sends nothing, and releaseAll lets go of what is held', () => {
  const { keyboard, take } = board();
  keyboard.receive(0xf5);
  keyboard.pressKey(0x04);
  assert.deepEqual(take(), [0xfa]);
  keyboard.receive(0xf4);
  keyboard.pressKey(0x05);
  take();
  keyboard.releaseAll();
  assert.deepEqual(take(), [0xf0, 0x1c, 0xf0, 0x32]);
});

test('a restored keyboard goes on repeating the held key', () => {
  const { clock, keyboard, take } = board();
  keyboard.pressKey(0x04);
  take();
  const copy = new Ps2Keyboard({ clock, outputReady: () => {} });
  copy.restore(structuredClone(keyboard.save()));
  clock.advance(501_000_000);
  assert.deepEqual([copy.takeOutput(), copy.hasOutput], [0x1c, false]);
});
