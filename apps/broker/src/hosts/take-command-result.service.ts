import { type CommandId, type FailureCode, type FailureReport, type HostId, MachineConditionSchema } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Changes } from '../events/changes.js';
import { isSettled, Machines } from '../machines/machine.js';
import { ReconcileMachine } from '../machines/reconcile-machine.service.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/transactions.js';
import { TakeTaskReport } from '../tasks/take-task-report.service.js';
import { type CommandRecord, Commands } from './host.js';

const LEAVING: FailureCode = 'host.leaving';

/** Use case: a host has seen a command, or has finished it. */
@Injectable()
export class TakeCommandResult {
  constructor(
    private readonly transactions: Transactions,
    private readonly commands: Commands,
    private readonly machines: Machines,
    private readonly reconcile: ReconcileMachine,
    private readonly tasks: TakeTaskReport,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  acknowledged(hostId: HostId, id: CommandId): Promise<void> {
    return this.#update(hostId, id, async (record) => ({ ...record, acknowledgedAt: record.acknowledgedAt ?? this.clock.now() }));
  }

  /** A command that met a host on its way out is not finished: it waits for the host's next hello. */
  async finished(hostId: HostId, id: CommandId, error: FailureReport | null): Promise<void> {
    if (error?.code === LEAVING) return;
    return this.#update(hostId, id, async (record) => {
      const now = this.clock.now();
      if (error && record.command.action === 'apply-machine')
        await this.#applyFailed(record.command.machineId, record.command.generation, error);
      if (error && record.command.action === 'build-guest')
        await this.tasks.refusedByHost(record.command.taskId, record.command.attempt, error);
      return { ...record, acknowledgedAt: record.acknowledgedAt ?? now, finishedAt: now, error };
    });
  }

  #update(hostId: HostId, id: CommandId, change: (record: CommandRecord) => Promise<CommandRecord>): Promise<void> {
    return this.transactions.run(async () => {
      const record = await this.commands.lock(id);
      // Of another host, superseded, or answered before: nothing to do.
      if (record?.hostId !== hostId || record.finishedAt) return;
      await this.commands.save(await change(record));
    });
  }

  /** The host could not do what is wanted and did not report it as the machine's condition: we say it for the host. */
  async #applyFailed(machineId: string, generation: number, error: FailureReport): Promise<void> {
    const machine = await this.machines.lock(machineId);
    if (!machine || machine.generation !== generation || isSettled(machine)) return;
    const before = machine.condition;
    const isLive = before?.state === 'running' || before?.state === 'paused';
    const condition = MachineConditionSchema.parse({ ...before, state: isLive ? before.state : 'failed', generation, error });
    await this.machines.save({ ...machine, condition });
    this.changes.mark('machine', machineId);
    this.transactions.afterCommit(() => void this.reconcile.execute(machine.id).catch(() => {}));
  }
}
