import { assert, test } from 'vitest';
import { Progress } from './progress.js';

function progress() {
  const seen: [number, string][] = [];
  const stages = [
    { name: 'fetch', weight: 1 },
    { name: 'unpack', weight: 3 },
    { name: 'write', weight: 6 },
  ];
  return { seen, it: new Progress<string>(stages, (percent, stage) => seen.push([percent, stage])) };
}

test('a stage counts by its share of the whole', () => {
  const { seen, it } = progress();
  it.begin('fetch');
  it.begin('unpack');
  it.at(0.5);
  it.begin('write');
  assert.deepEqual(seen, [
    [0, 'fetch'],
    [10, 'unpack'],
    [25, 'unpack'],
    [40, 'write'],
  ]);
});

test('progress never goes back, never leaves 0..99, and says nothing twice', () => {
  const { seen, it } = progress();
  it.begin('write');
  it.at(9);
  it.at(0.2);
  it.at(0.2);
  assert.deepEqual(seen, [
    [40, 'write'],
    [99, 'write'],
  ]);
});

test('a stage that the recipe does not list is a defect', () => {
  assert.throws(() => progress().it.begin('polish'), /polish/);
});
