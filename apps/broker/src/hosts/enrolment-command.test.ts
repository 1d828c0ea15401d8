import { assert, test } from 'vitest';
import { enrolmentCommand } from './enrolment-command.js';

/* What an administrator is told to run on a new host. */

test('by the address that the administrator uses, whatever is announced', () => {
  const site = { asked: 'https://plant.example', announced: 'https://192.0.2.2:8080', certificatePath: undefined };
  assert.deepEqual(enrolmentCommand('enrol_x', site), {
    command: 'BROKER_URL=wss://plant.example/agent MILLWRIGHT_ENROLMENT_TOKEN=enrol_x npm run host',
    certificatePath: null,
    isLocalOnly: false,
  });
});

test('at the computer itself, by the announced address, with its certificate', () => {
  const site = { asked: 'https://localhost:8080', announced: 'https://192.0.2.2:8080', certificatePath: '/plant/data/tls/self-signed.crt' };
  assert.deepEqual(enrolmentCommand('enrol_x', site), {
    command: 'NODE_EXTRA_CA_CERTS=self-signed.crt BROKER_URL=wss://192.0.2.2:8080/agent MILLWRIGHT_ENROLMENT_TOKEN=enrol_x npm run host',
    certificatePath: '/plant/data/tls/self-signed.crt',
    isLocalOnly: false,
  });
});

test('says that no other computer can follow it while Millwright listens on loopback', () => {
  for (const asked of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080']) {
    const { command, isLocalOnly } = enrolmentCommand('enrol_x', { asked, announced: 'http://localhost:8080', certificatePath: undefined });
    assert.equal(command, 'BROKER_URL=ws://localhost:8080/agent MILLWRIGHT_ENROLMENT_TOKEN=enrol_x npm run host');
    assert.isTrue(isLocalOnly);
  }
});

test.each([
  'https://plant;reboot',
  'https://$(reboot)',
  "https://plant'",
  'https://plant example',
  'https://[plant]',
  'https://undefined:x',
])('what a client calls us by is no part of a command for a shell: %s', (asked) => {
  const site = { asked, announced: 'https://192.0.2.2:8080', certificatePath: undefined };
  assert.match(enrolmentCommand('enrol_x', site).command, /^BROKER_URL=wss:\/\/192\.0\.2\.2:8080\/agent /);
  assert.throws(() => enrolmentCommand('enrol_x', { ...site, announced: undefined }), /by which address/);
});
