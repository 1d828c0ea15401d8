import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../apps/front-door/dist/embedded-postgres.js';

export interface TestDatabase {
  readonly url: string;
  /** Ends the server and removes its folder. */
  remove(): Promise<void>;
}

/** A PostgreSQL of its own in a temporary folder, not durable and therefore quick. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-postgres-'));
  const server = await startEmbeddedPostgres({ folder, durable: false });
  return {
    url: server.url,
    async remove() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
