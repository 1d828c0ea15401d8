import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, assert, beforeEach, test, vi } from 'vitest';
import { readConfig } from './config.js';
import { namesOf, type Tls, tlsFor } from './tls.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-test-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const tlsAt = async (listen: string): Promise<Tls> => (await tlsFor(readConfig({ MILLWRIGHT_DATA: folder, MILLWRIGHT_LISTEN: listen })))!;

function assertCovers({ cert }: Tls, names: readonly string[]): void {
  const certificate = new X509Certificate(cert);
  for (const name of names) {
    const covered = isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name);
    assert.isDefined(covered, `${name} is not in ${certificate.subjectAltName}`);
  }
}

test('loopback speaks HTTP', async () => {
  assert.isUndefined(await tlsFor(readConfig({ MILLWRIGHT_DATA: folder })));
});

test('a self-signed certificate is good for every name of the listener', async () => {
  assertCovers(await tlsAt('192.0.2.7'), ['192.0.2.7', hostname(), 'localhost', '127.0.0.1', '::1']);
  assertCovers(await tlsAt('0.0.0.0'), [...namesOf('0.0.0.0'), 'localhost']);
});

test('it is kept while it serves, and made anew with the same key for another address or before it expires', async () => {
  const first = await tlsAt('192.0.2.7');
  assert.isTrue(first.selfSigned?.isNew);
  assert.deepEqual(await tlsAt('192.0.2.7'), { ...first, selfSigned: { ...first.selfSigned!, isNew: false } });

  const moved = await tlsAt('192.0.2.8');
  assert.isTrue(moved.selfSigned?.isNew);
  assert.equal(moved.key, first.key);
  assertCovers(moved, ['192.0.2.8']);

  vi.useFakeTimers({ now: Date.now() + 350 * 24 * 3600_000, toFake: ['Date'] });
  const renewed = await tlsAt('192.0.2.8');
  assert.isTrue(renewed.selfSigned?.isNew);
  assert.notEqual(renewed.selfSigned?.fingerprint, moved.selfSigned?.fingerprint);
});

test('a listener on every IPv4 address is not called by one of IPv6, which comes and goes with no reason to make the certificate anew', () => {
  const [ipv4, ipv6] = [
    { address: '192.0.2.7', family: 'IPv4', internal: false },
    { address: '2001:db8::7', family: 'IPv6', internal: false },
  ];
  const interfaces = { eth0: [ipv6, ipv4, { address: 'fe80::7', family: 'IPv6', internal: false }] } as never;
  assert.deepEqual(namesOf('0.0.0.0', interfaces), ['192.0.2.7', hostname(), 'localhost', '127.0.0.1', '::1']);
  assert.include(namesOf('::', interfaces), '2001:db8::7');
});

test('is good for a computer whose clock is an hour behind', async () => {
  const { cert } = await tlsAt('192.0.2.7');
  assert.isBelow(Date.parse(new X509Certificate(cert).validFrom), Date.now() - 3600_000);
});

test.each(['self-signed.crt', 'self-signed.key'])('a damaged %s is made anew', async (name) => {
  const before = await tlsAt('192.0.2.7');
  writeFileSync(join(folder, 'tls', name), before.cert.slice(0, 100));
  const { selfSigned, ...pair } = await tlsAt('192.0.2.7');
  assert.isTrue(selfSigned?.isNew);
  assert.isTrue(new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key)));
  if (name === 'self-signed.crt') assert.equal(pair.key, before.key);
});

test('a client that was given the file connects by address and by name', async () => {
  const { cert, key } = await tlsAt('0.0.0.0');
  const server = createServer({ cert, key }, (_request, response) => response.end('ok')).listen(0);
  const { port } = server.address() as AddressInfo;
  for (const name of ['127.0.0.1', 'localhost']) {
    const status = await new Promise((resolve, reject) =>
      get({ host: name, port, ca: cert, agent: false }, (response) => resolve(response.resume().statusCode)).once('error', reject),
    );
    assert.equal(status, 200);
  }
  await new Promise((resolve) => server.close(resolve));
});
