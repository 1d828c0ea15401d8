import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { VIEWER_LINE_PATH } from '@millwright/contracts';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { ViewerLines } from './viewer-lines.js';

const SILENCE_MS = 200;

let frontDoor: WebSocketServer;
let endpoint: Server;
let lines: ViewerLines;
let isRefusing: boolean;
const arrived: WebSocket[] = [];
const viewers: Socket[] = [];
const logged: string[] = [];

beforeEach(async () => {
  for (const list of [arrived, viewers, logged]) list.length = 0;
  isRefusing = false;
  frontDoor = new WebSocketServer({ port: 0, host: '127.0.0.1', path: VIEWER_LINE_PATH, verifyClient: () => !isRefusing });
  frontDoor.on('connection', (line) => arrived.push(line));
  endpoint = createServer((socket) => viewers.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await Promise.all([once(frontDoor, 'listening'), once(endpoint, 'listening')]);
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  const log = { warn: () => void logged.push('warn'), debug: () => void logged.push('debug') };
  lines = new ViewerLines(`ws://127.0.0.1:${portOf(frontDoor)}/agent`, () => portOf(endpoint), log as never, SILENCE_MS);
});
afterEach(() => {
  lines.end();
  for (const socket of viewers) socket.destroy();
  frontDoor.close();
  endpoint.close();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('four lines wait; the first bytes of a viewer go to the endpoint and bring another line', async () => {
  lines.open('token');
  await until(() => arrived.length === 4);
  arrived[0]!.send('GET /');
  await until(() => viewers.length === 1 && arrived.length === 5);
  assert.equal(String((await once(viewers[0]!, 'data'))[0]), 'GET /');
  viewers[0]!.write('picture');
  assert.equal(String((await once(arrived[0]!, 'message'))[0]), 'picture');
  viewers[0]!.end();
  await once(arrived[0]!, 'close');
});

test('a line that hears nothing ends; one that the endpoint holds up does not', async () => {
  lines.open('token');
  await until(() => arrived.length === 4);
  const [silent, upload] = arrived as [WebSocket, WebSocket];
  upload.send('first');
  await until(() => viewers.length === 1);
  viewers[0]!.pause();
  const bytes = 64 * 2 ** 20;
  for (let sent = 0; sent < bytes; sent += 2 ** 16) upload.send(Buffer.alloc(2 ** 16));
  await once(silent, 'close');
  await pause(4 * SILENCE_MS);
  let got = -'first'.length;
  viewers[0]!.on('data', (data) => {
    got += data.length;
  });
  viewers[0]!.resume();
  await until(() => got === bytes || upload.readyState !== upload.OPEN);
  assert.equal(got, bytes);
});

test('that no line comes about is warned of once', async () => {
  isRefusing = true;
  lines.open('token');
  await until(() => logged.length === 4);
  assert.deepEqual(logged, ['warn', 'debug', 'debug', 'debug']);
});
