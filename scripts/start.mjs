// `npm start`: from a clean clone to a running system. Installs from the lockfile, builds (cached afterwards), starts everything.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What packages and builds take, and a little more. Less, and npm or tsc end in the middle with many lines. */
const NEEDED_BYTES = 2 * 2 ** 30;
/** Of a build that failed, so many of its last lines are shown: compilers say what is wrong at the end. */
const LAST_LINES = 40;

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1' };

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old: install Node 20.19 or later.`);
try {
  accessSync(root, constants.W_OK);
} catch {
  fail(`The folder ${root} cannot be written: clone Millwright into a folder of your own, or change its permissions.`);
}

const lockfile = 'node_modules/.package-lock.json';
if (!existsSync(lockfile) || statSync(lockfile).mtimeMs < statSync('package-lock.json').mtimeMs - 1000) {
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize < NEEDED_BYTES) full();
  console.log('Installing packages (once, about a minute) …');
  await run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'The packages could not be installed: the lines above say why; check the network, then run npm start again.',
  );
}
console.log('Building (cached after the first time, then a few seconds) …');
await run(
  process.execPath,
  ['node_modules/turbo/bin/turbo', 'run', 'build', '--output-logs=new-only', '--log-order=stream'],
  'The build failed: the lines above say why.',
  // Turbo's first line about a package that is not in its cache.
  (line) => /@millwright\/([\w-]+):build: cache miss/.exec(line)?.[1],
);
await import('../apps/front-door/dist/main.js');

/** Runs a program quietly: `progress` names what it is at. What it said is shown when it fails. */
async function run(command, args, failure, progress = () => undefined) {
  let lines = [];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    const take = (pieces) => {
      for (const line of pieces) {
        const step = progress(line);
        if (step) console.log(`  ${step}`);
      }
      lines = [...lines, ...pieces].slice(-1000);
    };
    stream.setEncoding('utf8').on('data', (text) => {
      const pieces = (rest + text).split('\n');
      rest = pieces.pop();
      take(pieces);
    });
    // A program that is killed or crashes may leave its last line, the one that says why, without an end.
    stream.on('end', () => take(rest === '' ? [] : [rest]));
  }
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message);
      resolve(-1);
    });
    child.once('close', resolve);
  });
  if (status === 0) return;
  if (lines.some((line) => /ENOSPC|no space left on device/i.test(line))) full();
  console.error(lines.slice(-LAST_LINES).join('\n'));
  fail(failure);
}

function full() {
  fail(`The disk of ${root} is full (Millwright needs ${NEEDED_BYTES / 2 ** 30} GiB there): free some space, then run npm start again.`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
