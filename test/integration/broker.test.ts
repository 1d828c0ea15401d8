import { createPublicKey, verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Changed,
  ChangedSchema,
  decodeTicketClaims,
  EVENTS_PATH,
  type MachineId,
  OPENAPI_PATH,
  ROUTES,
  TICKET_MAX_BYTES,
} from '@millwright/contracts';
import { io, type Socket } from 'socket.io-client';
import { afterAll, assert, beforeAll, expect, test, vi } from 'vitest';
import { BrokerClient } from '../support/broker-client.js';
import { type BrokerProcess, startBrokerProcess } from '../support/broker-process.js';
import { FakeAgent } from '../support/fake-agent.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';

/*
 * The real broker on a real PostgreSQL, with a host that speaks the agent's protocol. The tests are one story and
 * build on each other: first start, people, machines, screens, crashes.
 */
const LOCAL_TOKEN = 'local-enrolment-token-of-the-starter';
const PASSWORD = 'correct horse battery';

vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
let broker: BrokerProcess;
let agent: FakeAgent;
let admin: BrokerClient;
let engineer: BrokerClient;
let operator: BrokerClient;
let line3: MachineId;

const environment = () => ({ DATABASE_URL: database.url, MILLWRIGHT_ENROLMENT_TOKEN: LOCAL_TOKEN });

beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);

afterAll(async () => {
  await agent?.disconnect();
  await broker?.stop();
  await database?.remove();
}, 60_000);

async function eventually<T>(read: () => Promise<T>, isThere: (value: T) => boolean, timeoutMs = 10_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isThere(value)) return value;
    if (Date.now() > deadline) throw new Error(`never became so; last: ${JSON.stringify(value)}`);
    await sleep(30);
  }
}
const includes = (actual: object | undefined, expected: object) => assert.deepInclude(actual as object, expected);
const machineIs = (id: string, state: string) =>
  eventually(
    () => admin.call('getMachine', { id }),
    (machine) => machine.state === state,
  );

test('a start with nobody in the database makes a one-time password, and the next start another', async () => {
  broker = await startBrokerProcess(environment());
  const first = broker.adminPassword;
  assert.match(first!, /^([0-9a-z]{4}-){3}[0-9a-z]{4}$/);
  assert.notInclude(broker.log(), first!);
  await broker.stop();
  broker = await startBrokerProcess(environment());
  assert.notEqual(broker.adminPassword, first);
  const client = new BrokerClient(broker.url);
  assert.equal(await client.refusal('login', {}, { name: 'admin', password: first! }), 'auth.wrong-credentials');
});

test('before the password is changed everything else is closed', async () => {
  admin = new BrokerClient(broker.url);
  const me = await admin.signIn('admin', broker.adminPassword!);
  assert.isTrue(me.mustChangePassword);
  assert.deepEqual(me.permissions, []);
  assert.equal(await admin.refusal('listUsers'), 'auth.password-change-required');
  assert.equal(await admin.refusal('changePassword', {}, { currentPassword: 'wrong-one', newPassword: PASSWORD }), 'auth.wrong-password');
  assert.equal(
    await admin.refusal('changePassword', {}, { currentPassword: broker.adminPassword!, newPassword: broker.adminPassword! }),
    'auth.password-unchanged',
  );
  const changed = await admin.call('changePassword', {}, { currentPassword: broker.adminPassword!, newPassword: PASSWORD });
  assert.isFalse(changed.mustChangePassword);
  assert.include(changed.permissions, 'audit:read');
  assert.lengthOf((await admin.call('listUsers')).items, 1);
});

test("the host beside the broker enrols with the starter's token, and the default guest is made and started", async () => {
  agent = new FakeAgent(broker.url);
  await agent.connect(LOCAL_TOKEN);
  const { items } = await eventually(
    () => admin.call('listMachines'),
    ({ items }) => items[0]?.state === 'running',
  );
  assert.lengthOf(items, 1);
  includes(items[0]!, { name: 'Line 3 mixing', templateId: 'line3-mixing', wanted: 'running' });
  line3 = items[0]!.id;
  const [desktop] = (await admin.call('listDesktops')).items;
  includes(desktop!, { name: 'Line 3 mixing', presentation: 'hmi', machineId: line3, mine: true, state: 'running' });
});

test('an enrolment token works once', async () => {
  const second = new FakeAgent(broker.url);
  await expect(second.connect(LOCAL_TOKEN)).rejects.toThrow('host.token-refused');
});

test('an administrator makes people; roles decide what they see', async () => {
  const { user, oneTimePassword } = await admin.call('createUser', {}, { name: 'erin', roles: ['engineer'] });
  assert.isTrue(user.mustChangePassword);
  engineer = new BrokerClient(broker.url);
  await engineer.signIn('Erin', oneTimePassword!);
  await engineer.call('changePassword', {}, { currentPassword: oneTimePassword!, newPassword: PASSWORD });
  await admin.call(
    'createUser',
    {},
    { name: 'otto', displayName: 'Otto 王', roles: ['operator'], password: PASSWORD, mustChangePassword: false },
  );
  operator = new BrokerClient(broker.url);
  await operator.signIn('otto', PASSWORD);
  assert.equal(await engineer.refusal('listUsers'), 'auth.denied');
  assert.equal(await engineer.refusal('listAudit'), 'auth.denied');
  assert.equal(
    await engineer.refusal('createMachine', {}, { name: 'x', source: { from: 'template', templateId: 'line3-mixing' as never } }),
    'auth.denied',
  );
  assert.equal(await admin.refusal('createUser', {}, { name: 'erin', roles: ['engineer'] }), 'user.name-taken');
  assert.equal(await admin.refusal('updateUser', { id: (await admin.call('me')).user.id }, { roles: ['engineer'] }), 'user.last-admin');
});

test("another user's desktop does not exist, until it is assigned", async () => {
  const [desktop] = (await admin.call('listDesktops')).items;
  const id = desktop!.id;
  assert.lengthOf((await operator.call('listDesktops')).items, 0);
  assert.equal(await operator.refusal('getDesktop', { id }), 'desktop.missing');
  assert.equal(await operator.refusal('openDesktop', { id }, {}), 'desktop.missing');
  assert.equal(await operator.refusal('operateDesktop', { id, verb: 'start' }), 'desktop.missing');
  assert.equal(await operator.refusal('getMachine', { id: line3 }), 'machine.missing');
  const response = await operator.raw('GET', `/desktops/${id}`);
  assert.equal(response.status, 404);

  const { user } = await operator.call('me');
  const assigned = await admin.call('assignDesktop', { id, userId: user.id });
  assert.deepEqual(assigned.assignments.map(({ userName }) => userName).sort(), ['admin', 'otto']);
  const [own] = (await operator.call('listDesktops')).items;
  includes(own!, { id, mine: true, assignments: [] });
  assert.equal(await operator.refusal('operateDesktop', { id, verb: 'stop' }), 'auth.denied');
  assert.equal(await operator.refusal('deleteMachine', { id: line3 }), 'auth.denied');
});

test('a display ticket is short, signed by the broker, and says who, what and where', async () => {
  const [desktop] = (await operator.call('listDesktops')).items;
  const grant = await operator.call('openDesktop', { id: desktop!.id }, {});
  assert.equal(grant.displayUrl, '/display');
  assert.isAtMost(grant.ticket.length, TICKET_MAX_BYTES);
  const [header, payload, signature] = grant.ticket.split('.');
  const key = createPublicKey({ key: agent.ticketKeys[0] as never, format: 'jwk' });
  assert.isTrue(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature!, 'base64url')));
  const claims = decodeTicketClaims(Buffer.from(payload!, 'base64url'))!;
  includes(claims, {
    purpose: 'display',
    subject: line3,
    hostId: agent.hostId,
    sessionId: grant.session.id,
    displayName: 'Otto 王',
  });
  assert.deepEqual(claims.rights, { view: true, control: true, admin: false });
  assert.isAtMost(claims.expiresAt * 1000, Date.now() + 30_000);

  const again = await operator.call('resumeSession', { id: grant.session.id });
  assert.equal(again.session.id, grant.session.id);
  assert.notEqual(again.ticket, grant.ticket);
  assert.equal(await engineer.refusal('resumeSession', { id: grant.session.id }), 'session.missing');
});

test('who looks and who controls comes from the host; control is passed by the holder or an administrator', async () => {
  const [session] = (await operator.call('listSessions')).items;
  const adminGrant = await admin.call('openMachine', { id: line3 }, {});
  const viewer = (id: string, userId: string, displayName: string) => ({
    sessionId: id as never,
    userId: userId as never,
    displayName,
    mayControl: true,
  });
  const viewers = [viewer(session!.id, session!.userId, 'Otto'), viewer(adminGrant.session.id, adminGrant.session.userId, 'Administrator')];
  agent.change(line3, {}, { holder: session!.id, viewers });
  await eventually(
    () => operator.call('listSessions'),
    ({ items }) => items[0]?.state === 'connected',
  );
  assert.equal(await engineer.refusal('passControl', { id: line3 }, { sessionId: null }), 'machine.missing');
  await admin.call('passControl', { id: line3 }, { sessionId: adminGrant.session.id });
  includes((await agent.command('pass-control')).command, { machineId: line3, sessionId: adminGrant.session.id });
  agent.change(line3, {}, { holder: adminGrant.session.id, viewers });
  await eventually(
    () => operator.call('getMachine', { id: line3 }),
    ({ control }) => control.holder === adminGrant.session.id,
  );
  assert.equal(await operator.refusal('passControl', { id: line3 }, { sessionId: session!.id }), 'control.not-holder');
  await admin.call('endSession', { id: session!.id });
  assert.equal((await agent.command('end-session')).command.sessionId, session!.id);
  assert.equal(await operator.refusal('resumeSession', { id: session!.id }), 'session.ended');
});

test('events reach those who may know, and nobody else', async () => {
  const sockets = [listen(operator), listen(engineer), listen(admin)];
  const [forOperator, forEngineer, forAdmin] = await Promise.all(sockets);
  agent.change(line3, { speed: 0.4 });
  const seenBy = (events: Changed[]) => events.find((event) => event.kind === 'machine' && event.value?.condition?.speed === 0.4);
  await eventually(
    async () => [seenBy(forAdmin!.events), seenBy(forOperator!.events)],
    (seen) => seen.every(Boolean),
  );
  assert.isTrue(
    forOperator!.events.some((event) => event.kind === 'desktop' && event.value?.mine === true && event.value.assignments.length === 0),
  );
  assert.isTrue(forAdmin!.events.some((event) => event.kind === 'desktop' && event.value?.assignments.length === 2));
  assert.lengthOf(forEngineer!.events, 0);
  const refused = await connectEvents({}).catch((error: Error) => error.message);
  assert.equal(refused, 'auth.required');

  const desktop = (await admin.call('listDesktops')).items[0]!;
  const user = (await operator.call('me')).user;
  await admin.call('unassignDesktop', { id: desktop.id, userId: user.id });
  await eventually(
    async () => forOperator!.events.at(-1),
    () => forOperator!.events.some((event) => event.kind === 'desktop' && event.value === null),
  );
  assert.lengthOf((await operator.call('listDesktops')).items, 0);
  await admin.call('assignDesktop', { id: desktop.id, userId: user.id });
  for (const { socket } of [forOperator!, forEngineer!, forAdmin!]) socket.close();
});

test('a guest that powers itself off stays off', async () => {
  agent.change(line3, { state: 'stopped', stopReason: 'guest-powered-off' });
  const machine = await eventually(
    () => admin.call('getMachine', { id: line3 }),
    ({ wanted, changing }) => wanted === 'stopped' && !changing,
  );
  assert.equal(machine.state, 'stopped');
});

test('an operator starts the own desktop; every verb reaches the host', async () => {
  const [desktop] = (await operator.call('listDesktops')).items;
  await operator.call('operateDesktop', { id: desktop!.id, verb: 'start' });
  await machineIs(line3, 'running');
  assert.equal(await operator.refusal('operateDesktop', { id: desktop!.id, verb: 'start' }), 'machine.wrong-state');
  await admin.call('operateMachine', { id: line3, verb: 'pause' });
  await machineIs(line3, 'paused');
  await admin.call('operateMachine', { id: line3, verb: 'resume' });
  await machineIs(line3, 'running');
  await admin.call('operateMachine', { id: line3, verb: 'reset' });
  await agent.command('reset-machine');
  await admin.call('operateMachine', { id: line3, verb: 'shutdown' });
  await agent.command('press-power-button');
  await admin.call('operateMachine', { id: line3, verb: 'save' });
  await machineIs(line3, 'saved');
  await admin.call('operateMachine', { id: line3, verb: 'start' });
  await machineIs(line3, 'running');
});

test('a machine whose process died is shown as failed with the reason, and starts again when asked', async () => {
  agent.change(line3, { state: 'failed', error: { code: 'machine.process-died', message: 'The process was killed.' } });
  const failed = await machineIs(line3, 'failed');
  assert.equal(failed.condition?.error?.message, 'The process was killed.');
  assert.isFalse(failed.changing);
  await admin.call('operateMachine', { id: line3, verb: 'start' });
  await machineIs(line3, 'running');
});

test('a save that fails leaves the machine running, with the reason', async () => {
  agent.failNext = { action: 'apply-machine', error: { code: 'host.disk-full', message: 'The disk is full.' } };
  await admin.call('operateMachine', { id: line3, verb: 'save' });
  const machine = await eventually(
    () => admin.call('getMachine', { id: line3 }),
    ({ wanted }) => wanted === 'running',
  );
  assert.equal(machine.wanted, 'running');
});

test('a broker killed in the middle of a start leaves nothing hanging', async () => {
  const { id } = await admin.call(
    'createMachine',
    {},
    { name: 'second', source: { from: 'template', templateId: 'line3-mixing' as never }, memoryMiB: 32 },
  );
  await machineIs(id, 'stopped');
  agent.deaf.add('apply-machine');
  const before = agent.received.length;
  await admin.call('operateMachine', { id, verb: 'start' });
  await agent.command('apply-machine', before);
  await broker.stop('SIGKILL');
  agent.deaf.clear();
  broker = await startBrokerProcess({ ...environment(), BROKER_PORT: String(broker.port) });
  assert.isUndefined(broker.adminPassword);
  await agent.disconnect();
  await agent.connect();
  await machineIs(id, 'running');
  assert.equal((await machineIs(line3, 'running')).wanted, 'running');
});

test('a host that saves its machines while it ends gets them resumed when it is back', async () => {
  agent.send({ type: 'leaving' });
  agent.change(line3, { state: 'saved', hasSavedState: true });
  await machineIs(line3, 'saved');
  assert.equal(await admin.refusal('openMachine', { id: line3 }, {}), 'host.offline');
  await sleep(200);
  assert.equal(agent.guests.get(line3)!.condition.state, 'saved');
  await agent.disconnect();
  await agent.connect();
  await machineIs(line3, 'running');
});

test('a deleted machine can be restored, and deleting it again removes it for good', async () => {
  const second = (await admin.call('listMachines')).items.find(({ name }) => name === 'second')!;
  await admin.call('deleteMachine', { id: second.id });
  assert.isFalse((await admin.call('listMachines')).items.some(({ name }) => name === 'second'));
  const [trashed] = (await admin.call('listMachines', {}, undefined, { trashed: 'true' })).items;
  includes(trashed!, { id: second.id, state: 'trashed' });
  assert.equal(await admin.refusal('operateMachine', { id: second.id, verb: 'start' }), 'machine.trashed');
  const restored = await admin.call('restoreMachine', { id: second.id });
  assert.isNull(restored.trashedAt);
  await machineIs(second.id, 'stopped');
  await admin.call('deleteMachine', { id: second.id });
  await admin.call('deleteMachine', { id: second.id });
  await eventually(
    async () => agent.guests.has(second.id),
    (has) => !has,
  );
  await eventually(
    () => admin.refusal('getMachine', { id: second.id }),
    (code) => code === 'machine.missing',
  );
});

test('a guest build is queued, watched, cancelled, retried and becomes a template', async () => {
  assert.equal(await admin.refusal('buildGuest', { recipe: 'debian-hmi' }, {}), 'guest.no-builder');
  const task = await admin.call('buildGuest', { recipe: 'debian-console' }, {});
  assert.equal(await admin.refusal('buildGuest', { recipe: 'debian-console' }, {}), 'guest.already-building');
  await agent.command('build-guest');
  const report = {
    taskId: task.id,
    attempt: 1,
    state: 'running',
    progress: 40,
    message: 'Unpacking',
    log: ['one', 'two'],
    error: null,
  } as const;
  agent.send({ type: 'task', task: { ...report, log: [...report.log] } });
  const running = await eventually(
    () => admin.call('getTask', { id: task.id }),
    ({ progress }) => progress === 40,
  );
  assert.deepEqual(running.log, ['one', 'two']);
  await admin.call('cancelTask', { id: task.id });
  await agent.command('cancel-task');
  agent.send({ type: 'task', task: { ...report, log: [], state: 'cancelled' } });
  await eventually(
    () => admin.call('getTask', { id: task.id }),
    ({ state }) => state === 'cancelled',
  );
  const retried = await admin.call('retryTask', { id: task.id });
  assert.equal(retried.attempt, 2);
  const second = await agent.command(
    'build-guest',
    agent.received.findIndex(({ command }) => command.action === 'cancel-task'),
  );
  assert.equal(second.command.attempt, 2);
  agent.send({ type: 'task', task: { ...report, attempt: 2, log: [], state: 'running', progress: 1 } });
  await eventually(
    () => admin.call('getTask', { id: task.id }),
    ({ state }) => state === 'running',
  );
  // The agent dies with its build: its next full report does not know the task.
  await agent.disconnect();
  await agent.connect();
  const lost = await eventually(
    () => admin.call('getTask', { id: task.id }),
    ({ state }) => state === 'failed',
  );
  assert.equal(lost.error?.code, 'task.interrupted');
});

test('an upload is granted when the host has made room, and what the host finds decides', async () => {
  const grant = await admin.call('requestUpload', {}, { name: 'rescue.iso', kind: 'cdrom', sizeBytes: 4096 });
  assert.equal(grant.uploadUrl, '/uploads');
  assert.equal(decodeTicketClaims(Buffer.from(grant.ticket.split('.')[1]!, 'base64url'))?.subject, grant.image.id);
  const id = grant.image.id;
  agent.send({
    type: 'image',
    image: {
      imageId: id,
      state: 'refused',
      reason: { code: 'image.bad-format', message: 'No ISO 9660 volume.' },
      receivedBytes: 4096,
      sha256: null,
    },
  });
  const refused = await eventually(
    () => admin.call('getImage', { id }),
    ({ state }) => state === 'refused',
  );
  assert.equal(refused.reason, 'No ISO 9660 volume.');
  assert.equal(await admin.refusal('createMachine', {}, { name: 'iso', source: { from: 'image', imageId: id } }), 'image.not-ready');
  agent.send({ type: 'image', image: { imageId: id, state: 'ready', reason: null, receivedBytes: 4096, sha256: 'a'.repeat(64) } });
  await eventually(
    () => admin.call('getImage', { id }),
    ({ state }) => state === 'ready',
  );
  const machine = await admin.call('createMachine', {}, { name: 'iso', source: { from: 'image', imageId: id } });
  includes(machine.spec, { cdrom: { from: 'image', imageId: id }, memoryMiB: 128 });
  assert.equal(await admin.refusal('deleteImage', { id }), 'image.in-use');
});

test('an API token does what its owner may, and ends when it is deleted', async () => {
  const { token } = await new BrokerClient(broker.url).call(
    'login',
    {},
    { name: 'erin', password: PASSWORD, tokenLabel: 'mw on the laptop' },
  );
  const mw = new BrokerClient(broker.url, token);
  assert.equal((await mw.call('me')).user.name, 'erin');
  const [listed] = (await mw.call('listApiTokens')).items;
  assert.equal(listed?.label, 'mw on the laptop');
  await mw.call('deleteApiToken', { id: listed!.id });
  assert.equal(await mw.refusal('me'), 'auth.required');
});

test('requests from other sites are refused', async () => {
  const body = { name: 'mallory', roles: ['admin'] };
  const forged = await admin.raw('POST', '/users', body, { origin: 'http://evil.example' });
  assert.equal(forged.status, 403);
  assert.equal(((await forged.json()) as { code: string }).code, 'request.foreign-origin');
  const bare = await fetch(`${broker.url}/api/v1/users`, {
    method: 'POST',
    headers: { cookie: `millwright-session=${admin.cookie}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(bare.status, 403);
  const login = await new BrokerClient(broker.url).raw(
    'POST',
    '/auth/login',
    { name: 'otto', password: PASSWORD },
    { origin: 'http://evil.example' },
  );
  assert.equal(login.status, 403);
});

test('the cookie is out of reach of scripts and of other sites', async () => {
  const response = await new BrokerClient(broker.url).raw(
    'POST',
    '/auth/login',
    { name: 'otto', password: PASSWORD },
    { 'x-forwarded-proto': 'https' },
  );
  const cookie = response.headers.get('set-cookie')!;
  for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Secure']) assert.include(cookie, attribute);
});

test('a malformed request says where it is wrong', async () => {
  const response = await admin.raw('POST', '/machines', { name: '', source: { from: 'nowhere' }, memoryMiB: 1 });
  assert.equal(response.status, 400);
  const problem = (await response.json()) as { code: string; issues: { path: string[] }[] };
  assert.equal(problem.code, 'request.invalid');
  assert.includeDeepMembers(
    problem.issues.map(({ path }) => path),
    [['name'], ['memoryMiB']],
  );
  assert.equal((await admin.raw('GET', '/machines/not-an-id')).status, 400);
});

test('a disabled user is out at once', async () => {
  const { user } = await engineer.call('me');
  const [events] = await Promise.all([listen(engineer)]);
  let isSignedOut = false;
  events.socket.on('signed-out', () => {
    isSignedOut = true;
  });
  await admin.call('updateUser', { id: user.id }, { disabled: true });
  assert.equal(await engineer.refusal('me'), 'auth.required');
  await eventually(async () => isSignedOut, Boolean);
  assert.equal(await new BrokerClient(broker.url).refusal('login', {}, { name: 'erin', password: PASSWORD }), 'auth.wrong-credentials');
});

test('guessing passwords is slowed down', async () => {
  const codes = [];
  for (let i = 0; i < 12; i++)
    codes.push(await new BrokerClient(broker.url).refusal('login', {}, { name: 'victim', password: `guess-${i}` }));
  assert.equal(codes[0], 'auth.wrong-credentials');
  assert.equal(codes.at(-1), 'request.throttled');
});

test('the diary has who did what, filters and pages', async () => {
  const starts = await admin.call('listAudit', {}, undefined, { action: 'machine.start' });
  assert.isTrue(starts.items.some(({ actorName, subjectName }) => actorName === 'otto' && subjectName === 'Line 3 mixing'));
  const refusals = await admin.call('listAudit', {}, undefined, { outcome: 'refused' });
  assert.isTrue(refusals.items.some(({ action }) => action === 'auth.login'));
  const pages = await admin.call('listAudit', {}, undefined, { limit: '5' });
  const next = await admin.call('listAudit', {}, undefined, { limit: '5', cursor: pages.nextCursor! });
  assert.lengthOf(next.items, 5);
  assert.isBelow(Number(next.items[0]!.id), Number(pages.items[4]!.id));
  const all = await admin.call('listAudit', {}, undefined, { limit: '500' });
  assert.notInclude(JSON.stringify(all), PASSWORD);
});

test("the agent's socket refuses strangers and nonsense", async () => {
  const stranger = new FakeAgent(broker.url);
  stranger.hostId = agent.hostId;
  stranger.secret = 'not-the-secret-of-this-host';
  await expect(stranger.connect()).rejects.toThrow('host.unknown');
  agent.sendRaw('{"type":"something-newer"}');
  agent.sendRaw('{"type":"machine","machine":{}}');
  await eventually(
    async () => agent.refused,
    (code) => code === 'request.invalid',
  );
  await agent.connect();
  await machineIs(line3, 'running');
});

test('a database that is killed and comes back is found again by broker, host and events', async () => {
  const { events, socket } = await listen(admin);
  await database.crash();
  const ready = () => fetch(`${broker.url}/readyz`).then((response) => response.status);
  await eventually(ready, (status) => status === 200);
  await agent.disconnect();
  await agent.connect();
  await machineIs(line3, 'running');
  agent.change(line3, { speed: 0.7 });
  await eventually(async () => events.find((event) => event.kind === 'machine' && event.value?.condition?.speed === 0.7), Boolean);
  socket.close();
});

test('two brokers on one database: a start asked of one reaches the host at the other, and so do events', async () => {
  const other = await startBrokerProcess(environment());
  const there = new BrokerClient(other.url);
  await there.signIn('admin', PASSWORD);
  const { events, socket } = await connectEvents({ cookie: `millwright-session=${there.cookie}` }, other.url);
  await there.call('operateMachine', { id: line3, verb: 'pause' });
  await eventually(
    () => there.call('getMachine', { id: line3 }),
    ({ state }) => state === 'paused',
    3_000,
  );
  await eventually(async () => events.find((event) => event.kind === 'machine' && event.value?.state === 'paused'), Boolean);
  await there.call('operateMachine', { id: line3, verb: 'resume' });
  await machineIs(line3, 'running');
  socket.close();
  assert.equal(await other.stop(), 0);
});

test('the OpenAPI document has every route of the contract', async () => {
  const document = (await (await fetch(broker.url + OPENAPI_PATH)).json()) as { paths: Record<string, Record<string, unknown>> };
  const documented = new Set(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    ),
  );
  const missing = Object.values(ROUTES)
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => !documented.has(route));
  assert.deepEqual(missing, []);
});

test('secrets are not in the log', () => {
  for (const secret of [PASSWORD, LOCAL_TOKEN, agent.secret!]) assert.notInclude(broker.log(), secret);
});

interface Listening {
  readonly socket: Socket;
  readonly events: Changed[];
}

async function listen(client: BrokerClient): Promise<Listening> {
  return connectEvents({ cookie: `millwright-session=${client.cookie}` });
}

async function connectEvents(headers: Record<string, string>, url = broker.url): Promise<Listening> {
  const events: Changed[] = [];
  const socket = io(url, { path: EVENTS_PATH, transports: ['websocket'], extraHeaders: headers, forceNew: true, reconnection: false });
  socket.on('changed', (event) => events.push(ChangedSchema.parse(event)));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return { socket, events };
}
