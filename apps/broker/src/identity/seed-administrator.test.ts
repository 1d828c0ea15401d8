import { assert, test } from 'vitest';
import { Config } from '../platform/config.js';
import { MemoryWorld } from '../platform/testing/memory-world.js';
import { SeedAdministrator } from './seed-administrator.service.js';

function seedIn(w: MemoryWorld, password?: string) {
  const config = new Config(0, 'postgres://', password, undefined, 'silent');
  return new SeedAdministrator(w.transactions, w.users, w.passwords, w.audit, config, w.identifiers, w.clock);
}

test('an empty database gets an administrator who must change the shown password', async () => {
  const w = new MemoryWorld();
  const password = await seedIn(w).execute();
  const [admin] = await w.users.where({});
  assert.deepInclude(admin, { name: 'admin', roles: ['admin'], mustChangePassword: true, passwordHash: `plain:${password}` });
});

test('a given password is used as it is, shown to nobody, and needs no change', async () => {
  const w = new MemoryWorld();
  assert.isUndefined(await seedIn(w, 'given-by-me').execute());
  assert.deepInclude((await w.users.where({}))[0], { mustChangePassword: false, passwordHash: 'plain:given-by-me' });
});

test('a start password that nobody has changed is replaced at the next start', async () => {
  const w = new MemoryWorld();
  const first = await seedIn(w).execute();
  const second = await seedIn(w, 'too-late-now').execute();
  assert.notEqual(second, first);
  assert.equal((await w.users.where({}))[0]?.passwordHash, `plain:${second}`);
});

test('a changed one is left alone', async () => {
  const w = new MemoryWorld();
  await seedIn(w).execute();
  const [admin] = await w.users.where({});
  await w.users.save({ ...admin!, mustChangePassword: false, hasStartPassword: false });
  assert.isUndefined(await seedIn(w).execute());
});
