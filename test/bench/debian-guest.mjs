import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * The Debian console guest, made by its recipe in the recipe's own process and kept between runs; and the same kernel and BusyBox with
 * work-init as the only process, without a disk.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOST = join(ROOT, 'apps/hypervisor-host/dist/guests');
const KEPT = join(process.env.MILLWRIGHT_DATA ?? join(ROOT, 'data'), 'cache', 'bench-guests', 'debian-console');
const APPEND = 'console=ttyS0,115200 mitigations=off nokaslr';

/** @returns {Promise<{ kernel: string, initrd: string, disk: string, append: string, memoryMiB: number }>} @throws Error with the recipe's reason */
export async function debianConsole() {
  const kept = join(KEPT, 'guest.json');
  if (!existsSync(kept)) await build(kept);
  const { spec } = JSON.parse(readFileSync(kept, 'utf8'));
  const file = (name) => join(KEPT, name);
  return {
    kernel: file('vmlinuz'),
    initrd: file('initrd'),
    disk: file(spec.disks[0].medium.file),
    append: spec.append,
    memoryMiB: spec.memoryMiB,
  };
}

/** Its initial RAM disk is the console guest's with one more archive behind it, which Linux unpacks over the first. */
export async function debianWork(folder) {
  const { CpioArchive } = await import(join(HOST, 'initrd/cpio.js'));
  const { kernel, initrd: first } = await debianConsole();
  const archive = new CpioArchive().file('work-init', readFileSync(new URL('work-init', import.meta.url)), 0o755).bytes();
  const packed = readFileSync(first);
  const padding = Buffer.alloc(-packed.length & 511);
  const initrd = join(folder, 'work-initrd');
  writeFileSync(initrd, Buffer.concat([packed, padding, archive]));
  return { kernel, initrd, append: `${APPEND} quiet rdinit=/work-init`, memoryMiB: 256 };
}

async function build(kept) {
  const order = mkdtempSync(join(tmpdir(), 'mw-bench-guest-'));
  const outputFolder = `${KEPT}.partial`;
  rmSync(outputFolder, { recursive: true, force: true });
  mkdirSync(outputFolder, { recursive: true });
  writeFileSync(
    join(order, 'order.json'),
    JSON.stringify({
      version: 1,
      taskId: '3d1f9b1a-52c6-4f0e-8b2d-0c6a7e9f4b11',
      attempt: 1,
      recipe: 'debian-console',
      cacheFolder: `${KEPT}-packages`,
      outputFolder,
      previousFolder: join(order, 'none'),
    }),
  );
  const child = spawn(process.execPath, [join(HOST, 'build-guest-process.js'), order], { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((resolve) => child.once('close', resolve));
  const last = JSON.parse(readFileSync(join(order, 'events.ndjson'), 'utf8').trim().split('\n').at(-1));
  rmSync(order, { recursive: true });
  if (!last.done) throw new Error(`the Debian guest cannot be made here: ${last.failed?.message ?? 'the recipe ended without a word'}`);
  rmSync(KEPT, { recursive: true, force: true });
  renameSync(outputFolder, KEPT);
  writeFileSync(kept, JSON.stringify(last.done));
}
