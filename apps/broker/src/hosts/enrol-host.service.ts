import { failure, type HostId, HostIdSchema } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Clock } from '../platform/clock.js';
import { hashOfSecret, Identifiers } from '../platform/identifiers.js';
import { systemContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { EnrolmentTokens, Hosts } from './host.js';

/**
 * Use case: a new host shows a one-time token and gets an id and a secret. The local host (beside this broker) that
 * has lost its folder gets its old id back, so that it is not listed twice.
 */
@Injectable()
export class EnrolHost {
  constructor(
    private readonly transactions: Transactions,
    private readonly hosts: Hosts,
    private readonly tokens: EnrolmentTokens,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  /** @throws host.token-refused */
  execute(token: string, name: string, address: string | null): Promise<{ hostId: HostId; secret: string }> {
    return this.transactions.run(async () => {
      const now = this.clock.now();
      const [found] = await this.tokens.where({ secretHash: hashOfSecret(token) });
      // The lock decides between two agents that show the same token at the same time.
      const kept = found && (await this.tokens.lock(found.id));
      if (!kept || kept.expiresAt <= now) throw failure('host.token-refused');
      await this.tokens.remove(kept.id);
      const [local] = kept.isLocal ? await this.hosts.where({ isLocal: true }) : [];
      const hostId = local?.id ?? this.identifiers.next(HostIdSchema);
      const secret = this.identifiers.secret('host');
      await this.hosts.save({
        id: hostId,
        name: local?.name ?? name,
        secretHash: hashOfSecret(secret),
        isLocal: kept.isLocal,
        facts: local?.facts ?? null,
        load: null,
        connectedTo: null,
        enrolledAt: now,
        lastSeenAt: null,
      });
      await this.audit.record({ ...systemContext('enrol'), userName: `host ${name}`, address }, 'host.enrol', {
        kind: 'host',
        id: hostId,
        name,
      });
      this.changes.mark('host', hostId);
      return { hostId, secret };
    });
  }
}
