import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, assert, beforeAll, test } from 'vitest';

/** Each import rule, tried with a violation of it in a tree of our shape. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PLANTED: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['no-cycles', 'packages/x86-vmm/src/cpu/a.ts', 'packages/x86-vmm/src/cpu/b.ts'],
  ['packages-know-no-apps', 'packages/contracts/src/a.ts', 'apps/broker/src/a.ts'],
  ['apps-meet-only-in-contracts', 'apps/portal/src/a.ts', 'apps/broker/src/b.ts'],
  ['engine-knows-no-product', 'packages/block-store/src/a.ts', 'packages/contracts/src/b.ts'],
  ['broker-runs-no-guest-code', 'apps/broker/src/c.ts', 'packages/x86-vmm/src/a.ts'],
  ['cpu-knows-no-device', 'packages/x86-vmm/src/cpu/c.ts', 'packages/x86-vmm/src/machine/a.ts'],
  ['device-knows-no-cpu', 'packages/x86-vmm/src/machine/devices/a.ts', 'packages/x86-vmm/src/cpu/d.ts'],
  ['bus-knows-nobody', 'packages/x86-vmm/src/bus/a.ts', 'packages/x86-vmm/src/engines/a.ts'],
  ['display-sides-meet-in-protocol', 'packages/remote-display/src/server/a.ts', 'packages/remote-display/src/client/a.ts'],
  ['browser-code-is-browser-code', 'packages/remote-display/src/client/b.ts', 'node:fs'],
  ['contracts-run-everywhere', 'packages/contracts/src/c.ts', 'node:fs'],
];

let tree: string;
let output: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'import-rules-'));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text, { flag: 'a' });
  };
  for (const [, from, to] of PLANTED) {
    const target = to.startsWith('node:') ? to : `${'../'.repeat(from.split('/').length - 1)}${to.replace(/\.ts$/, '.js')}`;
    write(from, `import * as planted from '${target}';\nexport const seen = planted;\n`);
    if (!to.startsWith('node:')) write(to, 'export const planted = 1;\n');
  }
  write('packages/x86-vmm/src/cpu/b.ts', "import * as back from './a.js';\nexport const cycle = back;\n");
  const cruise = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      join(ROOT, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      'packages',
      'apps',
    ],
    { cwd: tree, encoding: 'utf8', maxBuffer: 64 << 20 },
  );
  output = cruise.stdout;
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

test.each(PLANTED)('%s is found where %s imports %s', (rule, from) => {
  const { summary } = JSON.parse(output) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  assert.isTrue(
    summary.violations.some((violation) => violation.rule.name === rule && violation.from === from),
    `${rule} was not reported for ${from}`,
  );
});
