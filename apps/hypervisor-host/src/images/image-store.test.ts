import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageReport } from '@millwright/contracts';
import { pino } from 'pino';
import { afterEach, assert, test, vi } from 'vitest';
import type { TicketCheck } from '../displays/ticket-check.js';
import { ImageStore } from './image-store.js';

/* What an agent that was killed has left of an upload, by the moment of its death. Tickets play no part in it. */

const ID = '11111111-1111-4111-8111-111111111111';
const BYTES = Buffer.alloc(1024, 7);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A data folder as it was left, and what the next agent reports once it has looked. */
async function after(left: { state: 'uploading' | 'checking'; expected?: string; quarantined?: Buffer; ready?: Buffer }): Promise<{
  report: ImageReport | undefined;
  image: string;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'mw-images-'));
  folders.push(folder);
  const images = join(folder, 'images');
  mkdirSync(join(images, 'quarantine'), { recursive: true });
  const record = { imageId: ID, kind: 'disk', sizeBytes: BYTES.length, expectedSha256: left.expected ?? SHA256 };
  writeFileSync(join(images, `${ID}.json`), JSON.stringify({ ...record, state: left.state, reason: null, sha256: null }));
  if (left.quarantined) writeFileSync(join(images, 'quarantine', ID), left.quarantined);
  if (left.ready) writeFileSync(join(images, `${ID}.img`), left.ready);
  const store = new ImageStore(folder, undefined as unknown as TicketCheck, () => {}, pino({ level: 'silent' }));
  await store.prepare();
  if (left.ready || left.quarantined?.length === BYTES.length)
    await vi.waitFor(() => assert.include(['ready', 'refused'], store.reports()[0]?.state), { timeout: 10_000 });
  return { report: store.reports()[0], image: join(images, `${ID}.img`) };
}

test('in the middle: it waits for the rest', async () => {
  const { report } = await after({ state: 'uploading', quarantined: BYTES.subarray(0, 512) });
  assert.deepInclude(report, { state: 'uploading', receivedBytes: 512 });
});

test('after the last byte, before the check: it is checked', async () => {
  const { report, image } = await after({ state: 'uploading', quarantined: BYTES });
  assert.deepInclude(report, { state: 'ready', sha256: SHA256 });
  assert.isTrue(existsSync(image));
});

test('during the check: it is checked once more', async () => {
  const { report, image } = await after({ state: 'checking', quarantined: BYTES });
  assert.deepInclude(report, { state: 'ready', sha256: SHA256 });
  assert.isTrue(existsSync(image));
});

test('after it was let in, before that was written down: it is ready', async () => {
  const { report } = await after({ state: 'checking', ready: BYTES });
  assert.deepInclude(report, { state: 'ready', sha256: SHA256 });
});

test('another hash than announced is refused as ever', async () => {
  const { report, image } = await after({ state: 'checking', expected: '0'.repeat(64), quarantined: BYTES });
  assert.equal(report?.reason?.code, 'image.hash-mismatch');
  assert.isFalse(existsSync(image));
});
