import { type DesktopId, failure, type UpdateDesktop } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { EndSessions } from '../sessions/end-sessions.service.js';
import { Assignments, type DesktopRecord, Desktops } from './desktop.js';

/** Use case: rename a desktop, show it differently, or withdraw it. The machine behind it stays. */
@Injectable()
export class ChangeDesktop {
  constructor(
    private readonly transactions: Transactions,
    private readonly desktops: Desktops,
    private readonly assignments: Assignments,
    private readonly endSessions: EndSessions,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  update(ctx: RequestContext, desktopId: DesktopId, request: UpdateDesktop): Promise<DesktopRecord> {
    return this.transactions.run(async () => {
      const desktop = await this.desktops.lock(desktopId);
      if (!desktop) throw failure('desktop.missing', undefined, { desktopId });
      const changed = { ...desktop, ...request };
      const sameName = await this.desktops.where({ name: changed.name });
      if (sameName.some(({ id }) => id !== desktopId)) throw failure('desktop.name-taken', undefined, { name: changed.name });
      await this.desktops.save(changed);
      await this.audit.record(ctx, 'desktop.update', { kind: 'desktop', id: desktopId, name: desktop.name }, request);
      this.changes.mark('desktop', desktopId);
      return changed;
    });
  }

  remove(ctx: RequestContext, desktopId: DesktopId): Promise<void> {
    return this.transactions.run(async () => {
      const desktop = await this.desktops.lock(desktopId);
      if (!desktop) throw failure('desktop.missing', undefined, { desktopId });
      const assigned = await this.assignments.where({ desktopId });
      for (const { id } of assigned) await this.assignments.remove(id);
      await this.endSessions.execute({ desktopId }, 'unassigned');
      await this.desktops.remove(desktopId);
      await this.audit.record(ctx, 'desktop.delete', { kind: 'desktop', id: desktopId, name: desktop.name });
      const users = assigned.map(({ userId }) => userId);
      this.changes.gone('desktop', desktopId);
      this.changes.gone('desktop', desktopId, users);
      this.changes.gone('machine', desktop.machineId, users);
      this.changes.mark('machine', desktop.machineId);
    });
  }
}
