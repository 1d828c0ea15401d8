// `npm start`: from a clean clone to a running system. Installs from the lockfile, builds (cached afterwards), starts everything.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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
  step('Installing packages (once, about a minute) …');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'The packages could not be installed: the lines above say why; check the network and the free disk space, then run npm start again.',
  );
}
step('Building (cached after the first time) …');
run(
  process.execPath,
  ['node_modules/turbo/bin/turbo', 'run', 'build', '--output-logs=errors-only', '--log-order=grouped'],
  'The build failed: the lines above say why; check the free disk space, then run npm start again.',
);
await import('../apps/front-door/dist/main.js');

function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error || status !== 0) fail(failure);
}

function step(text) {
  console.log(text);
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
