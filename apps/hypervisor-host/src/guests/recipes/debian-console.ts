import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemplateContent, TemplateContentSchema } from '@millwright/contracts';
import { addModules, bootPackages, unpackBootFiles, writeBootFiles } from '../debian/kernel.js';
import { mirrorsOf, readPackageSources } from '../debian/package-sources.js';
import { PrivateApt, RELEASE } from '../debian/private-apt.js';
import { makeExt4 } from '../ext4-image.js';
import { copyRoot, guestSources, keyOf } from '../file-tree.js';
import { debianMirror, program } from './needs.js';
import { keepOlderDisks } from './older-disks.js';
import type { BuildContext, Recipe } from './recipe.js';

/** Room for what people put on it; the file is sparse. */
const DISK_MIB = 256;
const MEMORY_MIB = 64;
const FOLDERS = [
  'bin',
  'dev',
  'etc',
  'lib',
  'mnt',
  'proc',
  'root',
  'run',
  'sbin',
  'sys',
  'tmp',
  'usr/bin',
  'usr/sbin',
  'usr/local/bin',
  'var/log',
  'var/tmp',
];

const STAGE = {
  index: 'build.package-index',
  download: 'build.download-console',
  unpack: 'build.unpack-kernel',
  initrd: 'build.initrd',
  disk: 'build.disk',
} as const;

/** Debian's kernel and a small BusyBox system on an IDE disk, with shells on the VGA console and on the serial port. */
export const debianConsole: Recipe = {
  name: 'debian-console',
  stages: [
    { name: STAGE.index, weight: 3 },
    { name: STAGE.download, weight: 5 },
    { name: STAGE.unpack, weight: 4 },
    { name: STAGE.initrd, weight: 2 },
    { name: STAGE.disk, weight: 1 },
  ],
  needs: [program('apt-get', 'apt'), program('dpkg-deb', 'dpkg'), program('mke2fs', 'e2fsprogs'), debianMirror],
  build,
};

async function build(context: BuildContext): Promise<TemplateContent> {
  const { progress, temporaryFolder, outputFolder, log } = context;
  progress.begin(STAGE.index);
  const apt = await PrivateApt.open(join(context.cacheFolder, 'apt'), mirrorsOf(await readPackageSources(), RELEASE.suite), log);
  const packages = await bootPackages(apt);
  progress.begin(STAGE.download);
  const files = await apt.download(packages, (fraction) => progress.at(fraction));

  progress.begin(STAGE.unpack);
  const boot = await unpackBootFiles(files, join(temporaryFolder, 'packages'));
  log(`Linux ${boot.version}`);
  progress.begin(STAGE.initrd);
  await writeBootFiles(boot, outputFolder);

  progress.begin(STAGE.disk);
  const tree = join(temporaryFolder, 'root');
  for (const folder of FOLDERS) await mkdir(join(tree, folder), { recursive: true });
  await copyFile(boot.busybox, join(tree, 'bin', 'busybox'));
  await chmod(join(tree, 'bin', 'busybox'), 0o755);
  // The guest makes the rest of BusyBox's names at its first start: running its 32-bit program here may not be possible.
  await symlink('busybox', join(tree, 'bin', 'sh'));
  await symlink('../bin/busybox', join(tree, 'sbin', 'init'));
  await addModules(boot, tree);
  await copyRoot('debian-console', tree);
  const key = await keyOf(
    [guestSources('debian-console')],
    packages.map(({ sha256 }) => sha256),
  );
  const disk = `disk-${key.slice(0, 12)}.img`;
  await makeExt4({ tree, image: join(outputFolder, disk), sizeMiB: DISK_MIB, label: 'console', key, temporaryFolder, log });
  await keepOlderDisks(context.previousFolder, outputFolder);
  return contentOf(disk);
}

function contentOf(disk: string): TemplateContent {
  const file = (name: string) => ({ from: 'template', templateId: 'debian-console', file: name }) as const;
  return TemplateContentSchema.parse({
    id: 'debian-console',
    name: 'Debian console',
    description: 'Debian 12 kernel and BusyBox on an IDE disk: shells on the VGA console and on the first serial port.',
    source: { kind: 'recipe', recipe: 'debian-console' },
    presentation: 'desktop',
    defaultMemoryMiB: MEMORY_MIB,
    spec: {
      memoryMiB: MEMORY_MIB,
      disks: [{ medium: file(disk) }],
      kernel: file('vmlinuz'),
      initrd: file('initrd'),
      // The mitigations cost an emulated CPU much and protect nothing inside a single-user guest; so does moving the kernel.
      append: 'root=/dev/sda console=ttyS0,115200 console=tty0 mitigations=off nokaslr',
      serial: ['console'],
    },
  });
}
