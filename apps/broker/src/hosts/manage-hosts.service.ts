import { failure, type Host, type HostId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Images } from '../images/image.js';
import { Machines } from '../machines/machine.js';
import { Clock } from '../platform/clock.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Templates } from '../templates/template.js';
import { Hosts, hostView } from './host.js';
import { HostLinks } from './host-links.js';

/** Use cases of the host page: list, rename, remove. */
@Injectable()
export class ManageHosts {
  constructor(
    private readonly transactions: Transactions,
    private readonly hosts: Hosts,
    private readonly machines: Machines,
    private readonly images: Images,
    private readonly templates: Templates,
    private readonly links: HostLinks,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<Host[]> {
    const [hosts, machines] = [await this.hosts.where({}), await this.machines.where({})];
    const now = this.clock.now();
    return hosts
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((host) => hostView(host, machines.filter((machine) => machine.hostId === host.id).length, now));
  }

  async get(hostId: HostId): Promise<Host> {
    const host = await this.hosts.find(hostId);
    if (!host) throw failure('host.missing', undefined, { hostId });
    return hostView(host, (await this.machines.where({ hostId })).length, this.clock.now());
  }

  rename(ctx: RequestContext, hostId: HostId, name: string): Promise<Host> {
    return this.transactions.run(async () => {
      const host = await this.hosts.lock(hostId);
      if (!host) throw failure('host.missing', undefined, { hostId });
      await this.hosts.save({ ...host, name });
      await this.audit.record(ctx, 'host.rename', { kind: 'host', id: hostId, name: host.name }, { name });
      this.changes.mark('host', hostId);
      return this.get(hostId);
    });
  }

  remove(ctx: RequestContext, hostId: HostId): Promise<void> {
    return this.transactions.run(async () => {
      const host = await this.hosts.lock(hostId);
      if (!host) throw failure('host.missing', undefined, { hostId });
      if ((await this.machines.where({ hostId })).length > 0) throw failure('host.in-use', undefined, { hostId });
      for (const image of await this.images.where({ hostId })) {
        await this.images.remove(image.id);
        this.changes.gone('image', image.id);
      }
      for (const template of await this.templates.where({})) {
        if (!template.hostIds.includes(hostId)) continue;
        await this.templates.save({ ...template, hostIds: template.hostIds.filter((id) => id !== hostId) });
        this.changes.mark('template', template.id);
      }
      await this.hosts.remove(hostId);
      await this.audit.record(ctx, 'host.delete', { kind: 'host', id: hostId, name: host.name });
      this.changes.gone('host', hostId);
      this.transactions.afterCommit(() => this.links.drop(hostId));
    });
  }
}
