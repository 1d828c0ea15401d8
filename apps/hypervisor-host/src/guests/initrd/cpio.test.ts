import { spawnSync } from 'node:child_process';
import { assert, test } from 'vitest';
import { CpioArchive } from './cpio.js';

function sample(): CpioArchive {
  return new CpioArchive()
    .directory('bin')
    .file('bin/sh', new TextEncoder().encode('hello'), 0o755)
    .symbolicLink('init', 'bin/sh')
    .characterDevice('console', 5, 1);
}

test('an entry has the fields of the format, name and data each padded to four bytes', () => {
  const bytes = Buffer.from(sample().bytes());
  // 110 bytes of header and "bin\0" are 114, padded to 116; the next entry begins there.
  assert.equal(bytes.toString('latin1', 0, 6), '070701');
  assert.equal(bytes.toString('latin1', 14, 22), '000041ed', 'mode of a directory with 0755');
  assert.equal(bytes.toString('latin1', 116, 122), '070701');
  assert.equal(bytes.toString('latin1', 116 + 54, 116 + 62), '00000005', 'size of the file');
  assert.equal(bytes.toString('latin1', 116 + 110, 116 + 117), 'bin/sh\0');
  assert.equal(bytes.toString('latin1', 116 + 120, 116 + 125), 'hello');
  const device = bytes.indexOf('console\0') - 110;
  assert.equal(bytes.toString('latin1', device + 14, device + 22), '00002180');
  assert.equal(bytes.toString('latin1', device + 78, device + 94), '0000000500000001', 'device 5, 1');
});

test('the archive ends with the trailer, in whole blocks', () => {
  const bytes = Buffer.from(sample().bytes());
  assert.equal(bytes.length % 512, 0);
  assert.include(bytes.toString('latin1'), 'TRAILER!!!\0');
});

test('the same content gives the same bytes', () => {
  assert.deepEqual(sample().bytes(), sample().bytes());
});

test('absolute names and names that were there before are refused', () => {
  assert.throws(() => new CpioArchive().directory('/bin'), RangeError);
  assert.throws(() => sample().directory('bin'), RangeError);
});

const cpio = spawnSync('cpio', ['--version']);
test.skipIf(cpio.error)('GNU cpio lists what we wrote (skipped where cpio is not installed)', () => {
  const { stdout, status } = spawnSync('cpio', ['-tv', '--numeric-uid-gid'], { input: sample().bytes(), encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /drwxr-xr-x .* bin\n/);
  assert.match(stdout, /-rwxr-xr-x .* 5 .* bin\/sh\n/);
  assert.match(stdout, /init -> bin\/sh\n/);
  assert.match(stdout, /crw------- .* 5, +1 .* console\n/);
});
