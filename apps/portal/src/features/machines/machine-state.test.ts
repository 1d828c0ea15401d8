import type { MachineCondition } from '@millwright/contracts';
import { assert, test } from 'vitest';
import { screenPath } from '../desktops/screen-path';
import { startPage } from '../shell/navigation';
import { isProblem, verbsFor } from './machine-state';

const condition = null;

test('a running machine offers the gentle end before the plug', () => {
  assert.deepEqual(verbsFor({ state: 'running', condition }), ['shutdown', 'pause', 'save', 'reset', 'stop']);
});

test('a failed machine can be started, and put to rest unless that is wanted already', () => {
  assert.deepEqual(verbsFor({ state: 'failed', condition, wanted: 'running' }), ['start', 'stop']);
  assert.deepEqual(verbsFor({ state: 'failed', condition, wanted: 'stopped' }), ['start']);
});

test('nothing is offered for a machine in the trash', () => {
  assert.deepEqual(verbsFor({ state: 'trashed', condition }), []);
});

test('an error that left the machine up is a problem, too', () => {
  assert.isTrue(isProblem({ state: 'running', condition: { error: { code: 'snapshot.disk-changed', message: '' } } as MachineCondition }));
  assert.isFalse(isProblem({ state: 'running', condition: { error: null } as MachineCondition }));
});

test('operators get the bare panel, everybody else the tools', () => {
  const panel = { id: 'd' as never, presentation: 'hmi' } as const;
  assert.equal(screenPath(panel, ['operator']), '/hmi/d');
  assert.equal(screenPath(panel, ['operator', 'engineer']), '/desktops/d');
  assert.equal(screenPath({ ...panel, presentation: 'desktop' }, ['operator']), '/desktops/d');
});

test('everybody begins where their work is', () => {
  assert.deepEqual(
    [startPage(['admin', 'operator']), startPage(['engineer']), startPage(['operator'])],
    ['/overview', '/desktops', '/hmi'],
  );
});
