import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, beforeAll, test } from 'vitest';
import { HASH_BYTES, PAGE, type SnapshotHeader, START_BYTES } from './format.js';
import { SnapshotFile } from './restore.js';
import { writeSnapshot } from './save.js';

const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
const path = join(folder, 'state');
const regions = [new Uint8Array(40 * PAGE), new Uint8Array(8 * PAGE)];
const header: SnapshotHeader = {
  memoryMiB: 1,
  cpuModel: 'pentium4',
  guestTimeNs: 123_456_789_012_345n,
  cpu: Uint8Array.of(1, 2, 3),
  devices: { chip: { version: 1, bytes: Uint8Array.of(9, 8), at: 5n } },
  generations: { disk0: 'g' },
  regions: regions.map((bytes, i) => ({ name: `r${i}`, bytes: bytes.length })),
};
let whole: Buffer;

beforeAll(async () => {
  regions[0]!.fill(7, 3 * PAGE, 5 * PAGE).fill(1, 39 * PAGE + 1);
  regions[1]!.fill(2, 0, 10);
  await writeSnapshot(path, header, regions);
  whole = readFileSync(path);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function restore(file: Buffer): Promise<Uint8Array[]> {
  const other = join(folder, 'other');
  writeFileSync(other, file);
  const into = regions.map((bytes) => new Uint8Array(bytes.length).fill(0xee));
  const opened = await SnapshotFile.open(other);
  try {
    await opened.restoreInto(into);
  } finally {
    await opened.close();
  }
  return into;
}

async function codeOf(file: Buffer): Promise<string> {
  try {
    await restore(file);
    return 'restored';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** A file whose checksum is right, whatever it says. */
function sealed(file: Buffer): Buffer {
  const body = file.subarray(0, file.length - HASH_BYTES);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

test('what was written comes back: header with its types, pages, zeros where nothing was', async () => {
  const file = await SnapshotFile.open(path);
  assert.deepEqual(file.header, header);
  await file.close();
  assert.deepEqual(await restore(whole), regions);
});

test('truncated, changed and foreign files are refused', async () => {
  assert.equal(await codeOf(Buffer.alloc(0)), 'snapshot.bad-file');
  assert.equal(await codeOf(Buffer.from('#!/bin/sh\n'.repeat(100))), 'snapshot.bad-file');
  for (let length = 0; length < whole.length; length += 37)
    assert.equal(await codeOf(whole.subarray(0, length)), 'snapshot.bad-file', `${length} bytes`);
  for (let at = 0; at < whole.length; at += 53) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 0x10;
    const code = await codeOf(changed);
    assert.equal(code, at >= 8 && at < 12 ? 'snapshot.version' : 'snapshot.bad-file', `byte ${at}`);
  }
  const newer = Buffer.from(whole);
  newer.writeUInt32LE(2, 8);
  assert.equal(await codeOf(sealed(newer)), 'snapshot.version');
});

test('a file with a right checksum and any content either restores or is refused by name', async () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const json = whole.readUInt32LE(12);
  let refused = 0;
  for (let i = 0; i < 600; i++) {
    const changed = Buffer.from(whole);
    // Half of them in the page runs, whose heads are few.
    const from = i & 1 ? START_BYTES + json : 12;
    for (let n = random(4); n >= 0; n--) changed[from + random(changed.length - HASH_BYTES - from)] = random(256);
    const cut = random(8) === 0 ? changed.subarray(0, changed.length - random(60)) : changed;
    const code = await codeOf(sealed(cut));
    assert.include(['restored', 'snapshot.bad-file'], code, `change ${i}`);
    if (code !== 'restored') refused++;
  }
  assert.isAbove(refused, 100);
});

test('a file that cannot be put in place leaves the folder as it was', async () => {
  const target = join(folder, 'missing', 'state');
  let failed = false;
  await writeSnapshot(target, header, regions).catch(() => {
    failed = true;
  });
  assert.isTrue(failed);
  assert.deepEqual(readFileSync(path), whole);
});

test('a state that cannot be written says why, and leaves nothing behind', async () => {
  const error = await writeSnapshot(join(folder, 'missing', 'state'), header, regions).then(
    () => assert.fail('written'),
    (reason: { code: string; message: string }) => reason,
  );
  assert.equal(error.code, 'snapshot.not-written');
  assert.include(error.message, 'ENOENT');
  const full = await writeSnapshot('/dev/full/state', header, regions).catch((reason: { code: string }) => reason);
  assert.propertyVal(full, 'code', 'snapshot.not-written');
});
