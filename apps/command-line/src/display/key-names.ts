import { USAGE_OF_CODE } from '@millwright/remote-display/protocol';
import { usage } from '../command-error.js';

/** Names people use for keys whose code reads otherwise. Letters, digits and codes themselves need no row. */
const CODE_OF_NAME: Readonly<Record<string, string>> = {
  ctrl: 'ControlLeft',
  control: 'ControlLeft',
  rctrl: 'ControlRight',
  shift: 'ShiftLeft',
  rshift: 'ShiftRight',
  alt: 'AltLeft',
  altgr: 'AltRight',
  ralt: 'AltRight',
  super: 'MetaLeft',
  win: 'MetaLeft',
  meta: 'MetaLeft',
  menu: 'ContextMenu',
  del: 'Delete',
  ins: 'Insert',
  esc: 'Escape',
  return: 'Enter',
  bksp: 'Backspace',
  up: 'ArrowUp',
  down: 'ArrowDown',
  left: 'ArrowLeft',
  right: 'ArrowRight',
  pgup: 'PageUp',
  pgdn: 'PageDown',
  print: 'PrintScreen',
  sysrq: 'PrintScreen',
  minus: 'Minus',
  plus: 'NumpadAdd',
};

const CODE_OF_LOWER = new Map(Object.keys(USAGE_OF_CODE).map((code) => [code.toLowerCase(), code]));

/**
 * KeyboardEvent codes of a combination like `ctrl-alt-delete`, `alt+f4`, `F5`, `shift-a` or `NumpadEnter`, in any
 * letter case. The keys are physical ones, named as on a US keyboard. @throws CommandError
 */
export function codesOfCombination(text: string): string[] {
  const names = text.split(/[-+]/);
  if (names.some((name) => name === '')) throw usage(`${text} is no key combination. Write it like ctrl-alt-delete, alt-f4 or enter.`);
  return names.map(codeOf);
}

function codeOf(name: string): string {
  const lower = name.toLowerCase();
  const letter = /^[a-z]$/.test(lower) ? `key${lower}` : /^[0-9]$/.test(lower) ? `digit${lower}` : undefined;
  const code = (Object.hasOwn(CODE_OF_NAME, lower) ? CODE_OF_NAME[lower] : undefined) ?? CODE_OF_LOWER.get(letter ?? lower);
  if (code === undefined)
    throw usage(
      `There is no key ${name}. Use a letter, a digit, f1 to f24, ctrl, alt, shift, enter, esc, tab, up …, or a KeyboardEvent code like NumpadEnter.`,
    );
  return code;
}
