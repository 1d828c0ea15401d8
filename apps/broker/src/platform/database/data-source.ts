import type pg from 'pg';
import { DataSource } from 'typeorm';
import { AuditEntity } from '../../audit/audit.entity.js';
import { AssignmentEntity, DesktopEntity } from '../../desktops/desktop.entity.js';
import { CommandEntity, EnrolmentTokenEntity, HostEntity } from '../../hosts/host.entity.js';
import { ApiTokenEntity, LoginEntity, UserEntity } from '../../identity/user.entity.js';
import { ImageEntity } from '../../images/image.entity.js';
import { MachineEntity } from '../../machines/machine.entity.js';
import { SessionEntity } from '../../sessions/session.entity.js';
import { TaskEntity } from '../../tasks/task.entity.js';
import { TemplateEntity } from '../../templates/template.entity.js';
import { SettingEntity } from '../settings.js';
import { Initial1795400000000 } from './migrations/0001-initial.js';
import { WordsOfHosts1795500000000 } from './migrations/0002-words-of-hosts.js';
import { HandOvers1795600000000 } from './migrations/0003-hand-overs.js';
import { SnakeNaming } from './snake-naming.js';

const POOL_SIZE = 12;

/** Connects, once. @throws Error that names DATABASE_URL, without its password, and the mend */
export async function openDatabase(url: string): Promise<DataSource> {
  try {
    return await createDataSource(url).initialize();
  } catch (error) {
    const mend = 'start PostgreSQL there, or correct DATABASE_URL';
    throw new Error(`DATABASE_URL ${withoutSecrets(url)} cannot be used (${reasonOf(error)}): ${mend}.`, { cause: error });
  }
}

/** Parameters may hold a password, too. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`;
}

/** A name with several addresses fails with an error for each and no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code, errors } = error as Error & { readonly code?: string; readonly errors?: readonly Error[] };
  return message || errors?.[0]?.message || code || 'no reason given';
}

/** The tables as TypeORM sees them. The schema itself is made by migrations only. */
function createDataSource(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: [
      UserEntity,
      LoginEntity,
      ApiTokenEntity,
      HostEntity,
      EnrolmentTokenEntity,
      CommandEntity,
      TemplateEntity,
      ImageEntity,
      MachineEntity,
      DesktopEntity,
      AssignmentEntity,
      SessionEntity,
      TaskEntity,
      AuditEntity,
      SettingEntity,
    ],
    migrations: [Initial1795400000000, WordsOfHosts1795500000000, HandOvers1795600000000],
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeNaming(),
    synchronize: false,
    applicationName: 'millwright-broker',
    extra: { max: POOL_SIZE, connectionTimeoutMillis: 5_000, idle_in_transaction_session_timeout: 60_000, statement_timeout: 30_000 },
  });
}

/**
 * A database that goes away must not end the broker. TypeORM listens on clients while it holds them; between its hands
 * and the pool's there is a moment without a listener.
 */
export function surviveLostConnections(source: DataSource): void {
  const { master } = source.driver as unknown as { master: pg.Pool };
  master.on('connect', (client) => client.on('error', () => {}));
}

/** Two brokers that start together must not migrate together. The number is arbitrary but ours. */
const MIGRATION_LOCK = 0x6d696c6c;

export async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
    await runner.release();
  }
}
