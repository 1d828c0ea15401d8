import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemplateContent, TemplateContentSchema } from '@millwright/contracts';
import { addModules, bootPackages, unpackBootFiles, writeBootFiles } from '../debian/kernel.js';
import { mirrorsOf, readPackageSources } from '../debian/package-sources.js';
import { type PackageFile, PrivateApt, RELEASE } from '../debian/private-apt.js';
import { makeExt4, treeBytes } from '../ext4-image.js';
import { copyRoot, guestSources, keyOf } from '../file-tree.js';
import { parseNameList } from '../initrd/kernel-modules.js';
import { runCommand } from '../run-command.js';
import { debianMirror, program, rootOrNamespaces } from './needs.js';
import { keepOlderDisks } from './older-disks.js';
import type { BuildContext, Recipe } from './recipe.js';

const MEMORY_MIB = 128;
/** Free room on the disk beside the installed programs. */
const FREE_MIB = 256;
const MIB = 2 ** 20;

const STAGE = {
  index: 'build.package-index',
  boot: 'build.download-kernel',
  install: 'build.install-desktop',
  unpack: 'build.unpack-system',
  initrd: 'build.initrd',
  disk: 'build.disk',
} as const;

/** What no part of the panel needs: manuals, translations, and the 3D drivers that a frame buffer never loads. */
const LEFT_OUT = [
  '/usr/share/man/*',
  '/usr/share/doc/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/lintian/*',
  '/usr/lib/i386-linux-gnu/dri/*',
  '/usr/lib/i386-linux-gnu/libLLVM*',
  '/usr/lib/i386-linux-gnu/libz3.so*',
  '/usr/lib/udev/hwdb*',
];

/** A Debian system with X on the VESA frame buffer, the window manager jwm, and an operator panel in Tcl/Tk. */
export const debianHmi: Recipe = {
  name: 'debian-hmi',
  // Seconds of a first build on two shared cores.
  stages: [
    { name: STAGE.index, weight: 3 },
    { name: STAGE.boot, weight: 4 },
    { name: STAGE.install, weight: 110 },
    { name: STAGE.unpack, weight: 8 },
    { name: STAGE.initrd, weight: 3 },
    { name: STAGE.disk, weight: 8 },
  ],
  needs: [
    program('apt-get', 'apt'),
    program('dpkg-deb', 'dpkg'),
    program('mke2fs', 'e2fsprogs'),
    program('mmdebstrap', 'mmdebstrap'),
    // mmdebstrap asks it whether this machine can run 32-bit programs.
    program('arch-test', 'arch-test'),
    program('tar', 'tar'),
    debianMirror,
    rootOrNamespaces,
  ],
  build,
};

async function build(context: BuildContext): Promise<TemplateContent> {
  const { progress, temporaryFolder, outputFolder, log } = context;
  const sources = guestSources('debian-hmi');
  progress.begin(STAGE.index);
  const apt = await PrivateApt.open(join(context.cacheFolder, 'apt'), mirrorsOf(await readPackageSources(), RELEASE.suite), log);
  const names = parseNameList(await readFile(join(sources, 'packages.list'), 'utf8'));
  const installed = await apt.filesWithNeeded(names);
  const bootFiles = await bootPackages(apt);

  progress.begin(STAGE.boot);
  const files = await apt.download(bootFiles, (fraction) => progress.at(fraction));
  progress.begin(STAGE.install);
  const base = await baseSystem(context, apt, names, installed);

  progress.begin(STAGE.unpack);
  const tree = join(temporaryFolder, 'root');
  await mkdir(tree);
  // Devices are the kernel's business (devtmpfs), and only root could make them.
  await runCommand(
    'tar',
    ['--extract', '--file', base, '--directory', tree, '--exclude=./dev/*', '--numeric-owner', '--preserve-permissions'],
    { line: log },
  );
  const boot = await unpackBootFiles(files, join(temporaryFolder, 'packages'));
  await addModules(boot, tree);
  await addSources(tree);
  progress.begin(STAGE.initrd);
  await writeBootFiles(boot, outputFolder);

  progress.begin(STAGE.disk);
  const key = await keyOf(
    [sources, guestSources('debian-console')],
    [...bootFiles, ...installed].map(({ sha256 }) => sha256),
  );
  const disk = `disk-${key.slice(0, 12)}.img`;
  const sizeMiB = Math.ceil((await treeBytes(tree)) / MIB) + FREE_MIB;
  await makeExt4({ tree, image: join(outputFolder, disk), sizeMiB, label: 'hmi', key, temporaryFolder, log });
  await keepOlderDisks(context.previousFolder, outputFolder);
  return contentOf(disk);
}

/** The installed packages as a tar file, made once for one set of package versions and kept. */
async function baseSystem(
  context: BuildContext,
  apt: PrivateApt,
  names: readonly string[],
  installed: readonly PackageFile[],
): Promise<string> {
  const { cacheFolder, temporaryFolder, progress, log } = context;
  const key = await keyOf([], [...installed.map(({ sha256 }) => sha256).sort(), ...names, ...LEFT_OUT]);
  const base = join(cacheFolder, `base-${key.slice(0, 16)}.tar`);
  if (await stat(base).catch(() => undefined)) {
    log('the installed system of these package versions is in the cache');
    return base;
  }
  for (const old of await readdir(cacheFolder)) if (/^base-.*\.tar$/.test(old)) await rm(join(cacheFolder, old));
  const made = join(temporaryFolder, 'base.tar');
  const args = [
    `--mode=${process.getuid?.() === 0 ? 'root' : 'unshare'}`,
    `--architectures=${RELEASE.architecture}`,
    '--variant=essential',
    '--format=tar',
    '--verbose',
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--include=${names.join(',')}`,
    RELEASE.suite,
    made,
    apt.sourceLine,
  ];
  const meter = installMeter(installed.length, (fraction) => progress.at(fraction));
  const line = (text: string): void => {
    meter(text);
    if (isWorthKeeping(text)) log(text);
  };
  await runCommand('mmdebstrap', args, { env: { TMPDIR: temporaryFolder }, line });
  await rename(made, base);
  return base;
}

/** mmdebstrap prints what dpkg does with each package: it is unpacked, then set up. */
export function installMeter(packages: number, progress: (fraction: number) => void): (line: string) => void {
  let steps = 0;
  return (line) => {
    if (!/^(Unpacking|Setting up) /.test(line)) return;
    steps += 1;
    // The essential packages are unpacked in another way first; the download before it and the tar file after it take a tenth each.
    progress(0.1 + 0.8 * Math.min(1, steps / (2 * packages)));
  };
}

const isWorthKeeping = (line: string): boolean => /^(I: |E: |W: |Setting up |dpkg: (error|warning)|Err:)/.test(line);

async function addSources(tree: string): Promise<void> {
  await copyRoot('debian-hmi', tree);
  for (const name of ['init', 'poweroff', 'reboot', 'halt', 'modprobe', 'acpid', 'ip']) {
    const place = join(tree, 'sbin', name);
    await rm(place, { force: true });
    await symlink('/bin/busybox', place);
  }
  await chmod(join(tree, 'root'), 0o700);
}

function contentOf(disk: string): TemplateContent {
  const file = (name: string) => ({ from: 'template', templateId: 'debian-hmi', file: name }) as const;
  return TemplateContentSchema.parse({
    id: 'debian-hmi',
    name: 'Debian plant HMI',
    description:
      'Debian 12 with X and an operator panel in Tcl/Tk: pumping station PS-2 with tanks, pumps, trend and alarms. A shell is on the first serial port.',
    source: { kind: 'recipe', recipe: 'debian-hmi' },
    presentation: 'hmi',
    defaultMemoryMiB: MEMORY_MIB,
    spec: {
      memoryMiB: MEMORY_MIB,
      disks: [{ medium: file(disk) }],
      kernel: file('vmlinuz'),
      initrd: file('initrd'),
      // 344h is 1024x768 with 32 bits a pixel in the video BIOS's list (344h - 200h = VBE mode 144h).
      append: 'root=/dev/sda vga=0x344 console=ttyS0,115200 console=tty0 quiet mitigations=off nokaslr',
      serial: ['console'],
    },
  });
}
