import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { openRawImage } from '../images/raw.js';
import { open } from '../open-medium.js';
import { type GenerationVolume, SECTOR_BYTES, VolumeError } from '../volume.js';
import { createOverlay } from './overlay.js';

let folder: string;
let image: string;
let overlay: string;
const SECTORS = 400;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  image = join(folder, 'disk.img');
  overlay = join(folder, 'disk.overlay');
  await writeFile(
    image,
    Uint8Array.from({ length: SECTORS * SECTOR_BYTES }, (_, i) => (i * 7) & 255),
  );
});
afterEach(() => rm(folder, { recursive: true }));

const openOver = async (): Promise<GenerationVolume> => (await open({ image, overlay })) as GenerationVolume;

test('random reads and writes over clusters equal a plain array, also after reopening, and leave the image alone', async () => {
  const before = await readFile(image);
  const model = new Uint8Array(before);
  let volume = await openOver();
  let seed = 1;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed % n;
  };
  for (let i = 0; i < 300; i++) {
    const count = 1 + random(200);
    const sector = random(SECTORS - count);
    const bytes = new Uint8Array(count * SECTOR_BYTES);
    if (random(2) === 0) {
      bytes.fill(random(256));
      await volume.write(sector, bytes);
      model.set(bytes, sector * SECTOR_BYTES);
    } else {
      await volume.read(sector, bytes);
      assert.deepEqual(bytes, model.slice(sector * SECTOR_BYTES, sector * SECTOR_BYTES + bytes.length));
    }
    if (i % 50 === 49) {
      await volume.close();
      volume = await openOver();
    }
  }
  await volume.close();
  assert.deepEqual(await readFile(image), before);
});

test('the generation stays through reads and flushes and changes with the first write after a checkpoint', async () => {
  const volume = await openOver();
  const first = volume.generation;
  await volume.read(0, new Uint8Array(SECTOR_BYTES));
  await volume.flush();
  assert.equal(volume.generation, first);
  await volume.write(3, new Uint8Array(SECTOR_BYTES));
  const second = await volume.checkpoint();
  assert.notEqual(second, first);
  await volume.close();
  const again = await openOver();
  assert.equal(again.generation, second);
  await again.write(3, new Uint8Array(SECTOR_BYTES));
  assert.notEqual(again.generation, second);
  await again.close();
});

test('accesses beyond the end, to other sizes of image and to foreign files are refused', async () => {
  const volume = await openOver();
  await refused(volume.read(SECTORS, new Uint8Array(SECTOR_BYTES)), 'volume.out-of-range');
  await refused(volume.write(-1, new Uint8Array(SECTOR_BYTES)), 'volume.out-of-range');
  await volume.close();
  await writeFile(image, new Uint8Array(SECTOR_BYTES));
  await refused(openOver(), 'volume.bad-header');
  await writeFile(overlay, 'not an overlay');
  await refused(openOver(), 'volume.bad-header');
});

test('a read-only image refuses writes', async () => {
  const raw = await openRawImage(image, { readOnly: true });
  await refused(raw.write(0, new Uint8Array(SECTOR_BYTES)), 'volume.read-only');
  await raw.close();
});

async function refused(operation: Promise<unknown>, code: string): Promise<void> {
  const error = await operation.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instanceOf(error, VolumeError);
  assert.equal((error as VolumeError).code, code);
}

test('an overlay is created once: of several at a time one succeeds, and nothing is left beside it', async () => {
  const backing = await openRawImage(image, { readOnly: true });
  const made = await Promise.allSettled([1, 2, 3, 4].map(() => createOverlay(overlay, backing)));
  assert.lengthOf(
    made.filter(({ status }) => status === 'fulfilled'),
    1,
  );
  const before = await readFile(overlay);
  await refused(createOverlay(overlay, backing), 'volume.io');
  assert.deepEqual(await readFile(overlay), before);
  assert.deepEqual((await readdir(folder)).sort(), ['disk.img', 'disk.overlay']);
  await backing.close();
});

test('what could not be made whole leaves nothing behind', async () => {
  const backing = await openRawImage(image, { readOnly: true });
  const broken = { ...backing, sectors: Number.NaN };
  await refused(createOverlay(overlay, broken), 'volume.io');
  await refused(createOverlay(join(folder, 'nowhere', 'disk.overlay'), backing), 'volume.io');
  assert.deepEqual(await readdir(folder), ['disk.img']);
  await backing.close();
});

test('what a crash left while an overlay was made is no overlay: it is made afresh', async () => {
  await writeFile(`${overlay}.1234.partial`, 'MWOVLAY');
  const volume = await openOver();
  await volume.write(3, new Uint8Array(SECTOR_BYTES).fill(9));
  await volume.close();
  assert.equal((await readFile(overlay)).toString('latin1', 0, 7), 'MWOVLAY');
  const again = await openOver();
  const bytes = new Uint8Array(SECTOR_BYTES);
  await again.read(3, bytes);
  await again.close();
  assert.equal(bytes[0], 9);
});
