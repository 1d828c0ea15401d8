import { failure, type UserId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Assignments } from '../desktops/desktop.js';
import { Changes } from '../events/changes.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { EndSessions } from '../sessions/end-sessions.service.js';
import { refuseLastAdmin } from './update-user.service.js';
import { Users } from './user.js';

/** Use case: remove an account. Its sign-ins, tokens and assignments go with it; its audit entries stay. */
@Injectable()
export class DeleteUser {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly assignments: Assignments,
    private readonly endSessions: EndSessions,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  execute(ctx: RequestContext, userId: UserId): Promise<void> {
    return this.transactions.run(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw failure('user.missing', undefined, { userId });
      if (user.roles.includes('admin') && !user.disabled) await refuseLastAdmin(this.users, userId);
      await this.endSessions.execute({ userId }, 'user-disabled');
      for (const assignment of await this.assignments.where({ userId })) {
        await this.assignments.remove(assignment.id);
        this.changes.mark('desktop', assignment.desktopId);
      }
      await this.users.remove(userId);
      await this.audit.record(ctx, 'user.delete', { kind: 'user', id: userId, name: user.name });
      this.changes.signedOut(userId);
      this.changes.gone('user', userId);
    });
  }
}
