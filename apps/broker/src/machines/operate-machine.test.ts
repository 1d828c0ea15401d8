import { type DesktopId, MachineConditionSchema } from '@millwright/contracts';
import { assert, test } from 'vitest';
import { codeOf, MemoryWorld } from '../platform/testing/memory-world.js';
import { OperateMachine } from './operate-machine.service.js';

function operateIn(w: MemoryWorld) {
  return new OperateMachine(w.transactions, w.machines, w.access, w.placement, w.hostCommands, w.audit, w.changes);
}

async function assigned(w: MemoryWorld, role: 'engineer' | 'operator', machineId: Awaited<ReturnType<MemoryWorld['machine']>>) {
  const ctx = await w.person(role);
  const desktopId = '30000000-0000-4000-8000-000000000001' as DesktopId;
  await w.desktops.save({ id: desktopId, name: 'd', presentation: 'desktop', machineId, createdAt: w.now });
  await w.assignments.save({ id: `${desktopId}/${ctx.userId}`, desktopId, userId: ctx.userId, assignedAt: w.now });
  return ctx;
}

test('starting counts the generation up, queues the command, and is in the diary', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine();
  await operateIn(w).execute(await w.person('admin'), id, 'start');
  assert.deepInclude(await w.machines.find(id), { wanted: 'running', generation: 2 });
  assert.deepInclude((await w.waiting())[0]!, { action: 'apply-machine', machineId: id, wanted: 'running', generation: 2 });
  assert.deepEqual(w.diary, ['machine.start']);
});

test('without room on its host a machine stays stopped', async () => {
  const w = new MemoryWorld();
  await w.host();
  await w.machine({ wanted: 'running' });
  await w.machine({ wanted: 'running' });
  const id = await w.machine();
  assert.equal(await codeOf(operateIn(w).execute(await w.person('admin'), id, 'start')), 'machine.no-capacity');
  assert.deepInclude(await w.machines.find(id), { wanted: 'stopped', generation: 1 });
  assert.deepEqual(await w.waiting(), []);
});

test('without its host a machine cannot be started, but its stop can be wanted', async () => {
  const w = new MemoryWorld();
  await w.host({ connectedTo: null });
  const stopped = await w.machine();
  const running = await w.machine({ wanted: 'running' });
  const admin = await w.person('admin');
  assert.equal(await codeOf(operateIn(w).execute(admin, stopped, 'start')), 'host.offline');
  await operateIn(w).execute(admin, running, 'stop');
  assert.equal((await w.machines.find(running))?.wanted, 'stopped');
});

test('a newer wish replaces one the host has not seen', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine();
  const admin = await w.person('admin');
  await operateIn(w).execute(admin, id, 'start');
  await operateIn(w).execute(admin, id, 'stop');
  const waiting = await w.waiting();
  assert.lengthOf(waiting, 1);
  assert.deepInclude(waiting[0]!, { wanted: 'stopped', generation: 3 });
});

test('an operator starts the own machine and may not stop it; the refusal is in the diary', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine();
  const operator = await assigned(w, 'operator', id);
  await operateIn(w).execute(operator, id, 'start');
  assert.equal(await codeOf(operateIn(w).execute(operator, id, 'stop')), 'auth.denied');
  assert.deepEqual(w.diary, ['machine.start', '!machine.stop']);
});

test('an engineer operates the own machine and knows no other', async () => {
  const w = new MemoryWorld();
  await w.host();
  const own = await w.machine({ wanted: 'running', condition: MachineConditionSchema.parse({ state: 'running', generation: 1 }) });
  const other = await w.machine();
  const engineer = await assigned(w, 'engineer', own);
  await operateIn(w).execute(engineer, own, 'pause');
  assert.equal((await w.machines.find(own))?.wanted, 'paused');
  assert.equal(await codeOf(operateIn(w).execute(engineer, other, 'start')), 'machine.missing');
});
