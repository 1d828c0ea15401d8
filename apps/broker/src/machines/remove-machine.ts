import { Injectable } from '@nestjs/common';
import { Assignments, Desktops } from '../desktops/desktop.js';
import { Changes } from '../events/changes.js';
import { type MachineRecord, Machines } from './machine.js';

/** The last step of a deletion: the host has no files of the machine any more. */
@Injectable()
export class RemoveMachine {
  constructor(
    private readonly machines: Machines,
    private readonly desktops: Desktops,
    private readonly assignments: Assignments,
    private readonly changes: Changes,
  ) {}

  async execute(machine: MachineRecord): Promise<void> {
    for (const desktop of await this.desktops.where({ machineId: machine.id })) {
      const users = (await this.assignments.where({ desktopId: desktop.id })).map(({ userId }) => userId);
      for (const assignment of await this.assignments.where({ desktopId: desktop.id })) await this.assignments.remove(assignment.id);
      await this.desktops.remove(desktop.id);
      this.changes.gone('desktop', desktop.id);
      this.changes.gone('desktop', desktop.id, users);
    }
    await this.machines.remove(machine.id);
    this.changes.gone('machine', machine.id);
  }
}
