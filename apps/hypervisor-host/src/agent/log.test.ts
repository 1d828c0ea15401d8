import { assert, test } from 'vitest';
import { sentenceOf } from './log.js';

test.each([
  [{ msg: 'the line to the broker was cut; dialling again' }, 'The line to the broker was cut; dialling again.'],
  [{ msg: 'broker not reached', error: 'connect ECONNREFUSED 192.0.2.2:8080' }, 'Broker not reached: connect ECONNREFUSED 192.0.2.2:8080.'],
  [
    { msg: 'a step of a machine failed', error: { message: 'no space left on device' } },
    'A step of a machine failed: no space left on device.',
  ],
  [{ msg: 'The token is unknown.', code: 'host.token-refused' }, 'The token is unknown.'],
])('a line of the log is a sentence for people: %j', (line, sentence) => {
  assert.equal(sentenceOf(JSON.stringify({ level: 40, part: 'hypervisor-host', ...line })), sentence);
});
