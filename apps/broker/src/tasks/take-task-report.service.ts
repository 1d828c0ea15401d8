import { FAILURE_CODES, type FailureReport, type HostId, type TaskId, type TaskReport } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/transactions.js';
import { ACTIVE_STATES, interrupted, isFinished, reportedTask, Tasks } from './task.js';

const INTERRUPTED: FailureReport = { code: 'task.interrupted', message: FAILURE_CODES['task.interrupted'].message };

/** Use case: a host says how a task goes. */
@Injectable()
export class TakeTaskReport {
  constructor(
    private readonly transactions: Transactions,
    private readonly tasks: Tasks,
    private readonly commands: HostCommands,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  execute(hostId: HostId, report: TaskReport): Promise<void> {
    return this.transactions.run(async () => {
      const task = await this.tasks.lock(report.taskId);
      const changed = task?.hostId === hostId ? reportedTask(task, report, this.clock.now()) : undefined;
      if (!changed) return;
      await this.tasks.save(changed);
      this.changes.mark('task', changed.id);
    });
  }

  /** Tasks that this host should be working on and does not know: they were lost with a process. */
  missing(hostId: HostId, present: ReadonlySet<TaskId>): Promise<void> {
    return this.transactions.run(async () => {
      for (const task of await this.tasks.where({ hostId, state: ACTIVE_STATES })) {
        const isOnTheWay = (await this.commands.unfinished(task.id)).some(({ command }) => command.action === 'build-guest');
        if (present.has(task.id) || isOnTheWay) continue;
        await this.tasks.save(interrupted(task, INTERRUPTED, this.clock.now()));
        this.changes.mark('task', task.id);
      }
    });
  }

  /** The host answered the command to begin with a failure. */
  refusedByHost(taskId: TaskId, attempt: number, error: FailureReport): Promise<void> {
    return this.transactions.run(async () => {
      const task = await this.tasks.lock(taskId);
      if (!task || task.attempt !== attempt || isFinished(task)) return;
      await this.tasks.save(interrupted(task, error, this.clock.now()));
      this.changes.mark('task', taskId);
    });
  }
}
