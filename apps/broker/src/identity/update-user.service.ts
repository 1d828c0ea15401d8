import { failure, type UpdateUser as UpdateUserRequest, type User, type UserId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { EndSessions } from '../sessions/end-sessions.service.js';
import { Logins, Users, userView } from './user.js';

/** Use case: name shown, roles, disabled. A disabled user is signed out and loses every screen at once. */
@Injectable()
export class UpdateUser {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly logins: Logins,
    private readonly endSessions: EndSessions,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  execute(ctx: RequestContext, userId: UserId, request: UpdateUserRequest): Promise<User> {
    return this.transactions.run(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw failure('user.missing', undefined, { userId });
      const changed = { ...user, ...request, roles: request.roles ? [...new Set(request.roles)] : user.roles };
      const losesAdmin = user.roles.includes('admin') && !user.disabled && (!changed.roles.includes('admin') || changed.disabled);
      if (losesAdmin) await refuseLastAdmin(this.users, userId);
      await this.users.save(changed);
      const rolesChanged = changed.roles.join() !== user.roles.join();
      if (changed.disabled && !user.disabled) {
        for (const login of await this.logins.where({ userId })) await this.logins.remove(login.id);
        await this.endSessions.execute({ userId }, 'user-disabled');
      }
      // Live events are handed out by the permissions a socket signed in with: after a change it signs in again.
      if (changed.disabled || rolesChanged) this.changes.signedOut(userId);
      await this.audit.record(ctx, 'user.update', { kind: 'user', id: userId, name: user.name }, request);
      this.changes.mark('user', userId);
      return userView(changed);
    });
  }
}

/** @throws user.last-admin when nobody else could administer the system. */
export async function refuseLastAdmin(users: Users, leaving: UserId): Promise<void> {
  const others = (await users.where({ disabled: false })).filter((user) => user.id !== leaving && user.roles.includes('admin'));
  if (others.length === 0) throw failure('user.last-admin', undefined, { userId: leaving });
}
