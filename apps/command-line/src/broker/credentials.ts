import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { usage } from '../command-error.js';

export const DEFAULT_URL = 'http://localhost:8080';

const StoredSchema = z.object({ url: z.string(), name: z.string(), token: z.string() });
export type StoredLogin = z.infer<typeof StoredSchema>;

/** Folder of what `mw` remembers: `$XDG_CONFIG_HOME/millwright`, else `~/.config/millwright`. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'millwright');
}

const loginFile = (env: NodeJS.ProcessEnv): string => join(configFolder(env), 'login.json');

/** What `mw login` stored; undefined when nobody is signed in. */
export function readLogin(env: NodeJS.ProcessEnv): StoredLogin | undefined {
  try {
    return StoredSchema.parse(JSON.parse(readFileSync(loginFile(env), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes beside, then renames; readable by its owner only. */
export function writeLogin(env: NodeJS.ProcessEnv, login: StoredLogin): void {
  writePrivate(loginFile(env), JSON.stringify(login));
}

export function removeLogin(env: NodeJS.ProcessEnv): void {
  rmSync(loginFile(env), { force: true });
}

export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, `${text}\n`, { mode: 0o600 });
  chmodSync(partial, 0o600);
  renameSync(partial, path);
}

/** Where to go and as whom. The stored token goes only to the address it was made at. */
export interface Target {
  readonly url: string;
  readonly token: string | undefined;
}

export function targetOf(env: NodeJS.ProcessEnv, urlOption: string | undefined): Target {
  const stored = readLogin(env);
  const url = normalUrl(urlOption ?? env['MILLWRIGHT_URL'] ?? stored?.url ?? DEFAULT_URL);
  const token = env['MILLWRIGHT_TOKEN'] || (stored && stored.url === url ? stored.token : undefined);
  return { url, token };
}

/** An origin without a path. @throws CommandError */
export function normalUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usage(`${text} is not an address. Give one like ${DEFAULT_URL}.`);
  return url.origin;
}
