import { assert, test } from 'vitest';
import { userStateOf } from './users.js';

test.each([
  [false, false, 'active'],
  [false, true, 'one-time-password'],
  [true, false, 'disabled'],
  [true, true, 'disabled'],
] as const)('disabled %s, must change the password %s: %s', (disabled, mustChangePassword, state) => {
  assert.equal(userStateOf({ disabled, mustChangePassword }), state);
});
