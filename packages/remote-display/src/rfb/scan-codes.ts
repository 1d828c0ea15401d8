import { USAGE_OF_CODE } from '../protocol/keys.js';

/*
 * XT scan codes (set 1) as the QEMU extended key event sends them: an E0-prefixed code has bit 7 set
 * (rfbproto, "QEMU Extended Key Event Message").
 */

/** Codes 0x01..0x58 in order; '' where no key is. */
const PLAIN = [
  '', 'Escape', 'Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5', 'Digit6', 'Digit7', 'Digit8', 'Digit9', 'Digit0', 'Minus', 'Equal', 'Backspace', 'Tab',
  'KeyQ', 'KeyW', 'KeyE', 'KeyR', 'KeyT', 'KeyY', 'KeyU', 'KeyI', 'KeyO', 'KeyP', 'BracketLeft', 'BracketRight', 'Enter', 'ControlLeft', 'KeyA', 'KeyS',
  'KeyD', 'KeyF', 'KeyG', 'KeyH', 'KeyJ', 'KeyK', 'KeyL', 'Semicolon', 'Quote', 'Backquote', 'ShiftLeft', 'Backslash', 'KeyZ', 'KeyX', 'KeyC', 'KeyV',
  'KeyB', 'KeyN', 'KeyM', 'Comma', 'Period', 'Slash', 'ShiftRight', 'NumpadMultiply', 'AltLeft', 'Space', 'CapsLock', 'F1', 'F2', 'F3', 'F4', 'F5',
  'F6', 'F7', 'F8', 'F9', 'F10', 'NumLock', 'ScrollLock', 'Numpad7', 'Numpad8', 'Numpad9', 'NumpadSubtract', 'Numpad4', 'Numpad5', 'Numpad6', 'NumpadAdd', 'Numpad1',
  'Numpad2', 'Numpad3', 'Numpad0', 'NumpadDecimal', 'PrintScreen', '', 'IntlBackslash', 'F11', 'F12', 'NumpadEqual',
];

/** Codes outside the table, and those with the E0 prefix (bit 7). */
const OTHERS: ReadonlyMap<number, string> = new Map([
  [0x5d, 'F14'], [0x64, 'F13'], [0x70, 'KanaMode'], [0x73, 'IntlRo'], [0x79, 'Convert'], [0x7b, 'NonConvert'], [0x7d, 'IntlYen'], [0x7e, 'NumpadComma'],
  [0x9c, 'NumpadEnter'], [0x9d, 'ControlRight'], [0xb5, 'NumpadDivide'], [0xb7, 'PrintScreen'], [0xb8, 'AltRight'], [0xc6, 'Pause'],
  [0xc7, 'Home'], [0xc8, 'ArrowUp'], [0xc9, 'PageUp'], [0xcb, 'ArrowLeft'], [0xcd, 'ArrowRight'], [0xcf, 'End'], [0xd0, 'ArrowDown'], [0xd1, 'PageDown'],
  [0xd2, 'Insert'], [0xd3, 'Delete'], [0xdb, 'MetaLeft'], [0xdc, 'MetaRight'], [0xdd, 'ContextMenu'], [0xde, 'Power'],
]);

/** Scan code of an extended key event → HID usage. */
export function usageOfScanCode(scanCode: number): number | undefined {
  const code = (scanCode < PLAIN.length ? PLAIN[scanCode] : undefined) || OTHERS.get(scanCode);
  return code ? USAGE_OF_CODE[code] : undefined;
}
