import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, isIP } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENT_PATH, ENROLMENT_TOKEN_VARIABLE } from '@millwright/contracts';
import { type Config, readConfig, StartError } from './config.js';
import { lockDataFolder, prepareDataFolder } from './data-folder.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { Part } from './part.js';
import { FrontDoor } from './proxy.js';
import { namesOf, tlsFor } from './tls.js';

/*
 * What `npm start` runs on one machine: the public listener, the embedded PostgreSQL, and the supervision of broker, hypervisor-host
 * agent and portal. Virtual machines are not its children; they outlive everything here.
 */

const APPS = fileURLToPath(new URL('../../', import.meta.url));
/** The agent saves running machines within this time; then they are switched off. */
const AGENT_END_MS = 30_000;
const PART_END_MS = 8_000;
const DATABASE_WATCH_MS = 1_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  prepareDataFolder(config.dataFolder);
  const unlock = lockDataFolder(config.dataFolder);
  const tls = await tlsFor(config);
  const door = new FrontDoor(tls);
  await door.listen(config);
  const host = config.isLoopback ? 'localhost' : namesOf(config.listen)[0]!;
  const url = `${tls ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${config.port}`;
  const site = new Site(config, door, url, tls?.selfSigned?.path);
  const leave = async (): Promise<void> => {
    await site.end();
    unlock();
    console.log('Millwright has ended.');
    process.exit(0);
  };
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  try {
    await site.start();
    if (site.isEnding) return;
  } catch (error) {
    // Whoever asked us to end needs no reason why the start came to nothing.
    if (site.isEnding) return;
    // First of all: ending what did start may take a while.
    console.error((error as Error).message);
    await site.end();
    unlock();
    process.exit(1);
  }
  if (tls?.selfSigned) {
    const { path, fingerprint, isNew } = tls.selfSigned;
    console.log(`${isNew ? 'New self-signed' : 'Self-signed'} certificate: ${path}`);
    console.log(`SHA-256 fingerprint: ${fingerprint}`);
  }
  console.log(`Millwright is ready: ${url}`);
}

/** The parts of one machine, in the order in which they need each other. */
class Site {
  #database: EmbeddedPostgres | undefined;
  #broker: Part | undefined;
  #agent: Part | undefined;
  #portal: Part | undefined;
  #end: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** A start of the database that is under way: ending waits for it, so that none is left behind. */
  #databaseStart: Promise<void> | undefined;
  #adminPassword: string | undefined;
  readonly #token = randomBytes(32).toString('base64url');

  constructor(
    private readonly config: Config,
    private readonly door: FrontDoor,
    /** Where others reach the front door. */
    private readonly url: string,
    private readonly certificatePath: string | undefined,
  ) {}

  async start(): Promise<void> {
    const { config, door } = this;
    if (config.databaseUrl === undefined) {
      console.log('Starting the database …');
      this.#databaseStart = this.#startDatabase();
      await this.#databaseStart;
      if (this.isEnding) return;
      this.#watchDatabase();
    }
    console.log('Starting broker, hypervisor host and portal …');
    const [brokerPort, agentPort, portalPort] = await freePorts(3);
    if (this.isEnding) return;
    this.#broker = this.#part('broker', 'dist/main.js', PART_END_MS, () => ({
      BROKER_PORT: String(brokerPort),
      DATABASE_URL: config.databaseUrl ?? this.#database!.url,
      MILLWRIGHT_URL: this.url,
      MILLWRIGHT_SELF_SIGNED_CERT: this.certificatePath,
    }));
    this.#agent = this.#part('hypervisor-host', 'dist/main.js', AGENT_END_MS, () => ({
      AGENT_PORT: String(agentPort),
      BROKER_URL: `ws://127.0.0.1:${brokerPort}${AGENT_PATH}`,
      MILLWRIGHT_ADMIN_PASSWORD: undefined,
    }));
    this.#portal = this.#part('portal', 'serve.mjs', PART_END_MS, () => ({
      PORTAL_PORT: String(portalPort),
      MILLWRIGHT_ADMIN_PASSWORD: undefined,
    }));
    door.targets.broker = await this.#broker.start();
    if (this.isEnding) return;
    [door.targets.agent, door.targets.portal] = await Promise.all([this.#agent.start(), this.#portal.start()]);
    if (this.#adminPassword !== undefined) {
      console.log('Sign in as:        admin');
      console.log(`One-time password: ${this.#adminPassword}`);
    }
  }

  /** Saves running machines, then ends agent, portal, broker and database, in that order. */
  end(): Promise<void> {
    this.#end ??= this.#endAll();
    return this.#end;
  }

  get isEnding(): boolean {
    return this.#end !== undefined;
  }

  async #endAll(): Promise<void> {
    clearInterval(this.#watch);
    // A server that is about to be there must be ended, too; why one did not come is told elsewhere.
    await this.#databaseStart?.catch(() => {});
    if (this.#agent?.pid !== undefined) console.log('\nSaving running machines and ending …');
    await this.#agent?.end();
    await this.#portal?.end();
    await this.#broker?.end();
    await this.door.close();
    await this.#database?.close();
  }

  async #startDatabase(): Promise<void> {
    try {
      this.#database = await startEmbeddedPostgres({ folder: join(this.config.dataFolder, 'postgres') });
    } catch (error) {
      throw new StartError(`The embedded database did not start: ${(error as Error).message}`);
    }
  }

  /** A database that died is started again. The broker finds it by itself, unless it came back on another port: a second outage helps nobody. */
  #watchDatabase(): void {
    let starting = false;
    this.#watch = setInterval(() => {
      if (starting || this.isEnding || this.#database?.isAlive()) return;
      starting = true;
      console.error('The database ended unasked; starting it again.');
      const before = this.#database?.url;
      this.#databaseStart = this.#startDatabase()
        .then(() => (this.isEnding || this.#database?.url === before ? undefined : this.#broker?.restart()))
        .catch((error: unknown) => console.error((error as Error).message))
        .finally(() => {
          starting = false;
        });
    }, DATABASE_WATCH_MS);
  }

  #part(name: string, entry: string, endMs: number, env: () => NodeJS.ProcessEnv): Part {
    const cwd = join(APPS, name);
    return new Part({
      name,
      entry: join(cwd, entry),
      cwd,
      endMs,
      logFile: join(this.config.dataFolder, 'log', `${name}.log`),
      env: () => ({
        ...process.env,
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        MILLWRIGHT_DATA: this.config.dataFolder,
        MILLWRIGHT_LOG: this.config.logLevel,
        [ENROLMENT_TOKEN_VARIABLE]: name === 'portal' ? undefined : this.#token,
        DATABASE_URL: undefined,
        ...env(),
      }),
      message: (message) => {
        if ('adminPassword' in message) this.#adminPassword = message.adminPassword;
        if (!('viewerToken' in message)) return;
        if (message.viewerToken === null) this.door.viewerLines.dismiss(message.hostId);
        else this.door.viewerLines.admit(message.hostId, message.viewerToken);
      },
      restarted: (part, why) => console.error(`${part} ended unasked (${why}); starting it again.`),
      gaveUp: (part, lines) => console.error(`${part} keeps ending; its last lines:\n${lines}`),
    });
  }
}

/** Ports that are free now; each part keeps its own over restarts, so that the others find it again. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}
