import { assert, test } from 'vitest';
import { systemContext } from '../platform/request-context.js';
import { codeOf, MemoryWorld } from '../platform/testing/memory-world.js';
import { TRASH_MS } from './machine.js';
import { RemoveMachine } from './remove-machine.js';
import { TrashMachine } from './trash-machine.service.js';

function trashIn(w: MemoryWorld) {
  const remove = new RemoveMachine(w.machines, w.desktops, w.assignments, w.changes);
  return new TrashMachine(w.transactions, w.machines, w.hostCommands, w.endSessions, remove, w.audit, w.changes, w.clock);
}

test('a running machine is powered off into the trash and comes back stopped', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine({ wanted: 'running' });
  const admin = await w.person('admin');
  await trashIn(w).remove(admin, id);
  assert.deepInclude(await w.machines.find(id), { wanted: 'stopped', trashedAt: w.now });
  await trashIn(w).restore(admin, id);
  assert.deepInclude(await w.machines.find(id), { wanted: 'stopped', trashedAt: null });
});

test('a machine whose name has been taken meanwhile is not restored', async () => {
  const w = new MemoryWorld();
  const id = await w.machine({ name: 'line', trashedAt: w.now });
  await w.machine({ name: 'line' });
  assert.equal(await codeOf(trashIn(w).restore(await w.person('admin'), id)), 'machine.name-taken');
});

test('after seven days, and not before, the host is told to forget it', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine({ trashedAt: w.now });
  w.now = new Date(w.now.getTime() + TRASH_MS);
  await trashIn(w).purgeExpired(systemContext('test'));
  assert.equal((await w.machines.find(id))?.wanted, 'stopped');
  w.now = new Date(w.now.getTime() + 1);
  await trashIn(w).purgeExpired(systemContext('test'));
  assert.equal((await w.machines.find(id))?.wanted, 'absent');
  assert.deepInclude((await w.waiting())[0]!, { action: 'apply-machine', wanted: 'absent' });
});

test('a machine that no host has is removed at once', async () => {
  const w = new MemoryWorld();
  const id = await w.machine({ trashedAt: w.now, hostId: null });
  await trashIn(w).remove(await w.person('admin'), id);
  assert.isUndefined(await w.machines.find(id));
});
