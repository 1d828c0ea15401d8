import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../apps/front-door/dist/embedded-postgres.js';

export interface TestDatabase {
  readonly url: string;
  /** Kills the server as a power cut does and starts it again under the same URL. */
  crash(): Promise<void>;
  /** Ends the server and removes its folder. */
  remove(): Promise<void>;
}

/** A PostgreSQL of its own in a temporary folder, not durable and therefore quick. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-postgres-'));
  let server = await startEmbeddedPostgres({ folder, durable: false });
  return {
    url: server.url,
    async crash() {
      process.kill(server.pid, 'SIGKILL');
      server = await startEmbeddedPostgres({ folder, durable: false });
    },
    async remove() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
