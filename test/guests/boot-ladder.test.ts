import { readFileSync } from 'node:fs';
import { readBios } from '@millwright/firmware';
import { afterEach, assert, test } from 'vitest';
import { firstFile, GuestMachine, kernelSpec, medium } from './support/guest-machine.js';

/*
 * Other people's boot software on our board, from Debian's packages: each step needs more of the machine than the one before it.
 * A step whose package is not installed is skipped.
 */

const SEABIOS = firstFile('/usr/share/seabios/bios-256k.bin', '/usr/share/seabios/bios.bin');
const SEABIOS_VGA = firstFile('/usr/share/seabios/vgabios-stdvga.bin');
const MEMTEST = firstFile('/boot/memtest86+ia32.bin');
const GRUB_FLOPPY = firstFile('/usr/lib/grub-rescue/grub-rescue-floppy.img');
const GRUB_CDROM = firstFile('/usr/lib/grub-rescue/grub-rescue-cdrom.iso');

const NIGHTLY = process.env['MILLWRIGHT_NIGHTLY'] === '1';
/** Wall time of a pass, s: four minutes on two busy cores, of which the bit fade test waits more than two; more where less is left for us. */
const PASS_SECONDS = 1_800;

let guest: GuestMachine | undefined;
afterEach(async () => {
  await guest?.end();
  guest = undefined;
});

test.skipIf(!SEABIOS || !SEABIOS_VGA)(
  'SeaBIOS with its video BIOS comes to its boot message (skipped without package seabios)',
  async () => {
    guest = await GuestMachine.start({ memoryMiB: 32, bios: readFileSync(SEABIOS!), videoBios: readFileSync(SEABIOS_VGA!) });
    const screen = await guest.untilScreen(/No bootable device/, 60);
    assert.match(screen, /SeaBIOS \(version /);
    assert.match(screen, /Booting from /);
  },
);

test.skipIf(!MEMTEST)('memtest86+ tests 16 MB of memory up to test 4 without an error (skipped without package memtest86+)', async () => {
  guest = await GuestMachine.start(kernelSpec(16, MEMTEST!, undefined, ''));
  await guest.untilScreen(/Memtest86\+/, 60);
  const screen = await guest.untilScreen(/Test #4/, 240);
  assert.match(screen, /Errors: +0\b/);
});

test.skipIf(!MEMTEST || !NIGHTLY)(
  'memtest86+ finishes a whole pass over 16 MB without an error (npm run nightly; skipped without package memtest86+)',
  async () => {
    guest = await GuestMachine.start(kernelSpec(16, MEMTEST!, undefined, ''));
    const screen = await guest.untilScreen(/Pass: *1\b/, PASS_SECONDS);
    // Beside the counts and in large letters; a first pass is the short one.
    assert.match(screen, /Status: Pass\b/);
    assert.match(screen, /Errors: +0\b/);
  },
  PASS_SECONDS * 1_000 + 60_000,
);

for (const [kind, image] of [
  ['floppy', GRUB_FLOPPY],
  ['cdrom', GRUB_CDROM],
] as const) {
  test.skipIf(!image)(
    `GRUB from its rescue ${kind} shows its menu and obeys a typed command (skipped without package grub-rescue-pc)`,
    async () => {
      guest = await GuestMachine.start({
        memoryMiB: 64,
        bios: readBios(),
        bootOrder: [kind],
        floppies: kind === 'floppy' ? [medium(image!)] : [],
        ide: [undefined, undefined, kind === 'cdrom' ? { kind: 'cdrom', backend: medium(image!) } : { kind: 'cdrom' }],
      });
      await guest.untilScreen(/GNU GRUB +version/, 120);
      // Menu or prompt: `c` opens the command line of a menu and is erased by the line that follows.
      await guest.untilScreen(/Press enter to boot|grub>|Minimal BASH-like/, 60);
      await guest.type('c');
      await guest.untilScreen(/grub>/, 30);
      await guest.type('\necho six times 7\n');
      await guest.untilScreen(/^six times 7 *$/m, 30);
    },
  );
}
