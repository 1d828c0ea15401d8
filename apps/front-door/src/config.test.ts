import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { readConfig, StartError } from './config.js';
import { prepareDataFolder } from './data-folder.js';
import { findPostgresBinaries } from './embedded-postgres.js';
import { tlsFor } from './tls.js';

/* A wrong setting is answered by one line that names the variable and the mend. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.for([
  ['MILLWRIGHT_PORT', 'http', /whole number from 1 to 65535/],
  ['MILLWRIGHT_LISTEN', '0.0.0.0:80', /without a port/],
  ['MILLWRIGHT_ADMIN_PASSWORD', 'short', /at least 8 characters/],
  ['DATABASE_URL', 'mysql://db', /begin with postgres:\/\//],
  ['MILLWRIGHT_LOG', 'loud', /trace, debug, info, warn, error, silent/],
  ['MILLWRIGHT_TLS_CERT', 'a.crt', /MILLWRIGHT_TLS_KEY/],
] as const)('%s=%s', ([name, value, mend]) => {
  const refusal = (() => {
    try {
      readConfig({ [name]: value });
    } catch (error) {
      return error as Error;
    }
    return undefined;
  })();
  assert.instanceOf(refusal, StartError);
  assert.include(refusal!.message, name);
  assert.match(refusal!.message, mend);
});

test('empty variables count as unset', () => {
  assert.equal(readConfig({ MILLWRIGHT_PORT: '', MILLWRIGHT_LISTEN: '' }).port, 8080);
});

test('MILLWRIGHT_DATA at a file, or below one', () => {
  const file = join(folder, 'data');
  writeFileSync(file, '');
  for (const wrong of [file, join(file, 'below')])
    assert.throws(() => prepareDataFolder(wrong), `${wrong} is a file, or in a file: set MILLWRIGHT_DATA`);
});

test('MILLWRIGHT_TLS_CERT and MILLWRIGHT_TLS_KEY that are no pair', async () => {
  const file = join(folder, 'x.pem');
  writeFileSync(file, 'no certificate');
  const config = readConfig({ MILLWRIGHT_TLS_CERT: file, MILLWRIGHT_TLS_KEY: file });
  const refusal = await tlsFor(config).catch((error: unknown) => error);
  assert.instanceOf(refusal, StartError);
  assert.match((refusal as Error).message, /MILLWRIGHT_TLS_CERT and MILLWRIGHT_TLS_KEY/);
});

test('a processor that the embedded database is not for', () => {
  assert.throws(() => findPostgresBinaries({}, 'linux-arm64', folder), /for linux-x64 only, and this is linux-arm64; set DATABASE_URL/);
});

test('MILLWRIGHT_PG_BIN without PostgreSQL', () => {
  assert.throws(() => findPostgresBinaries({ MILLWRIGHT_PG_BIN: folder }), /no postgres in .*; set MILLWRIGHT_PG_BIN/);
});
