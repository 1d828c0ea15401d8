import type { FullReport, HostId, ImageReport, MachineReport, TaskReport } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Changes } from '../events/changes.js';
import { Images, reported } from '../images/image.js';
import { Machines, NOBODY } from '../machines/machine.js';
import { ReconcileMachine } from '../machines/reconcile-machine.service.js';
import { TakeMachineReport } from '../machines/take-machine-report.service.js';
import { Transactions } from '../platform/transactions.js';
import { TakeTaskReport } from '../tasks/take-task-report.service.js';
import { TakeTemplates } from '../templates/take-templates.service.js';

/** Use case: what a host says becomes what the broker knows. Each host speaks only of what lives on it. */
@Injectable()
export class TakeReport {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly images: Images,
    private readonly takeMachine: TakeMachineReport,
    private readonly reconcile: ReconcileMachine,
    private readonly takeTask: TakeTaskReport,
    private readonly takeTemplates: TakeTemplates,
    private readonly changes: Changes,
  ) {}

  /** Everything on the host: what is missing from the report is gone. */
  async full(hostId: HostId, report: FullReport): Promise<void> {
    await this.transactions.run(async () => {
      await this.takeTemplates.execute(hostId, report.templates);
      for (const image of report.images) await this.image(hostId, image);
      await this.#missingImages(hostId, new Set(report.images.map((image) => image.imageId)));
      for (const task of report.tasks) await this.task(hostId, task);
      await this.takeTask.missing(hostId, new Set(report.tasks.map((task) => task.taskId)));
    });
    for (const machine of report.machines) await this.machine(hostId, machine);
    await this.#missingMachines(hostId, new Set(report.machines.map((machine) => machine.machineId)));
    for (const { id } of await this.machines.where({ hostId })) await this.reconcile.execute(id);
  }

  machine(hostId: HostId, report: MachineReport): Promise<void> {
    return this.takeMachine.execute(hostId, report);
  }

  task(hostId: HostId, report: TaskReport): Promise<void> {
    return this.takeTask.execute(hostId, report);
  }

  image(hostId: HostId, report: ImageReport): Promise<void> {
    return this.transactions.run(async () => {
      const image = await this.images.lock(report.imageId);
      if (image?.hostId !== hostId) return;
      await this.images.save(reported(image, report));
      this.changes.mark('image', image.id);
    });
  }

  async #missingMachines(hostId: HostId, present: ReadonlySet<string>): Promise<void> {
    for (const { id } of await this.machines.where({ hostId })) {
      if (present.has(id)) continue;
      await this.transactions.run(async () => {
        const machine = await this.machines.lock(id);
        if (!machine?.condition) return;
        await this.machines.save({ ...machine, condition: null, control: NOBODY });
        this.changes.mark('machine', id);
      });
    }
  }

  async #missingImages(hostId: HostId, present: ReadonlySet<string>): Promise<void> {
    for (const image of await this.images.where({ hostId, state: ['ready', 'checking'] })) {
      if (present.has(image.id)) continue;
      await this.images.save({
        ...image,
        state: 'refused',
        reason: 'The file is no longer on the host. Delete the image and upload it again.',
      });
      this.changes.mark('image', image.id);
    }
  }
}
