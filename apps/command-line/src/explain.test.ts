import { failure, PlatformError } from '@millwright/contracts';
import { CommanderError } from 'commander';
import { assert, test } from 'vitest';
import { ExitStatus } from './command-error.js';
import { explain } from './explain.js';

test('a refusal is its message with the mend, its code and a status', () => {
  const { message, status, code } = explain(failure('auth.password-change-required'));
  assert.deepEqual(
    [message, status, code],
    ['Change your password first. Run mw password.', ExitStatus.signIn, 'auth.password-change-required'],
  );
});

test('wrong usage names the mend, in one line', () => {
  const told = (message: string) => explain(new CommanderError(1, 'commander.x', message));
  assert.deepInclude(told("error: unknown command 'explode'"), {
    message: "unknown command 'explode'. Add --help to see what there is.",
    status: ExitStatus.usage,
  });
  assert.equal(
    told("error: unknown option '--jsn'\n(Did you mean --json?)").message,
    "unknown option '--jsn'. (Did you mean --json?) Add --help to see what there is.",
  );
  assert.equal(
    told("error: too many arguments for 'show'. Expected 1 argument but got 3.").message,
    "too many arguments for 'show'. Expected 1 argument but got 3. Add --help to see what there is.",
  );
});

test('a malformed request says which field', () => {
  const error = new PlatformError('request.invalid', 'invalid', 'The request is not well-formed.', {
    issues: [{ path: ['name'], message: 'too long' }],
  });
  assert.equal(explain(error).message, 'The request is not well-formed. name: too long.');
});

test('a refused connection behind fetch says how to start Millwright', () => {
  const error = new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
  assert.match(explain(error).message, /does not answer \(ECONNREFUSED\)\. Start it with npm start/);
  assert.equal(explain(error).status, ExitStatus.unreachable);
});

test.each([
  [Object.assign(new Error('Connect Timeout Error'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), 'UND_ERR_CONNECT_TIMEOUT'],
  [new Error('bad port'), 'bad port'],
])('whatever fetch fails by is an address that does not answer: %s', (cause, why) => {
  const { message, status } = explain(new TypeError('fetch failed', { cause }));
  assert.include(message, `Millwright does not answer (${why}).`);
  assert.equal(status, ExitStatus.unreachable);
});

test('a self-signed certificate says how to trust it', () => {
  const error = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }) });
  assert.match(explain(error).message, /NODE_EXTRA_CA_CERTS/);
});
