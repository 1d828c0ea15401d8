import { assert, test } from 'vitest';
import { MemoryTransactions } from '../platform/testing/memory-records.js';
import { type Announcement, PublishedChanges } from './published-changes.js';

test('changes of a busy object are announced once, and "gone, then changed" keeps its order', async () => {
  const seen: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const changes = new PublishedChanges(new MemoryTransactions(), () => {});
  const say = async (a: Announcement) => {
    seen.push(`${a.what} ${'id' in a ? a.id : ''}`);
    await held;
  };
  changes.publishTo(say, () => {});
  changes.mark('machine', 'first');
  changes.mark('machine', 'a');
  changes.mark('machine', 'a');
  changes.gone('machine', 'b');
  changes.mark('machine', 'b');
  changes.mark('machine', 'a');
  release();
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual(seen, ['changed first', 'gone b', 'changed b', 'changed a']);
});

test('a failing announcement does not stop the next, and what another broker says is not echoed', async () => {
  const seen: string[] = [];
  const forwarded: string[] = [];
  const errors: unknown[] = [];
  const changes = new PublishedChanges(new MemoryTransactions(), (error) => errors.push(error));
  const say = async (a: Announcement) => {
    if ('id' in a && a.id === 'bad') throw new Error('no');
    seen.push('id' in a ? a.id : '');
  };
  changes.publishTo(say, (a) => forwarded.push('id' in a ? a.id : ''));
  changes.mark('host', 'bad');
  changes.receive({ what: 'changed', kind: 'host', id: 'from afar' });
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual([seen, forwarded, errors.length], [['from afar'], ['bad'], 1]);
});
