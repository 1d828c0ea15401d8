import { assert, test } from 'vitest';
import { asPlatformError, pathOf } from './broker-client';
import { contentPolicy } from './content-policy';
import { formatBytes, formatDuration } from './format';
import { safeNext } from './session';

test('paths are filled and escaped; undefined query values are left out', () => {
  assert.equal(pathOf('/users/{id}', { id: 'a/b' }, {}), '/users/a%2Fb');
  assert.equal(pathOf('/audit', {}, { action: 'machine', cursor: undefined, limit: 50 }), '/audit?action=machine&limit=50');
  assert.throws(() => pathOf('/users/{id}', {}, {}), 'needs id');
});

test.each([
  ['/machines?x=1', '/machines?x=1'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/sign-in?next=/sign-in', '/'],
  ['/a b', '/'],
  [null, '/'],
])('after sign-in %s leads to %s', (next, expected) => {
  assert.equal(safeNext(next), expected);
});

test('sizes are in powers of 1024 and three digits', () => {
  assert.equal(formatBytes(0, 'en'), '0 B');
  assert.equal(formatBytes(1536, 'en'), '1.5 KiB');
  assert.equal(formatBytes(64 * 2 ** 30, 'en'), '64 GiB');
  assert.equal(formatBytes(1.25 * 2 ** 20, 'de'), '1,25 MiB');
});

test('durations show their two largest units', () => {
  assert.equal(formatDuration(3_905, 'en'), '1 hr 5 min');
  assert.equal(formatDuration(40, 'en'), '40 sec');
  assert.equal(formatDuration(0, 'en'), '0 sec');
  assert.equal(formatDuration(3_600, 'en'), '1 hr');
});

test('the content policy runs only our own scripts and lets nobody frame us', () => {
  const policy = contentPolicy('abc', false);
  assert.include(policy, "script-src 'self' 'nonce-abc' 'strict-dynamic';");
  assert.include(policy, "frame-ancestors 'none'");
  assert.notInclude(policy, 'unsafe-eval');
  assert.include(policy, "img-src 'self' blob: data:");
});

test('a failure inside a message is shown with its code', () => {
  assert.equal(asPlatformError({ code: 'guest.build-failed', message: 'x' }).code, 'guest.build-failed');
  assert.equal(asPlatformError(new Error('odd')).code, 'platform.defect');
});
