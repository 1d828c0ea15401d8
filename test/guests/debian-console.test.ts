import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TemplateContent } from '@millwright/contracts';
import type { MachineSpec } from '@millwright/x86-vmm';
import { afterAll, afterEach, assert, beforeAll, describe, test } from 'vitest';
import { CACHE, engineKey, fileKey, GuestMachine, kernelSpec, medium, remove } from './support/guest-machine.js';

/*
 * The recipe of the Debian console guest, as the agent runs it, and the guest that comes out of it on our machine: shell on the
 * serial port, shell on the VGA console, power-off and power button. One cold boot; later steps resume its saved state.
 */

const BUILD_PROCESS = fileURLToPath(new URL('../../apps/hypervisor-host/dist/guests/build-guest-process.js', import.meta.url));
const TEMPLATE = join(CACHE, 'debian-console', 'template');
/** Wall time of a cold boot on two busy cores, s. */
const BOOT_SECONDS = 240;

type BuildEvent = { progress?: number; message?: string; log?: string; done?: TemplateContent; failed?: { code: string; message: string } };

/** Runs the recipe in its process, as the agent does. */
async function build(): Promise<readonly BuildEvent[]> {
  const folder = await mkdtemp(join(tmpdir(), 'guest-build-'));
  const outputFolder = `${TEMPLATE}.partial`;
  await rm(outputFolder, { recursive: true, force: true });
  await mkdir(outputFolder, { recursive: true });
  const order = {
    version: 1,
    taskId: '0d1c3f2e-7a54-4c59-9a0b-3f4c2a1b5d6e',
    attempt: 1,
    recipe: 'debian-console',
    cacheFolder: join(CACHE, 'debian-console', 'packages'),
    outputFolder,
    previousFolder: join(folder, 'none'),
  };
  await writeFile(join(folder, 'order.json'), JSON.stringify(order));
  const child = spawn(process.execPath, [BUILD_PROCESS, folder], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  await new Promise((resolve) => child.once('close', resolve));
  const events = readFileSync(join(folder, 'events.ndjson'), 'utf8').trim().split('\n');
  await rm(folder, { recursive: true });
  return events.map((line) => JSON.parse(line) as BuildEvent);
}

let events: readonly BuildEvent[] = [];
let missing: string | undefined;

beforeAll(async () => {
  if (!existsSync(BUILD_PROCESS)) throw new Error('apps/hypervisor-host is not built: npm run build');
  events = await build();
  const failed = events.find((event) => event.failed)?.failed;
  if (!failed) {
    await rm(TEMPLATE, { recursive: true, force: true });
    await rename(`${TEMPLATE}.partial`, TEMPLATE);
    await writeFile(join(TEMPLATE, 'template.json'), JSON.stringify(events.at(-1)!.done));
    return;
  }
  // No apt here, or no mirror in reach. Anything else is a fault of the recipe.
  const isEnvironment =
    /is missing|No package source|Could not resolve|Could not connect|Temporary failure|Failed to fetch|connection timed out/i.test(
      failed.message,
    );
  if (!isEnvironment) throw new Error(failed.message);
  missing = failed.message;
}, 600_000);

/** Skips with the reason where the guest cannot be built. */
function guestTest(name: string, run: () => Promise<void>): void {
  test(name, async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    await run();
  }, 600_000);
}

guestTest('the recipe tells its progress in order and makes kernel, first root file system and disk', async () => {
  const progress = events.flatMap((event) => (event.progress === undefined ? [] : [event.progress]));
  assert.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  assert.isAtLeast(new Set(events.map((event) => event.message)).size, 5);
  const { spec } = events.at(-1)!.done!;
  const disk = spec.disks[0]!.medium;
  assert.equal(disk.from, 'template');
  assert.includeMembers(readdirSync(TEMPLATE), ['vmlinuz', 'initrd', disk.from === 'template' ? disk.file : '']);
  assert.match(spec.append!, /root=\/dev\/sda/);
});

guestTest('a second build takes its packages from the cache', async () => {
  const again = await build();
  await remove(`${TEMPLATE}.partial`);
  assert.isDefined(again.at(-1)!.done);
  const log = again.flatMap((event) => event.log ?? []);
  assert.isTrue(log.some((line) => /linux-image-.* is in the cache/.test(line)));
  assert.isFalse(log.some((line) => /Get:\d+ .* linux-image/.test(line)));
});

describe('on our machine', () => {
  let folder: string;
  let guest: GuestMachine | undefined;
  let state: string;
  let savedOverlay: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guest-'));
  });
  afterEach(async () => {
    await guest?.end();
    guest = undefined;
  });
  afterAll(() => remove(folder));

  function spec(overlay: string): MachineSpec {
    const content = JSON.parse(readFileSync(join(TEMPLATE, 'template.json'), 'utf8')) as TemplateContent;
    const disk = content.spec.disks[0]!.medium as { file: string };
    return {
      ...kernelSpec(content.spec.memoryMiB, join(TEMPLATE, 'vmlinuz'), join(TEMPLATE, 'initrd'), content.spec.append!),
      ide: [{ kind: 'disk', backend: medium(join(TEMPLATE, disk.file), overlay) }],
      bootOrder: ['disk'],
    };
  }

  /** The guest at its shells: resumed from the saved state of this engine and this image, or booted and saved. */
  async function atShell(): Promise<GuestMachine> {
    const content = JSON.parse(readFileSync(join(TEMPLATE, 'template.json'), 'utf8')) as TemplateContent;
    const disk = (content.spec.disks[0]!.medium as { file: string }).file;
    const kept = join(CACHE, 'states', `console-${engineKey()}-${fileKey(join(TEMPLATE, disk))}-${fileKey(join(TEMPLATE, 'initrd'))}`);
    state = join(kept, 'state');
    savedOverlay = join(kept, 'overlay');
    const overlay = join(folder, `overlay-${Math.random().toString(36).slice(2)}`);
    if (existsSync(state)) {
      try {
        await cp(savedOverlay, overlay);
        return await GuestMachine.resume(spec(overlay), state);
      } catch (error) {
        console.warn(`the saved state is of no use, booting: ${(error as Error).message}`);
        await remove(kept);
        await remove(overlay);
      }
    }
    const booted = await GuestMachine.start(spec(overlay));
    await booted.untilSerial(/root@plant-console:/, BOOT_SECONDS);
    await booted.untilScreen(/root@plant-console:/, 30);
    await booted.machine.pause();
    await mkdir(kept, { recursive: true });
    await booted.machine.save(`${state}.new`);
    await cp(overlay, savedOverlay);
    await rename(`${state}.new`, state);
    await booted.machine.resume();
    return booted;
  }

  guestTest('the serial port has a shell on the root file system of the IDE disk', async () => {
    guest = await atShell();
    const from = guest.serial.length;
    await guest.sendSerial('uname -sr; grep " / " /proc/mounts; echo written > /root/note; sync; cat /root/note\n');
    const answer = await guest.untilSerial(/^written/m, 60, from);
    assert.match(answer, /Linux 6\.1\.\S+-686/);
    assert.match(answer, /\/dev\/sda \/ ext4 rw/);
  });

  guestTest('the VGA console takes what is typed and shows the answer', async () => {
    guest = await atShell();
    await guest.type('uname -a\n');
    const screen = await guest.untilScreen(/Linux plant-console 6\.1\.\S+-686/, 60);
    assert.match(screen, /uname -a/);
  });

  guestTest('poweroff ends the machine', async () => {
    guest = await atShell();
    await guest.sendSerial('poweroff\n');
    await guest.untilStopped(120);
    assert.equal(guest.machine.stopReason?.kind, 'powered-off');
  });

  guestTest('the power button shuts the guest down', async () => {
    guest = await atShell();
    await guest.machine.pressPowerButton();
    await guest.untilStopped(120);
    assert.equal(guest.machine.stopReason?.kind, 'powered-off');
  });

  guestTest('without a disk the first root file system has shells of its own', async () => {
    const { ide: _, ...rest } = spec('');
    guest = await GuestMachine.start({
      ...rest,
      ide: [],
      kernel: { ...rest.kernel!, commandLine: 'console=ttyS0 console=tty0 mitigations=off nokaslr' },
    });
    await guest.untilScreen(/this is the initial RAM disk/, BOOT_SECONDS);
    await guest.untilSerial(/^\/ # /m, 60);
    await guest.sendSerial('echo serial-$((6*7))\n');
    await guest.untilSerial(/^serial-42/m, 60);
    await guest.type('uname -a\n');
    await guest.untilScreen(/Linux \S+ 6\.1\.\S+-686/, 60);
  });
});
