import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../run-command.js';
import { isArmouredKey, type Mirror } from './package-sources.js';

/** Our guests are 32-bit PCs with this release. The i386 security suite has been seen inconsistent: `main` only. */
export const RELEASE = { suite: 'bookworm', component: 'main', architecture: 'i386' } as const;

/** A package file that the index names; `sha256` comes from the signed index. */
export interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Name under which apt stores it, which holds the version. */
  readonly file: string;
}

/** Debian's key ring where the machine's source does not name one. */
const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const MAX_ATTEMPTS = '3';

/**
 * apt with its own state: another architecture and one source, without touching the machine's package system and without being
 * root. What it fetched stays in `folder`, so that the next build asks only what has changed.
 */
export class PrivateApt {
  readonly #options: readonly string[];
  readonly #downloads: string;

  private constructor(
    private readonly folder: string,
    private readonly log: (line: string) => void,
  ) {
    this.#downloads = join(folder, 'packages');
    const settings: Record<string, string> = {
      'Dir::State': join(folder, 'state'),
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': join(folder, 'cache'),
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferences': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'APT::Architecture': RELEASE.architecture,
      'APT::Architectures': RELEASE.architecture,
      'APT::Install-Recommends': 'false',
      // Downloads into our private folder, which apt's own user cannot enter.
      'APT::Sandbox::User': '',
      'Acquire::Languages': 'none',
      'Acquire::Retries': MAX_ATTEMPTS,
    };
    this.#options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  }

  /** The first mirror that answers as Debian's. @throws Error when none does */
  static async open(folder: string, mirrors: readonly Mirror[], log: (line: string) => void): Promise<PrivateApt> {
    const apt = new PrivateApt(folder, log);
    for (const part of ['state/lists/partial', 'cache/archives/partial', 'packages']) await mkdir(join(folder, part), { recursive: true });
    await writeFile(join(folder, 'status'), '');
    const problems: string[] = [];
    for (const mirror of mirrors) {
      const problem = await apt.#use(mirror).catch((error: Error) => error.message);
      if (problem === undefined) return apt;
      problems.push(`${mirror.uri}: ${problem}`);
    }
    throw new Error(problems.length > 0 ? problems.join('; ') : `no package source of ${RELEASE.suite} is configured`);
  }

  /** The line for `sources.list`. */
  sourceLine = '';

  /** Names that a package depends on, first alternatives only. */
  async dependsOf(name: string): Promise<readonly string[]> {
    const record = await this.#cache('show', '--no-all-versions', name);
    const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? '';
    return depends.split(',').map((each) => each.trim().split(/[\s(|]/)[0]!);
  }

  /** The files of exactly these packages. */
  async files(names: readonly string[]): Promise<readonly PackageFile[]> {
    const files = parseUris(await this.#get('download', '--print-uris', ...names));
    const absent = names.filter((name) => !files.some((file) => file.name === name));
    if (absent.length > 0) throw new Error(`the mirror does not have ${absent.join(', ')}`);
    return files;
  }

  /** The files of these packages and all that they need on an empty system. */
  async filesWithNeeded(names: readonly string[]): Promise<readonly PackageFile[]> {
    return parseUris(await this.#get('install', '--yes', '--print-uris', ...names));
  }

  /** Fetches what is not there yet or differs from the signed index; returns paths in the given order. */
  async download(files: readonly PackageFile[], progress: (fraction: number) => void): Promise<readonly string[]> {
    const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let done = 0;
    for (const file of files) {
      const path = join(this.#downloads, file.file);
      if ((await sha256Of(path)) !== file.sha256) await this.#fetch(file, path, (bytes) => progress((done + bytes) / total));
      else this.log(`${file.file} is in the cache`);
      done += file.sizeBytes;
      progress(done / total);
    }
    return files.map(({ file }) => join(this.#downloads, file));
  }

  async #use(mirror: Mirror): Promise<string | undefined> {
    const key = await this.#keyOf(mirror);
    const options = key === undefined ? '' : `[signed-by=${key}] `;
    this.sourceLine = `deb ${options}${mirror.uri} ${RELEASE.suite} ${RELEASE.component}`;
    this.log(this.sourceLine);
    await writeFile(join(this.folder, 'sources.list'), `${this.sourceLine}\n`);
    await this.#get('update', '--error-on=any');
    const targets = await this.#get('indextargets', '--format', '$(ORIGIN)/$(CODENAME)');
    if (targets.split('\n').every((target) => target === `Debian/${RELEASE.suite}`)) return undefined;
    return `this is ${targets.split('\n')[0]}, not Debian/${RELEASE.suite}`;
  }

  async #keyOf({ signedBy }: Mirror): Promise<string | undefined> {
    if (signedBy !== undefined && isArmouredKey(signedBy)) {
      const path = join(this.folder, 'mirror.asc');
      await writeFile(path, signedBy);
      return path;
    }
    if (signedBy?.startsWith('/') && existsSync(signedBy)) return signedBy;
    return existsSync(DEFAULT_KEYRING) ? DEFAULT_KEYRING : undefined;
  }

  async #fetch(file: PackageFile, path: string, progress: (bytes: number) => void): Promise<void> {
    await rm(path, { force: true });
    const watch = setInterval(() => {
      for (const place of [path, join(this.#downloads, 'partial', file.file)]) {
        void stat(place)
          .then(({ size }) => progress(size))
          .catch(() => {});
      }
    }, 300);
    try {
      await this.#run(this.#downloads, ['download', `${file.name}=${file.version}`]);
    } finally {
      clearInterval(watch);
    }
    if ((await sha256Of(path)) !== file.sha256) throw new Error(`${file.file} did not arrive as the signed index describes it`);
  }

  /** In `folder`, where no package lies: `download` says nothing about files that are in its working folder. */
  #get(...args: readonly string[]): Promise<string> {
    return this.#run(this.folder, args);
  }

  #run(cwd: string, args: readonly string[]): Promise<string> {
    return runCommand('apt-get', [...this.#options, ...args], { cwd, line: (line) => !line.startsWith("'") && this.log(line) });
  }

  #cache(...args: readonly string[]): Promise<string> {
    return runCommand('apt-cache', [...this.#options, ...args]);
  }
}

/** Lines of `--print-uris`: `'uri' file size SHA256:hash`. */
export function parseUris(text: string): readonly PackageFile[] {
  return text.split('\n').flatMap((line) => {
    const match = /^'[^']+' ([^\s/]+\.deb) (\d+) SHA256:([0-9a-f]{64})$/.exec(line.trim());
    if (!match) return [];
    const [, file, size, sha256] = match;
    const [name, version] = file!.split('_');
    return [{ name: name!, version: decodeURIComponent(version ?? ''), sizeBytes: Number(size), sha256: sha256!, file: file! }];
  });
}

async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
