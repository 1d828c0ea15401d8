import type { GuestStack } from '@millwright/x86-vmm';
import { assert, describe, test } from 'vitest';
import { PROFILE_FORMATS } from './profile-formats.js';
import { framesOf, ProfileTree } from './profile-tree.js';
import { SystemMap } from './system-map.js';

const SYMBOLS = SystemMap.parse(Buffer.from('c1000000 T start\nc1000100 t inner\nc1000200 T </script><b>;x\n'));

function stack(addresses: readonly number[], more: Partial<GuestStack> = {}): GuestStack {
  return { mode: '32-bit', cpl: 0, cr3: 0x1000, addresses, instructions: 1000, ms: 2, ...more };
}

describe('frames', () => {
  test('whose code it is comes first, the innermost function last', () => {
    for (const [given, frames] of [
      [stack([0xc100_0110, 0xc100_0010]), ['kernel', 'start', 'inner']],
      // The call was the last thing that `start` did.
      [stack([0xc100_0110, 0xc100_0100]), ['kernel', 'start', 'inner']],
      [stack([0xb000_0000, 0xc100_0010]), ['kernel', 'start', 'page 0xb0000000']],
      [stack([0xc100_0110, 0xb000_0010]), ['kernel', '0xb0000010', 'inner']],
      [stack([0x0804_8123], { cpl: 3 }), ['user', 'process 0x00001000', 'page 0x08048000']],
      [stack([0xf_1234], { mode: 'real', cr3: 0 }), ['real mode', 'page 0x000f1000']],
      [stack([0x1234], { mode: 'virtual-8086', cpl: 3 }), ['virtual-8086 mode', 'page 0x00001000']],
      [stack([0x1234], { mode: '16-bit', cpl: 3 }), ['16-bit protected mode, CPL 3', 'page 0x00001000']],
      [stack([0xc100_0110], { cpl: 1 }), ['CPL 1', 'inner']],
      [stack([]), ['kernel']],
    ] as const)
      assert.deepEqual(framesOf(given, SYMBOLS), [...frames]);
    assert.deepEqual(framesOf(stack([0xc100_0110, 0xc100_0010]), undefined), ['kernel', '0xc1000010', '0xc1000110']);
  });
});

describe('profiles', () => {
  const tree = new ProfileTree(SYMBOLS);
  tree.add([stack([0xc100_0110, 0xc100_0010]), stack([0xc100_0110, 0xc100_0010]), stack([0xc100_0010]), stack([0xc100_0210], { ms: 0.5 })]);

  test('equal stacks are summed', () => {
    assert.deepEqual(
      [...tree.stacks()],
      [
        { frames: ['kernel', 'start'], ms: 2, instructions: 1000 },
        { frames: ['kernel', 'start', 'inner'], ms: 4, instructions: 2000 },
        { frames: ['kernel', '</script><b>;x'], ms: 0.5, instructions: 1000 },
      ],
    );
    assert.deepEqual([tree.root.ms, tree.root.instructions], [6.5, 4000]);
  });

  test('a guest that is everywhere does not fill the memory', () => {
    const endless = new ProfileTree(undefined);
    for (let i = 0; i < 3000; i++) endless.add([stack(Array.from({ length: 65 }, (_, depth) => i * 100 + depth))]);
    let nodes = 0;
    for (const _ of endless.stacks()) nodes++;
    assert.isAtMost(nodes, 3000);
    assert.equal(endless.root.instructions, 3_000_000);
  });

  test('collapsed stacks', () => {
    assert.equal(PROFILE_FORMATS['.folded']!(tree, ''), 'kernel;start 2000\nkernel;start;inner 4000\nkernel;</script><b>:x 500\n');
  });

  test('speedscope: two profiles over the same frames', () => {
    const file = JSON.parse(PROFILE_FORMATS['.json']!(tree, 'a run')) as {
      $schema: string;
      shared: { frames: { name: string }[] };
      profiles: { type: string; unit: string; endValue: number; samples: number[][]; weights: number[] }[];
    };
    assert.equal(file.$schema, 'https://www.speedscope.app/file-format-schema.json');
    assert.deepEqual(
      file.shared.frames.map(({ name }) => name),
      ['kernel', 'start', 'inner', '</script><b>;x'],
    );
    assert.deepEqual(
      file.profiles.map(({ type, unit, endValue, samples, weights }) => [type, unit, endValue, samples, weights]),
      [
        [
          'sampled',
          'milliseconds',
          6.5,
          [
            [0, 1],
            [0, 1, 2],
            [0, 3],
          ],
          [2, 4, 0.5],
        ],
        [
          'sampled',
          'none',
          4000,
          [
            [0, 1],
            [0, 1, 2],
            [0, 3],
          ],
          [1000, 2000, 1000],
        ],
      ],
    );
  });

  test('the page needs nothing from elsewhere, and no name gets out of its data', () => {
    const page = PROFILE_FORMATS['.html']!(tree, '');
    assert.notMatch(page, /<script[^>]+src=|<link|@import/);
    assert.equal(page.split('</script>').length - 1, 4);
    const data = JSON.parse(/<script id="data" type="application\/json">([^<]+)<\/script>/.exec(page)![1]!) as {
      time: { value: number; children: { name: string; children: { name: string }[] }[] };
    };
    assert.equal(data.time.value, 6500);
    assert.equal(data.time.children[0]!.children[1]!.name, '</script><b>;x');
  });
});
