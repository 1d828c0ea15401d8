import type { HandOver, HostId, MachineReport } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Users } from '../identity/user.js';
import { Clock } from '../platform/clock.js';
import { systemContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Sessions, seen } from '../sessions/session.js';
import { discrepancy, type MachineRecord, Machines } from './machine.js';
import { ReconcileMachine } from './reconcile-machine.service.js';
import { RemoveMachine } from './remove-machine.js';

/** Use case: a host says how one of its machines is. */
@Injectable()
export class TakeMachineReport {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly sessions: Sessions,
    private readonly users: Users,
    private readonly reconcile: ReconcileMachine,
    private readonly removeMachine: RemoveMachine,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  execute(hostId: HostId, report: MachineReport): Promise<void> {
    return this.transactions.run(async () => {
      const machine = await this.machines.lock(report.machineId);
      // A machine that is not (or no longer) this host's: its files stay, an administrator decides.
      if (machine?.hostId !== hostId || report.epoch < machine.epoch) return;
      if (machine.wanted === 'absent' && report.condition.state === 'absent') return this.removeMachine.execute(machine);
      const { condition, control, handOvers } = report;
      // All of them when the last recorded one is not among them: the machine was started anew since.
      const unrecorded = handOvers.slice(handOvers.findIndex(({ id }) => id === machine.lastHandOver) + 1);
      const changed: MachineRecord = { ...machine, condition, control, lastHandOver: handOvers.at(-1)?.id ?? machine.lastHandOver };
      await this.machines.save(changed);
      this.changes.mark('machine', machine.id);
      if (JSON.stringify(machine.control) !== JSON.stringify(report.control)) {
        this.changes.mark('control', machine.id);
        await this.#updateSessions(changed);
      }
      await this.#auditTransition(machine, changed);
      for (const handOver of unrecorded) await this.#auditHandOver(machine, handOver);
      // What the guest or an error decided is accepted at once; everything else can wait for the reconciler's round.
      if (typeof discrepancy(changed) === 'object') await this.reconcile.execute(machine.id);
    });
  }

  async #updateSessions(machine: MachineRecord): Promise<void> {
    const viewing = new Set(machine.control.viewers.map((viewer) => viewer.sessionId));
    for (const session of await this.sessions.where({ machineId: machine.id, state: ['waiting', 'connected'] })) {
      const changed = seen(session, viewing.has(session.id), this.clock.now());
      if (!changed) continue;
      await this.sessions.save(changed);
      this.changes.mark('session', session.id);
    }
  }

  /** Stable states only; `starting` and the like are on the way to one. */
  async #auditTransition(before: MachineRecord, after: MachineRecord): Promise<void> {
    const [from, to] = [before.condition?.state, after.condition?.state];
    if (from === to || !to || !['running', 'paused', 'saved', 'stopped', 'failed'].includes(to)) return;
    const { stopReason, error } = after.condition!;
    const detail = { from, to, ...(stopReason ? { stopReason } : {}), ...(error ? { error } : {}) };
    await this.audit.record(
      systemContext('host report'),
      `machine.became-${to}`,
      { kind: 'machine', id: after.id, name: after.name },
      detail,
    );
  }

  /** Who the sessions belong to is our own word, not the host's. */
  async #auditHandOver(machine: MachineRecord, { at, act, by, from, to }: HandOver): Promise<void> {
    const sessions = await this.sessions.where({ id: [by, from, to].filter((id) => id !== null), machineId: machine.id });
    const sessionOf = (id: string | null) => sessions.find((session) => session.id === id);
    const actor = sessionOf(by);
    if (!actor) return;
    const { userId, userDisplayName: displayName } = actor;
    const userName = (await this.users.find(userId))?.name ?? displayName;
    await this.audit.record(
      { ...systemContext('host report'), userId, userName, displayName },
      act === 'take' ? 'control.take' : 'control.pass',
      { kind: 'machine', id: machine.id, name: machine.name },
      { at, from: sessionOf(from)?.userDisplayName ?? null, to: sessionOf(to)?.userDisplayName ?? null },
    );
  }
}
