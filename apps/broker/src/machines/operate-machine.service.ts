import { failure, type MachineId, type MachineVerb } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { applyCommand, type MachineRecord, Machines, operationOf, want } from './machine.js';
import { MachineAccess } from './machine-access.js';
import { Placement } from './placement.js';

/**
 * Use case: start, stop, shut down, reset, pause, resume, save.
 *
 * The wanted state changes here, the host's own report says when it is reached. A broker that dies between the two
 * leaves a command in the table; the host gets it from the next broker.
 */
@Injectable()
export class OperateMachine {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly access: MachineAccess,
    private readonly placement: Placement,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  async execute(ctx: RequestContext, machineId: MachineId, verb: MachineVerb): Promise<MachineRecord> {
    const { machine: seen, rights } = await this.access.visible(ctx, machineId);
    const subject = { kind: 'machine', id: machineId, name: seen.name };
    if (!(verb === 'start' || verb === 'resume' ? rights.start : rights.operate)) {
      await this.audit.refused(ctx, `machine.${verb}`, subject);
      throw failure('auth.denied', undefined, { machineId, verb });
    }
    return this.transactions.run(async () => {
      const machine = await this.machines.lock(machineId);
      if (!machine) throw failure('machine.missing', undefined, { machineId });
      const operation = operationOf(machine, verb);
      // Stopping can be wanted of a host that is away; everything else would be a promise we cannot keep.
      if (verb !== 'stop') await this.placement.demandOnline(machine.hostId);
      if (verb === 'start') await this.placement.choose([machine.hostId!], machine.spec.memoryMiB, machine.id);
      const changed = 'want' in operation ? want(machine, operation.want) : machine;
      await this.machines.save(changed);
      if (machine.hostId) {
        const command = 'want' in operation ? applyCommand(changed) : ({ action: operation.press, machineId } as const);
        await this.commands.queue(machine.hostId, machineId, command);
      }
      await this.audit.record(ctx, `machine.${verb}`, subject);
      this.changes.mark('machine', machineId);
      return changed;
    });
  }
}
