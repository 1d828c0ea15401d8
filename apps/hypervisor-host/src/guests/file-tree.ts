import { createHash } from 'node:crypto';
import { chmod, cp, readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const require = createRequire(import.meta.url);

type DebianGuest = 'debian-console' | 'debian-hmi';

/** Folder of a guest's sources in this repository. */
export function guestSources(name: DebianGuest): string {
  return dirname(require.resolve(`@millwright/${name}/package.json`));
}

/** Paths of everything below `folder`, sorted; symbolic links are not followed. */
export async function pathsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/** Copies sources into a guest's tree, with the permissions of a clean system whatever the checkout's umask was. */
async function copySources(from: string, to: string): Promise<void> {
  for (const path of await pathsBelow(from)) {
    const source = join(from, path);
    const { mode } = await stat(source);
    const isFolder = (mode & 0o170000) === 0o040000;
    if (isFolder) continue;
    await cp(source, join(to, path), { recursive: false, force: true });
    await chmod(join(to, path), mode & 0o100 ? 0o755 : 0o644);
  }
}

/** Copies the files of a Debian guest's root file system: those that all have, then its own. */
export async function copyRoot(name: DebianGuest, tree: string): Promise<void> {
  await copySources(join(guestSources('debian-console'), 'shared-root'), tree);
  await copySources(join(guestSources(name), 'root'), tree);
}

/** A key of all that goes into a build: the same key means the same guest. */
export async function keyOf(sources: readonly string[], rest: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of sources) {
    for (const path of await pathsBelow(folder)) {
      const file = join(folder, path);
      if (!(await stat(file)).isFile()) continue;
      hash.update(`${path}\0`).update(await readFile(file));
    }
  }
  return hash.update(rest.join('\0')).digest('hex');
}
