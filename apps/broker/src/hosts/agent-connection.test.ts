import { AgentMessageSchema, BrokerMessageSchema, type CommandId, type FullReport, type ImageId } from '@millwright/contracts';
import { assert, beforeEach, test } from 'vitest';
import { hashOfSecret } from '../platform/identifiers.js';
import { FACTS, MemoryWorld } from '../platform/testing/memory-world.js';
import { AgentConnection, type AgentServices } from './agent-connection.js';
import { HostPresence } from './host-presence.service.js';
import { TakeCommandResult } from './take-command-result.service.js';

const SECRET = 'a secret of more than twenty letters';
const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) } as const;
const REPORT: FullReport = { machines: [], images: [], templates: [], tasks: [] };
const LOAD = { cpuPercent: 1, memoryFreeMiB: 1, diskFreeMiB: 1 };
const no = {} as never;

let world: MemoryWorld;
let presence: HostPresence;
beforeEach(async () => {
  world = new MemoryWorld();
  await world.host({ secretHash: hashOfSecret(SECRET), connectedTo: null });
  presence = new HostPresence(world.transactions, world.hosts, world.machines, world.changes, world.clock);
});

/** An agent that has said hello and reported all; what the broker says to it, and how to speak. */
async function connected() {
  const said: { type: string; id?: CommandId }[] = [];
  let closed = false;
  const services = {
    presence,
    takeReport: { full: async () => {} },
    takeResult: new TakeCommandResult(world.transactions, world.commands, world.machines, no, no, world.changes, world.clock),
    commands: world.commands,
    clock: world.clock,
    log: { info: () => {}, error: () => {}, warn: () => {} },
    heartbeatMs: 5000,
    brokerId: 'broker',
    ticketKeys: () => [KEY],
    admitViewerLines: () => undefined,
    onArrived: () => {},
  } as unknown as AgentServices;
  const socket = {
    address: null,
    send: (text: string) => void said.push(BrokerMessageSchema.parse(JSON.parse(text))),
    close: () => {
      closed = true;
    },
  };
  const connection = new AgentConnection(socket, services);
  const say = (message: unknown) => connection.receive(JSON.stringify(AgentMessageSchema.parse(message)));
  await say({ type: 'hello', protocol: 1, hostId: world.hostId, secret: SECRET, facts: FACTS });
  await say({ type: 'report', report: REPORT });
  return { connection, say, types: () => said.map(({ type }) => type), last: () => said.at(-1)!, isClosed: () => closed };
}

const queueStart = async () => {
  const machineId = await world.machine({ wanted: 'running' });
  const { spec } = (await world.machines.find(machineId))!;
  const command = { action: 'apply-machine', machineId, name: 'm', epoch: 1, generation: 1, wanted: 'running', spec } as const;
  return world.hostCommands.queue(world.hostId, machineId, command);
};

test('a host that is leaving keeps its connection through its heartbeats, and is offline', async () => {
  const agent = await connected();
  await agent.say({ type: 'leaving' });
  await agent.say({ type: 'heartbeat', load: LOAD });
  assert.isFalse(agent.isClosed());
  assert.notInclude(agent.types(), 'refused');
  assert.isNull((await world.hosts.find(world.hostId))!.connectedTo);
});

test('a host that is leaving is sent no command, not even after another full report', async () => {
  const agent = await connected();
  await agent.say({ type: 'leaving' });
  await queueStart();
  await agent.connection.deliver();
  await agent.say({ type: 'report', report: REPORT });
  assert.notInclude(agent.types(), 'command');
});

test('a command that met a host on its way out waits for its next hello', async () => {
  const agent = await connected();
  const imageId = '20000000-0000-4000-8000-000000000001' as ImageId;
  const { id } = await world.hostCommands.queue(world.hostId, imageId, { action: 'delete-image', imageId });
  await agent.connection.deliver();
  assert.deepInclude(agent.last(), { type: 'command', id });
  await agent.say({ type: 'leaving' });
  await agent.say({ type: 'result', commandId: id, error: { code: 'host.leaving', message: 'leaving' } });
  await agent.connection.closed();
  assert.deepInclude((await connected()).last(), { type: 'command', id });
});
