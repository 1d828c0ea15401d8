// `npm test`: everything from a clean clone. Installs what the tests need, builds (cached), runs the whole suite, ends with a plain count.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1' };

/** Debian packages by the group of tests that needs them. */
const NEEDS = {
  'browser tests': ['chromium', 'xvfb', 'xauth', 'fonts-wqy-microhei'],
  'firmware on QEMU and assembler against nasm': ['nasm', 'qemu-system-x86', 'qemu-utils', 'mtools'],
  'boot ladder': ['seabios', 'memtest86+', 'grub-rescue-pc', 'e2fsprogs'],
  'Debian guests': ['mmdebstrap', 'arch-test'],
  'VNC clients': ['tigervnc-viewer', 'xvfb', 'xauth'],
  'benchmark peers': ['bochs', 'bochs-term', 'gcc', 'qemu-system-x86', 'seabios'],
};

const run = (command, args, options = {}) => spawnSync(command, args, { stdio: 'inherit', env, ...options });
const quiet = (command, args) => spawnSync(command, args, { encoding: 'utf8', env });

function missingPackages() {
  const installed = quiet('dpkg-query', ['-W', '-f', '${db:Status-Abbrev} ${Package}\n']);
  if (installed.error || installed.status !== 0) return undefined;
  const present = new Set(
    installed.stdout
      .split('\n')
      .filter((line) => line.startsWith('ii'))
      .map((line) => line.slice(3).trim()),
  );
  return [...new Set(Object.values(NEEDS).flat())].filter((name) => !present.has(name));
}

function installPackages() {
  let missing = missingPackages();
  if (missing === undefined) return explainMissing(Object.values(NEEDS).flat(), 'this system has no dpkg');
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) return explainMissing(missing, 'installing them needs root');
  console.log(`Installing ${missing.length} Debian packages the tests need: ${missing.join(' ')}`);
  const apt = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env: apt, stdio: ['ignore', 'ignore', 'inherit'] });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env: apt, stdio: ['ignore', 'ignore', 'inherit'] });
  missing = missingPackages();
  if (missing.length > 0) explainMissing(missing, 'apt could not install them');
}

/** Tests look for the programs themselves and are skipped with a reason; this says which groups that touches. */
function explainMissing(missing, why) {
  for (const [group, packages] of Object.entries(NEEDS)) {
    const absent = packages.filter((name) => missing.includes(name));
    if (absent.length > 0) console.log(`Left out or reduced: ${group} (no ${absent.join(', ')}: ${why})`);
  }
}

if (!existsSync('node_modules/.package-lock.json')) {
  const { status } = run('npm', ['ci', '--no-audit', '--no-fund']);
  if (status !== 0) process.exit(status ?? 1);
}
installPackages();
const build = run('npx', ['--no-install', 'turbo', 'run', 'build', '--output-logs=errors-only']);
if (build.status !== 0) process.exit(build.status ?? 1);

mkdirSync('test/artifacts', { recursive: true });
const report = 'test/artifacts/vitest.json';
const tests = run('npx', [
  '--no-install',
  'vitest',
  'run',
  '--config',
  'vitest.workspace.config.ts',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const counts = JSON.parse(readFileSync(report, 'utf8'));
const skipped = counts.numPendingTests + counts.numTodoTests;
console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${skipped} skipped`);
process.exit(tests.status ?? 1);
