import { USAGE_OF_CODE } from '../protocol/keys.js';
import { keysForText } from '../protocol/layouts.js';

/*
 * Keysyms (X11, keysymdef.h) → physical keys, for clients without the QEMU extended key event.
 *
 * A keysym is a character, not a key: the map assumes that the guest has a US layout, and takes the key that
 * has the character there. Shift is not invented: the client sends its own. So `A` and `a` are the same key,
 * and so are `!` and `1`. A client on another layout needs the extended key event to be right.
 */

/** Keysym → KeyboardEvent code of keys that are no characters. */
const NAMED: ReadonlyMap<number, string> = new Map([
  [0xff08, 'Backspace'],
  [0xff09, 'Tab'],
  [0xfe20, 'Tab'],
  [0xff0d, 'Enter'],
  [0xff1b, 'Escape'],
  [0xffff, 'Delete'],
  [0xff13, 'Pause'],
  [0xff14, 'ScrollLock'],
  [0xff15, 'PrintScreen'],
  [0xff61, 'PrintScreen'],
  [0xff6b, 'Pause'],
  [0xff50, 'Home'],
  [0xff51, 'ArrowLeft'],
  [0xff52, 'ArrowUp'],
  [0xff53, 'ArrowRight'],
  [0xff54, 'ArrowDown'],
  [0xff55, 'PageUp'],
  [0xff56, 'PageDown'],
  [0xff57, 'End'],
  [0xff63, 'Insert'],
  [0xff67, 'ContextMenu'],
  [0xff7f, 'NumLock'],
  [0xff8d, 'NumpadEnter'],
  [0xff95, 'Numpad7'],
  [0xff96, 'Numpad4'],
  [0xff97, 'Numpad8'],
  [0xff98, 'Numpad6'],
  [0xff99, 'Numpad2'],
  [0xff9a, 'Numpad9'],
  [0xff9b, 'Numpad3'],
  [0xff9c, 'Numpad1'],
  [0xff9d, 'Numpad5'],
  [0xff9e, 'Numpad0'],
  [0xff9f, 'NumpadDecimal'],
  [0xffaa, 'NumpadMultiply'],
  [0xffab, 'NumpadAdd'],
  [0xffac, 'NumpadDecimal'],
  [0xffad, 'NumpadSubtract'],
  [0xffae, 'NumpadDecimal'],
  [0xffaf, 'NumpadDivide'],
  [0xffb0, 'Numpad0'],
  [0xffb1, 'Numpad1'],
  [0xffb2, 'Numpad2'],
  [0xffb3, 'Numpad3'],
  [0xffb4, 'Numpad4'],
  [0xffb5, 'Numpad5'],
  [0xffb6, 'Numpad6'],
  [0xffb7, 'Numpad7'],
  [0xffb8, 'Numpad8'],
  [0xffb9, 'Numpad9'],
  [0xffbd, 'NumpadEqual'],
  [0xffbe, 'F1'],
  [0xffbf, 'F2'],
  [0xffc0, 'F3'],
  [0xffc1, 'F4'],
  [0xffc2, 'F5'],
  [0xffc3, 'F6'],
  [0xffc4, 'F7'],
  [0xffc5, 'F8'],
  [0xffc6, 'F9'],
  [0xffc7, 'F10'],
  [0xffc8, 'F11'],
  [0xffc9, 'F12'],
  [0xffe1, 'ShiftLeft'],
  [0xffe2, 'ShiftRight'],
  [0xffe3, 'ControlLeft'],
  [0xffe4, 'ControlRight'],
  [0xffe5, 'CapsLock'],
  [0xffe7, 'MetaLeft'],
  [0xffe8, 'MetaRight'],
  [0xffe9, 'AltLeft'],
  [0xffea, 'AltRight'],
  [0xffeb, 'MetaLeft'],
  [0xffec, 'MetaRight'],
  [0xfe03, 'AltRight'],
  [0xff7e, 'AltRight'],
]);

/** Keysym → HID usage, or `undefined` for a keysym that no key of the US layout has. */
export function usageOfKeysym(keysym: number): number | undefined {
  const code = NAMED.get(keysym);
  if (code !== undefined) return USAGE_OF_CODE[code];
  const character = characterOfKeysym(keysym);
  if (character === undefined) return undefined;
  const key = keysForText(character, 'us').events.find(({ usage }) => usage !== USAGE_OF_CODE['ShiftLeft']);
  return key?.usage;
}

/** Latin-1 keysyms are their characters; 0x01000000 + code point is Unicode. */
function characterOfKeysym(keysym: number): string | undefined {
  if (keysym >= 0x20 && keysym <= 0x7e) return String.fromCharCode(keysym);
  if (keysym > 0x0100_0000 && keysym <= 0x0110_ffff) return String.fromCodePoint(keysym - 0x0100_0000);
  return undefined;
}
