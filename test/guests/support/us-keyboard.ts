/** Characters of the US layout by USB HID usage (HUT, keyboard page), unshifted and shifted. */
const KEYS: readonly (readonly [usage: number, plain: string, shifted: string])[] = [
  ...Array.from({ length: 26 }, (_, index) => [4 + index, String.fromCharCode(97 + index), String.fromCharCode(65 + index)] as const),
  [0x1e, '1', '!'],
  [0x1f, '2', '@'],
  [0x20, '3', '#'],
  [0x21, '4', '$'],
  [0x22, '5', '%'],
  [0x23, '6', '^'],
  [0x24, '7', '&'],
  [0x25, '8', '*'],
  [0x26, '9', '('],
  [0x27, '0', ')'],
  [0x28, '\n', ''],
  [0x29, '\x1b', ''],
  [0x2c, ' ', ''],
  [0x2d, '-', '_'],
  [0x2e, '=', '+'],
  [0x33, ';', ':'],
  [0x34, "'", '"'],
  [0x36, ',', '<'],
  [0x37, '.', '>'],
  [0x38, '/', '?'],
];

export function keysOf(text: string): readonly { readonly usage: number; readonly shift: boolean }[] {
  return Array.from(text, (character) => {
    const key = KEYS.find(([, plain, shifted]) => plain === character || shifted === character);
    if (!key) throw new RangeError(`no key for ${JSON.stringify(character)}`);
    return { usage: key[0], shift: key[2] === character };
  });
}
