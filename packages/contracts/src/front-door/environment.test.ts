import { assert, test } from 'vitest';
import { z } from 'zod';
import { LogLevelSchema, readEnvironment } from './environment.js';

const Schema = z.object({ MILLWRIGHT_LOG: LogLevelSchema });

test('a wrong variable is named with the mend', () => {
  assert.throws(
    () => readEnvironment(Schema, { MILLWRIGHT_LOG: 'loud' }),
    'The environment variable MILLWRIGHT_LOG is wrong: give one of trace, debug, info, warn, error, silent.',
  );
});

test('an empty variable counts as unset', () => {
  assert.deepEqual(readEnvironment(Schema, { MILLWRIGHT_LOG: '', HOME: '/root' }), { MILLWRIGHT_LOG: 'info' });
});
