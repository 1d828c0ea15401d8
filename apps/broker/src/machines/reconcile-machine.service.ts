import type { MachineId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Hosts, isOnline } from '../hosts/host.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Clock } from '../platform/clock.js';
import { systemContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { applyCommand, discrepancy, type MachineRecord, Machines, want } from './machine.js';
import { RemoveMachine } from './remove-machine.js';

/** Use case: finish or revert what lies between wanted and reported state of one machine. */
@Injectable()
export class ReconcileMachine {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly hosts: Hosts,
    private readonly commands: HostCommands,
    private readonly removeMachine: RemoveMachine,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  execute(machineId: MachineId): Promise<void> {
    return this.transactions.run(async () => {
      const machine = await this.machines.lock(machineId);
      if (!machine?.hostId) return;
      const host = await this.hosts.find(machine.hostId);
      if (!isOnline(host, this.clock.now())) return;
      await this.#settle(machine);
    });
  }

  /** All machines; those whose halves agree cost one read. */
  async all(): Promise<void> {
    for (const machine of await this.machines.where({})) {
      if (discrepancy(machine) !== 'none' || machine.wanted === 'absent') await this.execute(machine.id);
    }
  }

  async #settle(machine: MachineRecord): Promise<void> {
    // A command on its way is not overtaken.
    const isUnderWay = (await this.commands.unfinished(machine.id)).some(
      ({ command }) => command.action === 'apply-machine' && command.generation >= machine.generation,
    );
    const step = discrepancy(machine);
    if (machine.wanted === 'absent' && !isUnderWay && (machine.condition?.state ?? 'absent') === 'absent' && step !== 'send')
      return this.removeMachine.execute(machine);
    if (step === 'none' || isUnderWay) return;
    if (step === 'send') return void (await this.commands.queue(machine.hostId!, machine.id, applyCommand(machine)));
    const wanted = step === 'want-again' ? machine.wanted : step.accept;
    const changed = want(machine, wanted);
    await this.machines.save(changed);
    await this.commands.queue(machine.hostId!, machine.id, applyCommand(changed));
    const subject = { kind: 'machine', id: machine.id, name: machine.name };
    await this.audit.record(systemContext('reconcile'), step === 'want-again' ? 'machine.resend' : 'machine.accept', subject, {
      wanted,
      reported: machine.condition?.state,
    });
    this.changes.mark('machine', machine.id);
  }
}
