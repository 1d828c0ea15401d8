import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { line3RegisterMap } from '@millwright/line3-mixing';
import { afterAll, assert, beforeAll, test } from 'vitest';
import type { BrokerClient } from '../support/broker-client.js';
import { freePort } from '../support/free-port.js';
import { Line3Modbus } from '../support/line3-modbus.js';
import { ADMIN_PASSWORD, isAlive, Product, until } from '../support/product.js';

/* How the product starts, refuses to start, and ends: Ctrl-C keeps the guest's work, and what cannot start says why in one line. */

const FRONT_DOOR = fileURLToPath(new URL('../../apps/front-door/dist/main.js', import.meta.url));
const SCRATCH = line3RegisterMap.holdingRegisters.find(({ name }) => name === 'scratch')!.address;

/** Words before a command, so that it sees a read-only file system at `folder`. */
const readOnly = (folder: string) => [
  'unshare',
  '--mount',
  '--map-root-user',
  'sh',
  '-c',
  'mount -t tmpfs -o ro none "$0" && exec "$@"',
  folder,
];
const canMount = spawnSync(readOnly(tmpdir())[0]!, [...readOnly(tmpdir()).slice(1), 'true']).status === 0;

let product: Product;

beforeAll(async () => {
  product = await Product.start({ env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
}, 150_000);
afterAll(() => product?.dispose(), 60_000);

/** What a start that must fail writes to the terminal, without what it was at before. */
async function refusedStart(env: Record<string, string>, before: readonly string[] = []): Promise<string> {
  const [program, ...words] = [...before, process.execPath, FRONT_DOOR];
  const child = spawn(program!, words, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      output += String(piece);
    });
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const status = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(late);
  assert.equal(status, 1, output);
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => !/^Starting .* …$/.test(line));
  assert.lengthOf(lines, 1, `more than one line:\n${output}`);
  return lines[0]!;
}

async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mw-refused-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a port in use is named, with the mend', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const line = await withFolder((folder) => refusedStart({ MILLWRIGHT_DATA: folder, MILLWRIGHT_PORT: String(port) }));
  taken.close();
  assert.equal(line, `Port ${port} is in use: end the program that has it, or set MILLWRIGHT_PORT to another port.`);
});

test.skipIf(!canMount)('a read-only data folder is named, with the mend (needs a mount namespace)', async () => {
  await withFolder(async (folder) => {
    // Permissions do not stop root, a read-only file system does.
    const line = await refusedStart({ MILLWRIGHT_DATA: folder, MILLWRIGHT_PORT: String(await freePort()) }, readOnly(folder));
    assert.equal(
      line,
      `The data folder ${folder} cannot be written (EROFS): change its permissions, or set MILLWRIGHT_DATA to another folder.`,
    );
  });
});

test('a file in place of the data folder is named, with the mend', async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, 'data'), '');
    const line = await refusedStart({ MILLWRIGHT_DATA: join(folder, 'data'), MILLWRIGHT_PORT: String(await freePort()) });
    assert.equal(line, `The data folder ${join(folder, 'data')} is a file, or in a file: set MILLWRIGHT_DATA to a folder.`);
  });
});

test('a database that is not there is named, and nothing is said of machines, for none was started', async () => {
  await withFolder(async (folder) => {
    const line = await refusedStart({
      MILLWRIGHT_DATA: folder,
      MILLWRIGHT_PORT: String(await freePort()),
      DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/millwright`,
    });
    assert.match(
      line,
      /^The broker cannot start: DATABASE_URL postgres:\/\/127\.0\.0\.1:\d+\/millwright cannot be used \(.*ECONNREFUSED.*\)/,
    );
  });
});

test('who ends it while its database starts leaves no database behind', async () => {
  await withFolder(async (folder) => {
    const env = { PATH: process.env['PATH'], MILLWRIGHT_DATA: folder, MILLWRIGHT_PORT: String(await freePort()) };
    const child = spawn(process.execPath, [FRONT_DOOR], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      if (output === '') child.kill('SIGTERM');
      output += String(bytes);
    });
    assert.deepEqual(await ended, [0, null]);
    assert.equal(output, 'Starting the database …\nMillwright has ended.\n');
    assert.isFalse(existsSync(join(folder, 'postgres', 'data', 'postmaster.pid')), 'the database runs on');
  });
}, 60_000);

test('a second start on the same data folder is refused and disturbs nothing', async () => {
  const line = await refusedStart({ MILLWRIGHT_DATA: product.folder, MILLWRIGHT_PORT: String(await freePort()) });
  assert.equal(
    line,
    `Millwright already runs on ${product.folder} (process ${product.pidOf('front-door')}): end it first, or set MILLWRIGHT_DATA to another folder.`,
  );
  assert.equal((await fetch(`${product.url}/sign-in`)).status, 200);
});

test('Ctrl-C saves the running machine, leaves no process, and the next start resumes it', async () => {
  let api = await product.signIn();
  const running = (client: BrokerClient) =>
    until('the machine runs', async () => (await client.call('listMachines')).items.find(({ state }) => state === 'running'), 40_000, 200);
  const { id } = await running(api);
  let modbus = await Line3Modbus.open(product.url, api, id);
  await modbus.writeHolding(SCRATCH, 4711);
  const uptime = await modbus.input('uptimeLow');
  modbus.close();
  const postgres = product.pidOf('postgres')!;

  const began = Date.now();
  assert.equal(await product.interrupt(), 0, product.output);
  assert.isBelow(Date.now() - began, 30_000);
  assert.match(product.output, /Saving running machines and ending …\s+Millwright has ended\.\s*$/);
  assert.lengthOf(product.machinePids(), 0, 'a machine outlived Ctrl-C');
  for (const part of ['broker', 'hypervisor-host', 'portal'] as const) assert.isUndefined(product.pidOf(part), `${part} outlived Ctrl-C`);
  await until('the database has ended', () => (product.pidOf('postgres') === undefined ? true : undefined), 5_000);
  await until('its process is gone', () => !isAlive(postgres) || undefined, 5_000);

  await product.startAgain();
  api = await product.signIn();
  await running(api);
  modbus = await Line3Modbus.open(product.url, api, id);
  assert.equal(await modbus.holding(SCRATCH), 4711);
  const resumed = await modbus.input('uptimeLow');
  modbus.close();
  assert.isAtLeast(resumed, uptime);
  assert.isBelow(resumed, uptime + 30, 'the guest counted the time in which it did not run');
});
