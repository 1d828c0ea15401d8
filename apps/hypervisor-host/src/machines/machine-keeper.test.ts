import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MachineId, MachineSpecSchema } from '@millwright/contracts';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { processWith } from './host-process.js';
import { machineFilesUnder } from './machine-files.js';
import { MachineKeeper } from './machine-keeper.js';

const ID = '11111111-1111-4111-8111-111111111111' as MachineId;
const SPEC = MachineSpecSchema.parse({ version: 1, memoryMiB: 16 });
/** A machine's process that says how it is once, and then hears nothing more. */
const DEAF_PROCESS = `
  const status = { state: 'running', pointer: 'absolute', speed: 1, widthPx: 0, heightPx: 0,
    startedAt: '2026-11-01T00:00:00Z', control: { holder: null, viewers: [] } };
  require('node:net').createServer((socket) => socket.on('error', () => {}).write(JSON.stringify({ status }) + '\\n'))
    .listen(process.argv[1], () => console.log('listens'));`;

let folder: string;
let child: ChildProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeper-'));
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('a process that does not stop is killed, and that is logged', async () => {
  const files = machineFilesUnder(folder)(ID);
  mkdirSync(files.folder, { recursive: true });
  mkdirSync(files.runFolder, { recursive: true });
  writeFileSync(files.processSpec, '{}');
  child = spawn(process.execPath, ['-e', DEAF_PROCESS, files.socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  writeFileSync(files.processRecord, JSON.stringify({ machineId: ID, epoch: 1, ...processWith(child.pid!) }));
  const exit = once(child, 'exit');
  const logged: string[] = [];
  const record = {
    version: 1,
    machineId: ID,
    name: 'Deaf',
    epoch: 1,
    generation: 1,
    wanted: 'running',
    spec: SPEC,
    endedGeneration: 0,
  } as const;
  const keeper = new MachineKeeper(record, files, {
    fileOf: () => Promise.reject(new Error('no medium')),
    report: () => {},
    log: (message) => void logged.push(message),
  });
  await keeper.adopt();
  assert.isTrue(keeper.isRunning);

  await keeper.apply({ action: 'apply-machine', machineId: ID, name: 'Deaf', epoch: 1, generation: 2, wanted: 'stopped', spec: SPEC });
  assert.deepEqual(await exit, [null, 'SIGKILL']);
  assert.isFalse(keeper.isRunning);
  assert.deepInclude(keeper.report().condition, { state: 'stopped', generation: 2, error: null });
  assert.include(logged, 'machine did not stop in time and is killed');
  assert.isFalse(existsSync(files.runFolder));
}, 20_000);
