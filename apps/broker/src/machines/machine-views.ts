import type { Machine } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Desktops } from '../desktops/desktop.js';
import { Hosts, isOnline } from '../hosts/host.js';
import { Clock } from '../platform/clock.js';
import { type MachineRecord, machineView } from './machine.js';

/** Machines as the API shows them: with what hosts and desktops add. */
@Injectable()
export class MachineViews {
  constructor(
    private readonly hosts: Hosts,
    private readonly desktops: Desktops,
    private readonly clock: Clock,
  ) {}

  async of(machines: readonly MachineRecord[]): Promise<Machine[]> {
    if (machines.length === 0) return [];
    const now = this.clock.now();
    const online = new Set((await this.hosts.where({})).filter((host) => isOnline(host, now)).map((host) => host.id));
    const desktops = await this.desktops.where({ machineId: machines.map(({ id }) => id) });
    return machines.map((machine) =>
      machineView(
        machine,
        machine.hostId !== null && online.has(machine.hostId),
        desktops.filter((d) => d.machineId === machine.id).map((d) => d.id),
      ),
    );
  }

  async one(machine: MachineRecord): Promise<Machine> {
    const [view] = await this.of([machine]);
    return view!;
  }
}
