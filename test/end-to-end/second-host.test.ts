import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostId, type MachineId, type TemplateId, TICKET_SCHEME, VIEWER_LINE_PATH } from '@millwright/contracts';
import { afterAll, assert, beforeAll, test } from 'vitest';
import { WebSocket } from 'ws';
import type { BrokerClient } from '../support/broker-client.js';
import { Person } from '../support/browser.js';
import { Line3Modbus } from '../support/line3-modbus.js';
import { ADMIN_PASSWORD, Product, until } from '../support/product.js';
import { Upload } from '../support/upload.js';

/* A host that is not beside the front door: enrolled by the command that the portal shows, with no way in but the lines it holds ready itself. */

const AGENT = fileURLToPath(new URL('../../apps/hypervisor-host/dist/main.js', import.meta.url));
const HOST_NAME = 'second';

let product: Product;
let admin: Person;
let api: BrokerClient;
let folder: string;
let agent: ChildProcess | undefined;
let hostId: HostId;
let machineId: MachineId;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mw-second-'));
  product = await Product.start({ env: { MILLWRIGHT_ADMIN_PASSWORD: ADMIN_PASSWORD } });
  api = await product.signIn();
  admin = await Person.open();
  await admin.signIn(product.url, 'admin', ADMIN_PASSWORD);
  await admin.page.waitForURL('**/overview');
}, 150_000);

afterAll(async () => {
  await admin?.close();
  if (agent) {
    agent.kill('SIGTERM');
    await once(agent, 'exit');
  }
  await product?.dispose();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('it enrols by the command that the portal shows', async () => {
  await admin.page.goto(`${product.url}/hosts`);
  await admin.page.getByRole('button', { name: 'Enrol a host' }).click();
  const command = await admin.page.getByLabel('Command for the new host').inputValue();
  await admin.page.getByText('listens on its own computer only').waitFor();
  await admin.photograph('20-enrol-a-host');
  const [, variables] = /^((?:\w+=\S+ )+)npm run host$/.exec(command) ?? [];
  assert.isDefined(variables, command);
  agent = spawn(process.execPath, [AGENT], {
    env: {
      PATH: process.env['PATH'],
      MILLWRIGHT_DATA: folder,
      MILLWRIGHT_HOST_NAME: HOST_NAME,
      MILLWRIGHT_LOG: 'warn',
      ...Object.fromEntries(
        variables!
          .trim()
          .split(' ')
          .map((each) => each.split('=', 2)),
      ),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  hostId = await until('the second host is connected', async () => {
    const { items } = await api.call('listHosts');
    return items.find(({ name, state }) => name === HOST_NAME && state === 'online')?.id;
  });
});

test('a machine runs there, and its screen, its serial port and its picture are reached through the front door', async () => {
  const templateId = 'line3-mixing' as TemplateId;
  await until('its default guest is known', async () =>
    (await api.call('listTemplates')).items.find(({ id, hostIds }) => id === templateId && hostIds.includes(hostId)),
  );
  const made = await api.call('createMachine', {}, { name: 'Elsewhere', source: { from: 'template', templateId }, hostId, start: true });
  assert.equal(made.hostId, hostId);
  machineId = made.id;
  await until('it runs', async () => (await api.call('getMachine', { id: machineId })).state === 'running' || undefined, 60_000);

  await admin.page.goto(`${product.url}/machines/${machineId}/screen`);
  await admin.screen.connected();
  await admin.photograph('21-screen-of-another-host');

  const modbus = await Line3Modbus.open(product.url, api, machineId);
  assert.isAtLeast(await modbus.input('uptimeLow'), 0);
  modbus.close();

  const { ticket, url } = await api.call('requestTicket', { id: machineId }, { purpose: 'screenshot', port: 0 });
  const picture = await fetch(new URL(url, product.url), { headers: { authorization: `${TICKET_SCHEME} ${ticket}` } });
  assert.equal(picture.headers.get('content-type'), 'image/png');
  assert.isAbove((await picture.arrayBuffer()).byteLength, 1_000);
});

test('an image is uploaded to it, in pieces', async () => {
  const bytes = Buffer.alloc(2 * 2 ** 20, 'sector ');
  const grant = await api.call('requestUpload', {}, { name: 'elsewhere', kind: 'disk', sizeBytes: bytes.length, hostId });
  const upload = await Upload.create(new URL(grant.uploadUrl, product.url), grant.ticket, bytes);
  assert.equal(await upload.offset(), 0);
  assert.equal(await upload.send(0).done, bytes.length);
  await until('the image is ready', async () => (await api.call('getImage', { id: grant.image.id })).state === 'ready' || undefined);
});

test('viewers stay when the broker dies, and others come when it is back', async () => {
  const before = await admin.screen.canvas.elementHandle();
  await product.kill('broker');
  assert.isTrue(await before!.evaluate((canvas) => canvas.isConnected));
  await admin.page.locator('.mw-screen[data-phase="connected"]').waitFor();
  const modbus = await until(
    'a line to the other host',
    () => Line3Modbus.open(product.url, api, machineId).catch(() => undefined),
    40_000,
    500,
  );
  assert.isAtLeast(await modbus.input('uptimeLow'), 0);
  modbus.close();
});

test('nobody brings a line without the token of a host', async () => {
  const socket = new WebSocket(new URL(VIEWER_LINE_PATH, product.url.replace(/^http/, 'ws')), {
    headers: { authorization: 'Bearer guessed' },
  });
  const [error] = await once(socket, 'error').catch((reason: Error) => [reason]);
  assert.match((error as Error).message, /401/);
  assert.deepEqual(admin.problems, []);
});
