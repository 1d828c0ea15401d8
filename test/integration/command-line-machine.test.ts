import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, assert, beforeAll, test, vi } from 'vitest';
import { FrontDoor } from '../../apps/front-door/dist/proxy.js';
import { line3Screen } from '../../guests/line3-mixing/dist/index.js';
import { type BrokerProcess, startBrokerProcess } from '../support/broker-process.js';
import { freePort } from '../support/free-port.js';
import { type HostProcess, startHostProcess } from '../support/host-process.js';
import { runMw } from '../support/mw.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

/*
 * `mw` at a machine that really runs: the default guest on the real engine, behind the real host, broker and front
 * door. Pictures are looked at pixel by pixel, and what the panel says is asked of it over Modbus RTU, through
 * `mw machine serial --raw`.
 */
vi.setConfig({ testTimeout: 120_000 });

const LINE3 = 'Line 3 mixing';
const TOKEN = 'local-enrolment-token-of-the-starter';
const PASSWORD = 'correct horse battery';
const SLAVE = 3;

let folder: string;
let database: TestDatabase;
let broker: BrokerProcess;
let host: HostProcess;
const door = new FrontDoor(undefined);
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mw-'));
  database = await startTestDatabase();
  broker = await startBrokerProcess({ DATABASE_URL: database.url, MILLWRIGHT_ENROLMENT_TOKEN: TOKEN, MILLWRIGHT_ADMIN_PASSWORD: PASSWORD });
  host = await startHostProcess(broker.port, join(folder, 'data'), TOKEN);
  door.targets.broker = broker.port;
  door.targets.agent = host.port;
  const port = await freePort();
  await door.listen({ port, listen: '127.0.0.1' } as Parameters<FrontDoor['listen']>[0]);
  env = { XDG_CONFIG_HOME: join(folder, 'config'), MILLWRIGHT_URL: `http://127.0.0.1:${port}` };
  assert.equal((await runMw(env, ['login', '--name', 'admin'], `${PASSWORD}\n`)).status, 0);
}, 120_000);

afterAll(async () => {
  if (env) await runMw(env, ['machine', 'stop', LINE3, '--wait']);
  await host?.stop();
  await door.close();
  await broker?.stop();
  await database?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const machine = async (...words: string[]) => {
  const { status, out, err } = await runMw(env, ['--json', 'machine', ...words]);
  assert.equal(status, 0, err);
  return JSON.parse(out);
};

async function pixel({ x, y }: { x: number; y: number }): Promise<number> {
  const file = join(folder, 'screen.png');
  const { widthPx, heightPx } = await machine('screenshot', LINE3, file);
  if (widthPx !== line3Screen.width || heightPx !== line3Screen.height) return -1;
  const { data } = PNG.sync.read(readFileSync(file));
  return data.readUIntBE((y * widthPx + x) * 4, 3);
}

/** CRC-16 of Modbus over serial line V1.02 §6.2.2, low byte first. */
function withCrc(bytes: readonly number[]): Buffer {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return Buffer.from([...bytes, crc & 0xff, crc >>> 8]);
}

/** As a master does, repeats a request that was not answered in time: a busy host may make the guest late. */
const inputRegisters = (address: number, count: number): Promise<number[]> =>
  vi.waitFor(() => askInputRegisters(address, count), { timeout: 30_000, interval: 500 });

/** Input registers (function 4), read as a fieldbus master on a pipe would. */
async function askInputRegisters(address: number, count: number): Promise<number[]> {
  const request = withCrc([SLAVE, 4, address >> 8, address & 0xff, 0, count]);
  const { status, bytes, err } = await runMw(env, ['machine', 'serial', LINE3, '--raw', '--linger', '1500'], request);
  assert.equal(status, 0, err);
  // The port's last output comes first; the answer to this request is at the end.
  const answer = bytes.subarray(-(5 + 2 * count));
  assert.deepEqual([...answer], [...withCrc([...answer.subarray(0, -2)])], `a wrong CRC: ${bytes.toString('hex')}`);
  assert.deepEqual([...answer.subarray(0, 3)], [SLAVE, 4, 2 * count]);
  return Array.from({ length: count }, (_, i) => answer.readUInt16BE(3 + 2 * i));
}

test('the default guest comes up to its panel by itself', async () => {
  const { motorLamp } = line3Screen;
  await vi.waitFor(async () => assert.equal(await pixel(motorLamp), motorLamp.stopped), { timeout: 90_000, interval: 1_000 });
  const { state, condition } = await machine('show', LINE3);
  assert.deepEqual([state, condition.pointer], ['running', 'absolute']);
});

test('a click on each corner and on START reaches the guest, on its screen and in its registers', async () => {
  for (const { x, y } of line3Screen.corners.targets) await machine('pointer', LINE3, 'click', String(x), String(y));
  const { start } = line3Screen.buttons;
  await machine('pointer', LINE3, 'click', String(start.x), String(start.y));
  const { motorLamp, corners } = line3Screen;
  await vi.waitFor(async () => assert.equal(await pixel(motorLamp), motorLamp.running), { timeout: 30_000, interval: 500 });
  assert.equal(await pixel(corners.lamps[0]), corners.pressed);
  const [cornerMarks, pointerX, pointerY] = await inputRegisters(12, 3);
  assert.equal(cornerMarks, 0b1111);
  assert.deepEqual([pointerX, pointerY], [start.x, start.y]);
});

test('a key stops the motor', async () => {
  await machine('keys', LINE3, 'f2');
  const { motorLamp } = line3Screen;
  await vi.waitFor(async () => assert.equal(await pixel(motorLamp), motorLamp.stopped), { timeout: 30_000, interval: 500 });
});

test('a saved machine goes on where it was', async () => {
  assert.equal((await machine('save', LINE3, '--wait')).state, 'saved');
  assert.equal((await machine('start', LINE3, '--wait')).state, 'running');
  assert.deepEqual(await inputRegisters(12, 1), [0b1111]);
});
