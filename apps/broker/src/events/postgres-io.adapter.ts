import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { createAdapter } from '@socket.io/postgres-adapter';
import pg from 'pg';
import type { Log } from '../platform/log.js';

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
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 4, application_name: 'millwright-events' });
    // Without a listener a server that stops would end this process.
    this.#pool.on('error', (error) => log.warn({ err: error }, 'events database connection lost'));
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server = super.createIOServer(port, options);
    server.adapter(createAdapter(this.#pool, { errorHandler: (error) => this.#log.warn({ err: error }, 'events adapter failed') }));
    return server;
  }

  override async close(server: Server): Promise<void> {
    await super.close(server);
    await this.#pool.end().catch(() => {});
  }
}
