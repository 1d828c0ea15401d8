import { ApiTokenIdSchema, failure, type LoginRequest } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '../audit/audit.js';
import { Clock } from '../platform/clock.js';
import { hashOfSecret, Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { LOGIN_IDLE_MS } from './authenticate.service.js';
import { Passwords } from './passwords.js';
import { ApiTokens, Logins, type UserRecord, Users } from './user.js';

export interface SignedIn {
  readonly user: UserRecord;
  /** The cookie's value, or the API token's text when a label was given. */
  readonly secret: string;
  readonly kind: 'login' | 'token';
}

/** Use case: name and password for a cookie (browser) or an API token (`mw login`). */
@Injectable()
export class SignIn {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly logins: Logins,
    private readonly tokens: ApiTokens,
    private readonly passwords: Passwords,
    private readonly audit: Audit,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async execute(anonymous: RequestContext, request: LoginRequest): Promise<SignedIn> {
    const [user] = await this.users.where({ name: request.name.toLowerCase() });
    const isRight = user
      ? await this.passwords.verify(user.passwordHash, request.password)
      : await this.passwords.pretend(request.password);
    if (!user || !isRight || user.disabled) {
      // The typed name is not kept when it is nobody's: it may be a password in the wrong field.
      await this.audit.refused(anonymous, 'auth.login', user ? { kind: 'user', id: user.id, name: user.name } : null);
      throw failure('auth.wrong-credentials');
    }
    const now = this.clock.now();
    const ctx = { ...anonymous, userId: user.id, userName: user.name };
    return this.transactions.run(async () => {
      await this.users.save({ ...user, lastLoginAt: now });
      const secret = await (request.tokenLabel ? this.#openToken(user, request.tokenLabel, now) : this.#openLogin(user, now));
      await this.audit.record(
        ctx,
        'auth.login',
        { kind: 'user', id: user.id, name: user.name },
        request.tokenLabel ? { token: request.tokenLabel } : {},
      );
      return { user: { ...user, lastLoginAt: now }, secret, kind: request.tokenLabel ? 'token' : 'login' };
    });
  }

  async #openLogin(user: UserRecord, now: Date): Promise<string> {
    const secret = this.identifiers.secret('login');
    const expiresAt = new Date(now.getTime() + LOGIN_IDLE_MS);
    await this.logins.save({
      id: this.identifiers.next(z.uuid()),
      secretHash: hashOfSecret(secret),
      userId: user.id,
      createdAt: now,
      lastUsedAt: now,
      expiresAt,
    });
    return secret;
  }

  async #openToken(user: UserRecord, label: string, now: Date): Promise<string> {
    const secret = this.identifiers.secret('mw');
    await this.tokens.save({
      id: this.identifiers.next(ApiTokenIdSchema),
      secretHash: hashOfSecret(secret),
      userId: user.id,
      label,
      createdAt: now,
      lastUsedAt: null,
      expiresAt: null,
    });
    return secret;
  }
}
