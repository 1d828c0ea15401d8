import { type CreatedUser, type CreateUser as CreateUserRequest, failure, UserIdSchema } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Passwords } from './passwords.js';
import { Users, userView } from './user.js';

/** Use case: a new account, with the given password or a one-time one that is answered once. */
@Injectable()
export class CreateUser {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async execute(ctx: RequestContext, request: CreateUserRequest): Promise<CreatedUser> {
    const oneTimePassword = request.password === undefined ? this.identifiers.oneTimePassword() : undefined;
    const passwordHash = await this.passwords.hash(request.password ?? oneTimePassword!);
    return this.transactions.run(async () => {
      if ((await this.users.where({ name: request.name })).length > 0) throw failure('user.name-taken', undefined, { name: request.name });
      const user = {
        id: this.identifiers.next(UserIdSchema),
        name: request.name,
        displayName: request.displayName ?? request.name,
        roles: [...new Set(request.roles)],
        passwordHash,
        mustChangePassword: oneTimePassword !== undefined || request.mustChangePassword,
        hasStartPassword: false,
        disabled: false,
        createdAt: this.clock.now(),
        lastLoginAt: null,
      };
      await this.users.save(user);
      await this.audit.record(ctx, 'user.create', { kind: 'user', id: user.id, name: user.name }, { roles: user.roles });
      this.changes.mark('user', user.id);
      return { user: userView(user), ...(oneTimePassword ? { oneTimePassword } : {}) };
    });
  }
}
