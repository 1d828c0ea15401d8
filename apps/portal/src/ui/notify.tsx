'use client';
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useLocale, useTranslations } from 'use-intl';
import { asPlatformError } from '../platform/broker-client';
import { failureText } from '../platform/i18n/failure-texts';

/** Long enough to read the sentence and reach the button. */
const UNDO_MS = 10_000;

/** Short words at the edge of the window: what was done, what failed, and a way back. */
export function useNotify() {
  const t = useTranslations('common');
  const locale = useLocale();
  const closeButtonProps = { 'aria-label': t('close') };
  return {
    done: (message: string) => void notifications.show({ message, color: 'teal', closeButtonProps }),
    failed: (error: unknown) => {
      const failure = asPlatformError(error);
      notifications.show({
        title: t('actionFailed'),
        message: failureText(failure, locale),
        color: 'red',
        autoClose: 8_000,
        closeButtonProps,
        role: 'alert',
      });
    },
    undoable: (message: string, undo: () => void) => {
      const id = `undo-${Date.now()}`;
      const run = () => {
        notifications.hide(id);
        undo();
      };
      notifications.show({
        id,
        color: 'petrol',
        autoClose: UNDO_MS,
        closeButtonProps,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">{message}</Text>
            <Button size="compact-sm" variant="default" onClick={run}>
              {t('undo')}
            </Button>
          </Group>
        ),
      });
    },
  };
}
