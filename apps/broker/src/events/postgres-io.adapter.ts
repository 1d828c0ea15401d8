import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { createAdapter } from '@socket.io/postgres-adapter';
import pg from 'pg';
import type { Log } from '../platform/log.js';

/** One connection listens, one speaks: with more, announcements could overtake each other. */
const POOL_SIZE = 2;
const CLOSE_TIMEOUT_MS = 1000;
const RELEASE_DELAY_MS = 50;

/** Nest brings a socket.io of its own; its types are taken from where it uses them. */
type Server = ReturnType<IoAdapter['createIOServer']>;
type ServerOptions = Parameters<IoAdapter['createIOServer']>[1];

/** socket.io whose brokers hear each other through PostgreSQL. */
export class PostgresIoAdapter extends IoAdapter {
  readonly #pool: pg.Pool;
  readonly #log: Log;

  constructor(app: INestApplicationContext, databaseUrl: string, log: Log) {
    super(app);
    this.#log = log;
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE, application_name: 'millwright-events' });
    // Without listeners a server that stops would end this process: the pool's for idle clients, the client's own for one in use.
    this.#pool.on('error', (error) => log.warn({ err: error }, 'events database connection lost'));
    this.#pool.on('connect', (client) => {
      client.on('error', () => {});
      client.on('end', () => setTimeout(() => giveBack(client), RELEASE_DELAY_MS).unref());
    });
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server = super.createIOServer(port, options);
    server.adapter(createAdapter(this.#pool, { errorHandler: (error) => this.#log.warn({ err: error }, 'events adapter failed') }));
    return server;
  }

  override async close(server: Server): Promise<void> {
    await super.close(server);
    // After a lost database the adapter may never give its listening connection back.
    await Promise.race([this.#pool.end().catch(() => {}), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

/** The adapter forgets to release a listening connection that was lost, which would use the pool up. */
function giveBack(client: pg.PoolClient): void {
  try {
    client.release(true);
  } catch {
    // Released by its user already, which is the usual case.
  }
}
