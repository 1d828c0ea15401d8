import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { type Config, StartError } from './config.js';

export interface Tls {
  readonly cert: string;
  readonly key: string;
  /** Set for a certificate of our own making: what a person compares in the browser. */
  readonly fingerprint: string | undefined;
}

/** Loopback speaks HTTP; any other address TLS, with the certificate given or a self-signed one kept in the data folder. @throws StartError */
export async function tlsFor(config: Config): Promise<Tls | undefined> {
  if (config.tlsFiles) return { ...read(config.tlsFiles.certificate, config.tlsFiles.key), fingerprint: undefined };
  if (config.isLoopback) return undefined;
  const folder = join(config.dataFolder, 'tls');
  const certificate = join(folder, 'self-signed.crt');
  const key = join(folder, 'self-signed.key');
  if (!existsSync(certificate)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = await generate([{ name: 'commonName', value: config.listen }], { keySize: 2048, algorithm: 'sha256' });
    writeFileSync(key, made.private, { mode: 0o600 });
    writeFileSync(certificate, made.cert, { mode: 0o600 });
  }
  const pair = read(certificate, key);
  return { ...pair, fingerprint: new X509Certificate(pair.cert).fingerprint256 };
}

function read(certificate: string, key: string): { cert: string; key: string } {
  try {
    return { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } catch (error) {
    throw new StartError(
      `The TLS certificate or key cannot be read (${(error as Error).message}): correct MILLWRIGHT_TLS_CERT and MILLWRIGHT_TLS_KEY.`,
    );
  }
}
