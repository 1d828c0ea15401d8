import { afterEach, assert, test, vi } from 'vitest';
import { Starter } from './starter.js';

const { send, connected } = process;
afterEach(() => {
  Object.assign(process, { send, connected });
});

test.each([true, false])('a starter is told while it is there: %s', (isThere) => {
  const sent = vi.fn();
  Object.assign(process, { send: sent, connected: isThere });
  const starter = new Starter();
  starter.tell({ adminPassword: 'x' });
  assert.equal(starter.isThere, isThere);
  assert.equal(sent.mock.calls.length, isThere ? 1 : 0);
});
