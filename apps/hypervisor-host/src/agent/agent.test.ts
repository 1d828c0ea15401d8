import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentMessage,
  type BrokerMessage,
  type CommandId,
  type HostId,
  type MachineId,
  MachineSpecSchema,
} from '@millwright/contracts';
import { pino } from 'pino';
import { afterEach, assert, beforeEach, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { processWith } from '../machines/host-process.js';
import { machineFilesUnder } from '../machines/machine-files.js';
import { Agent } from './agent.js';
import { writeHostIdentity } from './host-identity.js';

const ID = '11111111-1111-4111-8111-111111111111' as MachineId;
const OTHER = '22222222-2222-4222-8222-222222222222' as MachineId;
const SPEC = MachineSpecSchema.parse({ version: 1, memoryMiB: 16 });
const APPLY = { action: 'apply-machine', name: 'Slow', epoch: 1, generation: 2, wanted: 'running', spec: SPEC } as const;
/** A machine's process whose state takes a second to be saved. */
const SLOW_PROCESS = `
  const { writeFileSync } = require('node:fs');
  const status = { state: 'running', pointer: 'absolute', speed: 1, widthPx: 0, heightPx: 0,
    startedAt: '2026-11-01T00:00:00Z', control: { holder: null, viewers: [] }, handOvers: [] };
  const outcome = { state: 'saved', stopReason: null, error: null };
  require('node:net').createServer((socket) => {
    const say = (message) => socket.write(JSON.stringify(message) + '\\n');
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const save = String(data).split('\\n').filter(Boolean).map((line) => JSON.parse(line)).find((line) => line.do === 'save');
      if (save) setTimeout(() => {
        writeFileSync(save.path, 'saved');
        say({ answer: save.id, error: null });
        say({ outcome });
        setTimeout(() => process.exit(0), 50);
      }, 1000);
    });
    say({ status });
  }).listen(process.argv[1], () => console.log('listens'));`;

let folder: string;
let child: ChildProcess;
let broker: WebSocketServer;
/** What agents have said, over all their lines. */
let heard: AgentMessage[];
let lines: WebSocket[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'agent-'));
  heard = [];
  lines = [];
  broker = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(broker, 'listening');
  broker.on('connection', (line) => {
    lines.push(line);
    line.on('message', (data) => {
      const message = JSON.parse(String(data)) as AgentMessage;
      heard.push(message);
      if (message.type === 'hello') say(line, WELCOME);
    });
  });
});
afterEach(() => {
  child.kill('SIGKILL');
  broker.close();
  for (const line of lines) line.terminate();
  rmSync(folder, { recursive: true, force: true });
});

const WELCOME: BrokerMessage = {
  type: 'welcome',
  protocol: 1,
  ticketKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) }],
  heartbeatMs: 100,
  now: '2026-11-01T00:00:00Z',
};

function say(line: WebSocket, message: BrokerMessage): void {
  line.send(JSON.stringify(message));
}

/** An agent that has adopted a running machine and is welcome at its broker. */
async function agentWithSlowMachine() {
  const files = machineFilesUnder(folder)(ID);
  mkdirSync(files.folder, { recursive: true });
  mkdirSync(files.runFolder, { recursive: true });
  writeFileSync(files.processSpec, '{}');
  child = spawn(process.execPath, ['-e', SLOW_PROCESS, files.socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  writeFileSync(files.processRecord, JSON.stringify({ machineId: ID, epoch: 1, ...processWith(child.pid!) }));
  const record = { version: 1, machineId: ID, name: 'Slow', epoch: 1, generation: 1, wanted: 'running', spec: SPEC, endedGeneration: 0 };
  writeFileSync(files.record, JSON.stringify(record));
  await writeHostIdentity(folder, { hostId: '33333333-3333-4333-8333-333333333333' as HostId, secret: 's'.repeat(20) });
  const brokerUrl = `ws://127.0.0.1:${(broker.address() as AddressInfo).port}`;
  const config = { brokerUrl, port: 0, dataFolder: folder, logLevel: 'silent', hostName: 'here', enrolmentToken: undefined };
  const agent = new Agent(config, pino({ level: 'silent' }));
  await agent.start();
  // By itself, or in the first full report: whichever comes first, the adoption or the welcome.
  await vi.waitFor(() => assert.include(JSON.stringify(heard), '"state":"running"'), 5_000);
  await vi.waitFor(() => assert.isTrue(heard.some(({ type }) => type === 'heartbeat')), 5_000);
  return { agent, files };
}

test('an agent that saves its machines is not lured back by a broker that cuts its line', async () => {
  const { agent, files } = await agentWithSlowMachine();
  const end = agent.end(false);
  await vi.waitFor(() => assert.isTrue(heard.some(({ type }) => type === 'leaving')));
  lines[0]!.close();
  await end;
  // Longer than the first waits before it would dial again.
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.lengthOf(lines, 1);
  assert.isTrue(existsSync(files.savedState));
}, 20_000);

test('once it is leaving it starts no machine, neither one just saved nor another, and says so', async () => {
  const { agent, files } = await agentWithSlowMachine();
  const end = agent.end(false);
  await vi.waitFor(() => assert.isTrue(heard.some(({ type }) => type === 'leaving')));
  const ids = ['44444444-4444-4444-8444-444444444444', '55555555-5555-4555-8555-555555555555'] as CommandId[];
  say(lines[0]!, { type: 'command', id: ids[0]!, command: { ...APPLY, machineId: ID } });
  say(lines[0]!, { type: 'command', id: ids[1]!, command: { ...APPLY, machineId: OTHER } });
  await end;
  await vi.waitFor(() => {
    const results = heard.filter((message) => message.type === 'result');
    assert.deepEqual(
      results.map(({ commandId, error }) => [commandId, error?.code]),
      ids.map((id) => [id, 'host.leaving']),
    );
  });
  assert.isTrue(existsSync(files.savedState));
  assert.isFalse(existsSync(files.runFolder));
  assert.isFalse(existsSync(machineFilesUnder(folder)(OTHER).folder));
  await vi.waitFor(() => {
    const states = heard.flatMap((message) => (message.type === 'machine' ? [message.machine.condition.state] : []));
    assert.equal(states.at(-1), 'saved');
  });
}, 20_000);
