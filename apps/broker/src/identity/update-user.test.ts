import { assert, test } from 'vitest';
import { codeOf, MemoryWorld } from '../platform/testing/memory-world.js';
import { UpdateUser } from './update-user.service.js';

const updateIn = (w: MemoryWorld) => new UpdateUser(w.transactions, w.users, w.logins, w.endSessions, w.audit, w.changes);

test('the last active administrator can neither be disabled nor lose the role', async () => {
  const w = new MemoryWorld();
  const admin = await w.person('admin');
  await w.person('admin', { disabled: true });
  assert.equal(await codeOf(updateIn(w).execute(admin, admin.userId, { disabled: true })), 'user.last-admin');
  assert.equal(await codeOf(updateIn(w).execute(admin, admin.userId, { roles: ['engineer'] })), 'user.last-admin');
});

test('a disabled user loses sign-ins and open screens', async () => {
  const w = new MemoryWorld();
  await w.host();
  const machineId = await w.machine();
  const [admin, user] = [await w.person('admin'), await w.person('operator')];
  await w.logins.save({ id: 'l', secretHash: 'h', userId: user.userId, createdAt: w.now, lastUsedAt: w.now, expiresAt: w.now });
  await w.sessions.save({
    id: '20000000-0000-4000-8000-000000000001' as never,
    machineId,
    desktopId: null,
    userId: user.userId,
    userDisplayName: '',
    machineName: '',
    mayControl: true,
    mayOverride: false,
    state: 'connected',
    startedAt: w.now,
    connectedAt: w.now,
    lastSeenAt: w.now,
    endedAt: null,
    endReason: null,
  });
  await updateIn(w).execute(admin, user.userId, { disabled: true });
  assert.deepEqual(await w.logins.where({}), []);
  assert.deepInclude((await w.sessions.where({}))[0], { state: 'ended', endReason: 'user-disabled' });
  assert.equal((await w.waiting())[0]?.action, 'end-session');
  assert.include(w.changed, `signed-out ${user.userId}`);
});
