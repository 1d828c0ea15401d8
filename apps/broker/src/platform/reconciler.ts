import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { HostPresence } from '../hosts/host-presence.service.js';
import { ReconcileMachine } from '../machines/reconcile-machine.service.js';
import { TrashMachine } from '../machines/trash-machine.service.js';
import { EndSessions } from '../sessions/end-sessions.service.js';
import { Config } from './config.js';
import { OldRows } from './database/old-rows.js';
import { Log } from './log.js';
import { systemContext } from './request-context.js';

/** Every this many rounds the slow duties are done. */
const SLOW_ROUNDS = 20;

/** The round that every broker makes: finish or revert what a crash left, end what nobody uses. One broker at a time. */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isClosing = false;
  #count = 0;

  constructor(
    private readonly config: Config,
    private readonly presence: HostPresence,
    private readonly machines: ReconcileMachine,
    private readonly trash: TrashMachine,
    private readonly sessions: EndSessions,
    private readonly oldRows: OldRows,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.oldRows.stopLeading().catch(() => {});
  }

  #schedule(): void {
    if (this.#isClosing) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#run()
        .catch((error: unknown) => this.log.warn({ err: error }, 'reconciling failed; next round tries again'))
        .finally(() => this.#schedule());
    }, this.config.reconcileMs);
  }

  async #run(): Promise<void> {
    if (!(await this.oldRows.tryToLead())) return;
    await this.presence.forgetSilent();
    await this.machines.all();
    if (this.#count++ % SLOW_ROUNDS !== 0) return;
    await this.sessions.expire();
    await this.trash.purgeExpired(systemContext('reconcile'));
    await this.oldRows.delete();
  }
}
