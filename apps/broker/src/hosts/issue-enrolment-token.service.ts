import type { EnrolmentToken } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '../audit/audit.js';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { hashOfSecret, Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { enrolmentCommand } from './enrolment-command.js';
import { EnrolmentTokens } from './host.js';

const LIFETIME_MS = 3600_000;
const LOCAL_LIFETIME_MS = 10 * 365 * 24 * 3600_000;

/** Use case: a token with which one host may enrol within an hour. */
@Injectable()
export class IssueEnrolmentToken {
  constructor(
    private readonly transactions: Transactions,
    private readonly tokens: EnrolmentTokens,
    private readonly audit: Audit,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** `asked`: the origin by which the person has reached us. */
  execute(ctx: RequestContext, asked: string): Promise<EnrolmentToken> {
    return this.transactions.run(async () => {
      const token = this.identifiers.secret('enrol');
      const expiresAt = new Date(this.clock.now().getTime() + LIFETIME_MS);
      await this.tokens.save({ id: this.identifiers.next(z.uuid()), secretHash: hashOfSecret(token), isLocal: false, expiresAt });
      await this.audit.record(ctx, 'host.issue-token', null);
      const { publicUrl: announced, certificatePath } = this.config;
      return { token, expiresAt: expiresAt.toISOString(), ...enrolmentCommand(token, { asked, announced, certificatePath }) };
    });
  }

  /** The starter's own token for the host beside this broker: replaces that of the last start. */
  acceptLocal(token: string): Promise<void> {
    return this.transactions.run(async () => {
      for (const old of await this.tokens.where({ isLocal: true })) await this.tokens.remove(old.id);
      const expiresAt = new Date(this.clock.now().getTime() + LOCAL_LIFETIME_MS);
      await this.tokens.save({ id: this.identifiers.next(z.uuid()), secretHash: hashOfSecret(token), isLocal: true, expiresAt });
    });
  }
}
