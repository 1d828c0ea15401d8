import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommanderError } from 'commander';
import { assert, expect, test } from 'vitest';
import { ExitStatus } from './command-error.js';
import { explain } from './explain.js';
import { createProgram } from './program.js';
import { captured } from './testing/captured.js';

const run = async (env: NodeJS.ProcessEnv, ...words: string[]) => {
  const around = captured({ HOME: '/nonexistent', ...env });
  await createProgram(around).parseAsync(words, { from: 'user' });
  return around.said;
};

test.each([
  ['users', 'list', 'create', 'disable', 'enable', 'roles', 'reset-password'],
  ['hosts', 'list', 'show', 'token', 'rename', 'delete'],
  [
    'machine',
    'list',
    'show',
    'create',
    'start',
    'stop',
    'shutdown',
    'reset',
    'pause',
    'resume',
    'save',
    'delete',
    'restore',
    'screenshot',
    'keys',
    'type',
    'pointer',
    'serial',
  ],
  ['desktop', 'list', 'create', 'assign', 'unassign', 'start', 'delete'],
  ['template', 'list', 'delete'],
  ['image', 'upload', 'list', 'delete'],
  ['guest', 'list', 'build'],
  ['task', 'list', 'show', 'cancel', 'retry', 'wait'],
])('%s has its verbs', (noun, ...verbs) => {
  const found = createProgram(captured()).commands.find((command) => command.name() === noun)!;
  assert.includeMembers(
    found.commands.map((command) => command.name()),
    verbs,
  );
});

test('an unknown verb is wrong usage and named', async () => {
  await expect(run({}, 'machine', 'explode')).rejects.toThrow("unknown command 'explode'");
});

test('the help of a command has what holds for all commands, too', async () => {
  const around = captured();
  await expect(createProgram(around).parseAsync(['login', '--help'], { from: 'user' })).rejects.toThrow(CommanderError);
  assert.match(around.said.out, /--label <text>[\s\S]*--url <address>/);
});

test('without a sign-in the address is looked at, and nothing of the request is sent', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(run({}, '--url', url, 'token', 'create', 'script')).rejects.toThrow('You are not signed in.');
  assert.deepEqual(seen, ['GET /api/v1/auth/me']);
  await new Promise((resolve) => server.close(resolve));
  const unreachable = await run({}, '--url', url, 'machine', 'list').catch(explain);
  assert.deepInclude(unreachable, { status: ExitStatus.unreachable });
});

test('a wrong combination is refused before anybody is asked', async () => {
  await expect(run({ MILLWRIGHT_TOKEN: 'x' }, 'machine', 'keys', 'Line 3', 'ctrl-nonsense')).rejects.toThrow('There is no key nonsense');
});

test('a text that the layout cannot type is refused whole, naming the characters', async () => {
  await expect(run({ MILLWRIGHT_TOKEN: 'x' }, 'machine', 'type', 'Line 3', 'grün', '--layout', 'us')).rejects.toThrow('no key for ü');
});

test('negative differences are arguments, not options', async () => {
  await expect(run({ MILLWRIGHT_TOKEN: 'x' }, 'machine', 'pointer', 'Line 3', 'move', '-5', '-99999')).rejects.toThrow('move -99999');
});
