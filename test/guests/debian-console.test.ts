import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineSpec } from '@millwright/x86-vmm';
import { afterAll, afterEach, assert, beforeAll, describe, test } from 'vitest';
import { until } from '../support/product.js';
import { type BuiltGuest, buildGuest } from './support/guest-build.js';
import { CACHE, engineKey, fileKey, GuestMachine, kernelSpec, medium, remove } from './support/guest-machine.js';

/*
 * The recipe of the Debian console guest, as the agent runs it, and the guest that comes out of it on our machine: shell on the
 * serial port, shell on the VGA console, power-off and power button. One cold boot; later steps resume its saved state.
 */

/** Wall time of a cold boot on two busy cores, s. */
const BOOT_SECONDS = 240;

let guestOrReason: BuiltGuest | string;
beforeAll(async () => {
  guestOrReason = await buildGuest('debian-console');
}, 600_000);

/** Skips with the reason where the guest cannot be built. */
function guestTest(name: string, run: (built: BuiltGuest) => Promise<void>): void {
  test(name, async ({ skip }) => {
    if (typeof guestOrReason === 'string') skip(guestOrReason);
    else await run(guestOrReason);
  }, 600_000);
}

guestTest(
  'the recipe tells its progress in order and makes kernel, first root file system and disk',
  async ({ events, content, folder }) => {
    const progress = events.flatMap((event) => (event.progress === undefined ? [] : [event.progress]));
    assert.deepEqual(
      progress,
      [...progress].sort((a, b) => a - b),
    );
    assert.isAtLeast(new Set(events.map((event) => event.message)).size, 5);
    assert.includeMembers(readdirSync(folder), ['vmlinuz', 'initrd', diskOf(content)]);
    assert.match(content.spec.append!, /root=\/dev\/sda/);
  },
);

guestTest('a second build takes its packages from the cache and makes the same guest', async ({ content }) => {
  const again = await buildGuest('debian-console');
  if (typeof again === 'string') throw new Error(again);
  const log = again.events.flatMap((event) => event.log ?? []);
  assert.isTrue(log.some((line) => /linux-image-.* is in the cache/.test(line)));
  assert.isFalse(log.some((line) => /Get:\d+ .* linux-image/.test(line)));
  assert.deepEqual(again.content, content);
});

function diskOf(content: BuiltGuest['content']): string {
  const disk = content.spec.disks[0]!.medium;
  return disk.from === 'template' ? disk.file : '';
}

describe('on our machine', () => {
  let folder: string;
  let guest: GuestMachine | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guest-'));
  });
  afterEach(async () => {
    await guest?.end();
    guest = undefined;
  });
  afterAll(() => remove(folder));

  function spec({ folder: template, content }: BuiltGuest, overlay: string): MachineSpec {
    return {
      ...kernelSpec(content.spec.memoryMiB, join(template, 'vmlinuz'), join(template, 'initrd'), content.spec.append!),
      ide: [{ kind: 'disk', backend: medium(join(template, diskOf(content)), overlay) }],
      bootOrder: ['disk'],
    };
  }

  const newOverlay = (): string => join(folder, `overlay-${Math.random().toString(36).slice(2)}`);

  /** The guest at its shells: resumed from the saved state of this engine and this image, or booted and saved. */
  async function atShell(built: BuiltGuest, overlay = newOverlay()): Promise<GuestMachine> {
    const image = [diskOf(built.content), 'initrd'].map((file) => fileKey(join(built.folder, file))).join('-');
    const kept = join(CACHE, 'states', `console-${engineKey()}-${image}`);
    const state = join(kept, 'state');
    const savedOverlay = join(kept, 'overlay');
    if (existsSync(state)) {
      try {
        await cp(savedOverlay, overlay);
        return await GuestMachine.resume(spec(built, overlay), state);
      } catch (error) {
        console.warn(`the saved state is of no use, booting: ${(error as Error).message}`);
        await remove(kept);
        await remove(overlay);
      }
    }
    const booted = await GuestMachine.start(spec(built, overlay));
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

  /** A guest that was shut down in order left a file system that needs no mending when it boots again. */
  async function mountsCleanly(built: BuiltGuest, overlay: string): Promise<void> {
    guest = await GuestMachine.start(spec(built, overlay));
    const boot = await guest.untilSerial(/EXT4-fs \(sda\): mounted filesystem/, BOOT_SECONDS);
    assert.notMatch(boot, /recovery/);
  }

  guestTest('the serial port has a shell on the root file system of the IDE disk', async (built) => {
    guest = await atShell(built);
    const from = guest.serial.length;
    await guest.sendSerial('uname -sr; grep " / " /proc/mounts; echo written > /root/note; sync; cat /root/note\n');
    const answer = await guest.untilSerial(/^written/m, 60, from);
    assert.match(answer, /Linux 6\.1\.\S+-686/);
    assert.match(answer, /\/dev\/sda \/ ext4 rw/);
  });

  guestTest('the VGA console takes what is typed and shows the answer', async (built) => {
    guest = await atShell(built);
    await guest.type('uname -a\n');
    const screen = await guest.untilScreen(/Linux plant-console 6\.1\.\S+-686/, 60);
    assert.match(screen, /uname -a/);
  });

  guestTest('the system clock is the host’s again some seconds after a pause', async (built) => {
    guest = await atShell(built);
    await guest.machine.pause();
    await sleep(10_000);
    await guest.machine.resume();
    const told = async (): Promise<number> => {
      const from = guest!.serial.length;
      await guest!.sendSerial('date +now:%s\n');
      return Number((await guest!.untilSerial(/^now:\d+/m, 60, from)).match(/^now:(\d+)/m)![1]);
    };
    await until('the clock to follow', async () => Math.abs((await told()) - Date.now() / 1000) <= 3 || undefined, 30_000);
  });

  guestTest('poweroff ends the machine with its file system in order, whatever was being written', async (built) => {
    const overlay = newOverlay();
    guest = await atShell(built, overlay);
    const from = guest.serial.length;
    await guest.sendSerial(
      'sh -c "trap \'\' TERM; while sleep 1; do echo more; done" > /root/log & sleep 2; echo more > /root/note; poweroff\n',
    );
    await guest.untilStopped(120);
    assert.equal(guest.machine.stopReason?.kind, 'powered-off');
    assert.notInclude(guest.serial.slice(from), 'failed');
    await mountsCleanly(built, overlay);
  });

  guestTest('the power button shuts the guest down, its file system in order', async (built) => {
    const overlay = newOverlay();
    guest = await atShell(built, overlay);
    await guest.machine.pressPowerButton();
    await guest.untilStopped(120);
    assert.equal(guest.machine.stopReason?.kind, 'powered-off');
    await mountsCleanly(built, overlay);
  });

  guestTest('without a disk the first root file system has shells of its own', async (built) => {
    const rest = spec(built, '');
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
