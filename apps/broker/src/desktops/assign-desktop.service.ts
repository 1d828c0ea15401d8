import { type DesktopId, failure, type UserId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Users } from '../identity/user.js';
import { Clock } from '../platform/clock.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { EndSessions } from '../sessions/end-sessions.service.js';
import { Assignments, assignmentId, type DesktopRecord, Desktops } from './desktop.js';

/** Use case: who may use a desktop. Both verbs may be repeated. */
@Injectable()
export class AssignDesktop {
  constructor(
    private readonly transactions: Transactions,
    private readonly desktops: Desktops,
    private readonly assignments: Assignments,
    private readonly users: Users,
    private readonly endSessions: EndSessions,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  assign(ctx: RequestContext, desktopId: DesktopId, userId: UserId): Promise<DesktopRecord> {
    return this.transactions.run(async () => {
      const desktop = await this.#locked(desktopId);
      const user = await this.users.find(userId);
      if (!user) throw failure('user.missing', undefined, { userId });
      const id = assignmentId(desktopId, userId);
      if (await this.assignments.find(id)) return desktop;
      await this.assignments.save({ id, desktopId, userId, assignedAt: this.clock.now() });
      await this.audit.record(ctx, 'desktop.assign', { kind: 'desktop', id: desktopId, name: desktop.name }, { user: user.name });
      this.changes.mark('desktop', desktopId);
      this.changes.mark('machine', desktop.machineId);
      return desktop;
    });
  }

  unassign(ctx: RequestContext, desktopId: DesktopId, userId: UserId): Promise<DesktopRecord> {
    return this.transactions.run(async () => {
      const desktop = await this.#locked(desktopId);
      const id = assignmentId(desktopId, userId);
      if (!(await this.assignments.find(id))) return desktop;
      await this.assignments.remove(id);
      await this.endSessions.execute({ desktopId, userId }, 'unassigned');
      await this.audit.record(
        ctx,
        'desktop.unassign',
        { kind: 'desktop', id: desktopId, name: desktop.name },
        { user: (await this.users.find(userId))?.name },
      );
      this.changes.mark('desktop', desktopId);
      this.changes.gone('desktop', desktopId, [userId]);
      // Another desktop of the same machine may still be theirs: then this is followed by the machine as it is.
      this.changes.gone('machine', desktop.machineId, [userId]);
      this.changes.mark('machine', desktop.machineId);
      return desktop;
    });
  }

  async #locked(desktopId: DesktopId): Promise<DesktopRecord> {
    const desktop = await this.desktops.lock(desktopId);
    if (!desktop) throw failure('desktop.missing', undefined, { desktopId });
    return desktop;
  }
}
