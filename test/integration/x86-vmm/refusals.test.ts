import { writeFileSync } from 'node:fs';
import { assert, describe, test } from 'vitest';
import { runVmm } from '../../support/x86-vmm.js';
import { refusal, workshop } from './support/workbench.js';

describe('what makes no sense', () => {
  test('usage errors are status 2 and one line that names the flag', async () => {
    for (const [words, line] of [
      [['--memory', '0'], /^x86-vmm: --memory 0: give 1M to 3072M$/],
      [['--memory', 'much'], /^x86-vmm: --memory much: /],
      [['--timeout', 'soon'], /^x86-vmm: --timeout soon: give seconds/],
      [['--timeout', '-1'], /^x86-vmm: --timeout -1: give seconds|argument/],
      [['--boot', 'x'], /^x86-vmm: --boot x: letters a/],
      [['--stats', 'xml'], /^x86-vmm: --stats xml: one of json, text$/],
      [['--trace', 'all'], /^x86-vmm: --trace all: give post$/],
      [['--icount', '0.5'], /^x86-vmm: --icount 0\.5: give a whole number/],
      [['--exit-on', ''], /^x86-vmm: --exit-on: give a text$/],
      [['--initrd', '/dev/null'], /^x86-vmm: --initrd: needs --kernel$/],
      [['--no-such-flag'], /^x86-vmm: unknown option '--no-such-flag'; add --help to see what there is$/],
      [
        ['--screenshot-on-exi', 'a.png'],
        /^x86-vmm: unknown option '--screenshot-on-exi' \(Did you mean --screenshot-on-exit\?\); add --help/,
      ],
      [['--disk'], /^x86-vmm: .*--disk <file>.* argument missing; add --help/],
      [['surplus'], /^x86-vmm: too many arguments/],
      [['--screenshot-on-exit', 'at.jpg'], /^x86-vmm: --screenshot-on-exit at\.jpg: the picture is a PNG; give a file that ends in \.png$/],
    ] as const) {
      const refused = await refusal('run', ...words);
      assert.equal(refused.status, 2, refused.line);
      assert.match(refused.line, line);
    }
    assert.equal((await runVmm('walk')).status, 2);
    assert.equal((await runVmm()).status, 2);
    const version = await runVmm('--version');
    assert.deepEqual([version.status, /^\d+\.\d+\.\d+\n$/.test(version.out)], [0, true]);
    assert.equal((await runVmm('run', '--help')).status, 0);
  });

  test('a file that cannot be written is status 4 before anything runs', async () => {
    for (const flag of ['--save', '--dump-state', '--screenshot-on-exit']) {
      assert.deepEqual(await refusal('run', '--timeout', '5', flag, '/nowhere/at.png'), {
        status: 4,
        line: `x86-vmm: ${flag} /nowhere/at.png: there is no folder /nowhere; make it, or give another path`,
      });
      assert.deepEqual(await refusal('run', '--timeout', '5', flag, workshop.folder), {
        status: 4,
        line: `x86-vmm: ${flag} ${workshop.folder}: is a folder; give a file`,
      });
    }
  });

  test('images that cannot be used are status 4 and one line that names the flag and the mend', async () => {
    const file = (name: string, bytes: Uint8Array | string) => {
      writeFileSync(workshop.path(name), bytes);
      return workshop.path(name);
    };
    const good = workshop.image('good.img', new Uint8Array());
    for (const [words, line] of [
      [['--disk', workshop.path('absent')], /--disk .*absent: there is no such file or folder; check the path$/],
      [['--disk', good, '--disk', workshop.path('absent')], /--disk .*absent: there is no such file/],
      [['--disk', workshop.folder], /--disk .*: is a folder; give an image file$/],
      [['--disk', file('empty.img', '')], /--disk .*empty\.img: the file is empty; give an image$/],
      [
        ['--disk', file('a.qcow2', Buffer.from('QFI\xfb and more', 'latin1'))],
        /--disk .*: the file is .*; convert it to a raw image first/,
      ],
      [['--cdrom', workshop.path('absent.iso')], /--cdrom .*: there is no such file/],
      [
        ['--floppy', file('large.img', new Uint8Array(10 << 20))],
        /--floppy .*large\.img: the file has 10485760 bytes, .*; use it as a disk$/,
      ],
      [
        ['--floppy', file('odd.img', new Uint8Array(1000))],
        /--floppy .*: the file has 1000 bytes, and a floppy image is a multiple of 512; /,
      ],
      [['--disk', file('odd.img', new Uint8Array(1000))], /--disk .*: the file has 1000 bytes, and a raw disk is a multiple of 512; /],
      [
        ['--cdrom', file('odd.iso', new Uint8Array(3072))],
        /--cdrom .*: the file has 3072 bytes, and a CD-ROM image is a multiple of 2048; /,
      ],
      [['--kernel', file('kernel', new Uint8Array(4096))], /--kernel .*kernel: .*bzImage/],
      [['--kernel', good, '--initrd', workshop.path('absent')], /--initrd .*: there is no such file/],
      [['--bios', file('small.bin', new Uint8Array(1000))], /--bios .*small\.bin: 1000 bytes; a system ROM has 64, 128, 256 or 512 KiB$/],
      [['--vgabios', file('large.bin', new Uint8Array(70_000))], /--vgabios .*large\.bin: 70000 bytes/],
    ] as const) {
      const refused = await refusal('run', '--timeout', '5', ...words);
      assert.equal(refused.status, 4, refused.line);
      assert.match(refused.line, line);
      assert.match(refused.line, /^x86-vmm: /);
    }
  });
});
