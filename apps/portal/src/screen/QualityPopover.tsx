'use client';
import { Popover, Text } from '@mantine/core';
import type { MachineCondition } from '@millwright/contracts';
import { IconWifi, IconWifi1, IconWifi2, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useFormat } from '../platform/format';
import { ToolButton } from './ToolButton';
import type { DisplayView } from './use-display';

/** The figures move while they are looked at. */
const REFRESH_MS = 500;

/** Round trip, and on demand the measured time from input to its painted effect. */
export function QualityPopover({ display, condition }: { readonly display: DisplayView; readonly condition: MachineCondition | null }) {
  const t = useTranslations('screen');
  const format = useFormat();
  const [opened, setOpened] = useState(false);
  const [, tick] = useState(0);
  useEffect(() => {
    if (!opened) return;
    const timer = setInterval(() => tick((old) => old + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, [opened]);

  const { status, connection, figures, size, leds } = display;
  const roundTripMs = status.phase === 'connected' ? status.roundTripMs : undefined;
  const latency = opened ? connection?.inputToPaint() : undefined;
  const Icon =
    status.phase !== 'connected'
      ? IconWifiOff
      : roundTripMs === undefined || roundTripMs < 60
        ? IconWifi
        : roundTripMs < 150
          ? IconWifi2
          : IconWifi1;
  const lights = leds
    ? ([leds.numLock && t('numLock'), leds.capsLock && t('capsLock'), leds.scrollLock && t('scrollLock')].filter(Boolean) as string[])
    : [];
  const ms = format.milliseconds;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={330} shadow="md" withinPortal>
      <Popover.Target>
        <ToolButton
          label={t('quality')}
          icon={Icon}
          onClick={() => setOpened((old) => !old)}
          // The focus stays on the button: there is nothing to press in the figures.
          onKeyDown={(event) => event.key === 'Escape' && setOpened(false)}
          aria-expanded={opened}
        />
      </Popover.Target>
      <Popover.Dropdown>
        <Text fw={600} size="sm" mb={6}>
          {t('qualityTitle')}
        </Text>
        <dl className="mw-facts" style={{ fontSize: 13 }}>
          <dt>{t('roundTrip')}</dt>
          <dd>{roundTripMs === undefined ? '–' : ms(roundTripMs)}</dd>
          <dt>{t('inputToPaint')}</dt>
          <dd data-testid="input-to-paint">
            {latency
              ? `${t('inputToPaintValue', { p50: ms(latency.p50Ms), p95: ms(latency.p95Ms), p99: ms(latency.p99Ms) })} (${t('samples', { count: latency.samples })})`
              : t('noSamples')}
          </dd>
          <dt>{t('frames')}</dt>
          <dd>{format.number(figures.painted)}</dd>
          <dt>{t('decode')}</dt>
          <dd>{ms(figures.decodeMicros / 1000)}</dd>
          <dt>{t('resolution')}</dt>
          <dd>{size ? `${size.widthPx} × ${size.heightPx}` : '–'}</dd>
          <dt>{t('pointer')}</dt>
          <dd>{display.pointerMode === 'absolute' ? t('pointerAbsolute') : t('pointerRelative')}</dd>
          {condition?.speed != null && (
            <>
              <dt>{t('guestSpeed')}</dt>
              <dd>{format.number(condition.speed, 2)}×</dd>
            </>
          )}
          {lights.length > 0 && (
            <>
              <dt>{t('leds')}</dt>
              <dd>{lights.join(', ')}</dd>
            </>
          )}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
