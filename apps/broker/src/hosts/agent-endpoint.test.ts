import { EventEmitter } from 'node:events';
import type { HostId, PartMessage } from '@millwright/contracts';
import { afterEach, assert, test } from 'vitest';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { AgentEndpoint } from './agent-endpoint.js';

const HOST = '11111111-1111-4111-8111-111111111111' as HostId;

class StillClock extends Clock {
  now(): Date {
    return new Date(0);
  }
}

let endpoint: AgentEndpoint | undefined;
afterEach(() => endpoint?.onApplicationShutdown());

test('of a host that was removed the front door is told, also while the host is away', () => {
  const told: PartMessage[] = [];
  const notifications = new EventEmitter();
  const http = { httpAdapter: { getHttpServer: () => new EventEmitter() } };
  const starter = { isThere: true, tell: (message: PartMessage) => told.push(message) };
  const config = new Config(0, '', undefined, undefined, 'silent');
  const unused = {} as never;
  endpoint = new AgentEndpoint(
    http as never,
    notifications as never,
    unused,
    config,
    new StillClock(),
    starter as never,
    unused,
    unused,
    unused,
    unused,
    unused,
    unused,
    unused,
  );
  endpoint.onApplicationBootstrap();
  notifications.emit('host-dropped', HOST);
  assert.deepEqual(told, [{ viewerToken: null, hostId: HOST }]);
});
