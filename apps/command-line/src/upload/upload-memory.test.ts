import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageId } from '@millwright/contracts';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { UploadMemory } from './upload-memory.js';

const PLACE = { imageId: '2f4f9a54-57c8-4b0a-8c4f-4d9c8c3c9a10' as ImageId, location: '/uploads/x' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an unfinished upload is remembered by the next run until it is forgotten', () => {
  new UploadMemory(folder).remember('a', PLACE);
  assert.deepEqual(new UploadMemory(folder).recall('a'), PLACE);
  assert.isUndefined(new UploadMemory(folder).recall('b'));
  new UploadMemory(folder).forget('a');
  assert.isUndefined(new UploadMemory(folder).recall('a'));
});

test('only the newest fifty are kept', () => {
  const memory = new UploadMemory(folder);
  for (let i = 0; i < 51; i++) memory.remember(`${i}`, PLACE);
  assert.deepEqual(memory.recall('50'), PLACE);
  assert.isUndefined(memory.recall('0'));
});

test('a damaged memory is an empty one', () => {
  writeFileSync(join(folder, 'uploads.json'), '{"half');
  assert.isUndefined(new UploadMemory(folder).recall('a'));
});
