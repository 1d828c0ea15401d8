import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROUTES, TaskSchema } from '@millwright/contracts';
import { KEYBOARD_LAYOUTS, keysForText } from '@millwright/remote-display/protocol';
import { PNG } from 'pngjs';
import { afterAll, assert, beforeAll, test, vi } from 'vitest';
import { type BrokerProcess, startBrokerProcess } from '../support/broker-process.js';
import { FakeAgent } from '../support/fake-agent.js';
import { freePort } from '../support/free-port.js';
import { runMw } from '../support/mw.js';
import { startTestDatabase, type TestDatabase } from '../support/postgres.js';
import { SyntheticHost } from '../support/synthetic-host.js';

/*
 * The real `mw` as people run it, against the real broker behind the real front door, with the host's real ticket
 * check, relay and uploads in front of a synthetic machine. One story; the tests build on each other.
 */
vi.setConfig({ testTimeout: 60_000 });

const LOCAL_TOKEN = 'local-enrolment-token-of-the-starter';
const PASSWORD = 'correct horse battery';
const LINE3 = 'Line 3 mixing';

let folder: string;
let database: TestDatabase;
let broker: BrokerProcess;
let agent: FakeAgent;
let host: SyntheticHost;

const home = (who = 'admin') => ({ XDG_CONFIG_HOME: join(folder, who), TZ: 'UTC' });
const mw = (...words: string[]) => runMw(home(), words);
/** The answer of a command that must succeed. */
const json = async (...words: string[]) => {
  const { status, out, err } = await mw('--json', ...words);
  assert.equal(status, 0, err);
  return JSON.parse(out);
};
/** The one line of a command that must fail. */
const refusal = async (...words: string[]) => {
  const { status, err, out } = await mw(...words);
  assert.notEqual(status, 0);
  assert.equal(out, '');
  assert.lengthOf(err.trimEnd().split('\n'), 1, err);
  return { status, line: err.trimEnd() };
};
const typed = (text: string, layout: 'us' | 'de' = 'us') =>
  keysForText(text, layout).events.map(({ usage, down }) => `${down ? '+' : '-'}${usage}`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mw-'));
  database = await startTestDatabase();
  broker = await startBrokerProcess({ DATABASE_URL: database.url, MILLWRIGHT_ENROLMENT_TOKEN: LOCAL_TOKEN });
  agent = new FakeAgent(broker.url);
  await agent.connect(LOCAL_TOKEN);
  host = new SyntheticHost(join(folder, 'host'), agent);
  await host.start(broker.port);
}, 120_000);

afterAll(async () => {
  await host?.close();
  await agent?.disconnect();
  await broker?.stop();
  await database?.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('before the sign-in every command says how to sign in', async () => {
  assert.deepEqual(await refusal('--url', host.url, 'machine', 'list'), { status: 3, line: 'mw: You are not signed in. Run mw login.' });
});

test('wrong usage is an error like others', async () => {
  assert.deepEqual(await refusal('machine', 'explode'), {
    status: 2,
    line: "mw: unknown command 'explode'. Add --help to see what there is.",
  });
  const { status, line } = await refusal('--json', 'machine', 'explode');
  assert.deepEqual([status, JSON.parse(line)], [2, { code: null, message: "unknown command 'explode'. Add --help to see what there is." }]);
  assert.equal((await mw()).status, 2);
});

test('a wrong password is refused and nothing is remembered', async () => {
  const { status, err } = await runMw(home(), ['--url', host.url, 'login', '--name', 'admin'], 'wrong\n');
  assert.equal(status, 3);
  assert.match(err, /^mw: The name or the password is wrong\./);
  assert.isFalse(existsSync(join(folder, 'admin/millwright/login.json')));
});

test('the first sign-in says that the password must be changed, and until then nothing else works', async () => {
  const login = await runMw(home(), ['--url', host.url, 'login', '--name', 'admin'], `${broker.adminPassword}\n`);
  assert.equal(login.status, 0, login.err);
  assert.match(login.out, /mw password/);
  assert.equal(statSync(join(folder, 'admin/millwright/login.json')).mode & 0o777, 0o600);
  assert.deepEqual(await refusal('users', 'list'), { status: 3, line: 'mw: Change your password first. Run mw password.' });
  const changed = await runMw(home(), ['password'], `${broker.adminPassword}\n${PASSWORD}\n`);
  assert.deepEqual([changed.status, changed.out], [0, 'Password changed.\n']);
  assert.match((await mw('whoami')).out, /^Name +admin\n/);
});

test('an environment token stands in for the sign-in', async () => {
  const { token } = await json('token', 'create', 'script', '--days', '1');
  const { status, out } = await runMw({ MILLWRIGHT_URL: host.url, MILLWRIGHT_TOKEN: token, XDG_CONFIG_HOME: join(folder, 'nobody') }, [
    '--json',
    'whoami',
  ]);
  assert.equal(status, 0);
  assert.equal(ROUTES.me.response.parse(JSON.parse(out)).user.name, 'admin');
  await json('token', 'delete', 'script');
  const after = await runMw({ MILLWRIGHT_URL: host.url, MILLWRIGHT_TOKEN: token }, ['whoami']);
  assert.equal(after.status, 3);
});

test('people are made, given roles, disabled and named in one line when something is wrong', async () => {
  const { oneTimePassword, user } = await json('users', 'create', 'erin', '--roles', 'engineer', '--display-name', '王 Erin');
  assert.match(oneTimePassword, /^([0-9a-z]{4}-){3}[0-9a-z]{4}$/);
  assert.deepEqual((await json('users', 'roles', 'erin', 'engineer', 'operator')).roles, ['engineer', 'operator']);
  assert.isTrue((await json('users', 'disable', user.id)).disabled);
  assert.isFalse((await json('users', 'enable', 'erin')).disabled);
  assert.match((await mw('users', 'list')).out, /\nerin +王 Erin +engineer,operator +one-time password/);
  assert.equal((await refusal('users', 'create', 'erin', '--roles', 'engineer')).line, 'mw: Another user has this name.');
  assert.match((await refusal('users', 'create', 'x', '--roles', 'king')).line, /role king: give one of admin, engineer, operator\./);
  assert.match((await refusal('users', 'create', 'Not A Name', '--roles', 'engineer')).line, /name/);
});

test('hosts, templates, tasks, guests and the audit trail are listed', async () => {
  ROUTES.listHosts.response.parse(await json('hosts', 'list'));
  assert.match((await mw('hosts', 'show', 'test host')).out, /Builds debian-hmi +no: mmdebstrap/);
  assert.match((await json('hosts', 'token')).token, /.{20}/);
  assert.match((await mw('template', 'list')).out, /line3-mixing/);
  assert.match((await mw('guest', 'list')).out, /debian-hmi .*lacks mmdebstrap/);
  const page = ROUTES.listAudit.response.parse(await json('audit', '--action', 'user', '--limit', '2'));
  assert.lengthOf(page.items, 2);
  assert.isString(page.nextCursor);
  assert.match((await refusal('audit', '--from', 'yesterday')).line, /--from yesterday: give a time like/);
});

test('a machine is made, started, saved, put into the trash, brought back and removed', async () => {
  const made = ROUTES.createMachine.response.parse(
    await json('machine', 'create', 'pump', '--template', 'line3-mixing', '--memory', '32M', '--start', '--wait'),
  );
  assert.equal(made.state, 'running');
  assert.equal(made.spec.memoryMiB, 32);
  assert.equal((await json('machine', 'pause', 'pump', '--wait')).state, 'paused');
  assert.equal((await json('machine', 'resume', made.id, '--wait')).state, 'running');
  assert.equal(
    (await mw('machine', 'shutdown', 'pump')).out,
    'pump: the power button was pressed. The guest shuts down if it listens; mw machine show tells when it has stopped.\n',
  );
  assert.equal((await mw('machine', 'save', 'PUMP', '--wait')).out, 'pump: saved\n');
  assert.match((await mw('machine', 'show', 'pump')).out, /Saved state +yes/);
  await json('machine', 'delete', 'pump');
  assert.match((await refusal('machine', 'show', 'pump')).line, /There is no machine pump\. mw machine list shows them\./);
  assert.match((await mw('machine', 'list', '--trashed')).out, /pump/);
  assert.equal((await json('machine', 'restore', 'pump')).name, 'pump');
  assert.match((await mw('machine', 'delete', 'pump', '--for-good')).out, /are gone/);
});

test('a desktop is made, assigned by names, and started by its user', async () => {
  const machineId = (await json('machine', 'show', LINE3)).id;
  assert.match((await mw('machine', 'show', LINE3)).out, /\nHost +test host\n/);
  assert.match((await mw('template', 'show', 'line3-mixing')).out, /\nOn hosts +test host\n/);
  const desktop = await json('desktop', 'create', 'Mixing', '--machine', machineId, '--as', 'hmi');
  assert.notMatch((await mw('desktop', 'list')).out, /\nMixing /);
  assert.match((await mw('desktop', 'list', '--all')).out, /\nMixing /);
  const { oneTimePassword } = await json('users', 'reset-password', 'erin');
  await runMw(home('erin'), ['--url', host.url, 'login', '--name', 'erin'], `${oneTimePassword}\n`);
  await runMw(home('erin'), ['password'], `${oneTimePassword}\n${PASSWORD}\n`);
  assert.equal((await mw('desktop', 'list')).err, '1 more is assigned to others or nobody: mw desktop list --all.\n');
  assert.equal((await runMw(home('erin'), ['desktop', 'list'])).err, 'No desktop is assigned to you; ask an administrator for one.\n');
  assert.lengthOf((await json('desktop', 'assign', 'Mixing', 'erin', 'admin')).assignments, 2);
  assert.match((await refusal('desktop', 'unassign', 'Mixing', 'erin', 'nobody-here')).line, /nobody-here/);
  assert.lengthOf((await json('desktop', 'show', 'Mixing')).assignments, 2);
  assert.lengthOf((await json('desktop', 'unassign', 'Mixing', 'admin')).assignments, 1);
  const hers = await runMw(home('erin'), ['--json', 'desktop', 'list']);
  assert.deepEqual(
    JSON.parse(hers.out).items.map(({ id }: { id: string }) => id),
    [desktop.id],
  );
  const denied = await runMw(home('erin'), ['users', 'list']);
  assert.equal(denied.status, 1);
  assert.match(denied.err, /^mw: You are not allowed to do this\. Ask an administrator/);
});

test('keys and text reach the machine in order and without loss, though its keyboard is slow', async () => {
  const { id } = await json('machine', 'show', LINE3);
  await host.run(id);
  host.screen.keyMs = 1;
  const text = 'echo "All 300 keys: {[~]} | grep -c ^" && uname -a\n'.repeat(6);
  const { out, status, err } = await runMw(home(), ['machine', 'type', LINE3, '-'], text);
  assert.equal(status, 0, err);
  assert.equal(out, `${LINE3} got ${text.length} characters.\n`);
  assert.deepEqual(host.screen.input, typed(text));
  host.screen.input.length = 0;
  host.screen.keyMs = 0;
  await json('machine', 'keys', LINE3, 'ctrl-alt-delete', 'enter');
  assert.deepEqual(host.screen.input, ['+224', '+226', '+76', '-76', '-226', '-224', '+40', '-40']);
});

test('a text is typed as the named layout has it', async () => {
  host.screen.input.length = 0;
  await json('machine', 'type', LINE3, 'Größe@#', '--layout', 'de', '--enter');
  assert.deepEqual(host.screen.input, typed('Größe@#\n', 'de'));
  const wrong = await refusal('machine', 'type', LINE3, 'x', '--layout', 'xx');
  assert.deepEqual(wrong, { status: 2, line: `mw: --layout xx: give one of ${KEYBOARD_LAYOUTS.join(', ')}.` });
});

test('the pointer goes to pixels when the guest has an absolute one, else by differences', async () => {
  host.screen.input.length = 0;
  await json('machine', 'pointer', LINE3, 'click', '1023', '767');
  assert.deepEqual(host.screen.input, ['abs 65535,65535,0', 'abs 65535,65535,1', 'abs 65535,65535,0']);
  assert.match((await refusal('machine', 'pointer', LINE3, 'move', '1024', '0')).line, /not on the screen of 1024x768/);
  host.display.setPointerMode('relative');
  host.screen.input.length = 0;
  assert.equal((await json('machine', 'pointer', LINE3, 'move', '-200', '10')).pointer, 'relative');
  assert.deepEqual(host.screen.input, ['rel -100,5,0', 'rel -100,5,0']);
  host.display.setPointerMode('absolute');
});

test('who has control is named; an administrator may take it; who waits gets it, or the answer that it is kept', async () => {
  const anna = host.occupy('Anna');
  host.screen.input.length = 0;
  const held = await refusal('machine', 'keys', LINE3, 'enter');
  assert.match(held.line, /^mw: Anna has control\. Ask for it with --wait/);
  assert.deepEqual(host.screen.input, []);
  const declined = refusal('machine', 'keys', LINE3, 'a', '--wait', '20');
  // Whenever the request comes.
  const keeping = setInterval(() => anna.decline(), 50);
  assert.equal((await declined).line, 'mw: Anna keeps control.');
  clearInterval(keeping);
  const waiting = mw('machine', 'keys', LINE3, 'a', '--wait', '20');
  await vi.waitFor(() => assert.equal(host.display.viewers.length, 2), { timeout: 10_000 });
  anna.leave();
  assert.equal((await waiting).status, 0);
  assert.deepEqual(host.screen.input, ['+4', '-4']);
  const again = host.occupy('Anna');
  assert.equal((await mw('machine', 'keys', LINE3, 'b', '--take')).status, 0);
  assert.deepEqual(host.screen.input.slice(2), ['+5', '-5']);
  again.leave();
});

test('sessions that mw opened are ended', async () => {
  assert.deepEqual((await json('session', 'list')).items, []);
});

test('a screenshot is the screen, pixel by pixel', async () => {
  host.screen.fill(10, 20, 30, 40, 0xffc0_ffee | 0);
  const file = join(folder, 'screen.png');
  assert.deepInclude(await json('machine', 'screenshot', LINE3, file), { widthPx: 1024, heightPx: 768 });
  const png = PNG.sync.read(readFileSync(file));
  const pixel = (x: number, y: number) => [...png.data.subarray((y * 1024 + x) * 4, (y * 1024 + x) * 4 + 3)];
  assert.deepEqual(
    [pixel(10, 20), pixel(39, 59), pixel(40, 59)],
    [
      [0xc0, 0xff, 0xee],
      [0xc0, 0xff, 0xee],
      [0, 0, 0],
    ],
  );
  assert.match((await refusal('machine', 'screenshot', LINE3, join(folder, 'none/x.png'))).line, /cannot be written \(ENOENT\)/);
});

test('raw serial passes every byte both ways and nothing else', async () => {
  const request = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) & 0xff);
  host.serialInput = Buffer.alloc(0);
  const { status, bytes, err } = await runMw(home(), ['machine', 'serial', LINE3, '--raw', '--linger', '1500'], request);
  assert.equal(status, 0, err);
  assert.isTrue(host.serialInput.equals(request));
  assert.isTrue(bytes.equals(Buffer.from(request.map((byte) => byte ^ 0xff))));
});

test('a console without a terminal says what to use instead', async () => {
  assert.deepEqual(await refusal('machine', 'serial', LINE3), { status: 2, line: 'mw: A console needs a terminal. Use --raw for pipes.' });
});

const SCRIPT = '/usr/bin/script';
test.skipIf(!existsSync(SCRIPT))(
  'a console on a terminal shows the escape key, passes keys and leaves by it (needs util-linux script)',
  async () => {
    const bin = fileURLToPath(new URL('../../apps/command-line/bin/mw.mjs', import.meta.url));
    host.serialInput = Buffer.alloc(0);
    const child = spawn(SCRIPT, ['-qec', `${process.execPath} ${bin} machine serial '${LINE3}'`, '/dev/null'], {
      env: { PATH: process.env['PATH'], ...home() },
      stdio: 'pipe',
    });
    let shown = '';
    child.stdout.on('data', (piece: Buffer) => {
      shown += String(piece);
    });
    const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
    await vi.waitFor(() => assert.include(shown, '^] leaves'), { timeout: 15_000 });
    child.stdin.write('ls\u0003');
    await vi.waitFor(() => assert.equal(host.serialInput.toString(), 'ls\u0003'), { timeout: 15_000 });
    child.stdin.write('\u001d');
    assert.equal(await exit, 0);
    assert.include(shown, 'Left the console.');
  },
);

test('an image is sent, checked by the host, made into a machine, and refused when it is none', async () => {
  const file = join(folder, 'data.img');
  const content = randomBytes(3 << 20);
  content.writeUInt16LE(0xaa55, 510);
  writeFileSync(file, content);
  agent.deaf.add('expect-upload');
  const [sent] = await Promise.all([
    mw('--json', 'image', 'upload', file, '--kind', 'disk', '--name', 'data'),
    host.expectUpload(agent.received.length),
  ]);
  assert.equal(sent.status, 0, sent.err);
  const image = ROUTES.getImage.response.parse(JSON.parse(sent.out));
  assert.deepInclude(image, {
    name: 'data',
    state: 'ready',
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  });
  assert.match((await mw('image', 'list')).out, /\ndata +disk +ready +3 MiB/);
  const machine = await json('machine', 'create', 'from image', '--image', 'data');
  assert.deepEqual(machine.spec.disks[0].medium, { from: 'image', imageId: image.id });
  assert.match((await refusal('image', 'delete', 'data')).line, /still use this image/);

  const iso = join(folder, 'bad.iso');
  writeFileSync(iso, randomBytes(64 << 10));
  const [bad] = await Promise.all([mw('image', 'upload', iso), host.expectUpload(agent.received.length)]);
  assert.equal(bad.status, 1);
  assert.match(bad.err, /bad\.iso was refused/);
  assert.match((await refusal('image', 'upload', join(folder, 'absent'))).line, /cannot be read \(ENOENT\)/);
});

test('an upload that was interrupted goes on where it stopped', async () => {
  const file = join(folder, 'long.img');
  const content = randomBytes(96 << 20);
  writeFileSync(file, content);
  const announced = () => agent.received.filter(({ command }) => command.action === 'expect-upload').length;
  const before = announced();
  const from = agent.received.length;
  const first = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../apps/command-line/bin/mw.mjs', import.meta.url)), 'image', 'upload', file, '--kind', 'disk'],
    {
      env: { PATH: process.env['PATH'], ...home() },
      stdio: 'ignore',
    },
  );
  const gone = new Promise((resolve) => first.on('close', resolve));
  await host.expectUpload(from);
  const received = async () => (await json('image', 'list')).items.find(({ name }: { name: string }) => name === 'long.img');
  await vi.waitFor(() => assert.isAbove(host.quarantinedBytes(), 0), { timeout: 20_000, interval: 1 });
  first.kill('SIGKILL');
  await gone;
  const { state, id } = await received();
  assert.equal(state, 'uploading', 'the upload was over before it could be interrupted');
  const { status, out, err } = await mw('--json', 'image', 'upload', file, '--kind', 'disk');
  assert.equal(status, 0, err);
  assert.deepInclude(JSON.parse(out), { id, state: 'ready', sha256: createHash('sha256').update(content).digest('hex') });
  assert.equal(announced(), before + 1, 'the second run asked for another upload');
});

test('a guest build is watched to its end, and a failed one can be retried', async () => {
  const building = mw('guest', 'build', 'debian-console', '--wait');
  const { command } = await agent.command('build-guest');
  const report = { taskId: command.taskId, attempt: command.attempt, error: null };
  agent.send({ type: 'task', task: { ...report, state: 'running', progress: 40, message: 'Installing', log: ['unpacking base-files'] } });
  agent.send({
    type: 'task',
    task: {
      ...report,
      state: 'failed',
      progress: 40,
      message: '',
      log: ['no space left'],
      error: { code: 'guest.build-failed', message: 'The build failed. Its log says why.' },
    },
  });
  const failed = await building;
  assert.equal(failed.status, 1);
  assert.match(failed.err, /mw: .* failed: The build failed\. Its log says why\.\. mw task show|mw: .* failed: The build failed/);
  assert.match((await mw('task', 'show', command.taskId)).out, /\n\n.*unpacking base-files\nno space left/s);
  const from = agent.received.length;
  TaskSchema.parse(await json('task', 'retry', command.taskId));
  const again = (await agent.command('build-guest', from)).command;
  assert.equal(again.attempt, command.attempt + 1);
  agent.send({
    type: 'task',
    task: { taskId: command.taskId, attempt: again.attempt, state: 'succeeded', progress: 100, message: 'Done', log: [], error: null },
  });
  assert.equal((await mw('task', 'wait', command.taskId)).status, 0);
});

test('a machine that does not run says so, for keys, pictures and serial', async () => {
  host.isRunning = false;
  for (const words of [
    ['keys', LINE3, 'enter'],
    ['screenshot', LINE3, '-'],
    ['serial', LINE3, '--raw'],
  ]) {
    assert.match((await refusal('machine', ...words)).line, /The machine is not running\./);
  }
});

test('a Millwright that does not answer is named, with status 4', async () => {
  const { status, err } = await runMw({ MILLWRIGHT_URL: `http://127.0.0.1:${await freePort()}`, MILLWRIGHT_TOKEN: 'x' }, [
    'machine',
    'list',
  ]);
  assert.equal(status, 4);
  assert.match(err, /^mw: .*npm start/);
});

test('after signing out the token is worth nothing', async () => {
  const { token } = JSON.parse(readFileSync(join(folder, 'admin/millwright/login.json'), 'utf8')) as { token: string };
  assert.equal((await mw('logout')).status, 0);
  assert.isFalse(existsSync(join(folder, 'admin/millwright/login.json')));
  const { status } = await runMw({ MILLWRIGHT_URL: host.url, MILLWRIGHT_TOKEN: token }, ['whoami']);
  assert.equal(status, 3);
});
