import { type ChangePassword, failure } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Passwords } from './passwords.js';
import { Logins, type UserRecord, Users } from './user.js';

/** Use case: a person changes the own password. Other browsers of the same person are signed out. */
@Injectable()
export class ChangeOwnPassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly logins: Logins,
    private readonly passwords: Passwords,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  async execute(ctx: RequestContext, credentialId: string, request: ChangePassword): Promise<UserRecord> {
    const user = ctx.userId && (await this.users.find(ctx.userId));
    if (!user) throw failure('auth.required');
    if (!(await this.passwords.verify(user.passwordHash, request.currentPassword))) {
      await this.audit.refused(ctx, 'auth.change-password', { kind: 'user', id: user.id, name: user.name });
      throw failure('auth.wrong-password');
    }
    if (request.newPassword === request.currentPassword) throw failure('auth.password-unchanged');
    const changed = {
      ...user,
      passwordHash: await this.passwords.hash(request.newPassword),
      mustChangePassword: false,
      hasStartPassword: false,
    };
    await this.transactions.run(async () => {
      await this.users.save(changed);
      for (const login of await this.logins.where({ userId: user.id })) if (login.id !== credentialId) await this.logins.remove(login.id);
      await this.audit.record(ctx, 'auth.change-password', { kind: 'user', id: user.id, name: user.name });
      this.changes.mark('user', user.id);
    });
    return changed;
  }
}
