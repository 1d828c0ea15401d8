import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const DISK_FILE = /^disk-[0-9a-f]{12}\.img$/;

/**
 * Machines have written onto the disk they were made from, by its name. A rebuilt template therefore keeps the disks of the builds
 * before it; the links cost no space of their own.
 */
export async function keepOlderDisks(previousFolder: string, outputFolder: string): Promise<void> {
  const present = new Set(await readdir(outputFolder));
  for (const name of await readdir(previousFolder).catch(() => [])) {
    if (DISK_FILE.test(name) && !present.has(name)) await link(join(previousFolder, name), join(outputFolder, name));
  }
}
