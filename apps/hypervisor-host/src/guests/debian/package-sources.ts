import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * Package sources as apt knows them, in both forms of sources.list(5): one line a source (`*.list`), and deb822 stanzas
 * (`*.sources`). We read which Debian mirror this machine uses; other vendors' sources are none of our business.
 */

/** One configured source of binary packages. */
export interface PackageSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of a key ring, or an armoured key itself; absent: the keys that apt trusts for everything. */
  readonly signedBy?: string;
}

/** Where the packages of a release come from. */
export interface Mirror {
  readonly uri: string;
  readonly signedBy?: string;
}

const KEY_BLOCK = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
/** A URI becomes a word of a sources.list line of ours. */
const SAFE_URI = /^[a-z][a-z0-9+.-]*:[^\s[\]#"']+$/i;

/** `deb [options] uri suite component…`, comments, and `deb-src`, which is not for us. */
export function parseOneLineSources(text: string): readonly PackageSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!match) return [];
    const [, options = '', uri, suite, components] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uris: [uri!], suites: [suite!], components: words(components!), ...(signedBy ? { signedBy } : {}) }];
  });
}

/** Stanzas of `Field: value`, continued by indented lines, divided by empty lines; `Enabled: no` switches one off. */
export function parseDeb822Sources(text: string): readonly PackageSource[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const fields = fieldsOf(stanza);
      const isOff = /^(no|false|without|off|disable)$/i.test(fields.get('enabled') ?? 'yes');
      if (isOff || !words(fields.get('types') ?? '').includes('deb')) return [];
      const signedBy = fields.get('signed-by');
      return [
        {
          uris: words(fields.get('uris') ?? ''),
          suites: words(fields.get('suites') ?? ''),
          components: words(fields.get('components') ?? ''),
          ...(signedBy ? { signedBy: keyOf(signedBy) } : {}),
        },
      ];
    });
}

/** Everything configured below `folder` (`/etc/apt`), in apt's order. */
export async function readPackageSources(folder = '/etc/apt'): Promise<readonly PackageSource[]> {
  const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const parts = (await readdir(join(folder, 'sources.list.d')).catch(() => [])).sort();
  const sources = [...parseOneLineSources(await text(join(folder, 'sources.list')))];
  for (const part of parts) {
    const path = join(folder, 'sources.list.d', part);
    if (part.endsWith('.list')) sources.push(...parseOneLineSources(await text(path)));
    if (part.endsWith('.sources')) sources.push(...parseDeb822Sources(await text(path)));
  }
  return sources;
}

/**
 * Mirrors that may carry `main` of a Debian release, the likeliest first: signed by Debian's own key ring, then by apt's trusted
 * keys, then by another key (a plant's own mirror). Whoever uses one checks that its release file says `Origin: Debian`.
 */
export function mirrorsOf(sources: readonly PackageSource[], suite: string): readonly Mirror[] {
  const fitting = sources.filter(({ suites, components }) => suites.includes(suite) && components.includes('main'));
  const mirrors = fitting.flatMap(({ uris, signedBy }) =>
    uris.filter((uri) => SAFE_URI.test(uri) && !uri.startsWith('cdrom:')).map((uri) => ({ uri, signedBy })),
  );
  const rank = ({ signedBy }: { signedBy?: string | undefined }): number =>
    signedBy === undefined ? 1 : signedBy.includes('debian-archive') ? 0 : 2;
  return mirrors.sort((a, b) => rank(a) - rank(b)).map(({ uri, signedBy }) => ({ uri, ...(signedBy === undefined ? {} : { signedBy }) }));
}

/** Whether `signedBy` is a key itself. */
export const isArmouredKey = (signedBy: string): boolean => signedBy.startsWith(KEY_BLOCK);

function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of stanza.split('\n')) {
    const field = /^([^\s:]+):(.*)$/.exec(line);
    if (field) {
      name = field[1]!.toLowerCase();
      fields.set(name, field[2]!.trim());
    } else if (name && /^\s/.test(line)) fields.set(name, `${fields.get(name)}\n${line.trim()}`);
  }
  return fields;
}

/** An embedded key has a full stop for each of its empty lines. */
function keyOf(signedBy: string): string {
  if (!signedBy.includes(KEY_BLOCK)) return signedBy;
  return `${signedBy
    .trim()
    .split('\n')
    .map((line) => (line === '.' ? '' : line))
    .join('\n')}\n`;
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
