import { failure, type HostId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { type HostRecord, Hosts, isOnline } from '../hosts/host.js';
import { Clock } from '../platform/clock.js';
import { chooseHost } from './choose-host.js';
import { isUp, Machines } from './machine.js';

/** Where a machine goes. */
@Injectable()
export class Placement {
  constructor(
    private readonly hosts: Hosts,
    private readonly machines: Machines,
    private readonly clock: Clock,
  ) {}

  /** The best of these hosts. @throws machine.no-capacity */
  async choose(candidates: readonly HostId[], memoryMiB: number, exceptMachineId?: string): Promise<HostId> {
    const now = this.clock.now();
    const hosts = await this.hosts.where({ id: candidates });
    const machines = (await this.machines.where({ hostId: candidates })).filter(({ id }) => id !== exceptMachineId).filter(isUp);
    const rated = hosts.map((host) => ({
      hostId: host.id,
      isOnline: isOnline(host, now),
      memoryMiB: host.facts?.memoryMiB ?? 0,
      committedMiB: machines.filter(({ hostId }) => hostId === host.id).reduce((sum, { spec }) => sum + spec.memoryMiB, 0),
    }));
    const chosen = chooseHost(rated, memoryMiB);
    if (!chosen) throw failure('machine.no-capacity', undefined, { candidates, memoryMiB });
    return chosen;
  }

  /** @throws host.offline */
  async demandOnline(hostId: HostId | null): Promise<HostRecord> {
    const host = hostId === null ? undefined : await this.hosts.find(hostId);
    if (!host || !isOnline(host, this.clock.now())) throw failure('host.offline', undefined, { hostId });
    return host;
  }
}
