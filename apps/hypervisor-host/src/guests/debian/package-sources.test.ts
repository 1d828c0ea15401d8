import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, test } from 'vitest';
import { isArmouredKey, mirrorsOf, parseDeb822Sources, parseOneLineSources, readPackageSources } from './package-sources.js';

const DEB822 = `
Types: deb deb-src
# a comment between the fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: https://old.example/debian
Suites: bookworm
Components: main
Enabled: no
`;

test('deb822: stanzas, several words a field, comments, and what is switched off', () => {
  const sources = parseDeb822Sources(DEB822);
  assert.equal(sources.length, 2);
  assert.deepEqual(sources[0], {
    uris: ['http://mirror.example/debian'],
    suites: ['bookworm', 'bookworm-updates'],
    components: ['main', 'contrib'],
    signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
  });
  assert.isUndefined(sources[1]!.signedBy);
});

test('deb822: a key inside the field is read with its empty lines', () => {
  const [source] = parseDeb822Sources(
    'Types: deb\nURIs: http://m.example/d\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n -----END PGP PUBLIC KEY BLOCK-----\n',
  );
  assert.isTrue(isArmouredKey(source!.signedBy!));
  assert.equal(source!.signedBy, '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINB\n-----END PGP PUBLIC KEY BLOCK-----\n');
});

test('one line: options, comments, and sources of source packages', () => {
  const sources = parseOneLineSources(`
# deb http://off.example/debian bookworm main
deb-src http://m.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/keys/x.gpg] http://m.example/debian bookworm main non-free # comment
deb http://n.example/debian bookworm main
`);
  assert.deepEqual(sources, [
    { uris: ['http://m.example/debian'], suites: ['bookworm'], components: ['main', 'non-free'], signedBy: '/etc/keys/x.gpg' },
    { uris: ['http://n.example/debian'], suites: ['bookworm'], components: ['main'] },
  ]);
});

test('the mirror is the source of this suite with main, signed by Debian before others; vendors and odd addresses are left', () => {
  const sources = [
    ...parseOneLineSources('deb https://download.vendor.example/linux bookworm stable\ndeb http://plant.example/debian bookworm main\n'),
    ...parseOneLineSources('deb [signed-by=/etc/keys/plant.gpg] http://other.example/debian bookworm main\ndeb cdrom:[x]/ bookworm main\n'),
    ...parseDeb822Sources(DEB822),
  ];
  assert.deepEqual(mirrorsOf(sources, 'bookworm'), [
    { uri: 'http://mirror.example/debian', signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg' },
    { uri: 'http://plant.example/debian' },
    { uri: 'http://other.example/debian', signedBy: '/etc/keys/plant.gpg' },
  ]);
  assert.deepEqual(mirrorsOf(sources, 'sid'), []);
});

test('only files with the endings of apt count', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'apt-'));
  try {
    await mkdir(join(folder, 'sources.list.d'));
    await writeFile(join(folder, 'sources.list.d', 'debian.sources'), DEB822);
    await writeFile(join(folder, 'sources.list.d', 'vendor.list.disabled'), 'deb http://v.example/debian bookworm main\n');
    assert.deepEqual(
      mirrorsOf(await readPackageSources(folder), 'bookworm').map(({ uri }) => uri),
      ['http://mirror.example/debian'],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.deepEqual(await readPackageSources(join(folder, 'gone')), []);
});
