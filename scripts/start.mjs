// `npm start`: from a clean clone to a running system. Installs from the lockfile, builds (cached afterwards), starts everything.
// `npm run host`: the same for a hypervisor host that belongs to a Millwright elsewhere.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What packages and builds take, and a little more. Less, and npm or tsc end in the middle with many lines. */
const NEEDED_BYTES = 2 * 2 ** 30;
/** Of a build that failed, so many of its last lines are shown: compilers say what is wrong at the end. */
const LAST_LINES = 40;
/** What says nothing for longer looks like something that hangs. */
const SILENCE_MS = 10_000;
/** The front door's rules for its settings. Exit status of its own: a part that is broken otherwise is told by the start. */
const WRONG_SETTING = 3;
const CHECK_SETTINGS = `
  const { readConfig, StartError } = await import('./apps/front-door/dist/config.js');
  try { readConfig(process.env); }
  catch (error) {
    console.error(error.message);
    process.exit(error instanceof StartError ? ${WRONG_SETTING} : 1);
  }`;

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

checkSyntax(process.env);

const lockfile = 'node_modules/.package-lock.json';
if (!existsSync(lockfile) || statSync(lockfile).mtimeMs < statSync('package-lock.json').mtimeMs - 1000) {
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize < NEEDED_BYTES) full();
  console.log('Installing packages (once, a minute or two) …');
  const began = Date.now();
  const alive = setInterval(() => console.log(`  ${secondsSince(began)} s`), SILENCE_MS);
  await run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    `The packages could not be installed: the lines above say why; check the network, ${again}.`,
  );
  clearInterval(alive);
}
await build();
await import(`../apps/${app}/dist/main.js`);

/**
 * What is mistyped most often is refused before minutes of installing. Its words are those of the apps' configurations, which have all
 * the rules and say the last word.
 */
function checkSyntax({ MILLWRIGHT_PORT: port, MILLWRIGHT_LISTEN: listen, BROKER_URL: broker }) {
  const wrong = (name, mend) => fail(`The environment variable ${name} is wrong: ${mend}.`);
  if (app === 'hypervisor-host') {
    if (!broker) wrong('BROKER_URL', 'it is missing; make an enrolment token (mw hosts token) and run the command that comes with it');
    if (!/^wss?:\/\//.test(broker)) wrong('BROKER_URL', 'it must begin with ws:// or wss://');
    return;
  }
  if (port && !(Number.isInteger(Number(port)) && port >= 1 && port <= 65535))
    wrong('MILLWRIGHT_PORT', 'give a whole number from 1 to 65535');
  if (listen && isIP(listen) === 0 && !/^[a-z\d.-]+$/i.test(listen))
    wrong('MILLWRIGHT_LISTEN', 'give an address or a name of this machine, without a port, or 0.0.0.0 for all');
}

/** Builds what is not in turbo's cache: all of it takes minutes, so what is done is counted, and a wrong setting is told before. */
async function build() {
  const turbo = ['node_modules/turbo/bin/turbo', 'run', 'build'];
  const all = app === 'front-door' ? [] : [`--filter=@millwright/${app}`];
  const dry = spawnSync(process.execPath, [...turbo, ...all, '--dry=json'], { env, encoding: 'utf8' });
  const tasks = dry.status === 0 ? JSON.parse(dry.stdout).tasks : [];
  const missing = tasks.filter(({ command, cache }) => command !== '<NONEXISTENT>' && cache.status !== 'HIT').length;
  console.log(missing === 0 ? 'Building …' : `Building ${missing} packages (cached afterwards) …`);
  const began = Date.now();
  let done = 0;
  const tell = (name) => {
    console.log(`  ${done} of ${missing} packages, ${secondsSince(began)} s${name ? `: ${name}` : ''}`);
    silence.refresh();
  };
  const silence = setTimeout(() => tell(), SILENCE_MS);
  const make = (filter) =>
    run(
      process.execPath,
      // Grouped: the lines of a package come when it is done.
      [...turbo, ...filter, '--output-logs=new-only', '--log-order=grouped'],
      'The build failed: the lines above say why.',
      (line) => {
        const built = /@millwright\/([\w-]+):build: cache miss/.exec(line)?.[1];
        if (!built) return;
        done++;
        tell(built);
      },
    );
  if (app === 'front-door' && missing > 0) {
    await make(['--filter=@millwright/front-door']);
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', CHECK_SETTINGS], { env, encoding: 'utf8' });
    if (status === WRONG_SETTING) fail(stderr.trim());
  }
  await make(all);
  clearTimeout(silence);
}

function secondsSince(began) {
  return Math.round((Date.now() - began) / 1000);
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
