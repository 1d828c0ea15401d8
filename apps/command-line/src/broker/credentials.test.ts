import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { normalUrl, readLogin, removeLogin, targetOf, writeLogin } from './credentials.js';

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-'));
  env = { XDG_CONFIG_HOME: folder };
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOGIN = { url: 'http://plant:8080', name: 'erin', token: 'mw_secret' };

test('a stored sign-in is readable by its owner only, and gone after removal', () => {
  writeLogin(env, LOGIN);
  assert.equal(statSync(join(folder, 'millwright/login.json')).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder, 'millwright')).mode & 0o777, 0o700);
  assert.deepEqual(readLogin(env), LOGIN);
  removeLogin(env);
  assert.isUndefined(readLogin(env));
});

test('the stored token goes only to the address it was made at', () => {
  writeLogin(env, LOGIN);
  assert.deepEqual(targetOf(env, undefined), { url: LOGIN.url, token: LOGIN.token });
  assert.isUndefined(targetOf(env, 'http://elsewhere:8080').token);
  assert.isUndefined(targetOf({ ...env, MILLWRIGHT_URL: 'http://elsewhere' }, undefined).token);
});

test('the environment stands in for a sign-in', () => {
  assert.deepEqual(targetOf({ ...env, MILLWRIGHT_URL: 'https://plant/', MILLWRIGHT_TOKEN: 't' }, undefined), {
    url: 'https://plant',
    token: 't',
  });
});

test.each(['plant', 'ftp://plant', ''])('%j is no address', (text) => {
  assert.throws(() => normalUrl(text), 'is not an address');
});
