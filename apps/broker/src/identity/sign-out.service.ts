import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { ApiTokens, Logins } from './user.js';

/** Use case: end the very credential the request came with. */
@Injectable()
export class SignOut {
  constructor(
    private readonly transactions: Transactions,
    private readonly logins: Logins,
    private readonly tokens: ApiTokens,
    private readonly audit: Audit,
  ) {}

  execute(ctx: RequestContext, credential: { readonly kind: 'login' | 'token'; readonly id: string }): Promise<void> {
    return this.transactions.run(async () => {
      await (credential.kind === 'login' ? this.logins : this.tokens).remove(credential.id);
      await this.audit.record(ctx, 'auth.logout', ctx.userId ? { kind: 'user', id: ctx.userId, name: ctx.userName } : null);
    });
  }
}
