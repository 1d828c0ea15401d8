import { randomUUID } from 'node:crypto';
import { failure, permissionsOf } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { hashOfSecret } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { ApiTokens, effectivePermissions, Logins, type UserRecord, Users } from './user.js';

/** A sign-in ends after this long without use… */
export const LOGIN_IDLE_MS = 12 * 3600_000;
/** …and in any case after this long. */
export const LOGIN_LIFETIME_MS = 7 * 24 * 3600_000;
/** `lastUsedAt` need not be exact; writing it at each request would be. */
const TOUCH_MS = 60_000;

export interface Authenticated {
  readonly context: RequestContext;
  readonly user: UserRecord;
  readonly credential: { readonly kind: 'login' | 'token'; readonly id: string };
}

/** Turns a cookie or a bearer token into who is asking. */
@Injectable()
export class Authenticate {
  constructor(
    private readonly users: Users,
    private readonly logins: Logins,
    private readonly tokens: ApiTokens,
    private readonly clock: Clock,
  ) {}

  /** @throws auth.required */
  async execute(secret: string, address: string | null): Promise<Authenticated> {
    const found = secret.startsWith('mw_') ? await this.#byToken(secret) : await this.#byLogin(secret);
    const user = found && (await this.users.find(found.userId));
    if (!user || user.disabled) throw failure('auth.required');
    const context: RequestContext = {
      requestId: randomUUID(),
      userId: user.id,
      userName: user.name,
      displayName: user.displayName,
      permissions: new Set(effectivePermissions(user, permissionsOf)),
      address,
    };
    return { context, user, credential: { kind: found.kind, id: found.id } };
  }

  async #byLogin(secret: string) {
    const now = this.clock.now();
    const [login] = await this.logins.where({ secretHash: hashOfSecret(secret) });
    if (!login || login.expiresAt <= now) return undefined;
    if (now.getTime() - login.lastUsedAt.getTime() > TOUCH_MS) {
      const expiresAt = new Date(Math.min(now.getTime() + LOGIN_IDLE_MS, login.createdAt.getTime() + LOGIN_LIFETIME_MS));
      await this.logins.save({ ...login, lastUsedAt: now, expiresAt });
    }
    return { kind: 'login' as const, id: login.id, userId: login.userId };
  }

  async #byToken(secret: string) {
    const now = this.clock.now();
    const [token] = await this.tokens.where({ secretHash: hashOfSecret(secret) });
    if (!token || (token.expiresAt && token.expiresAt <= now)) return undefined;
    if (!token.lastUsedAt || now.getTime() - token.lastUsedAt.getTime() > TOUCH_MS) await this.tokens.save({ ...token, lastUsedAt: now });
    return { kind: 'token' as const, id: token.id, userId: token.userId };
  }
}
