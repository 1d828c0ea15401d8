import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeTicketClaims, FAILURE_CODES, ROUTES, type TicketClaims } from '@millwright/contracts';
import { readBios } from '@millwright/firmware';
import { createMachine } from '@millwright/x86-vmm';
import { assert, test } from 'vitest';
import { z } from 'zod';
import { ExitStatus as MwStatus } from '../../apps/command-line/dist/command-error.js';
import { ExitStatus as VmmStatus } from '../../apps/hypervisor-host/dist/command-line/exit-status.js';

/* What the documents promise is compared with the code: codes, statuses, layouts, links and file names. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const errors = read('docs/errors.md');

function filesUnder(folder: string, wanted: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', '.git', '.next', 'data', 'artifacts', '.turbo'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path, wanted) : wanted.test(entry.name) ? [path] : [];
  });
}

test.each(Object.keys(FAILURE_CODES))('docs/errors.md explains %s', (code) => {
  assert.include(errors, `| \`${code}\` |`);
});

test('docs/errors.md explains every code that the libraries throw, and none that does not exist', () => {
  const codes = new Set<string>(Object.keys(FAILURE_CODES));
  for (const path of [...filesUnder('packages/x86-vmm/src', /\.ts$/), ...filesUnder('packages/block-store/src', /\.ts$/)]) {
    if (path.endsWith('.test.ts')) continue;
    for (const [, code] of read(path).matchAll(/[`']((?:machine|snapshot|medium|engine|volume)\.[a-z]+(?:-[a-z]+)*)[`']/g))
      codes.add(code!);
  }
  const explained = [...errors.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \|/gm)].map(([, code]) => code!);
  assert.includeMembers(explained, ['machine.state', 'volume.io']);
  assert.sameMembers([...new Set(explained)], [...codes]);
  assert.lengthOf(explained, new Set(explained).size);
});

test.each([
  ['x86-vmm', VmmStatus],
  ['mw', MwStatus],
] as const)('docs/errors.md lists the exit statuses of %s', (command, statuses) => {
  const section = errors.split(`## Exit statuses of \`${command}\``)[1]!.split('\n## ')[0]!;
  for (const [name, status] of Object.entries(statuses)) assert.include(section, `| ${status} | \`${name}\` |`);
});

test('the example in docs/protocol/tickets.md is what the code writes', () => {
  const uuid = (digit: string) => `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;
  const claims = {
    purpose: 'display',
    rights: { view: true, control: true, admin: false },
    port: 0,
    expiresAt: 0x6a00_0000,
    subject: uuid('1'),
    userId: uuid('2'),
    hostId: uuid('3'),
    sessionId: uuid('4'),
    ticketId: '0123456789abcdef',
    displayName: 'Ann',
  } as unknown as TicketClaims;
  const example = /```text\n((?:[0-9a-f ]+\n)+)```/.exec(read('docs/protocol/tickets.md'))![1]!;
  assert.equal(example.replace(/\s/g, ''), Buffer.from(encodeTicketClaims(claims)).toString('hex'));
});

test("a machine's registers fit docs/x86-vmm-state.schema.json, name by name", async () => {
  const schema = JSON.parse(read('docs/x86-vmm-state.schema.json'));
  const machine = await createMachine({ memoryMiB: 16, bios: readBios() });
  try {
    const dump = await machine.dumpState();
    z.fromJSONSchema(schema).parse(dump);
    assert.sameMembers([...Object.keys(dump), 'memory'], Object.keys(schema.properties));
    await machine.loadState(dump);
    assert.deepEqual(await machine.dumpState(), dump);
  } finally {
    await machine.stop();
  }
});

test('the schema refuses what the command line refuses', () => {
  const schema = z.fromJSONSchema(JSON.parse(read('docs/x86-vmm-state.schema.json')));
  assert.isTrue(schema.safeParse({ EAX: '0x7c00', ST0: '3fff8000000000000000' }).success);
  for (const bad of [{ EAX: -1 }, { EAX: 2 ** 32 }, { EIP: 1.5 }, { ST0: 'abc' }, { CS: { selector: 0 } }])
    assert.isFalse(schema.safeParse(bad).success);
});

const PAGES = [
  ...filesUnder('docs', /\.md$/),
  ...filesUnder('packages', /\.md$/),
  ...filesUnder('apps', /\.md$/),
  ...filesUnder('guests', /\.md$/),
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
];

test.each(PAGES)('the links of %s lead somewhere', (page) => {
  for (const [, target] of read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (/^[a-z]+:/.test(target!)) continue;
    const path = relative('.', join(dirname(page), target!));
    assert.isTrue(existsSync(join(ROOT, path)), `${page} links to ${target}`);
  }
});

test('every file that ARCHITECTURE.md names exists', () => {
  const all = [...filesUnder('apps', /\.(tsx?|mjs)$/), ...filesUnder('packages', /\.(tsx?|mjs)$/), ...filesUnder('scripts', /\.mjs$/)];
  for (const [, name] of read('ARCHITECTURE.md').matchAll(/`([\w./-]+\.(?:tsx?|mjs))`/g)) {
    assert.isTrue(
      all.some((path) => path === name || path.endsWith(`/${name}`)),
      name,
    );
  }
});

test('ARCHITECTURE.md stays short enough to be read', () => {
  assert.isBelow(read('ARCHITECTURE.md').split('\n').length, 300);
});

test('each package and app has a README', () => {
  for (const group of ['packages', 'apps']) {
    for (const name of readdirSync(join(ROOT, group))) assert.isTrue(existsSync(join(ROOT, group, name, 'README.md')), `${group}/${name}`);
  }
});

test('every verb of mw that its README names exists, and every route of the API has a caller', () => {
  const sources = filesUnder('apps/command-line/src', /\.ts$/).map(read).join('\n');
  const uncalled = Object.keys(ROUTES).filter((route) => !sources.includes(`'${route}'`));
  // What has no place at a terminal: single objects are found in their lists, a session there is not resumed.
  const NOT_NEEDED = ['getUser', 'getHost', 'getTemplate', 'getDesktop', 'openDesktop', 'resumeSession', 'renewUpload'];
  assert.deepEqual(
    uncalled.filter((route) => !NOT_NEEDED.includes(route)),
    [],
  );
});
