import type { HostId } from '@millwright/contracts';
import { assert, test } from 'vitest';
import { chooseHost } from './choose-host.js';

const host = (name: string, memoryMiB: number, committedMiB: number, isOnline = true) => ({
  hostId: name as HostId,
  memoryMiB,
  committedMiB,
  isOnline,
});

test('the emptiest online host that fits is taken', () => {
  assert.equal(chooseHost([host('a', 4096, 3000), host('b', 4096, 1000), host('c', 9000, 0, false)], 512), 'b');
});

test('exactly enough is enough, one less is not', () => {
  assert.equal(chooseHost([host('a', 1024, 512)], 512), 'a');
  assert.isUndefined(chooseHost([host('a', 1024, 513)], 512));
});
