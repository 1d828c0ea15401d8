import { assert, test } from 'vitest';
import { hashOfSecret } from '../platform/identifiers.js';
import { codeOf, MemoryWorld } from '../platform/testing/memory-world.js';
import { EnrolHost } from './enrol-host.service.js';

const enrolIn = (w: MemoryWorld) => new EnrolHost(w.transactions, w.hosts, w.enrolmentTokens, w.audit, w.changes, w.identifiers, w.clock);

async function token(w: MemoryWorld, text: string, isLocal: boolean): Promise<void> {
  await w.enrolmentTokens.save({ id: text, secretHash: hashOfSecret(text), isLocal, expiresAt: new Date(w.now.getTime() + 1000) });
}

test('a token enrols one host and no second', async () => {
  const w = new MemoryWorld();
  await token(w, 't1', false);
  const { hostId, secret } = await enrolIn(w).execute('t1', 'mill', null);
  assert.deepInclude(await w.hosts.find(hostId), { name: 'mill', secretHash: hashOfSecret(secret) });
  assert.equal(await codeOf(enrolIn(w).execute('t1', 'mill', null)), 'host.token-refused');
});

test('an expired token is refused', async () => {
  const w = new MemoryWorld();
  await token(w, 't1', false);
  w.now = new Date(w.now.getTime() + 1000);
  assert.equal(await codeOf(enrolIn(w).execute('t1', 'mill', null)), 'host.token-refused');
});

test('the local host that lost its folder keeps its id and gets a new secret', async () => {
  const w = new MemoryWorld();
  await token(w, 'first', true);
  const before = await enrolIn(w).execute('first', 'mill', null);
  await token(w, 'second', true);
  const after = await enrolIn(w).execute('second', 'mill', null);
  assert.equal(after.hostId, before.hostId);
  assert.notEqual(after.secret, before.secret);
});
