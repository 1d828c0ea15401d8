import { type CreatedUser, failure, type ResetPassword as ResetPasswordRequest, type UserId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Passwords } from './passwords.js';
import { Logins, Users, userView } from './user.js';

/** Use case: an administrator gives somebody a new password. All browsers of that person are signed out. */
@Injectable()
export class ResetPassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly logins: Logins,
    private readonly passwords: Passwords,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
  ) {}

  async execute(ctx: RequestContext, userId: UserId, request: ResetPasswordRequest): Promise<CreatedUser> {
    const oneTimePassword = request.password === undefined ? this.identifiers.oneTimePassword() : undefined;
    const passwordHash = await this.passwords.hash(request.password ?? oneTimePassword!);
    return this.transactions.run(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw failure('user.missing', undefined, { userId });
      const changed = {
        ...user,
        passwordHash,
        mustChangePassword: oneTimePassword !== undefined || request.mustChangePassword,
        hasStartPassword: false,
      };
      await this.users.save(changed);
      for (const login of await this.logins.where({ userId })) await this.logins.remove(login.id);
      await this.audit.record(ctx, 'user.reset-password', { kind: 'user', id: userId, name: user.name });
      this.changes.signedOut(userId);
      this.changes.mark('user', userId);
      return { user: userView(changed), ...(oneTimePassword ? { oneTimePassword } : {}) };
    });
  }
}
