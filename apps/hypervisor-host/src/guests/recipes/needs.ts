import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { type HostWords, hostWords } from '@millwright/contracts';
import { mirrorsOf, readPackageSources } from '../debian/package-sources.js';
import { RELEASE } from '../debian/private-apt.js';
import { commandEnvironment } from '../run-command.js';

/** Something that a recipe needs of the machine. Resolves with what is missing, in words that say the mend. */
export type Need = () => Promise<HostWords | undefined>;

/** A program in the PATH. */
export function program(name: string, debianPackage: string): Need {
  return async () => (hasProgram(name) ? undefined : hostWords('need.program', { program: name, package: debianPackage }));
}

/** A configured source of Debian's release. */
export const debianMirror: Need = async () => {
  const mirrors = mirrorsOf(await readPackageSources(), RELEASE.suite);
  if (mirrors.length > 0) return undefined;
  return hostWords('need.mirror', { suite: RELEASE.suite, component: RELEASE.component });
};

/** Installing packages into a tree needs root, or a user name space with a range of users. */
export const rootOrNamespaces: Need = async () => {
  if (process.getuid?.() === 0) return undefined;
  if (!hasProgram('newuidmap')) return hostWords('need.root');
  const { username, uid } = userInfo();
  const hasRange = readText('/etc/subuid')
    .split('\n')
    .some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`));
  if (!hasRange) return hostWords('need.id-range', { user: username });
  if (readText('/proc/sys/kernel/unprivileged_userns_clone').trim() === '0') return hostWords('need.name-spaces');
  return undefined;
};

/** What is missing here, in the order of the needs. */
export async function missingOf(needs: readonly Need[]): Promise<readonly HostWords[]> {
  const missing = await Promise.all(needs.map((need) => need()));
  return missing.filter((each) => each !== undefined);
}

function hasProgram(name: string): boolean {
  return commandEnvironment()
    ['PATH']!.split(delimiter)
    .some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
