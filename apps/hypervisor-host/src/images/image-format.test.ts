import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_FLOPPY_BYTES, PlatformError } from '@millwright/contracts';
import { LARGEST_FLOPPY_BYTES } from '@millwright/x86-vmm';
import { afterAll, assert, beforeAll, test } from 'vitest';
import { checkImageFormat } from './image-format.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-format-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function verdict(kind: 'disk' | 'cdrom' | 'floppy', bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'image');
  await writeFile(path, bytes);
  return checkImageFormat(path, kind).then(
    () => 'accepted',
    (error: unknown) => (error instanceof PlatformError ? error.code : String(error)),
  );
}

test('what an upload is offered as a floppy fits the drive', () => {
  assert.equal(MAX_FLOPPY_BYTES, LARGEST_FLOPPY_BYTES);
});

test('a size that cannot be is told with the mend', async () => {
  const why = async (kind: 'disk' | 'cdrom' | 'floppy', size: number): Promise<string> => {
    await writeFile(join(folder, 'image'), new Uint8Array(size));
    return checkImageFormat(join(folder, 'image'), kind).then(String, (error: Error) => error.message);
  };
  assert.match(await why('disk', 1000), /^The file has 1000 bytes, and a raw disk is a multiple of 512; .*truncate -s %512\)\.$/);
  assert.match(await why('cdrom', 3072), /^The file has 3072 bytes, and a CD-ROM image is a multiple of 2048; /);
  assert.match(await why('floppy', 10 << 20), /^The file has 10485760 bytes, and the largest floppy has 2949120; use it as a disk\.$/);
  assert.match(await why('disk', 0), /^The file is empty; give an image\.$/);
});

test('a raw disk is whole sectors of anything but another format', async () => {
  assert.equal(await verdict('disk', new Uint8Array(1024)), 'accepted');
  assert.equal(await verdict('disk', new Uint8Array(1000)), 'image.bad-format');
  assert.equal(await verdict('disk', Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(508)])), 'image.bad-format');
});

test('a CD-ROM has a volume descriptor, a floppy at most a floppy’s size', async () => {
  const iso = Buffer.alloc(17 * 2048);
  assert.equal(await verdict('cdrom', iso), 'image.bad-format');
  iso.write('\x01CD001', 16 * 2048, 'latin1');
  assert.equal(await verdict('cdrom', iso), 'accepted');
  assert.equal(await verdict('floppy', new Uint8Array(1_474_560)), 'accepted');
  assert.equal(await verdict('floppy', new Uint8Array(1_296_384)), 'accepted');
  assert.equal(await verdict('floppy', new Uint8Array(1_474_561)), 'image.bad-format');
  assert.equal(await verdict('floppy', new Uint8Array(2_949_632)), 'image.bad-format');
  assert.equal(await verdict('cdrom', new Uint8Array(0)), 'image.bad-format');
});
