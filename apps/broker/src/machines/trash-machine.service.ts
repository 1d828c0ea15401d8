import { failure, type MachineId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Clock } from '../platform/clock.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { EndSessions } from '../sessions/end-sessions.service.js';
import { applyCommand, type MachineRecord, Machines, TRASH_MS, want } from './machine.js';
import { RemoveMachine } from './remove-machine.js';

/** Use case: delete, undo it within seven days, or delete for good. */
@Injectable()
export class TrashMachine {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly commands: HostCommands,
    private readonly endSessions: EndSessions,
    private readonly removeMachine: RemoveMachine,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  /** To the trash, powered off; from the trash for good. */
  remove(ctx: RequestContext, machineId: MachineId): Promise<void> {
    return this.transactions.run(async () => {
      const machine = await this.machines.lock(machineId);
      if (!machine || machine.wanted === 'absent') throw failure('machine.missing', undefined, { machineId });
      if (machine.trashedAt) return this.#purge(ctx, machine);
      const trashed = { ...want(machine, machine.wanted === 'saved' ? 'saved' : 'stopped'), trashedAt: this.clock.now() };
      await this.machines.save(trashed);
      if (machine.hostId) await this.commands.queue(machine.hostId, machineId, applyCommand(trashed));
      await this.endSessions.execute({ machineId }, 'machine-deleted');
      await this.audit.record(ctx, 'machine.trash', { kind: 'machine', id: machineId, name: machine.name });
      this.changes.mark('machine', machineId);
    });
  }

  restore(ctx: RequestContext, machineId: MachineId): Promise<MachineRecord> {
    return this.transactions.run(async () => {
      const machine = await this.machines.lock(machineId);
      if (!machine || machine.wanted === 'absent') throw failure('machine.missing', undefined, { machineId });
      if (!machine.trashedAt) throw failure('machine.not-trashed', undefined, { machineId });
      if ((await this.machines.where({ name: machine.name, trashedAt: null })).length > 0)
        throw failure('machine.name-taken', undefined, { name: machine.name });
      const restored = { ...machine, trashedAt: null };
      await this.machines.save(restored);
      await this.audit.record(ctx, 'machine.restore', { kind: 'machine', id: machineId, name: machine.name });
      this.changes.mark('machine', machineId);
      return restored;
    });
  }

  /** Everything whose seven days are over. */
  purgeExpired(ctx: RequestContext): Promise<void> {
    return this.transactions.run(async () => {
      const limit = this.clock.now().getTime() - TRASH_MS;
      const all = await this.machines.where({});
      for (const machine of all) {
        if (machine.trashedAt && machine.wanted !== 'absent' && machine.trashedAt.getTime() < limit) await this.#purge(ctx, machine);
      }
    });
  }

  async #purge(ctx: RequestContext, machine: MachineRecord): Promise<void> {
    const gone = want(machine, 'absent');
    await this.machines.save(gone);
    await this.audit.record(ctx, 'machine.delete', { kind: 'machine', id: machine.id, name: machine.name });
    this.changes.gone('machine', machine.id);
    // The row stays until the host says that the files are gone; one that no host has can go now.
    if (machine.hostId) await this.commands.queue(machine.hostId, machine.id, applyCommand(gone));
    else await this.removeMachine.execute(gone);
  }
}
