import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AGENT_PATH, type HostId, type PartMessage } from '@millwright/contracts';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { WebSocket } from 'ws';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { AgentEndpoint } from './agent-endpoint.js';

const HOST = '11111111-1111-4111-8111-111111111111' as HostId;

class StillClock extends Clock {
  now(): Date {
    return new Date(0);
  }
}

const notifications = new EventEmitter();
const told: PartMessage[] = [];
let server: Server;
let endpoint: AgentEndpoint;
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  const starter = { isThere: true, tell: (message: PartMessage) => told.push(message) };
  const http = { httpAdapter: { getHttpServer: () => server } };
  const config = new Config(0, '', undefined, undefined, 'silent');
  const no = {} as never;
  const useCases = [no, no, no, no, no, no, no] as const;
  endpoint = new AgentEndpoint(http as never, notifications as never, no, config, new StillClock(), starter as never, ...useCases);
  endpoint.onApplicationBootstrap();
  await once(server, 'listening');
});
afterEach(async () => {
  await endpoint.onApplicationShutdown();
  server.close();
});

test('of a host that was removed the front door is told, also while the host is away', () => {
  notifications.emit('host-dropped', HOST);
  assert.deepEqual(told, [{ viewerToken: null, hostId: HOST }]);
});

test('who has not said which host it is may say a hello, not what fills the memory', async () => {
  const { port } = server.address() as AddressInfo;
  const agent = new WebSocket(`ws://127.0.0.1:${port}${AGENT_PATH}`);
  await once(agent, 'open');
  const say = (bytes: number) => agent.send(JSON.stringify({ type: 'of-a-later-version', more: 'x'.repeat(bytes) }));
  say(100_000);
  agent.ping();
  await once(agent, 'pong');
  assert.equal(agent.readyState, WebSocket.OPEN);
  say(1_000_000);
  await once(agent, 'close');
}, 5_000);
