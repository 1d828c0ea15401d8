// `npm start`: from a clean clone to a running system. Installs from the lockfile, builds (cached afterwards), starts everything.
// `npm run host`: the same for a hypervisor host that belongs to a Millwright elsewhere.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What packages and builds take, and a little more. Less, and npm or tsc end in the middle with many lines. */
const NEEDED_BYTES = 2 * 2 ** 30;
/** Of a build that failed, so many of its last lines are shown: compilers say what is wrong at the end. */
const LAST_LINES = 40;
/** A build that says nothing for longer looks like one that hangs. */
const SILENCE_MS = 10_000;

const app = process.argv[2] === 'host' ? 'hypervisor-host' : 'front-door';
const again = `then run ${app === 'front-door' ? 'npm start' : 'npm run host'} again`;
const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NEXT_TELEMETRY_DISABLED: '1' };

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old: install Node 20.19 or later.`);
const system = `${process.platform}-${process.arch}`;
const hasDatabase = process.env.DATABASE_URL || process.env.MILLWRIGHT_PG_BIN || existsSync('/usr/lib/postgresql');
if (app === 'front-door' && system !== 'linux-x64' && !hasDatabase)
  fail(`The embedded PostgreSQL is for linux-x64 only, and this is ${system}: install Debian's postgresql, or set DATABASE_URL.`);
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
    `The packages could not be installed: the lines above say why; check the network, ${again}.`,
  );
}
await build();
await import(`../apps/${app}/dist/main.js`);

/** Builds what is not in turbo's cache: all of it takes minutes, so what is done is counted. */
async function build() {
  const turbo = ['node_modules/turbo/bin/turbo', 'run', 'build', ...(app === 'front-door' ? [] : [`--filter=@millwright/${app}`])];
  const dry = spawnSync(process.execPath, [...turbo, '--dry=json'], { env, encoding: 'utf8' });
  const tasks = dry.status === 0 ? JSON.parse(dry.stdout).tasks : [];
  const missing = tasks.filter(({ command, cache }) => command !== '<NONEXISTENT>' && cache.status !== 'HIT').length;
  console.log(missing === 0 ? 'Building …' : `Building ${missing} packages (cached afterwards) …`);
  const began = Date.now();
  let done = 0;
  const tell = (name) => {
    console.log(`  ${done} of ${missing} packages, ${Math.round((Date.now() - began) / 1000)} s${name ? `: ${name}` : ''}`);
    silence.refresh();
  };
  const silence = setTimeout(() => tell(), SILENCE_MS);
  await run(
    process.execPath,
    // Grouped: the lines of a package come when it is done.
    [...turbo, '--output-logs=new-only', '--log-order=grouped'],
    'The build failed: the lines above say why.',
    (line) => {
      const built = /@millwright\/([\w-]+):build: cache miss/.exec(line)?.[1];
      if (!built) return;
      done++;
      tell(built);
    },
  );
  clearTimeout(silence);
}

/** Runs a program quietly; `heard` gets each line. What it said is shown when it fails. */
async function run(command, args, failure, heard = () => {}) {
  let lines = [];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    const take = (pieces) => {
      for (const line of pieces) heard(line);
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
  fail(`The disk of ${root} is full (Millwright needs ${NEEDED_BYTES / 2 ** 30} GiB there): free some space, ${again}.`);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
