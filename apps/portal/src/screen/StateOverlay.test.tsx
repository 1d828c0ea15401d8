// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import type { MachineVerb } from '@millwright/contracts';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, assert, beforeAll, test } from 'vitest';
import { en } from '../platform/i18n/en';
import { zh } from '../platform/i18n/zh';
import { type OverlayProps, StateOverlay } from './StateOverlay';

beforeAll(() => {
  window.matchMedia = ((media: string) => ({ matches: false, media, addEventListener() {}, removeEventListener() {} })) as never;
});
afterEach(cleanup);

function show(props: Partial<OverlayProps>, locale: 'en' | 'zh' = 'en') {
  const asked: string[] = [];
  render(
    <MantineProvider>
      <IntlProvider locale={locale} messages={locale === 'en' ? en : (zh as unknown as typeof en)} timeZone="UTC">
        <StateOverlay
          state="running"
          condition={null}
          status={{ phase: 'connecting' }}
          isWanted
          verbs={[]}
          pendingVerb={undefined}
          operate={(verb: MachineVerb) => asked.push(verb)}
          connectAgain={() => asked.push('again')}
          {...props}
        />
      </IntlProvider>
    </MantineProvider>,
  );
  return asked;
}

test('nothing covers a connected screen', () => {
  show({ status: { phase: 'connected', roundTripMs: 3 } });
  assert.equal(screen.queryByRole('status'), null);
});

test('a stopped machine says so and offers Start', () => {
  const asked = show({ state: 'stopped', isWanted: false, verbs: ['start'] });
  assert.ok(screen.getByText('The machine is stopped'));
  fireEvent.click(screen.getByRole('button', { name: 'Start' }));
  assert.deepEqual(asked, ['start']);
});

test('a failed machine gives the reason in the person’s language', () => {
  const error = { code: 'machine.process-died', message: 'The machine’s process ended unexpectedly.' };
  show({ state: 'failed', isWanted: false, verbs: ['start', 'stop'], condition: { error } as never }, 'zh');
  assert.ok(screen.getByText('虚拟机进程意外结束，请重新启动。'));
  assert.equal(screen.getAllByRole('button').length, 1);
});

test('a session that was ended is connected again only when asked', () => {
  const asked = show({ status: { phase: 'ended', code: 4403, reason: 'session.ended' } });
  assert.ok(screen.getByText('This session was ended'));
  fireEvent.click(screen.getByRole('button', { name: 'Connect again' }));
  assert.deepEqual(asked, ['again']);
});

test('a saved machine resumes instead of starting', () => {
  show({ state: 'saved', isWanted: false, verbs: ['start', 'stop'] });
  assert.ok(screen.getByRole('button', { name: 'Resume saved state' }));
});
