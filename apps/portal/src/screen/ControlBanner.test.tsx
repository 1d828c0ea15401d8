// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, assert, beforeAll, test } from 'vitest';
import { en } from '../platform/i18n/en';
import { zh } from '../platform/i18n/zh';
import { ControlBanner } from './ControlBanner';
import type { DisplayView } from './use-display';

beforeAll(() => {
  window.matchMedia = ((media: string) => ({ matches: false, media, addEventListener() {}, removeEventListener() {} })) as never;
});
afterEach(cleanup);

const NOBODY = { holderName: '', youHold: false, requestedBy: '' };

function show(display: Partial<DisplayView>, takesControlByUse = true, locale: 'en' | 'zh' = 'en', isPaused = false) {
  const asked: string[] = [];
  const act = (name: string) => () => asked.push(name);
  const connection = {
    takesControlByUse,
    mayDecline: true,
    focus: act('focus'),
    handOver: act('hand over'),
    takeControl: act('take'),
    declineControl: act('decline'),
  };
  const status = { phase: 'connected' };
  const requestControl = act('request');
  const view = { status, control: NOBODY, mayControl: true, connection, requestControl, ...display } as unknown as DisplayView;
  render(
    <MantineProvider>
      <IntlProvider locale={locale} messages={locale === 'en' ? en : (zh as unknown as typeof en)} timeZone="UTC">
        <ControlBanner display={view} isPaused={isPaused} />
      </IntlProvider>
    </MantineProvider>,
  );
  return asked;
}

test('when nobody is in control, whoever may is told how to take it', () => {
  const asked = show({});
  assert.ok(screen.getByText('Nobody is in control. Click the screen or press a key to take control.'));
  fireEvent.click(screen.getByRole('button', { name: 'Take control' }));
  assert.deepEqual(asked, ['request', 'focus']);
});

test('in the person’s language', () => {
  show({}, true, 'zh');
  assert.ok(screen.getByText('无人控制。点击屏幕或按任意键即可取得控制。'));
});

test('who gave it up is not told that a click takes it', () => {
  show({}, false);
  assert.ok(screen.getByText('Nobody is in control'));
});

test('the holder answers each request: hand over or keep', () => {
  const control = { holderName: 'Me', youHold: true, requestedBy: 'Bo' };
  const asked = show({ control });
  assert.ok(screen.getByText('Bo asks for control'));
  fireEvent.click(screen.getByRole('button', { name: 'Keep control' }));
  fireEvent.click(screen.getByRole('button', { name: 'Hand over' }));
  assert.deepEqual(asked, ['decline', 'focus', 'hand over']);
});

test('who asked is told that they did, then that the holder keeps control, and may ask again', () => {
  const control = { ...NOBODY, holderName: 'Ann' };
  show({ control, controlNotice: 'asked' });
  assert.ok(screen.getByText('You asked Ann for control'));
  cleanup();
  const asked = show({ control, controlNotice: 'declined' });
  assert.ok(screen.getByText('Ann keeps control'));
  fireEvent.click(screen.getByRole('button', { name: 'Ask again' }));
  assert.deepEqual(asked, ['request']);
});

test('who clicks in vain is told who is in control, and how to come by it', () => {
  const control = { ...NOBODY, holderName: 'Ann' };
  const asked = show({ control, controlNotice: 'viewOnly', isAdmin: true });
  assert.ok(screen.getByText('View only: Ann is in control'));
  fireEvent.click(screen.getByRole('button', { name: 'Ask for control' }));
  fireEvent.click(screen.getByRole('button', { name: 'Take control' }));
  assert.deepEqual(asked, ['request', 'take', 'focus']);
});

test('who may only watch is told so and offered nothing', () => {
  show({ controlNotice: 'viewOnly', mayControl: false });
  assert.ok(screen.getByText('View only: you may not operate this machine'));
  assert.equal(screen.queryByRole('button'), null);
});

test('nobody is invited to operate a paused machine, but its holder is asked', () => {
  show({}, true, 'en', true);
  show({ control: { ...NOBODY, holderName: 'Ann' }, controlNotice: 'viewOnly' }, true, 'en', true);
  assert.equal(screen.queryByRole('status'), null);
  show({ control: { holderName: 'Me', youHold: true, requestedBy: 'Bo' } }, true, 'en', true);
  assert.ok(screen.getByText('Bo asks for control'));
});

test.each<[string, Partial<DisplayView>]>([
  ['somebody else is in control', { control: { ...NOBODY, holderName: 'Ann' } }],
  ['I am', { control: { ...NOBODY, holderName: 'Me', youHold: true } }],
  ['I may only view', { mayControl: false }],
  ['the display is not connected', { status: { phase: 'connecting' } }],
])('no banner when %s', (_, display) => {
  show(display);
  assert.equal(screen.queryByRole('status'), null);
});
