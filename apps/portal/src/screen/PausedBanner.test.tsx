// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import type { MachineVerb } from '@millwright/contracts';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, assert, beforeAll, test } from 'vitest';
import { en } from '../platform/i18n/en';
import type { ScreenSubject } from './DesktopScreen';
import { PausedBanner } from './PausedBanner';

beforeAll(() => {
  window.matchMedia = ((media: string) => ({ matches: false, media, addEventListener() {}, removeEventListener() {} })) as never;
});
afterEach(cleanup);

function show(verbs: readonly MachineVerb[]) {
  const asked: string[] = [];
  const subject = { state: 'paused', condition: null, verbs, operate: (verb: MachineVerb) => asked.push(verb) };
  render(
    <MantineProvider>
      <IntlProvider locale="en" messages={en} timeZone="UTC">
        <PausedBanner subject={subject as unknown as ScreenSubject} />
      </IntlProvider>
    </MantineProvider>,
  );
  return asked;
}

test('a paused machine says so and is resumed by those who may', () => {
  const asked = show(['resume', 'stop']);
  assert.ok(screen.getByText('The machine is paused'));
  fireEvent.click(screen.getByRole('button', { name: 'Resume' }));
  assert.deepEqual(asked, ['resume']);
});

test('others are told only', () => {
  show([]);
  assert.ok(screen.getByText('The machine is paused'));
  assert.equal(screen.queryByRole('button'), null);
});
