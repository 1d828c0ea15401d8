import { assert, test } from 'vitest';
import { parseUris } from './private-apt.js';

const HASH = 'a'.repeat(64);

test('apt’s list of files is read with the epoch of a version; other lines are not files', () => {
  const files = parseUris(
    `Reading package lists...\n'http://m.example/pool/b/busybox-static_1.35_i386.deb' busybox-static_1%3a1.35.0-4_i386.deb 958344 SHA256:${HASH}\n'http://m.example/x' ../x.deb 1 SHA256:${HASH}\n`,
  );
  assert.deepEqual(files, [
    { name: 'busybox-static', version: '1:1.35.0-4', sizeBytes: 958344, sha256: HASH, file: 'busybox-static_1%3a1.35.0-4_i386.deb' },
  ]);
});
