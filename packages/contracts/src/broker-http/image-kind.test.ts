import { assert, test } from 'vitest';
import { guessImageKind } from './image-kind.js';

test.each([
  ['debian-12.iso', 400_000_000, 'cdrom'],
  ['a.ISO', 1_474_560, 'cdrom'],
  ['master.cdr', 400_000_000, 'cdrom'],
  ['grub.img', 1_474_560, 'floppy'],
  ['grub.img', 1_474_561, 'disk'],
  ['dos.ima', 720, 'floppy'],
  ['grub-rescue-floppy.img', 1_296_384, 'floppy'],
  ['large.img', 2_949_120, 'floppy'],
  ['floppy.img', 4_000_000_000, 'disk'],
  ['disk.img', 2 ** 30, 'disk'],
] as const)('%s of %i bytes looks like a %s', (name, size, kind) => {
  assert.equal(guessImageKind(name, size), kind);
});
