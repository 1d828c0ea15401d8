import { type ApiToken, ApiTokenIdSchema, type CreateApiToken, type CreatedApiToken, failure, type UserId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Clock } from '../platform/clock.js';
import { hashOfSecret, Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { type ApiTokenRecord, ApiTokens } from './user.js';

/** Use cases around a person's own API tokens: three short verbs on one table. */
@Injectable()
export class ManageApiTokens {
  constructor(
    private readonly transactions: Transactions,
    private readonly tokens: ApiTokens,
    private readonly audit: Audit,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async list(ctx: RequestContext): Promise<ApiToken[]> {
    return (await this.tokens.where({ userId: ctx.userId as UserId })).map(view);
  }

  create(ctx: RequestContext, request: CreateApiToken): Promise<CreatedApiToken> {
    return this.transactions.run(async () => {
      const now = this.clock.now();
      const secret = this.identifiers.secret('mw');
      const token: ApiTokenRecord = {
        id: this.identifiers.next(ApiTokenIdSchema),
        secretHash: hashOfSecret(secret),
        userId: ctx.userId as UserId,
        label: request.label,
        createdAt: now,
        lastUsedAt: null,
        expiresAt: request.expiresInDays === undefined ? null : new Date(now.getTime() + request.expiresInDays * 24 * 3600_000),
      };
      await this.tokens.save(token);
      await this.audit.record(ctx, 'auth.create-token', { kind: 'api-token', id: token.id, name: token.label });
      return { ...view(token), token: secret };
    });
  }

  remove(ctx: RequestContext, id: string): Promise<void> {
    return this.transactions.run(async () => {
      const token = await this.tokens.find(id);
      if (!token || token.userId !== ctx.userId) throw failure('auth.token-missing', undefined, { id });
      await this.tokens.remove(id);
      await this.audit.record(ctx, 'auth.delete-token', { kind: 'api-token', id, name: token.label });
    });
  }
}

function view(t: ApiTokenRecord): ApiToken {
  return {
    id: t.id,
    label: t.label,
    createdAt: t.createdAt.toISOString(),
    lastUsedAt: t.lastUsedAt?.toISOString() ?? null,
    expiresAt: t.expiresAt?.toISOString() ?? null,
  };
}
