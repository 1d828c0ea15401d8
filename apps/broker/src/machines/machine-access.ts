import { failure, type MachineId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Assignments, Desktops } from '../desktops/desktop.js';
import { may, type RequestContext } from '../platform/request-context.js';
import { type MachineRecord, Machines } from './machine.js';

/** What one person may do with one machine. */
export interface MachineRights {
  readonly view: boolean;
  readonly control: boolean;
  readonly start: boolean;
  readonly operate: boolean;
  /** Take control from others. */
  readonly override: boolean;
}

/** By permission on all machines, or by being assigned to a desktop of this one. */
@Injectable()
export class MachineAccess {
  constructor(
    private readonly machines: Machines,
    private readonly desktops: Desktops,
    private readonly assignments: Assignments,
  ) {}

  async rights(ctx: RequestContext, machineId: MachineId): Promise<MachineRights> {
    const own = !(may(ctx, 'machine:read') && may(ctx, 'machine:operate')) && (await this.#isAssigned(ctx, machineId));
    const operate = may(ctx, 'machine:operate');
    return {
      view: may(ctx, 'machine:read') || (own && may(ctx, 'desktop:view-own')),
      control: operate || (own && may(ctx, 'desktop:control-own')),
      start: operate || (own && may(ctx, 'desktop:start-own')),
      operate: operate || (own && may(ctx, 'desktop:operate-own')),
      override: may(ctx, 'control:override'),
    };
  }

  /** The machine, if the person may know that it exists. @throws machine.missing */
  async visible(ctx: RequestContext, machineId: MachineId): Promise<{ machine: MachineRecord; rights: MachineRights }> {
    const machine = await this.machines.find(machineId);
    const rights = await this.rights(ctx, machineId);
    if (!machine || !rights.view || (machine.trashedAt && !may(ctx, 'machine:read')))
      throw failure('machine.missing', undefined, { machineId });
    return { machine, rights };
  }

  /** Machines of the desktops assigned to the person. */
  async ownMachineIds(ctx: RequestContext): Promise<Set<MachineId>> {
    if (!ctx.userId) return new Set();
    const assigned = await this.assignments.where({ userId: ctx.userId });
    if (assigned.length === 0) return new Set();
    const desktops = await this.desktops.where({ id: assigned.map(({ desktopId }) => desktopId) });
    return new Set(desktops.map(({ machineId }) => machineId));
  }

  async #isAssigned(ctx: RequestContext, machineId: MachineId): Promise<boolean> {
    return (await this.ownMachineIds(ctx)).has(machineId);
  }
}
