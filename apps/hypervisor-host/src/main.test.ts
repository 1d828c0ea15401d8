import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrokerMessage, HostId } from '@millwright/contracts';
import { assert, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { writeHostIdentity } from './agent/host-identity.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const WELCOME: BrokerMessage = {
  type: 'welcome',
  protocol: 1,
  ticketKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) }],
  heartbeatMs: 5_000,
  now: '2026-11-01T00:00:00Z',
};

test('a host that a person started says in sentences that it is connected, is saving, and has ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  const broker = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  broker.on('connection', (line) => line.once('message', () => line.send(JSON.stringify(WELCOME))));
  await once(broker, 'listening');
  await writeHostIdentity(folder, { hostId: '33333333-3333-4333-8333-333333333333' as HostId, secret: 's'.repeat(20) });
  const url = `ws://127.0.0.1:${(broker.address() as AddressInfo).port}/agent`;
  const env = { ...process.env, BROKER_URL: url, MILLWRIGHT_DATA: folder, MILLWRIGHT_HOST_NAME: 'second', MILLWRIGHT_LOG: 'info' };
  const host = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    for await (const text of host.stdout.setEncoding('utf8')) {
      said += text;
      if (said.includes('ready')) host.kill('SIGINT');
    }
    assert.deepEqual(said.split('\n'), [
      `The host is ready: connected to ${url} as second.`,
      '',
      'Saving running machines and ending …',
      'The host has ended.',
      '',
    ]);
    assert.isTrue(existsSync(join(folder, 'log', 'hypervisor-host.log')));
  } finally {
    host.kill('SIGKILL');
    broker.close();
    for (const line of broker.clients) line.terminate();
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);
