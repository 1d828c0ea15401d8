import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { mirrorsOf, readPackageSources } from '../debian/package-sources.js';
import { RELEASE } from '../debian/private-apt.js';
import { commandEnvironment } from '../run-command.js';

/** Something that a recipe needs of the machine. Resolves with what is missing, as a sentence for people that says the mend. */
export type Need = () => Promise<string | undefined>;

/** A program in the PATH. */
export function program(name: string, debianPackage: string): Need {
  return async () => (hasProgram(name) ? undefined : `The program ${name} is missing. Install Debian’s package ${debianPackage}.`);
}

/** A configured source of Debian's release. */
export const debianMirror: Need = async () => {
  const mirrors = mirrorsOf(await readPackageSources(), RELEASE.suite);
  if (mirrors.length > 0) return undefined;
  return `No package source of Debian ${RELEASE.suite} with component ${RELEASE.component} is configured below /etc/apt.`;
};

/** Installing packages into a tree needs root, or a user name space with a range of users. */
export const rootOrNamespaces: Need = async () => {
  if (process.getuid?.() === 0) return undefined;
  if (!hasProgram('newuidmap'))
    return 'Run as root, or install Debian’s package uidmap so that packages can be installed in a user name space.';
  const { username, uid } = userInfo();
  const hasRange = readText('/etc/subuid')
    .split('\n')
    .some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`));
  if (!hasRange)
    return `The user ${username} has no range in /etc/subuid and /etc/subgid. Add one with usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}.`;
  if (readText('/proc/sys/kernel/unprivileged_userns_clone').trim() === '0')
    return 'This kernel does not let users make name spaces (kernel.unprivileged_userns_clone is 0).';
  return undefined;
};

/** What is missing here, in the order of the needs. */
export async function missingOf(needs: readonly Need[]): Promise<readonly string[]> {
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
