import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { copyRoot } from './file-tree.js';

let tree: string;
beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'file-tree-'));
});
afterEach(() => rm(tree, { recursive: true }));

test.each(['debian-console', 'debian-hmi'] as const)('%s has what its inittab starts, and what every Debian guest has', async (name) => {
  await copyRoot(name, tree);
  const inittab = await readFile(join(tree, 'etc/inittab'), 'utf8');
  for (const path of ['usr/local/sbin/follow-clock', 'etc/init.d/start', 'etc/init.d/stop']) {
    assert.include(inittab, `/${path}`);
    assert.equal((await stat(join(tree, path))).mode & 0o777, 0o755, path);
  }
  // What acpid runs when the power button is pressed.
  assert.match(await readFile(join(tree, 'etc/acpi/PWRF/00000080'), 'utf8'), /poweroff/);
});
