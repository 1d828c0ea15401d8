import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterEach, assert, beforeAll, beforeEach, test } from 'vitest';
import { type BuiltGuest, buildGuest } from './support/guest-build.js';
import { GuestMachine, kernelSpec, medium, remove } from './support/guest-machine.js';

/*
 * The Debian HMI guest, built by its recipe and booted cold, once: X on the VESA frame buffer comes to the operator's panel, the
 * panel lives, and a click with the relative mouse reaches its button.
 */

const ARTIFACTS = fileURLToPath(new URL('../artifacts/', import.meta.url));

/** Wall time of a first build, and of a cold boot with the twentieth of a processor that a busy machine may give, s. */
const BUILD_SECONDS = 900;
const BOOT_SECONDS = 900;
/** A press that comes while the guest is behind may go nowhere. */
const CLICKS = 5;
const CLICK_SECONDS = 30;

/** Colours of the panel's theme (guests/debian-hmi/root/usr/local/lib/plant-hmi) and places on its 1024x768 screen. */
const HEADER = { x: 10, y: 10, color: 0x26343e };
const TREND_PAPER = { x: 60, y: 535, color: 0xffffff };
const TRAY = { x: 500, y: 752, color: 0x26343e };
const MANUAL_BUTTON = { x: 775, y: 138, plain: 0xeceff1, chosen: 0xf0d488 };

let guestOrReason: BuiltGuest | string;
let folder: string;
let guest: GuestMachine | undefined;

beforeAll(async () => {
  guestOrReason = await buildGuest('debian-hmi');
}, BUILD_SECONDS * 1000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hmi-'));
});
afterEach(async () => {
  await guest?.end();
  await remove(folder);
});

/** Kept as an artifact, whether the test passes or not. */
async function photograph(name: string): Promise<void> {
  const { machine } = guest!;
  const { widthPx, heightPx } = await machine.picture();
  const png = new PNG({ width: widthPx, height: heightPx });
  for (let i = 0; i < widthPx * heightPx; i++) png.data.writeUInt32BE(((machine.frame[i]! << 8) | 0xff) >>> 0, i * 4);
  await mkdir(ARTIFACTS, { recursive: true });
  await writeFile(join(ARTIFACTS, `${name}.png`), PNG.sync.write(png));
}

async function colorAt(x: number, y: number): Promise<number> {
  const { machine } = guest!;
  const { widthPx } = await machine.picture();
  return machine.frame[y * widthPx + x]! & 0xff_ffff;
}

async function untilColor(place: { x: number; y: number }, color: number, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while ((await colorAt(place.x, place.y)) !== color) {
    if (guest!.machine.state === 'stopped' || Date.now() > end) {
      await photograph('debian-hmi-not-as-awaited');
      const { widthPx, heightPx } = await guest!.machine.picture();
      throw new Error(`${widthPx}x${heightPx}, not ${color.toString(16)} at ${place.x},${place.y}; serial: ${guest!.serial.slice(-800)}`);
    }
    await sleep(500);
  }
}

/** Into the top left corner, then out in steps that fit one packet of the mouse. */
async function click(x: number, y: number): Promise<void> {
  const { machine } = guest!;
  for (let step = 0; step < 12; step++) await machine.pointerRelative(-120, -120, 0, 0);
  // A mouse adds up what its host has not read yet: the way to the corner must not swallow part of the way out.
  await sleep(1000);
  for (let [left, down] = [x, y]; left > 0 || down > 0; ) {
    const [dx, dy] = [Math.min(left, 100), Math.min(down, 100)];
    await machine.pointerRelative(dx, dy, 0, 0);
    left -= dx;
    down -= dy;
    await sleep(50);
  }
  await sleep(1000);
  await machine.pointerRelative(0, 0, 0, 1);
  await sleep(300);
  await machine.pointerRelative(0, 0, 0, 0);
  await sleep(1000);
  // Away: a button under the pointer has another colour.
  for (let step = 0; step < 3; step++) await machine.pointerRelative(-100, 0, 0, 0);
}

test(
  'Debian with X comes to the plant panel, which obeys the mouse, and powers off',
  async ({ skip }) => {
    if (typeof guestOrReason === 'string') return skip(guestOrReason);
    const { folder: template, content } = guestOrReason;
    const disk = content.spec.disks[0]!.medium;
    const file = disk.from === 'template' ? disk.file : '';
    guest = await GuestMachine.start({
      ...kernelSpec(content.spec.memoryMiB, join(template, 'vmlinuz'), join(template, 'initrd'), content.spec.append!),
      ide: [{ kind: 'disk', backend: medium(join(template, file), join(folder, 'overlay')) }],
      bootOrder: ['disk'],
    });
    await guest.untilSerial(/root@plant-hmi:/, BOOT_SECONDS);
    await untilColor(HEADER, HEADER.color, BOOT_SECONDS);
    await untilColor(TREND_PAPER, TREND_PAPER.color, 120);
    assert.deepEqual({ ...(await guest.machine.picture()) }, { widthPx: 1024, heightPx: 768 });
    await untilColor(MANUAL_BUTTON, MANUAL_BUTTON.plain, 60);
    // The window manager takes the panel's window over when it comes; a press in that moment goes nowhere.
    await untilColor(TRAY, TRAY.color, 120);
    await sleep(3000);
    await photograph('debian-hmi');
    for (let attempt = 1; ; attempt++) {
      await click(MANUAL_BUTTON.x + 20, MANUAL_BUTTON.y + 10);
      const chosen = untilColor(MANUAL_BUTTON, MANUAL_BUTTON.chosen, CLICK_SECONDS);
      if (
        attempt === CLICKS ||
        (await chosen.then(
          () => true,
          () => false,
        ))
      ) {
        await chosen;
        break;
      }
    }
    await photograph('debian-hmi-manual');
    await guest.sendSerial('poweroff\n');
    await guest.untilStopped(120);
    assert.equal(guest.machine.stopReason?.kind, 'powered-off');
  },
  (2 * BOOT_SECONDS + 300) * 1000,
);
