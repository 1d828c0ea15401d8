import { timingSafeEqual } from 'node:crypto';
import { failure, type HostFacts, type HostId, type HostLoad } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Changes } from '../events/changes.js';
import { Machines } from '../machines/machine.js';
import { Clock } from '../platform/clock.js';
import { hashOfSecret } from '../platform/identifiers.js';
import { Transactions } from '../platform/transactions.js';
import { HOST_SILENCE_MS, type HostRecord, Hosts } from './host.js';

/** Use cases of a host's connection: it came, it lives, it went. `link` names one socket of one broker. */
@Injectable()
export class HostPresence {
  constructor(
    private readonly transactions: Transactions,
    private readonly hosts: Hosts,
    private readonly machines: Machines,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  /** @throws host.unknown */
  arrive(hostId: HostId, secret: string, facts: HostFacts, link: string): Promise<HostRecord> {
    return this.transactions.run(async () => {
      const host = await this.hosts.lock(hostId);
      const shown = Buffer.from(hashOfSecret(secret));
      if (!host || !timingSafeEqual(shown, Buffer.from(host.secretHash))) throw failure('host.unknown', undefined, { hostId });
      const arrived = { ...host, facts, connectedTo: link, lastSeenAt: this.clock.now() };
      await this.hosts.save(arrived);
      await this.#markAll(hostId);
      return arrived;
    });
  }

  /** @throws host.superseded when the host has another connection since */
  beat(hostId: HostId, load: HostLoad, link: string): Promise<void> {
    return this.transactions.run(async () => {
      const host = await this.#ownedBy(link, hostId);
      if (!host) throw failure('host.superseded', undefined, { hostId });
      await this.hosts.save({ ...host, load, lastSeenAt: this.clock.now() });
      this.changes.mark('host', hostId);
    });
  }

  /** The socket closed, or the agent says that it is ending. */
  leave(hostId: HostId, link: string): Promise<void> {
    return this.transactions.run(async () => {
      const host = await this.#ownedBy(link, hostId);
      if (!host) return;
      await this.hosts.save({ ...host, connectedTo: null });
      await this.#markAll(hostId);
    });
  }

  /** Hosts whose broker died with their connection. */
  forgetSilent(): Promise<void> {
    return this.transactions.run(async () => {
      const now = this.clock.now().getTime();
      for (const host of await this.hosts.where({})) {
        if (host.connectedTo === null || now - (host.lastSeenAt?.getTime() ?? 0) < HOST_SILENCE_MS) continue;
        const locked = await this.hosts.lock(host.id);
        if (!locked || locked.connectedTo !== host.connectedTo) continue;
        await this.hosts.save({ ...locked, connectedTo: null });
        await this.#markAll(host.id);
      }
    });
  }

  async #ownedBy(link: string, hostId: HostId): Promise<HostRecord | undefined> {
    const host = await this.hosts.lock(hostId);
    return host?.connectedTo === link ? host : undefined;
  }

  /** With a host, the badges of all its machines change. */
  async #markAll(hostId: HostId): Promise<void> {
    this.changes.mark('host', hostId);
    for (const machine of await this.machines.where({ hostId })) this.changes.mark('machine', machine.id);
  }
}
