import { accessSync, constants, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './config.js';

/** Less free space than this and PostgreSQL may not even start its log. */
const MIN_FREE_BYTES = 512 * 2 ** 20;

/** Makes the data folder with its subfolders and checks that one can work in it. @throws StartError */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Asked first: making folders on a read-only file system fails with ENOENT, which explains nothing.
    accessSync(folder, constants.W_OK);
    for (const name of ['machines', 'images', 'cache', 'log']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw full(folder);
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new StartError(`The data folder ${folder} is a file, or in a file: set MILLWRIGHT_DATA to a folder.`);
    throw new StartError(
      `The data folder ${folder} cannot be written (${code}): change its permissions, or set MILLWRIGHT_DATA to another folder.`,
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < MIN_FREE_BYTES) throw full(folder);
}

function full(folder: string): StartError {
  return new StartError(
    `The disk of ${folder} is full (less than 512 MiB free): free some space, or set MILLWRIGHT_DATA to a folder on another disk.`,
  );
}

/** One Millwright per data folder. Returns how to let go. @throws StartError when another process holds it */
export function lockDataFolder(folder: string): () => void {
  const path = join(folder, 'millwright.pid');
  const holder = Number(readOr(path, '0'));
  if (holder !== 0 && holder !== process.pid && isMillwright(holder)) {
    throw new StartError(
      `Millwright already runs on ${folder} (process ${holder}): end it first, or set MILLWRIGHT_DATA to another folder.`,
    );
  }
  writeFileSync(path, String(process.pid), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/** A process id may have been given to something else since. */
function isMillwright(pid: number): boolean {
  return /start\.mjs|front-door/.test(readOr(`/proc/${pid}/cmdline`, ''));
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
