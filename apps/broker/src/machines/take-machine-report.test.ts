import { type HandOver, MachineConditionSchema, type MachineId, MachineReportSchema, type SessionId } from '@millwright/contracts';
import { assert, test } from 'vitest';
import type { Audit } from '../audit/audit.js';
import type { RequestContext } from '../platform/request-context.js';
import { MemoryWorld } from '../platform/testing/memory-world.js';
import type { SessionRecord } from '../sessions/session.js';
import { ReconcileMachine } from './reconcile-machine.service.js';
import { RemoveMachine } from './remove-machine.js';
import { TakeMachineReport } from './take-machine-report.service.js';

const CONDITION = MachineConditionSchema.parse({ state: 'running', generation: 1 });
const idOf = (kind: number, number: number) => `${kind}0000000-0000-4000-8000-00000000000${number}`;

/** A running machine with the sessions of Ann (1), Bo (2) and Cy (3), and what its reports write into the audit. */
async function watched() {
  const w = new MemoryWorld();
  await w.host();
  const machineId = await w.machine({ wanted: 'running', condition: CONDITION });
  for (const [index, displayName] of ['Ann', 'Bo', 'Cy'].entries()) {
    const { userId } = await w.person('operator', { displayName, name: displayName.toLowerCase() });
    const session: Partial<SessionRecord> = { id: idOf(5, index + 1) as SessionId, machineId, userId, userDisplayName: displayName };
    await w.sessions.save({ ...(session as SessionRecord), state: 'connected' });
  }
  const entries: string[] = [];
  const audit: Audit = Object.assign(w.audit, {
    record: async (ctx: RequestContext, action: string, _subject: unknown, detail?: Record<string, unknown>) =>
      void entries.push(`${ctx.userName} ${action} ${detail?.['from']} ${detail?.['to']}`),
  });
  const remove = new RemoveMachine(w.machines, w.desktops, w.assignments, w.changes);
  const reconcile = new ReconcileMachine(w.transactions, w.machines, w.hosts, w.hostCommands, remove, audit, w.changes, w.clock);
  const take = new TakeMachineReport(w.transactions, w.machines, w.sessions, w.users, reconcile, remove, audit, w.changes, w.clock);
  const report = (handOvers: readonly HandOver[]) => take.execute(w.hostId, reportOf(machineId, handOvers));
  return { report, entries };
}

function reportOf(machineId: MachineId, handOvers: readonly HandOver[]) {
  const control = { holder: null, viewers: [] };
  return MachineReportSchema.parse({ machineId, epoch: 1, pid: 1, condition: CONDITION, control, handOvers });
}

function handOver(number: number, act: HandOver['act'], by: number, from: number, to: number | null): HandOver {
  const session = (one: number) => idOf(5, one) as SessionId;
  const at = '2026-11-23T08:00:00.000Z';
  return { id: idOf(6, number), at, act, by: session(by), from: session(from), to: to === null ? null : session(to) };
}

test('each hand-over that a host reports is in the audit once, with who, from whom and to whom', async () => {
  const { report, entries } = await watched();
  const [granted, taken, givenUp] = [handOver(1, 'hand-over', 1, 1, 2), handOver(2, 'take', 3, 2, 3), handOver(3, 'hand-over', 3, 3, null)];
  await report([granted]);
  await report([granted]);
  assert.deepEqual(entries, ['ann control.pass Ann Bo']);
  await report([granted, taken, givenUp]);
  assert.deepEqual(entries.slice(1), ['cy control.take Bo Cy', 'cy control.pass Cy null']);
});

test('after a new start of the machine its hand-overs are recorded, too', async () => {
  const { report, entries } = await watched();
  await report([handOver(1, 'hand-over', 1, 1, 2)]);
  await report([]);
  await report([handOver(2, 'hand-over', 2, 2, 1)]);
  assert.deepEqual(entries, ['ann control.pass Ann Bo', 'bo control.pass Bo Ann']);
});

test('a session that the broker does not know has done nothing', async () => {
  const { report, entries } = await watched();
  await report([handOver(1, 'take', 9, 1, 2)]);
  assert.deepEqual(entries, []);
});
