import type { Changed, Desktop, Machine, Session } from '@millwright/contracts';
import { QueryClient } from '@tanstack/react-query';
import { assert, test } from 'vitest';
import { applyChanged } from './changed-cache';

const machine = (id: string, change: Partial<Machine> = {}) =>
  ({ id, name: id, trashedAt: null, control: { holder: null, viewers: [] }, ...change }) as Machine;
const desktop = (id: string, mine: boolean) => ({ id, name: id, mine }) as Desktop;
const event = (kind: Changed['kind'], id: string, value: unknown) => ({ kind, id, value }) as Changed;
const names = (cache: QueryClient, ...key: string[]) => cache.getQueryData<{ id: string }[]>(key)?.map(({ id }) => id);

test('a machine is added, replaced, moved to the trash and removed', () => {
  const cache = new QueryClient();
  cache.setQueryData(['machines', 'active'], [machine('a')]);
  cache.setQueryData(['machines', 'trash'], []);
  applyChanged(cache, event('machine', 'b', machine('b')));
  assert.deepEqual(names(cache, 'machines', 'active'), ['a', 'b']);
  applyChanged(cache, event('machine', 'a', machine('a', { trashedAt: '2026-11-01T00:00:00Z' })));
  assert.deepEqual([names(cache, 'machines', 'active'), names(cache, 'machines', 'trash')], [['b'], ['a']]);
  applyChanged(cache, event('machine', 'a', null));
  assert.deepEqual(names(cache, 'machines', 'trash'), []);
});

test('lists and objects that nobody has read stay unread', () => {
  const cache = new QueryClient();
  applyChanged(cache, event('machine', 'a', machine('a')));
  assert.equal(cache.getQueryData(['machines', 'active']), undefined);
  assert.equal(cache.getQueryData(['machine', 'a']), undefined);
});

test('control changes the machine without asking for it again', () => {
  const cache = new QueryClient();
  cache.setQueryData(['machines', 'active'], [machine('a')]);
  const control = { holder: 's', viewers: [] };
  applyChanged(cache, event('control', 'a', control));
  assert.deepEqual(cache.getQueryData<Machine[]>(['machines', 'active'])?.[0]?.control, control as unknown as Machine['control']);
});

test('my desktop does not vanish between the readers’ event and mine', () => {
  const cache = new QueryClient();
  cache.setQueryData(['desktops', 'mine'], [desktop('d', true)]);
  applyChanged(cache, event('desktop', 'd', desktop('d', false)));
  assert.deepEqual(names(cache, 'desktops', 'mine'), ['d']);
  assert.equal(cache.getQueryState(['desktops', 'mine'])?.isInvalidated, true);
});

test('somebody else’s desktop does not become mine, a taken one goes', () => {
  const cache = new QueryClient();
  cache.setQueryData(['desktops', 'mine'], [desktop('d', true)]);
  applyChanged(cache, event('desktop', 'e', desktop('e', false)));
  assert.deepEqual(names(cache, 'desktops', 'mine'), ['d']);
  applyChanged(cache, event('desktop', 'd', null));
  assert.deepEqual(names(cache, 'desktops', 'mine'), []);
});

test('an ended session leaves the open ones and stays in the history', () => {
  const cache = new QueryClient();
  const session = { id: 's', state: 'connected' } as Session;
  cache.setQueryData(['sessions', 'open'], [session]);
  cache.setQueryData(['sessions', 'all'], [session]);
  applyChanged(cache, event('session', 's', { ...session, state: 'ended' }));
  assert.deepEqual([names(cache, 'sessions', 'open'), names(cache, 'sessions', 'all')], [[], ['s']]);
});
