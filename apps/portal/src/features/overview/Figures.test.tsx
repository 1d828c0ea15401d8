// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import type { Session } from '@millwright/contracts';
import { render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { assert, beforeAll, test } from 'vitest';
import { en } from '../../platform/i18n/en';
import { Figures } from './Figures';

beforeAll(() => {
  window.matchMedia = ((media: string) => ({ matches: false, media, addEventListener() {}, removeEventListener() {} })) as never;
});

test('open sessions are those that the page of sessions lists, waiting ones too', () => {
  const sessions = [{ state: 'waiting' }, { state: 'connected' }] as Session[];
  render(
    <MantineProvider>
      <IntlProvider locale="en" messages={en} timeZone="UTC">
        <Figures machines={[]} hosts={[]} sessions={sessions} tasks={[]} />
      </IntlProvider>
    </MantineProvider>,
  );
  assert.ok(screen.getByRole('link', { name: 'Open sessions 2' }));
});
