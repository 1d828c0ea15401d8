import { MachineConditionSchema } from '@millwright/contracts';
import { assert, test } from 'vitest';
import { MemoryWorld } from '../platform/testing/memory-world.js';
import { ReconcileMachine } from './reconcile-machine.service.js';
import { RemoveMachine } from './remove-machine.js';

function reconcileIn(w: MemoryWorld) {
  const remove = new RemoveMachine(w.machines, w.desktops, w.assignments, w.changes);
  return new ReconcileMachine(w.transactions, w.machines, w.hosts, w.hostCommands, remove, w.audit, w.changes, w.clock);
}

test('a wish whose command was lost is sent again, once', async () => {
  const w = new MemoryWorld();
  await w.host();
  await w.machine({ wanted: 'running', generation: 4, condition: MachineConditionSchema.parse({ state: 'stopped', generation: 3 }) });
  await reconcileIn(w).all();
  await reconcileIn(w).all();
  assert.deepEqual(
    (await w.waiting()).map((command) => command.action === 'apply-machine' && command.generation),
    [4],
  );
});

test('nothing is sent to a host that is away', async () => {
  const w = new MemoryWorld();
  await w.host({ connectedTo: null });
  await w.machine({ wanted: 'running', generation: 4 });
  await reconcileIn(w).all();
  assert.deepEqual(await w.waiting(), []);
});

test('a machine that its host saved by itself is resumed under a new generation', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine({
    wanted: 'running',
    condition: MachineConditionSchema.parse({ state: 'saved', generation: 1, hasSavedState: true }),
  });
  await reconcileIn(w).all();
  assert.deepInclude(await w.machines.find(id), { wanted: 'running', generation: 2 });
});

test('a deleted machine goes when its host has no files of it any more', async () => {
  const w = new MemoryWorld();
  await w.host();
  const id = await w.machine({
    wanted: 'absent',
    generation: 2,
    condition: MachineConditionSchema.parse({ state: 'stopped', generation: 1 }),
  });
  await reconcileIn(w).all();
  assert.isDefined(await w.machines.find(id));
  const machine = (await w.machines.find(id))!;
  await w.machines.save({ ...machine, condition: MachineConditionSchema.parse({ state: 'absent', generation: 2 }) });
  for (const command of await w.commands.where({})) await w.commands.save({ ...command, finishedAt: w.now });
  await reconcileIn(w).all();
  assert.isUndefined(await w.machines.find(id));
});
