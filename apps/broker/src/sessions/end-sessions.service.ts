import type { Session } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Machines } from '../machines/machine.js';
import { Clock } from '../platform/clock.js';
import type { Match } from '../platform/records.js';
import { Transactions } from '../platform/transactions.js';
import { ended, SESSION_WAIT_MS, type SessionRecord, Sessions } from './session.js';

/** Ends sessions for a reason that is not the viewer's: their screens close at once, at the host. */
@Injectable()
export class EndSessions {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly machines: Machines,
    private readonly commands: HostCommands,
    private readonly changes: Changes,
    private readonly clock: Clock,
  ) {}

  execute(which: Match<SessionRecord>, reason: NonNullable<Session['endReason']>): Promise<void> {
    return this.transactions.run(async () => {
      const open = await this.sessions.where({ ...which, state: ['waiting', 'connected'] });
      for (const session of open) await this.#end(session, reason);
    });
  }

  /** Sessions that nobody has come back to. */
  expire(): Promise<void> {
    return this.transactions.run(async () => {
      const oldest = this.clock.now().getTime() - SESSION_WAIT_MS;
      const waiting = await this.sessions.where({ state: 'waiting' });
      for (const session of waiting) if (session.lastSeenAt.getTime() < oldest) await this.#end(session, 'expired');
    });
  }

  async #end(session: SessionRecord, reason: NonNullable<Session['endReason']>): Promise<void> {
    await this.sessions.save(ended(session, reason, this.clock.now()));
    this.changes.mark('session', session.id);
    const machine = await this.machines.find(session.machineId);
    // Also for one that only waits: it may have a ticket in hand, or be connected without our knowing yet.
    if (machine?.hostId)
      await this.commands.queue(machine.hostId, session.id, {
        action: 'end-session',
        machineId: machine.id,
        sessionId: session.id,
        reason,
      });
  }
}
