// `npm test`: everything from a clean clone. Installs what the tests need, builds (cached), runs the whole suite, ends with a plain count.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
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

/**
 * What runs when: a round begins when the one before it has ended, its lanes run at the same time. Unit tests take two processors by
 * themselves. Each other lane runs its files one after the other on hardly more than one; a run of vitest has one queue for all its
 * projects, so a lane is a run.
 */
const ROUNDS = [
  [{ lane: 'units', projects: ['units', '@millwright/broker'] }],
  [
    { lane: 'machines', projects: ['machines'] },
    { lane: 'product', projects: ['product'] },
  ],
];
const LANE_WIDTH = Math.max(...ROUNDS.flat().map(({ lane }) => lane.length));
const project = (name) => `--project=${name}`;

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

const { failed, passed, skipped, isOk } = await runAll(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(isOk ? 0 : 1);

/** The whole suite in rounds of lanes; with arguments (a file's name, vitest's options) one run of whatever they choose. */
async function runAll(args) {
  const lanes = [];
  if (args.length > 0) lanes.push(await runLane('chosen', args));
  else
    for (const round of ROUNDS) lanes.push(...(await Promise.all(round.map(({ lane, projects }) => runLane(lane, projects.map(project))))));
  const sum = (count) => lanes.reduce((total, lane) => total + count(lane.counts), 0);
  return {
    passed: sum(({ numPassedTests }) => numPassedTests),
    failed: sum(({ numFailedTests }) => numFailedTests),
    skipped: sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests),
    isOk: lanes.every(({ status }) => status === 0),
  };
}

/** One run of vitest. Its lines are passed on whole, so that those of two lanes do not mix. */
async function runLane(lane, args) {
  const report = `test/artifacts/vitest-${lane}.json`;
  const isAlone = lane === 'chosen';
  const reporters = ['default', './scripts/second-tries.mjs', 'json'].map((name) => `--reporter=${name}`);
  const words = ['--config', 'vitest.workspace.config.ts', ...reporters, `--outputFile.json=${report}`, ...args];
  mkdirSync('test/artifacts', { recursive: true });
  rmSync(report, { force: true });
  const began = Date.now();
  const child = spawn('npx', ['--no-install', 'vitest', 'run', ...words], { env, stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  for (const stream of isAlone ? [] : [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => console.log(`${lane.padEnd(LANE_WIDTH)} ${line}`));
  const status = await new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      console.error(`${lane.padEnd(LANE_WIDTH)} cannot be started: ${error.message}`);
      resolve(1);
    });
  });
  if (!isAlone) console.log(`${lane.padEnd(LANE_WIDTH)} ${Math.round((Date.now() - began) / 1000)} s, status ${status}`);
  // A run that ended without its report has lost tests that nobody counted.
  if (!existsSync(report))
    return { status: status || 1, counts: { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 } };
  return { status, counts: JSON.parse(readFileSync(report, 'utf8')) };
}
