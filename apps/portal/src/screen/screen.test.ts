import { DisplayEndedError } from '@millwright/remote-display/client';
import { afterEach, assert, test, vi } from 'vitest';
import { wantsDisplay } from './display-wish';
import { ReleaseKeys } from './keyboard-release';
import { SessionTickets } from './session-ticket';
import { socketUrl } from './use-display';

const DESKTOP = { kind: 'desktop', id: '11111111-1111-4111-8111-111111111111' as never } as const;
const SESSION = '22222222-2222-4222-8222-222222222222';

afterEach(() => vi.unstubAllGlobals());

function storage(initial: Record<string, string> = {}) {
  const kept = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    kept,
  };
}

/** Answers by path; a number is a status with a problem of this code. */
function serve(answers: Record<string, { status: number; code: string } | 'grant'>) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (url: string) => {
    const path = url.replace('/api/v1', '');
    asked.push(path);
    const answer = answers[path]!;
    if (answer !== 'grant')
      return Promise.resolve(
        Response.json(
          {
            type: '',
            title: '',
            status: answer.status,
            detail: 'no',
            code: answer.code,
            kind: answer.status === 409 ? 'conflict' : answer.status === 503 ? 'unavailable' : 'missing',
          },
          { status: answer.status },
        ),
      );
    const session = {
      id: SESSION,
      machineId: SESSION,
      desktopId: null,
      userId: SESSION,
      userDisplayName: 'A',
      machineName: 'M',
      mayControl: true,
      state: 'waiting',
      startedAt: '2026-11-01T00:00:00Z',
      connectedAt: null,
      endedAt: null,
      endReason: null,
    };
    return Promise.resolve(
      Response.json({ session, ticket: `ticket-${asked.length}`, displayUrl: '/display', expiresAt: '2026-11-01T00:00:30Z' }),
    );
  });
  return asked;
}
const OPEN = `/desktops/${DESKTOP.id}/sessions`;
const RESUME = `/sessions/${SESSION}/ticket`;

test('the first ticket opens a session, later ones resume it', async () => {
  const asked = serve({ [OPEN]: 'grant', [RESUME]: 'grant' });
  const tickets = new SessionTickets(DESKTOP, storage());
  assert.equal(await tickets.next(), 'ticket-1');
  assert.equal(await tickets.next(), 'ticket-2');
  assert.deepEqual(asked, [OPEN, RESUME]);
});

test('after a reload the session of before goes on', async () => {
  const asked = serve({ [RESUME]: 'grant' });
  await new SessionTickets(DESKTOP, storage({ [`millwright.session.desktop.${DESKTOP.id}`]: SESSION })).next();
  assert.deepEqual(asked, [RESUME]);
});

test('a session that ended before the reload is replaced by a new one', async () => {
  const asked = serve({ [RESUME]: { status: 409, code: 'session.ended' }, [OPEN]: 'grant' });
  await new SessionTickets(DESKTOP, storage({ [`millwright.session.desktop.${DESKTOP.id}`]: SESSION })).next();
  assert.deepEqual(asked, [RESUME, OPEN]);
});

test('a session that somebody ended under us is not opened again by itself', async () => {
  serve({ [OPEN]: 'grant', [RESUME]: { status: 409, code: 'session.ended' } });
  const tickets = new SessionTickets(DESKTOP, storage());
  await tickets.next();
  const error = await tickets.next().catch((caught: unknown) => caught);
  assert.instanceOf(error, DisplayEndedError);
});

test('a host that is away is worth another try', async () => {
  serve({ [OPEN]: { status: 503, code: 'host.offline' } });
  const error = await new SessionTickets(DESKTOP, storage()).next().catch((caught: unknown) => caught);
  assert.notInstanceOf(error, DisplayEndedError);
});

test('the display stays through changes under way and goes when there is nothing to show', () => {
  assert.isTrue(wantsDisplay('running', false));
  assert.isFalse(wantsDisplay('starting', false));
  assert.isTrue(wantsDisplay('pending', true));
  assert.isTrue(wantsDisplay('unreachable', true));
  assert.isFalse(wantsDisplay('failed', true));
});

test('the three keys together leave the screen, any two do not', () => {
  vi.useFakeTimers();
  let left = 0;
  const keys = new ReleaseKeys(() => left++);
  for (const code of ['ControlLeft', 'AltLeft']) keys.onKeyDown({ code });
  keys.onKeyUp({ code: 'ControlLeft' });
  keys.onKeyDown({ code: 'ShiftLeft' });
  vi.runAllTimers();
  assert.equal(left, 0);
  keys.onKeyDown({ code: 'ControlLeft' });
  vi.runAllTimers();
  assert.equal(left, 1);
  vi.useRealTimers();
});

test('the display is on the page’s own origin, encrypted when the page is', () => {
  assert.equal(socketUrl({ protocol: 'https:', host: 'plant:8443' }, '/display'), 'wss://plant:8443/display');
  assert.equal(socketUrl({ protocol: 'http:', host: 'localhost:8080' }, '/display/serial'), 'ws://localhost:8080/display/serial');
});
