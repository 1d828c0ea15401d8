import { assert, test } from 'vitest';
import { cookieValue, isSameOrigin } from './browser-checks.js';

test('the cookie is found among others, and a similar name is not it', () => {
  assert.equal(cookieValue('a=1; millwright-session=login_x-1; b=2', 'millwright-session'), 'login_x-1');
  assert.isUndefined(cookieValue('xmillwright-session=1', 'millwright-session'));
  assert.isUndefined(cookieValue('millwright-session=a b"', 'millwright-session'));
});

test.each([
  ['http://localhost:8080', 'localhost:8080', undefined, true],
  ['https://plant.example', '127.0.0.1:4000', 'plant.example', true],
  ['http://evil.example', 'localhost:8080', undefined, false],
  ['http://localhost:9999', 'localhost:8080', undefined, false],
  ['null', 'localhost:8080', undefined, false],
  ['file://', '', undefined, false],
])('origin %s at host %s is ours: %#', (origin, host, forwarded, expected) => {
  assert.equal(isSameOrigin(origin, host, forwarded), expected);
});
