import { readFileSync, writeFileSync } from 'node:fs';
import { assert, describe, test } from 'vitest';
import { Person } from '../../support/browser.js';
import { runVmm } from '../../support/x86-vmm.js';
import { STAY } from './support/boot-programs.js';
import { multiboot, refusal, workshop } from './support/workbench.js';

describe('--profile', () => {
  const PAD = ' nop\n'.repeat(256);
  /** Three functions with frame pointers, some way apart, the innermost of which works. */
  const FUNCTIONS = `
        mov esp, 0x200000
        xor ebp, ebp
        call outer
        mov al, 3
        out 0xF4, al
${STAY}${PAD}
outer:  push ebp
        mov ebp, esp
        call inner
        pop ebp
        ret
${PAD}
inner:  push ebp
        mov ebp, esp
        mov ecx, 100000000
.work:  add eax, ecx
        dec ecx
        jnz .work
        pop ebp
        ret
`;
  const symbols = (): string => {
    writeFileSync(workshop.path('System.map'), '00100000 T begin\n00100080 t outer_function\n00100180 t inner_function\n');
    return workshop.path('System.map');
  };
  const profiled = (file: string, ...words: string[]) =>
    runVmm('run', '--memory', '8M', '--kernel', multiboot(FUNCTIONS), '--debug-exit', '--profile', workshop.path(file), ...words);

  test('the innermost function and its callers have the time, by name and by address', async () => {
    assert.deepEqual(await profiled('named.folded', '--profile-symbols', symbols()), { status: 7, out: '', err: '' });
    const stacks = new Map(
      readFileSync(workshop.path('named.folded'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
    const all = [...stacks.values()].reduce((sum, us) => sum + us);
    assert.isAbove(stacks.get('kernel;begin;outer_function;inner_function')! / all, 0.3, [...stacks].join('\n'));
    assert.equal((await profiled('plain.folded', '--engine', 'interpreter', '--profile-period', '1000000')).status, 7);
    assert.match(
      readFileSync(workshop.path('plain.folded'), 'utf8'),
      /^kernel;0x001000[0-9a-f]{2};0x001001[0-9a-f]{2};0x001002[0-9a-f]{2} \d+$/m,
    );
  });

  test('as a page it opens in a browser without a network', async () => {
    assert.equal((await profiled('page.html', '--profile-symbols', symbols())).status, 7);
    const person = await Person.open();
    try {
      const { page } = person;
      await page.context().setOffline(true);
      await page.goto(`file://${workshop.path('page.html')}`);
      const labels = page.locator('.d3-flame-graph-label');
      await labels.filter({ hasText: 'inner_function' }).first().waitFor();
      await labels.filter({ hasText: 'outer_function' }).first().click({ force: true });
      assert.match(await page.locator('#details').innerText(), /^outer_function: [\d.]+ ms, [\d.]+ %$/);
      await page.locator('#weight').selectOption('instructions');
      assert.match(await page.locator('#details').innerText(), /^all: [\d,]+ instructions, 100\.00 %$/);
      assert.deepEqual(person.problems, []);
    } finally {
      await person.close();
    }
  });

  test('what cannot be is refused in a line', async () => {
    const bad = workshop.path('bad.map');
    writeFileSync(bad, 'not a map\n');
    for (const [words, status, line] of [
      [['--profile', 'a.svg'], 2, /^x86-vmm: --profile a\.svg: give a file that ends in \.html, \.folded, \.json$/],
      [['--profile', '/nowhere/a.html'], 4, /^x86-vmm: --profile \/nowhere\/a\.html: there is no folder \/nowhere; make it, or/],
      [['--profile', 'a.html', '--profile-period', '10'], 2, /^x86-vmm: --profile-period 10: give a whole number from 1000 to/],
      [['--profile', 'a.html', '--steps', '10'], 2, /^x86-vmm: --profile: not together with --steps/],
      [['--profile-period', '10000'], 2, /^x86-vmm: --profile-period: needs --profile$/],
      [['--profile-symbols', bad], 2, /^x86-vmm: --profile-symbols: needs --profile$/],
      [['--profile', 'a.html', '--profile-symbols', '/nowhere'], 4, /^x86-vmm: --profile-symbols \/nowhere: there is no such file/],
      [['--profile', 'a.html', '--profile-symbols', bad], 4, /^x86-vmm: --profile-symbols .*bad\.map: line 1: give ADDRESS TYPE NAME/],
    ] as const) {
      const refused = await refusal('run', ...words);
      assert.deepEqual([refused.status, line.test(refused.line)], [status, true], refused.line);
    }
  });
});
