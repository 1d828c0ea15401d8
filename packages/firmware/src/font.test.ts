import { readFileSync } from 'node:fs';
import { assert, test } from 'vitest';
import { buildFonts, parseFont } from './font.js';

const read = (file: string): string => readFileSync(new URL(`./fonts/${file}`, import.meta.url), 'utf8');
const fonts = buildFonts({
  ascii: read('ascii.font'),
  symbols: read('symbols.font'),
  composed: read('composed.font'),
  small: read('small.font'),
});
const glyph = (height: 8 | 14 | 16, code: number): number[] => [...fonts[height].subarray(code * height, (code + 1) * height)];

test('a glyph starts at the row it names, the leftmost dot in bit 7', () => {
  assert.deepEqual([...parseFont('char 41 at 2\n#\n.......#', 8, 't').glyphs.get(0x41)!], [0, 0, 0x80, 1, 0, 0, 0, 0]);
});

test('every printable character differs from every other in each height', () => {
  for (const height of [8, 14, 16] as const) {
    const seen = new Map<string, number>();
    for (let code = 0x21; code < 0xff; code++) {
      if (code === 0x7f) continue;
      const key = glyph(height, code).join();
      assert.isUndefined(seen.get(key), `${height}: ${code.toString(16)} looks like ${seen.get(key)?.toString(16)}`);
      seen.set(key, code);
    }
  }
});

test('box drawing meets at the edges of the cell', () => {
  for (const height of [8, 14, 16] as const) {
    const single = glyph(height, 0xc5);
    assert.equal(single.filter((row) => row === 0xff).length, 1);
    assert.isTrue(single.every((row) => (row & 0x18) === 0x18));
    assert.isTrue(glyph(height, 0xdb).every((row) => row === 0xff));
    const double = glyph(height, 0xbb); /* down and left: nothing above or to the right */
    assert.equal(double[0], 0);
    assert.isTrue(double.every((row) => (row & 1) === 0));
    assert.equal(double[height - 1], 0x66);
  }
});

test('rows outside the cell and stray lines are refused', () => {
  assert.throws(() => parseFont('char 41 at 7\n#\n#', 8, 't'), /outside/);
  assert.throws(() => parseFont('#.#', 8, 't'), /no glyph/);
  assert.throws(() => parseFont('char 41 at 0\n#########', 8, 't'), /8 dots/);
});
