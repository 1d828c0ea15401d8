import { failure, type MachineId, type UpdateMachine as UpdateMachineRequest } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { applyCommand, isUp, type MachineRecord, Machines, want } from './machine.js';

/** Use case: another name, or other memory (which needs a machine that is off and not saved). */
@Injectable()
export class UpdateMachine {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  execute(ctx: RequestContext, machineId: MachineId, request: UpdateMachineRequest): Promise<MachineRecord> {
    return this.transactions.run(async () => {
      const machine = await this.machines.lock(machineId);
      if (!machine) throw failure('machine.missing', undefined, { machineId });
      if (machine.trashedAt) throw failure('machine.trashed', undefined, { machineId });
      const changesMemory = request.memoryMiB !== undefined && request.memoryMiB !== machine.spec.memoryMiB;
      if (changesMemory && (isUp(machine) || machine.wanted === 'saved'))
        throw failure('machine.wrong-state', 'Power the machine off before changing its memory.', { machineId });
      const changed = want(
        {
          ...machine,
          name: request.name ?? machine.name,
          spec: { ...machine.spec, memoryMiB: request.memoryMiB ?? machine.spec.memoryMiB },
        },
        machine.wanted,
      );
      await this.machines.save(changed);
      if (machine.hostId) await this.commands.queue(machine.hostId, machineId, applyCommand(changed));
      await this.audit.record(ctx, 'machine.update', { kind: 'machine', id: machineId, name: machine.name }, request);
      this.changes.mark('machine', machineId);
      return changed;
    });
  }
}
