import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { Config } from './config.js';
import { Log } from './log.js';

const CHANNEL = 'millwright';
const RETRY_MS = 1000;

/**
 * Hints between brokers on one database (LISTEN/NOTIFY): "look into the table". A hint may be lost; whoever needs the
 * fact looks from time to time by itself. The own broker is told at once, without the detour.
 */
@Injectable()
export class Notifications implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #listeners = new Map<string, ((subject: string) => void)[]>();
  readonly #origin = Math.random().toString(36).slice(2);
  #client: pg.Client | undefined;
  /** Settles when all that was sent so far is told: a client takes one query at a time, and the order of hints is kept. */
  #sent: Promise<unknown> = Promise.resolve();
  #isClosing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
  ) {}

  on(topic: string, listener: (subject: string) => void): void {
    this.#listeners.set(topic, [...(this.#listeners.get(topic) ?? []), listener]);
  }

  send(topic: string, subject: string): void {
    this.#tell(topic, subject);
    const payload = JSON.stringify({ topic, subject, origin: this.#origin });
    this.#sent = this.#sent
      .then(() => this.#client?.query('SELECT pg_notify($1, $2)', [CHANNEL, payload]))
      .catch((error: unknown) => this.log.warn({ err: error }, 'notification lost'));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.databaseUrl,
      application_name: 'millwright-notifications',
      keepAlive: true,
    });
    client.on('error', () => {}); // 'end' follows and reconnects
    client.on('end', () => this.#reconnect(client));
    client.on('notification', ({ payload }) => {
      const { topic, subject, origin } = JSON.parse(payload ?? '{}') as { topic?: string; subject?: string; origin?: string };
      if (topic !== undefined && subject !== undefined && origin !== this.#origin) this.#tell(topic, subject);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.#client = client;
    } catch (error) {
      this.log.warn({ err: error }, 'cannot listen for notifications; trying again');
      this.#reconnect(client);
    }
  }

  #reconnect(ended: pg.Client): void {
    if (this.#client === ended) this.#client = undefined;
    if (this.#isClosing) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), RETRY_MS);
  }

  #tell(topic: string, subject: string): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(subject);
  }
}
