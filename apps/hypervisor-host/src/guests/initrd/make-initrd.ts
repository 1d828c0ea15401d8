import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { guestSources } from '../file-tree.js';
import { CpioArchive } from './cpio.js';
import { type KernelModules, parseNameList } from './kernel-modules.js';

const gzipped = promisify(gzip);

/** The first root file system of our Debian guests: one static program, the modules of the root disk and an init. */
export async function makeInitrd(modules: KernelModules, busybox: string): Promise<Uint8Array> {
  const sources = guestSources('debian-console');
  const wanted = parseNameList(await readFile(join(sources, 'initrd-modules.list'), 'utf8'));
  const ordered = await modules.inOrder(wanted);
  const archive = new CpioArchive();
  for (const folder of ['bin', 'dev', 'etc', 'modules']) archive.directory(folder);
  // The kernel opens it before anything is mounted.
  archive.characterDevice('dev/console', 5, 1);
  archive.file('bin/busybox', await readFile(busybox), 0o755).symbolicLink('bin/sh', 'busybox');
  archive.file('init', await readFile(join(sources, 'init')), 0o755);
  archive.file('etc/inittab', await readFile(join(sources, 'initrd-inittab')));
  for (const module of ordered) archive.file(`modules/${basename(module.path)}`, await modules.bytesOf(module));
  archive.file('modules/order', Buffer.from(ordered.map(({ path }) => `${basename(path)}\n`).join('')));
  return gzipped(archive.bytes(), { level: 9 });
}
