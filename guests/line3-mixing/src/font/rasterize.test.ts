import { assert, test } from 'vitest';
import { glyphSequence } from './glyphs.js';
import { rasterizeGlyph, rasterizeShape } from './rasterize.js';

const SMALL = { scale: 1, weight: 1, spacing: 2 };

test('strokes on grid lines are sharp', () => {
  const mask = rasterizeGlyph([2, '0,0 0,3 2,3'], SMALL);
  const lines = Array.from({ length: mask.height }, (_, row) =>
    Array.from(mask.alpha.subarray(row * mask.width, (row + 1) * mask.width), (a) => (a > 127 ? '#' : '.')).join(''),
  );
  assert.deepEqual(lines, ['.#..', '.#..', '.#..', '.###']);
  assert.deepEqual([mask.top, mask.advance], [0, 5]);
});

test('every character from 32 to 131 is drawn; only the space is empty', () => {
  const empty = glyphSequence().map((glyph, index) => ({ code: index + 32, height: rasterizeGlyph(glyph, SMALL).height }));
  assert.equal(empty.length, 100);
  assert.deepEqual(
    empty.filter(({ height }) => height === 0).map(({ code }) => code),
    [32],
  );
});

test('a shape covers a pixel by its part', () => {
  assert.deepEqual([...rasterizeShape(2, 1, (x) => x < 1.5).alpha], [255, 128]);
});
