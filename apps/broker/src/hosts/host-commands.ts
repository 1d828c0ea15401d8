import { setTimeout as sleep } from 'node:timers/promises';
import { CommandIdSchema, failure, type HostCommand, type HostId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import { Transactions } from '../platform/transactions.js';
import { type CommandRecord, Commands } from './host.js';
import { HostLinks } from './host-links.js';

const POLL_MS = 50;

/** The queue of commands to hosts. A command is part of the transaction that decided it, and is sent after the commit. */
@Injectable()
export class HostCommands {
  #lastQueuedMs = 0;

  constructor(
    private readonly transactions: Transactions,
    private readonly commands: Commands,
    private readonly links: HostLinks,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async queue(hostId: HostId, subject: string, command: HostCommand): Promise<CommandRecord> {
    if (command.action === 'apply-machine') await this.#dropSuperseded(subject);
    // Commands are sent in the order of this time, so no two of one process share a millisecond.
    this.#lastQueuedMs = Math.max(this.clock.now().getTime(), this.#lastQueuedMs + 1);
    const record: CommandRecord = {
      id: this.identifiers.next(CommandIdSchema),
      hostId,
      subject,
      command,
      createdAt: new Date(this.#lastQueuedMs),
      acknowledgedAt: null,
      finishedAt: null,
      error: null,
    };
    await this.commands.save(record);
    this.transactions.afterCommit(() => this.links.wake(hostId));
    return record;
  }

  /** Commands about this subject that the host has not finished. */
  unfinished(subject: string): Promise<CommandRecord[]> {
    return this.commands.where({ subject, finishedAt: null });
  }

  /** Waits until the host has carried a command out. Not inside a transaction. @throws host.offline, or the host's own failure */
  async finished(id: CommandRecord['id'], timeoutMs: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += POLL_MS) {
      const record = await this.commands.find(id);
      if (record?.error) throw failure('host.offline', record.error.message, { error: record.error });
      if (record?.finishedAt) return;
      await sleep(POLL_MS);
    }
    throw failure('host.offline', 'The host did not answer in time. Try again.', { commandId: id });
  }

  /** An older wanted state that the host has not even seen need not travel any more. */
  async #dropSuperseded(machineId: string): Promise<void> {
    const waiting = await this.unfinished(machineId);
    for (const { id, command, acknowledgedAt } of waiting) {
      if (command.action === 'apply-machine' && acknowledgedAt === null) await this.commands.remove(id);
    }
  }
}
