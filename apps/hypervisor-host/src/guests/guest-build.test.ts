import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostWords, type TaskReport, type TemplateContent } from '@millwright/contracts';
import { pino } from 'pino';
import { afterEach, assert, beforeEach, test, vi } from 'vitest';
import { processWith } from '../machines/host-process.js';
import { type BuildEvent, BuildOrderSchema, buildFiles } from './build-files.js';
import { type BuildPorts, GuestBuild } from './guest-build.js';

/* The agent's side of a build; the process that builds is a stand-in that sleeps, its events are written by the test. */

const CONTENT = {
  id: 'debian-console',
  name: 'Debian console',
  description: '',
  source: { kind: 'recipe', recipe: 'debian-console' },
  presentation: 'desktop',
  defaultMemoryMiB: 64,
  spec: { memoryMiB: 64 },
};

let folder: string;
let reports: TaskReport[];
let published: TemplateContent[];
let sleeper: ChildProcess | undefined;
let builds: GuestBuild[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-'));
  reports = [];
  published = [];
  builds = [];
});
afterEach(async () => {
  for (const build of builds) await build.leave(true);
  if (sleeper?.pid && sleeper.exitCode === null && sleeper.signalCode === null) process.kill(-sleeper.pid, 'SIGKILL');
  sleeper = undefined;
  await rm(folder, { recursive: true, force: true });
});

const files = () => buildFiles(folder);
const order = () =>
  BuildOrderSchema.parse({
    version: 1,
    taskId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
    attempt: 2,
    recipe: 'debian-console',
    cacheFolder: join(folder, 'cache'),
    outputFolder: join(folder, 'output'),
    previousFolder: join(folder, 'previous'),
  });
const ports = (): BuildPorts => ({
  report: (report) => reports.push(report),
  publish: async (content, prepared) => {
    published.push(content);
    await rm(prepared, { recursive: true });
  },
  log: pino({ level: 'silent' }),
});
const say = (...events: (BuildEvent | { done: typeof CONTENT })[]) =>
  appendFile(files().events, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
const last = () => reports.at(-1);

/** A process group of a shell and its child, as a build with a tool under way. */
async function startSleeper(): Promise<number> {
  await mkdir(join(folder, 'output'));
  sleeper = spawn('sh', ['-c', 'sleep 60 & wait'], { detached: true, stdio: 'ignore' });
  const pid = sleeper.pid!;
  await writeFile(files().process, JSON.stringify(processWith(pid)));
  return pid;
}

function followed(build: GuestBuild): GuestBuild {
  builds.push(build);
  if (build.isRunning) build.follow();
  return build;
}

test('progress and log lines are reported once each, then the template is published', async () => {
  const pid = await startSleeper();
  followed(GuestBuild.started(files(), order(), ports(), pid));
  await say({ progress: 20, message: 'Downloading', words: hostWords('build.download-kernel') }, { log: 'Get:1 größer' });
  await vi.waitFor(() => assert.equal(last()?.progress, 20));
  assert.equal(last()!.words?.code, 'build.download-kernel');
  // Half a line is not yet a line.
  await appendFile(files().events, '{"log":"sec');
  await new Promise((resolve) => setTimeout(resolve, 400));
  await appendFile(files().events, 'ond"}\n');
  await vi.waitFor(() => assert.deepEqual(last()?.log, ['second']));
  await say({ done: CONTENT });
  await vi.waitFor(() => assert.equal(last()?.state, 'succeeded'));
  assert.equal(last()!.progress, 100);
  assert.equal(last()!.words?.code, 'build.done');
  assert.deepEqual(
    reports.flatMap(({ log }) => log),
    ['Get:1 größer', 'second'],
  );
  assert.deepEqual(
    published.map(({ id }) => id as string),
    ['debian-console'],
  );
});

test('a failure is told with its reason and nothing of the template is left', async () => {
  const pid = await startSleeper();
  followed(GuestBuild.started(files(), order(), ports(), pid));
  await say({ failed: { code: 'guest.build-failed', message: 'no room' } });
  await vi.waitFor(() => assert.equal(last()?.state, 'failed'));
  assert.deepEqual(last()!.error, { code: 'guest.build-failed', message: 'no room' });
  assert.isFalse(existsSync(join(folder, 'output')));
  assert.isEmpty(published);
});

test('cancel ends the whole process group', async () => {
  const pid = await startSleeper();
  const build = followed(GuestBuild.started(files(), order(), ports(), pid));
  await build.cancel();
  assert.equal(last()?.state, 'cancelled');
  assert.throws(() => process.kill(-pid, 0), /ESRCH/);
  assert.isFalse(existsSync(join(folder, 'output')));
});

test('a process that ends without a word has failed, with what it printed', async () => {
  const pid = await startSleeper();
  await writeFile(files().errors, 'out of memory\n');
  followed(GuestBuild.started(files(), order(), ports(), pid));
  process.kill(-pid, 'SIGKILL');
  await vi.waitFor(() => assert.equal(last()?.state, 'failed'));
  assert.equal(last()!.error?.code, 'guest.build-failed');
  assert.include(last()!.error!.message, 'out of memory');
});

test('a later agent follows a build that goes on and repeats no log line', async () => {
  const pid = await startSleeper();
  const first = followed(GuestBuild.started(files(), order(), ports(), pid));
  await say({ log: 'one' }, { progress: 5, message: 'Reading', words: null });
  await vi.waitFor(async () => assert.isAbove(Number(await readFile(files().told, 'utf8')), 0));
  await first.leave(true);
  await say({ log: 'two' });
  reports = [];
  const second = followed(await GuestBuild.adopt(files(), order(), ports()));
  assert.isTrue(second.isRunning);
  assert.equal(second.report().progress, 5);
  assert.deepEqual(
    reports.flatMap(({ log }) => log),
    ['two'],
  );
});

test('a later agent marks a build interrupted whose process is gone, and remembers that', async () => {
  await startSleeper();
  await writeFile(files().process, JSON.stringify({ pid: process.pid, startTicks: 'another time' }));
  const build = await GuestBuild.adopt(files(), order(), ports());
  assert.equal(build.report().error?.code, 'task.interrupted');
  assert.equal(build.report().attempt, 2);
  reports = [];
  // A template of a later build is being prepared at the same place: it must stay.
  await mkdir(join(folder, 'output'));
  const again = await GuestBuild.adopt(files(), order(), ports());
  assert.equal(again.report().error?.code, 'task.interrupted');
  assert.isTrue(existsSync(join(folder, 'output')));
});

test('a build that finished while no agent was there is published by the next one', async () => {
  await mkdir(join(folder, 'output'));
  await say({ done: CONTENT });
  const build = await GuestBuild.adopt(files(), order(), ports());
  assert.equal(build.report().state, 'succeeded');
  assert.lengthOf(published, 1);
});

test('an agent that ends in order takes its builds with it', async () => {
  const pid = await startSleeper();
  const build = followed(GuestBuild.started(files(), order(), ports(), pid));
  await build.leave(false);
  assert.throws(() => process.kill(-pid, 0), /ESRCH/);
  const next = await GuestBuild.adopt(files(), order(), ports());
  assert.equal(next.report().error?.code, 'task.interrupted');
});
