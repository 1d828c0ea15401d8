import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import { type Config, StartError } from './config.js';

export interface Tls {
  readonly cert: string;
  readonly key: string;
  /** Set for a certificate of our own making. */
  readonly selfSigned: SelfSigned | undefined;
}

export interface SelfSigned {
  /** What a person compares in the browser. */
  readonly fingerprint: string;
  /** The file that other programs are told to trust. */
  readonly path: string;
  /** Made at this start: whoever trusted the one before must trust this one. */
  readonly isNew: boolean;
}

const DAY_MS = 24 * 3600_000;
/** Browsers refuse certificates that are good for longer than 398 days. */
const LIFETIME_MS = 397 * DAY_MS;
/** A computer whose clock is behind ours must not find the certificate good only later. */
const GOOD_BEFORE_MS = DAY_MS;
/** A certificate is made anew when less than this is left: a plant's system may run for weeks between two starts. */
const RENEW_BEFORE_MS = 60 * DAY_MS;
/** Listeners on every address, with what counts as one: `::` takes IPv4 too. */
const EVERY_ADDRESS: ReadonlyMap<string, readonly string[]> = new Map([
  ['0.0.0.0', ['IPv4']],
  ['::', ['IPv4', 'IPv6']],
]);

/** Loopback speaks HTTP; any other address TLS, with the certificate given or a self-signed one kept in the data folder. @throws StartError */
export async function tlsFor(config: Config): Promise<Tls | undefined> {
  if (config.tlsFiles) return { ...read(config.tlsFiles.certificate, config.tlsFiles.key), selfSigned: undefined };
  if (config.isLoopback) return undefined;
  const folder = join(config.dataFolder, 'tls');
  const path = join(folder, 'self-signed.crt');
  const keyPath = join(folder, 'self-signed.key');
  const names = namesOf(config.listen);
  const key = usable(() => createPrivateKey(readFileSync(keyPath)));
  const certificate = usable(() => new X509Certificate(readFileSync(path)));
  const isNew = !key || !certificate?.checkPrivateKey(key) || !isGood(certificate, names);
  if (isNew) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = await makeCertificate(names, key && String(key.export({ type: 'pkcs8', format: 'pem' })));
    writeFileSync(keyPath, made.private, { mode: 0o600 });
    writeFileSync(path, made.cert, { mode: 0o644 });
  }
  const pair = read(path, keyPath);
  return { ...pair, selfSigned: { fingerprint: new X509Certificate(pair.cert).fingerprint256, path, isNew } };
}

/** What a file holds, if it is there and whole: a computer may lose its power while one is written. */
function usable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** What a browser may call a listener at this address. The first is the one to show. */
export function namesOf(listen: string, interfaces = networkInterfaces()): string[] {
  const families = EVERY_ADDRESS.get(listen);
  const addresses = families ? ownAddresses(interfaces, families) : [listen];
  return [...new Set([...addresses, hostname(), 'localhost', '127.0.0.1', '::1'])];
}

function ownAddresses(interfaces: ReturnType<typeof networkInterfaces>, families: readonly string[]): string[] {
  return (
    Object.values(interfaces)
      .flatMap((addresses) => addresses ?? [])
      // A link-local address means nothing without its interface.
      .filter(({ internal, family, address }) => !internal && families.includes(family) && !address.startsWith('fe80:'))
      .map(({ address }) => address)
  );
}

function isGood(certificate: X509Certificate, names: readonly string[]): boolean {
  const covers = (name: string) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
  return Date.parse(certificate.validTo) - Date.now() > RENEW_BEFORE_MS && names.every(covers);
}

/** With the key kept, if there is one. */
function makeCertificate(names: readonly string[], privateKey: string | undefined) {
  return generate([{ name: 'commonName', value: names[0]! }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - GOOD_BEFORE_MS),
    notAfterDate: new Date(Date.now() - GOOD_BEFORE_MS + LIFETIME_MS),
    ...(privateKey && {
      keyPair: { privateKey, publicKey: String(createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' })) },
    }),
    extensions: [
      // It signs itself: who trusts it needs it as an authority.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })) },
    ],
  });
}

function read(certificate: string, key: string): { cert: string; key: string } {
  try {
    const pair = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new StartError(
      `The TLS certificate ${certificate} and key ${key} cannot be used (${(error as Error).message}): give PEM files of one pair as MILLWRIGHT_TLS_CERT and MILLWRIGHT_TLS_KEY.`,
    );
  }
}
