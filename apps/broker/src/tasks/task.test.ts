import { type HostId, hostWords, type TaskId, type TaskReport } from '@millwright/contracts';
import { assert, test } from 'vitest';
import { interrupted, reportedTask, retried, type TaskRecord } from './task.js';

const NOW = new Date('2026-11-23T08:00:00Z');
const TASK: TaskRecord = {
  id: 't' as TaskId,
  kind: 'guest-build',
  title: 'Debian console',
  recipe: 'debian-console',
  force: false,
  state: 'running',
  progress: 10,
  message: '',
  words: null,
  log: [],
  error: null,
  hostId: 'h' as HostId,
  attempt: 2,
  createdBy: null,
  createdAt: NOW,
  startedAt: NOW,
  finishedAt: null,
};
const REPORT: TaskReport = {
  taskId: TASK.id,
  attempt: 2,
  state: 'running',
  progress: 50,
  message: 'half',
  words: hostWords('build.disk'),
  log: ['x'],
  error: null,
};

test('progress is taken over and the log grows to its limit', () => {
  const long = reportedTask({ ...TASK, log: Array.from({ length: 1000 }, (_, i) => `${i}`) }, REPORT, NOW);
  assert.equal(long?.progress, 50);
  assert.lengthOf(long!.log, 1000);
  assert.equal(long!.log.at(-1), 'x');
});

test('a report of an earlier attempt, or after the end, changes nothing', () => {
  assert.isUndefined(reportedTask(TASK, { ...REPORT, attempt: 1 }, NOW));
  assert.isUndefined(reportedTask({ ...TASK, state: 'cancelled' }, REPORT, NOW));
});

test('a task that is being cancelled stays so while its host still works', () => {
  assert.equal(reportedTask({ ...TASK, state: 'cancelling' }, REPORT, NOW)?.state, 'cancelling');
  assert.equal(reportedTask({ ...TASK, state: 'cancelling' }, { ...REPORT, state: 'cancelled' }, NOW)?.state, 'cancelled');
});

test('a task lost with its process has failed, unless it was to be cancelled anyway', () => {
  const error = { code: 'task.interrupted', message: 'lost' };
  assert.deepInclude(interrupted(TASK, error, NOW), { state: 'failed', error });
  assert.deepInclude(interrupted({ ...TASK, state: 'cancelling' }, error, NOW), { state: 'cancelled', error: null });
});

test('a retry begins anew under the next attempt', () => {
  assert.deepInclude(retried({ ...TASK, state: 'failed', progress: 80, finishedAt: NOW }, 'h2' as HostId), {
    state: 'queued',
    progress: 0,
    attempt: 3,
    hostId: 'h2' as HostId,
    finishedAt: null,
  });
});
