import { failure, type MachineId, type SessionId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { HostCommands } from '../hosts/host-commands.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { MachineAccess } from './machine-access.js';
import { Placement } from './placement.js';

/** Use case: the person in control, or an administrator, gives control to another viewer (or to nobody). */
@Injectable()
export class PassControl {
  constructor(
    private readonly transactions: Transactions,
    private readonly access: MachineAccess,
    private readonly placement: Placement,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
  ) {}

  async execute(ctx: RequestContext, machineId: MachineId, sessionId: SessionId | null): Promise<void> {
    const { machine, rights } = await this.access.visible(ctx, machineId);
    const subject = { kind: 'machine', id: machineId, name: machine.name };
    const { holder, viewers } = machine.control;
    const from = viewers.find((viewer) => viewer.sessionId === holder);
    const isHolder = from?.userId === ctx.userId;
    if (!isHolder && !rights.override) {
      await this.audit.refused(ctx, 'control.pass', subject, { sessionId });
      throw failure('control.not-holder', undefined, { machineId });
    }
    const target = viewers.find((viewer) => viewer.sessionId === sessionId);
    if (sessionId !== null && !target?.mayControl)
      throw failure('session.missing', 'That person is not here, or may only watch.', { sessionId });
    const { id: hostId } = await this.placement.demandOnline(machine.hostId);
    await this.transactions.run(async () => {
      await this.commands.queue(hostId, machineId, { action: 'pass-control', machineId, sessionId });
      await this.audit.record(ctx, 'control.pass', subject, {
        sessionId,
        from: from?.displayName ?? null,
        to: target?.displayName ?? null,
      });
    });
  }
}
