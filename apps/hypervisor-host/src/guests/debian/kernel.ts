import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { guestSources } from '../file-tree.js';
import { KernelModules, modulesDep, parseNameList } from '../initrd/kernel-modules.js';
import { makeInitrd } from '../initrd/make-initrd.js';
import { runCommand } from '../run-command.js';
import type { PackageFile, PrivateApt } from './private-apt.js';

/** Debian's kernel packages are named by their ABI; a package without it follows the newest. */
const KERNEL_PACKAGE = /^linux-image-[0-9][^\s]*-686$/;

/** The packages that every Debian guest of ours starts with: its kernel and the static BusyBox. */
export async function bootPackages(apt: PrivateApt): Promise<readonly PackageFile[]> {
  const names = parseNameList(await readFile(join(guestSources('debian-console'), 'packages.list'), 'utf8'));
  const resolved: string[] = [];
  for (const name of names) {
    const kernel = (await apt.dependsOf(name)).find((each) => KERNEL_PACKAGE.test(each));
    resolved.push(kernel ?? name);
  }
  return apt.files(resolved);
}

/** A kernel and BusyBox unpacked from their packages. */
export interface BootFiles {
  readonly version: string;
  readonly modules: KernelModules;
  readonly busybox: string;
  readonly kernel: string;
}

/** Unpacks without installing: no script of a package runs. */
export async function unpackBootFiles(packages: readonly string[], folder: string): Promise<BootFiles> {
  await mkdir(folder, { recursive: true });
  for (const path of packages) await runCommand('dpkg-deb', ['--extract', path, folder]);
  const [version] = await readdir(join(folder, 'lib', 'modules'));
  if (version === undefined) throw new Error('the kernel’s package holds no modules');
  return {
    version,
    modules: await KernelModules.read(join(folder, 'lib', 'modules', version)),
    busybox: join(folder, 'bin', 'busybox'),
    kernel: join(folder, 'boot', `vmlinuz-${version}`),
  };
}

/** Kernel and first root file system, as a template's files `vmlinuz` and `initrd`. */
export async function writeBootFiles({ kernel, modules, busybox }: BootFiles, outputFolder: string): Promise<void> {
  await copyFile(kernel, join(outputFolder, 'vmlinuz'));
  await writeFile(join(outputFolder, 'initrd'), await makeInitrd(modules, busybox));
}

/** Puts modules that the running guest may load, and what they need, into its tree, with the index that modprobe reads. */
export async function addModules({ version, modules }: BootFiles, tree: string): Promise<void> {
  const wanted = parseNameList(await readFile(join(guestSources('debian-console'), 'root-modules.list'), 'utf8'));
  const ordered = await modules.inOrder(wanted);
  const folder = join(tree, 'lib', 'modules', version);
  for (const module of ordered) {
    await mkdir(dirname(join(folder, module.path)), { recursive: true });
    await copyFile(join(modules.folder, module.path), join(folder, module.path));
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'modules.dep'), modulesDep(ordered));
}
