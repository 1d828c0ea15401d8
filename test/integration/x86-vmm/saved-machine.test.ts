import { copyFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { assert, describe, test } from 'vitest';
import { runVmm } from '../../support/x86-vmm.js';
import { exitWith, STAY, say } from './support/boot-programs.js';
import { booting, refusal, start, workshop } from './support/workbench.js';

describe('a saved machine', () => {
  test('--save at the end, --restore goes on from there', async () => {
    const saved = workshop.path('machine.state');
    const count = `call set_serial\n${say('one')}.wait: mov dx, 0x3FD\n in al, dx\n test al, 1\n jz .wait\n${say('two')}${exitWith(6)}`;
    const words = booting(count, '--debug-exit');
    const first = await runVmm(...words, '--exit-on', 'one', '--save', saved, '--timeout', '60');
    assert.deepEqual([first.status, first.out], [0, 'one'], first.err);
    assert.isAbove(statSync(saved).size, 1000);

    const again = start([...words, '--restore', saved, '--timeout', '60']);
    again.type('x');
    assert.equal(await again.status, 13, again.err);
    assert.equal(again.out, 'two', 'it went on where it was');

    const line = async (...more: string[]) => refusal(...words, ...more);
    assert.match((await line('--restore', saved, '--memory', '16M')).line, /^x86-vmm: --restore .*machine\.state: .*8 MiB/);
    truncateSync(saved, 5000);
    assert.equal((await line('--restore', saved)).status, 4);
    writeFileSync(saved, 'not a saved machine');
    assert.equal((await line('--restore', saved)).status, 4);
    assert.deepEqual(await line('--restore', workshop.path('nowhere.state')), {
      status: 4,
      line: `x86-vmm: --restore ${workshop.path('nowhere.state')}: there is no such file or folder; check the path`,
    });
  });

  test('a diskette that was written since is told', async () => {
    const saved = workshop.path('disk.state');
    const words = booting(`call set_serial\n${say('one')}${STAY}`);
    assert.equal((await runVmm(...words, '--exit-on', 'one', '--save', saved, '--timeout', '60')).status, 0);
    copyFileSync(workshop.path('boot.img'), workshop.path('copy.img'));
    copyFileSync(workshop.path('copy.img'), workshop.path('boot.img'));
    const { status, line } = await refusal(...words, '--restore', saved);
    assert.equal(status, 4);
    assert.match(line, /^x86-vmm: --restore .*disk\.state: .* was written after/);
  });
});
