import { failure, type TaskId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Commands } from '../hosts/host.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Clock } from '../platform/clock.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { isFinished, type TaskRecord, Tasks } from './task.js';

/** Use case: stop a task. One that its host has not seen yet ends at once, others when the host says so. */
@Injectable()
export class CancelTask {
  constructor(
    private readonly transactions: Transactions,
    private readonly tasks: Tasks,
    private readonly commands: Commands,
    private readonly hostCommands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  execute(ctx: RequestContext, taskId: TaskId): Promise<TaskRecord> {
    return this.transactions.run(async () => {
      const task = await this.tasks.lock(taskId);
      if (!task) throw failure('task.missing', undefined, { taskId });
      if (isFinished(task)) throw failure('task.finished', undefined, { taskId, state: task.state });
      const unseen = (await this.hostCommands.unfinished(taskId)).filter(
        ({ command, acknowledgedAt }) => command.action === 'build-guest' && acknowledgedAt === null,
      );
      for (const { id } of unseen) await this.commands.remove(id);
      const isUnseen = task.state === 'queued' && unseen.length > 0;
      const changed: TaskRecord = isUnseen
        ? { ...task, state: 'cancelled', finishedAt: this.clock.now() }
        : { ...task, state: 'cancelling' };
      await this.tasks.save(changed);
      // Sent in either case: the build command may be on the wire while we take it back.
      if (task.hostId) await this.hostCommands.queue(task.hostId, taskId, { action: 'cancel-task', taskId });
      await this.audit.record(ctx, 'task.cancel', { kind: 'task', id: taskId, name: task.title });
      this.changes.mark('task', taskId);
      return changed;
    });
  }
}
