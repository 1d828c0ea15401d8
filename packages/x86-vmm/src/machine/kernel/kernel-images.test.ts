import { assert, test } from 'vitest';
import { KernelImageError } from './image-error.js';
import { isLinuxImage, placeLinuxImage } from './linux-image.js';
import { isMultibootImage, placeMultibootImage } from './multiboot-image.js';

const MEMORY = 64 << 20;

/** A bzImage of protocol 2.06 with two set-up sectors and 4 KiB of system. */
function bzImage(): Uint8Array {
  const image = new Uint8Array(3 * 512 + 4096).fill(0xcc, 3 * 512);
  const view = new DataView(image.buffer);
  view.setUint8(0x1f1, 2);
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, 0x206, true);
  view.setUint8(0x211, 1);
  view.setUint32(0x22c, 0x37ffffff, true);
  view.setUint32(0x238, 255, true);
  return image;
}

test('a bzImage goes to 90000h and 100000h, its initial RAM disk page-aligned below the top', () => {
  const { placements, entry } = placeLinuxImage(bzImage(), new Uint8Array(5000), 'quiet', MEMORY);
  assert.deepEqual(entry, { kind: 'linux', segment: 0x9000, stackPointer: 0xde00 });
  const at = new Map(placements.map(({ address, bytes }) => [address, bytes]));
  assert.equal(at.get(0x100000)?.length, 4096);
  const setup = new DataView(at.get(0x90000)!.slice().buffer);
  const initrd = setup.getUint32(0x218, true);
  assert.equal(initrd % 4096, 0);
  assert.equal(at.get(initrd)?.length, 5000);
  assert.equal(setup.getUint32(0x21c, true), 5000);
  assert.equal(setup.getUint8(0x210), 0xff);
  assert.deepEqual(at.get(setup.getUint32(0x228, true)), Buffer.from('quiet\0'));
});

test('vga= becomes the video mode of the header', () => {
  const { placements } = placeLinuxImage(bzImage(), undefined, 'quiet vga=0x344 ro', MEMORY);
  const setup = placements.find(({ address }) => address === 0x90000)!.bytes;
  assert.deepEqual([setup[0x1fa], setup[0x1fb]], [0x44, 0x03]);
});

test('a command line longer than the kernel takes, or an initial RAM disk larger than memory, is refused', () => {
  assert.throws(() => placeLinuxImage(bzImage(), undefined, 'x'.repeat(256), MEMORY), KernelImageError);
  assert.throws(() => placeLinuxImage(bzImage(), new Uint8Array(4 << 20), '', 4 << 20), KernelImageError);
});

/** A Multiboot kernel by address fields: header at 0, loaded at 1 MiB. */
function multiboot(): Uint8Array {
  const image = new Uint8Array(256);
  const view = new DataView(image.buffer);
  const flags = 0x10003;
  const words = [0x1badb002, flags, -(0x1badb002 + flags) >>> 0, 0x100000, 0x100000, 0x100100, 0x100200, 0x100020];
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word, true);
  return image;
}

test('a Multiboot kernel is placed by its header, with cleared BSS, information and module', () => {
  const { placements, entry } = placeMultibootImage(multiboot(), new Uint8Array(10), 'a b', MEMORY);
  assert.deepEqual(entry, { kind: 'multiboot', address: 0x100020, information: 0x8000 });
  assert.equal(placements[0]!.clearBytes, 0x100);
  const info = new DataView(placements.find(({ address }) => address === 0x8000)!.bytes.slice().buffer);
  assert.equal(info.getUint32(0, true), 0xd);
  assert.equal(info.getUint32(8, true), 63 * 1024);
  assert.equal(info.getUint32(0x60, true), 0x101000);
});

test('hostile images never place anything outside memory, hang or throw anything but KernelImageError', () => {
  let seed = 7;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % n;
  };
  for (let i = 0; i < 20_000; i++) {
    const image = random(2) === 0 ? bzImage() : multiboot();
    for (let n = random(12); n >= 0; n--) image[random(image.length)] = random(256);
    const cut = image.slice(0, random(8) === 0 ? random(image.length) : image.length);
    try {
      const placed = isLinuxImage(cut)
        ? placeLinuxImage(cut, undefined, '', MEMORY)
        : isMultibootImage(cut)
          ? placeMultibootImage(cut, undefined, '', MEMORY)
          : undefined;
      for (const { address, bytes, clearBytes } of placed?.placements ?? [])
        assert.isAtMost(address + bytes.length + (clearBytes ?? 0), MEMORY);
    } catch (error) {
      assert.instanceOf(error, KernelImageError);
    }
  }
});
