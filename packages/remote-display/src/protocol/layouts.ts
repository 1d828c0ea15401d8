import { type KeyEvent, USAGE_OF_CODE } from './keys.js';

/*
 * Which physical keys type a text on a guest keyboard layout. The caller names the layout that the guest
 * uses (names as in XKB: us, gb, de, fr); nothing here can find it out.
 *
 * A layout is a list of keys: code, then the character without modifier, with Shift, with AltGr. `dead`
 * marks a key that needs a Space after it to give the character itself.
 */

/** Keys to type one character: all but the last are pressed around it. */
export interface Stroke {
  readonly usage: number;
  readonly shift: boolean;
  readonly altGr: boolean;
}

interface LayoutKey {
  readonly code: string;
  readonly plain?: string;
  readonly shift?: string;
  readonly altGr?: string;
  /** Characters of this key that are dead keys. */
  readonly dead?: string;
}

/** `rows` of [code, plain, shift, altGr?, dead?]; letters A-Z without a row type themselves. */
function layout(rows: readonly (readonly [code: string, plain: string, shift?: string, altGr?: string, dead?: string])[]): LayoutKey[] {
  const named = new Set(rows.map(([code]) => code));
  const letters = [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => ({
    code: `Key${letter.toUpperCase()}`,
    plain: letter,
    shift: letter.toUpperCase(),
  }));
  return [
    { code: 'Space', plain: ' ' },
    { code: 'Enter', plain: '\n' },
    { code: 'Tab', plain: '\t' },
    { code: 'Backspace', plain: '\b' },
    { code: 'Escape', plain: '\x1b' },
    ...letters.filter(({ code }) => !named.has(code)),
    ...rows.map(([code, plain, shift, altGr, dead]) => ({
      code,
      plain,
      ...(shift !== undefined && { shift }),
      ...(altGr !== undefined && { altGr }),
      ...(dead !== undefined && { dead }),
    })),
  ];
}

const LAYOUT_KEYS = {
  us: layout([
    ['Digit1', '1', '!'],
    ['Digit2', '2', '@'],
    ['Digit3', '3', '#'],
    ['Digit4', '4', '$'],
    ['Digit5', '5', '%'],
    ['Digit6', '6', '^'],
    ['Digit7', '7', '&'],
    ['Digit8', '8', '*'],
    ['Digit9', '9', '('],
    ['Digit0', '0', ')'],
    ['Minus', '-', '_'],
    ['Equal', '=', '+'],
    ['BracketLeft', '[', '{'],
    ['BracketRight', ']', '}'],
    ['Backslash', '\\', '|'],
    ['Semicolon', ';', ':'],
    ['Quote', "'", '"'],
    ['Backquote', '`', '~'],
    ['Comma', ',', '<'],
    ['Period', '.', '>'],
    ['Slash', '/', '?'],
  ]),
  gb: layout([
    ['Digit1', '1', '!'],
    ['Digit2', '2', '"'],
    ['Digit3', '3', '£'],
    ['Digit4', '4', '$', '€'],
    ['Digit5', '5', '%'],
    ['Digit6', '6', '^'],
    ['Digit7', '7', '&'],
    ['Digit8', '8', '*'],
    ['Digit9', '9', '('],
    ['Digit0', '0', ')'],
    ['Minus', '-', '_'],
    ['Equal', '=', '+'],
    ['BracketLeft', '[', '{'],
    ['BracketRight', ']', '}'],
    ['Backslash', '#', '~'],
    ['IntlBackslash', '\\', '|'],
    ['Semicolon', ';', ':'],
    ['Quote', "'", '@'],
    ['Backquote', '`', '¬'],
    ['Comma', ',', '<'],
    ['Period', '.', '>'],
    ['Slash', '/', '?'],
  ]),
  de: layout([
    ['KeyY', 'z', 'Z'],
    ['KeyZ', 'y', 'Y'],
    ['KeyQ', 'q', 'Q', '@'],
    ['KeyE', 'e', 'E', '€'],
    ['KeyM', 'm', 'M', 'µ'],
    ['Digit1', '1', '!'],
    ['Digit2', '2', '"', '²'],
    ['Digit3', '3', '§', '³'],
    ['Digit4', '4', '$'],
    ['Digit5', '5', '%'],
    ['Digit6', '6', '&'],
    ['Digit7', '7', '/', '{'],
    ['Digit8', '8', '(', '['],
    ['Digit9', '9', ')', ']'],
    ['Digit0', '0', '=', '}'],
    ['Minus', 'ß', '?', '\\'],
    ['Equal', '´', '`', undefined, '´`'],
    ['BracketLeft', 'ü', 'Ü'],
    ['BracketRight', '+', '*', '~'],
    ['Backslash', '#', "'"],
    ['Semicolon', 'ö', 'Ö'],
    ['Quote', 'ä', 'Ä'],
    ['Backquote', '^', '°', undefined, '^'],
    ['IntlBackslash', '<', '>', '|'],
    ['Comma', ',', ';'],
    ['Period', '.', ':'],
    ['Slash', '-', '_'],
  ]),
  fr: layout([
    ['KeyA', 'q', 'Q'],
    ['KeyQ', 'a', 'A'],
    ['KeyW', 'z', 'Z'],
    ['KeyZ', 'w', 'W'],
    ['KeyE', 'e', 'E', '€'],
    ['KeyM', ',', '?'],
    ['Semicolon', 'm', 'M'],
    ['Digit1', '&', '1'],
    ['Digit2', 'é', '2', '~', '~'],
    ['Digit3', '"', '3', '#'],
    ['Digit4', "'", '4', '{'],
    ['Digit5', '(', '5', '['],
    ['Digit6', '-', '6', '|'],
    ['Digit7', 'è', '7', '`', '`'],
    ['Digit8', '_', '8', '\\'],
    ['Digit9', 'ç', '9', '^'],
    ['Digit0', 'à', '0', '@'],
    ['Minus', ')', '°', ']'],
    ['Equal', '=', '+', '}'],
    ['BracketRight', '$', '£', '¤'],
    ['Backslash', '*', 'µ'],
    ['Quote', 'ù', '%'],
    ['Backquote', '²'],
    ['IntlBackslash', '<', '>'],
    ['Comma', ';', '.'],
    ['Period', ':', '/'],
    ['Slash', '!', '§'],
  ]),
} satisfies Readonly<Record<string, LayoutKey[]>>;

export type KeyboardLayout = keyof typeof LAYOUT_KEYS;

export const KEYBOARD_LAYOUTS = Object.keys(LAYOUT_KEYS) as readonly KeyboardLayout[];

export function isKeyboardLayout(name: string): name is KeyboardLayout {
  return Object.hasOwn(LAYOUT_KEYS, name);
}

/** Character → strokes, made once per layout. */
const STROKES = new Map<KeyboardLayout, ReadonlyMap<string, readonly Stroke[]>>();

function strokesOf(name: KeyboardLayout): ReadonlyMap<string, readonly Stroke[]> {
  const known = STROKES.get(name);
  if (known) return known;
  const strokes = new Map<string, readonly Stroke[]>();
  for (const key of LAYOUT_KEYS[name]) {
    const usage = USAGE_OF_CODE[key.code]!;
    for (const [character, shift, altGr] of [
      [key.plain, false, false],
      [key.shift, true, false],
      [key.altGr, false, true],
    ] as const) {
      if (character === undefined || strokes.has(character)) continue;
      const stroke = { usage, shift, altGr };
      const space = { usage: USAGE_OF_CODE['Space']!, shift: false, altGr: false };
      strokes.set(character, key.dead?.includes(character) ? [stroke, space] : [stroke]);
    }
  }
  STROKES.set(name, strokes);
  return strokes;
}

/**
 * The key events that type `text` on a guest with the named layout: each key is pressed and released, with
 * its modifiers around it. Characters that the layout cannot type are left out and listed in `untypable`.
 * CR LF and CR count as one Enter.
 */
export function keysForText(text: string, layoutName: KeyboardLayout): { readonly events: KeyEvent[]; readonly untypable: string[] } {
  const strokes = strokesOf(layoutName);
  const events: KeyEvent[] = [];
  const untypable = new Set<string>();
  for (const character of text.replace(/\r\n?/g, '\n')) {
    const found = strokes.get(character);
    if (!found) untypable.add(character);
    for (const { usage, shift, altGr } of found ?? []) {
      if (shift) events.push({ usage: SHIFT, down: true });
      if (altGr) events.push({ usage: ALT_GR, down: true });
      events.push({ usage, down: true }, { usage, down: false });
      if (altGr) events.push({ usage: ALT_GR, down: false });
      if (shift) events.push({ usage: SHIFT, down: false });
    }
  }
  return { events, untypable: [...untypable] };
}

const SHIFT = USAGE_OF_CODE['ShiftLeft']!;
const ALT_GR = USAGE_OF_CODE['AltRight']!;
