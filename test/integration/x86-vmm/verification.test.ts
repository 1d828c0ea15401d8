import { assert, describe, test } from 'vitest';
import { runVmm } from '../../support/x86-vmm.js';
import { STAY, say } from './support/boot-programs.js';
import { booting, refusal, workshop } from './support/workbench.js';

describe('--lockstep', () => {
  const STEPS = ['--icount', '20', '--lockstep', '20000'];

  test('the same machine in two engines, compared on the way', async () => {
    const byText = await runVmm(...booting(`call set_serial\n${say('on')}${STAY}`, ...STEPS, '--exit-on', 'on', '--timeout', '60'));
    assert.equal(byText.status, 0, byText.err);
    assert.match(byText.err, /^x86-vmm: \d+ instructions in the interpreter and in auto, compared \d+ times \([\d.]+ ms each\)\n$/);
    const bySteps = await runVmm(...booting(STAY, ...STEPS, '--steps', '50000', '--engine', 'translator'));
    assert.match(bySteps.err, /^x86-vmm: 50000 instructions in the interpreter and in translator, compared 3 times /);
    assert.equal(bySteps.status, 0);
    const tooLong = await runVmm(...booting(STAY, ...STEPS, '--timeout', '0.1'));
    assert.equal(tooLong.status, 124);
    assert.match(tooLong.err, /\nx86-vmm: --timeout 0\.1: the time was over\n$/);
  });

  test('what cannot be compared is refused', async () => {
    const refused = async (...words: string[]) => refusal(...booting(STAY, ...words));
    assert.deepEqual(await refused('--lockstep', '100'), { status: 2, line: 'x86-vmm: --lockstep: needs --icount' });
    assert.equal((await refused('--lockstep', '0', '--icount', '20')).status, 2);
    assert.deepEqual(await refused(...STEPS, '--save', workshop.path('state')), {
      status: 2,
      line: 'x86-vmm: --save: not together with --lockstep',
    });
  });
});

describe('verify', () => {
  test('the three conditions hold, as figures', async () => {
    const { status, out, err } = await runVmm('verify', '--seconds', '0.2', '--json');
    const figures = JSON.parse(out);
    assert.deepEqual([status, err], [0, ''], out);
    assert.deepInclude(figures.resourceControl, { violations: [], holds: true });
    assert.deepInclude(figures.equivalence, { differences: [], holds: true });
    assert.isAtLeast(figures.efficiency.share, 0.99);
    for (const count of [figures.resourceControl.programs, figures.equivalence.programs, figures.equivalence.bootInstructions])
      assert.isAbove(count, 0);
  }, 300_000);

  test('a time that is none is refused', async () => {
    const { status, line } = await refusal('verify', '--seconds', 'soon');
    assert.equal(status, 2);
    assert.match(line, /^x86-vmm: --seconds soon: give seconds/);
  });
});
