import { assert, test } from 'vitest';
import { permissionsOf } from './permissions.js';

test('an operator may start and control own desktops and nothing of others', () => {
  assert.deepEqual(permissionsOf(['operator']), ['desktop:view-own', 'desktop:control-own', 'desktop:start-own']);
});

test('roles add up', () => {
  assert.include(permissionsOf(['operator', 'admin']), 'audit:read');
  assert.include(permissionsOf(['operator', 'engineer']), 'desktop:operate-own');
});
