import { existsSync, readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { assert, describe, test } from 'vitest';
import { runVmm } from '../../support/x86-vmm.js';
import { exitWith, FILL_RED, POWER_OFF, STAY, say, TRIPLE_FAULT } from './support/boot-programs.js';
import { booting, workshop } from './support/workbench.js';

describe('how a run ends', () => {
  test('the debug-exit port gives odd statuses, port E9 the debug console', async () => {
    for (const [value, status] of [
      [0, 1],
      [1, 3],
      [42, 85],
      [127, 255],
    ] as const) {
      const ran = await runVmm(...booting(`mov al, 'D'\n out 0xE9, al\n${exitWith(value)}`, '--debug-exit'));
      assert.deepEqual(ran, { status, out: '', err: 'D' });
    }
  });

  test('without --debug-exit its ports are not there', async () => {
    const ran = await runVmm(...booting(`call set_serial\n out 0xF4, al\n in al, 0xE9\n mov bl, al\n${say('on')}${POWER_OFF}`));
    assert.deepEqual(ran, { status: 0, out: 'on', err: '' });
  });

  test('what is asked for at the end is there after the guest has ended the machine, and its status stays', async () => {
    for (const [ending, words, status] of [
      [exitWith(20), ['--debug-exit'], 41],
      [TRIPLE_FAULT, ['--no-reboot'], 6],
      [POWER_OFF, [], 0],
    ] as const) {
      const [png, state, saved] = ['end.png', 'end.json', 'end.state'].map((name) => workshop.path(`${status}-${name}`)) as [
        string,
        string,
        string,
      ];
      const asked = ['--stats', '--screenshot-on-exit', png, '--dump-state', state, '--dump-memory', '0x7c00:2', '--save', saved];
      const { err, ...ran } = await runVmm(...booting(`${FILL_RED}mov ebx, 0x1234\n${ending}`, ...words, ...asked));
      assert.deepEqual(ran, { status, out: '' }, err);
      const [statistics, refused, ...rest] = err.trimEnd().split('\n');
      assert.isAbove((JSON.parse(statistics!) as { instructions: number }).instructions, 64_000);
      assert.equal(refused, `x86-vmm: --save ${saved}: not written, the guest has ended the machine`);
      assert.deepEqual([rest, existsSync(saved)], [[], false]);
      const { width, height, data } = PNG.sync.read(readFileSync(png));
      assert.deepEqual([width, height, data.readUIntBE((100 * width + 160) * 4, 3)], [width, height, 0xaa0000]);
      const dump = JSON.parse(readFileSync(state, 'utf8')) as { EBX: number; memory: unknown };
      assert.equal(dump.EBX, 0x1234, 'registers as the guest left them');
      assert.deepEqual(dump.memory, { address: 0x7c00, bytes: 'fa31' });
    }
  });

  test('--no-reboot: status 6 for a triple fault; without it the guest starts again', async () => {
    assert.equal((await runVmm(...booting(TRIPLE_FAULT, '--no-reboot', '--timeout', '60'))).status, 6);
    const again = `mov al, '!'\n out 0xE9, al\n${TRIPLE_FAULT}`;
    const { status, err } = await runVmm(...booting(again, '--debug-exit', '--timeout', '3'));
    assert.equal(status, 124);
    assert.match(err, /^!!+x86-vmm: --timeout 3: the time was over\n$/);
  });

  test('--timeout: status 124, with the last picture', async () => {
    const png = workshop.path('timeout.png');
    const before = Date.now();
    const ran = await runVmm(...booting(`${FILL_RED}${STAY}`, '--timeout', '2.5', '--screenshot-on-exit', png));
    assert.deepEqual(ran, { status: 124, out: '', err: 'x86-vmm: --timeout 2.5: the time was over\n' });
    assert.isAtLeast(Date.now() - before, 2_500);
    const { width, data } = PNG.sync.read(readFileSync(png));
    assert.equal(data.readUIntBE((100 * width + 160) * 4, 3), 0xaa0000);
  });

  test('--exit-on: status 0 for a text on COM1 or on the text screen, and not for another', async () => {
    const talk = `call set_serial\n${say('ready')}${STAY}`;
    assert.deepEqual(await runVmm(...booting(talk, '--exit-on', 'never', '--exit-on', 'ready', '--timeout', '60')), {
      status: 0,
      out: 'ready',
      err: '',
    });
    const onScreen = `mov ax, 3\n int 0x10\n mov si, words\n.next: lodsb\n test al, al\n jz .stay\n mov ah, 0x0E\n int 0x10\n jmp .next\n${STAY}words: db 'panel up', 0\n`;
    assert.equal((await runVmm(...booting(onScreen, '--exit-on', 'panel up', '--timeout', '60'))).status, 0);
    assert.equal((await runVmm(...booting(onScreen, '--exit-on', 'panel down', '--timeout', '3'))).status, 124);
  });

  test('--trace post prints the codes of ports 80 and 190, and only then', async () => {
    const codes = `mov al, 0xA5\n out 0x80, al\n mov dx, 0x190\n mov al, 0x5A\n out dx, al\n${exitWith(0)}`;
    const { err } = await runVmm(...booting(codes, '--debug-exit', '--trace', 'post'));
    const lines = err.trimEnd().split('\n');
    assert.equal(lines[0], 'POST 80: 01', 'the first code of our firmware');
    assert.deepEqual(lines.slice(-2), ['POST 80: a5', 'POST 190: 5a']);
    assert.equal((await runVmm(...booting(codes, '--debug-exit'))).err, '');
  });
});
