import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postgres-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a fresh folder gets a server that keeps its data over a restart and wants its password', { timeout: 90_000 }, async () => {
  const first = await startEmbeddedPostgres({ folder, durable: false });
  await query(first.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
  const refusal = await query(first.url.replace(/:[0-9a-f]{48}@/, ':wrong@'), 'SELECT 1').catch((error: { code: string }) => error.code);
  assert.equal(refusal, '28P01');
  assert.equal(statSync(join(folder, 'password')).mode & 0o777, 0o600);

  const adopted = await startEmbeddedPostgres({ folder, durable: false });
  assert.isTrue(adopted.adopted);
  assert.equal(adopted.pid, first.pid);
  await adopted.close();
  assert.isFalse(first.isAlive());

  const second = await startEmbeddedPostgres({ folder, durable: false });
  assert.isFalse(second.adopted);
  assert.deepEqual(await query(second.url, 'SELECT n FROM kept'), [{ n: 42 }]);

  process.kill(second.pid, 'SIGKILL');
  const third = await startEmbeddedPostgres({ folder, durable: false });
  assert.equal(third.url, first.url);
  assert.deepEqual(await query(third.url, 'SELECT n FROM kept'), [{ n: 42 }]);
  await third.close();
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
