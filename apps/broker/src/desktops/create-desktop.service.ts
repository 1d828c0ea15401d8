import { type CreateDesktop as CreateDesktopRequest, DesktopIdSchema, failure } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Machines } from '../machines/machine.js';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { AssignDesktop } from './assign-desktop.service.js';
import { type DesktopRecord, Desktops } from './desktop.js';

/** Use case: offer a machine to people. */
@Injectable()
export class CreateDesktop {
  constructor(
    private readonly transactions: Transactions,
    private readonly desktops: Desktops,
    private readonly machines: Machines,
    private readonly assignDesktop: AssignDesktop,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  execute(ctx: RequestContext, request: CreateDesktopRequest): Promise<DesktopRecord> {
    return this.transactions.run(async () => {
      const machine = await this.machines.find(request.machineId);
      if (!machine || machine.trashedAt) throw failure('machine.missing', undefined, { machineId: request.machineId });
      if ((await this.desktops.where({ name: request.name })).length > 0)
        throw failure('desktop.name-taken', undefined, { name: request.name });
      const desktop: DesktopRecord = {
        id: this.identifiers.next(DesktopIdSchema),
        name: request.name,
        presentation: request.presentation,
        machineId: request.machineId,
        createdAt: this.clock.now(),
      };
      await this.desktops.save(desktop);
      await this.audit.record(ctx, 'desktop.create', { kind: 'desktop', id: desktop.id, name: desktop.name }, { machineId: machine.id });
      for (const userId of new Set(request.userIds)) await this.assignDesktop.assign(ctx, desktop.id, userId);
      this.changes.mark('desktop', desktop.id);
      this.changes.mark('machine', machine.id);
      return desktop;
    });
  }
}
