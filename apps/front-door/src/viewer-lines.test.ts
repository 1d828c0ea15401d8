import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { ViewerLines } from './viewer-lines.js';

const HOST = 'host-1';
const PING_MS = 100;

let lines: ViewerLines;
let server: Server;
beforeEach(async () => {
  lines = new ViewerLines(PING_MS);
  server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket: Socket, head) => lines.upgrade(request, socket, head));
  await once(server, 'listening');
  lines.admit(HOST, 'first-token');
});
afterEach(() => {
  lines.close();
  server.close();
});

/** A line that says back what it hears. */
async function bringLine(token: string, options: ClientOptions = {}): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo;
  const line = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { authorization: `Bearer ${token}` }, ...options });
  line.on('message', (data: Buffer) => line.send(data));
  await once(line, 'open');
  return line;
}

async function viewer(): Promise<Socket> {
  while (lines.portOf(HOST) === undefined) await new Promise(setImmediate);
  const socket = connect(lines.portOf(HOST)!, '127.0.0.1');
  socket.write('hello');
  return socket;
}

test('a viewer is joined to a line that waits; the end of either ends both', async () => {
  const line = await bringLine('first-token');
  const socket = await viewer();
  assert.equal(String((await once(socket, 'data'))[0]), 'hello');
  socket.end();
  await once(line, 'close');

  const next = await bringLine('first-token');
  const other = await viewer();
  await once(other, 'data');
  next.close();
  await once(other, 'close');
});

test('a viewer who comes first waits for a line, and a line that died while it waited is given to nobody', async () => {
  const dead = await bringLine('first-token');
  dead.terminate();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const socket = await viewer();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await bringLine('first-token');
  assert.equal(String((await once(socket, 'data'))[0]), 'hello');
  socket.destroy();
});

test('only the newest token of a host opens lines', async () => {
  lines.admit(HOST, 'second-token');
  await bringLine('second-token');
  for (const token of ['first-token', 'guessed']) {
    const refusal = await bringLine(token).catch((error: Error) => error.message);
    assert.match(String(refusal), /401/);
  }
});

test('a line that answers no question ends; one whose viewer is slow does not', async () => {
  const deaf = await bringLine('first-token', { autoPong: false });
  await once(deaf, 'close');

  const line = await bringLine('first-token');
  const slow = await viewer();
  await once(slow, 'data');
  slow.pause();
  // More than all buffers between the two hold.
  const bytes = 64 * 2 ** 20;
  for (let sent = 0; sent < bytes; sent += 2 ** 16) line.send(Buffer.alloc(2 ** 16));
  await new Promise((resolve) => setTimeout(resolve, 6 * PING_MS));
  let got = 0;
  slow.on('data', (data) => {
    got += data.length;
    if (got === bytes) slow.destroy();
  });
  slow.resume();
  await once(slow, 'close');
  assert.equal(got, bytes);
});

test('a removed host has no port, no lines and no viewers', async () => {
  await bringLine('first-token');
  const [socket, waiting] = [await viewer(), await bringLine('first-token')];
  await once(socket, 'data');
  const ended = Promise.all([once(socket, 'close'), once(waiting, 'close')]);
  lines.dismiss(HOST);
  await ended;
  assert.isUndefined(lines.portOf(HOST));
  assert.match(String(await bringLine('first-token').catch((error: Error) => error.message)), /401/);
});

test('lines that nobody could use are refused', async () => {
  for (let count = 0; count < 32; count++) await bringLine('first-token');
  assert.match(String(await bringLine('first-token').catch((error: Error) => error.message)), /429/);
});
