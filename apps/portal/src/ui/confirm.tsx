'use client';
import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useTranslations } from 'use-intl';

interface Question {
  readonly title: string;
  readonly text?: string;
  /** The verb on the button. */
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly run: () => void;
}

/** Asks before something that cannot be undone. Focus begins on Cancel, Enter there does no harm. */
export function useConfirm(): (question: Question) => void {
  const t = useTranslations('common');
  return ({ title, text, action, isDangerous = true, run }) =>
    modals.openConfirmModal({
      title,
      children: text ? <Text size="sm">{text}</Text> : undefined,
      labels: { confirm: action, cancel: t('cancel') },
      cancelProps: { 'data-autofocus': true },
      confirmProps: isDangerous ? { color: 'red.9' } : {},
      closeButtonProps: { 'aria-label': t('close') },
      onConfirm: run,
    });
}
