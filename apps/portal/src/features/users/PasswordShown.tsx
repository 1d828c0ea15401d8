'use client';
import { Button, Modal, Stack, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { CopyField } from '../../ui/CopyField';

/** A one-time password, once. */
export function PasswordShown({
  shown,
  onClose,
}: {
  readonly shown: { readonly title: string; readonly password: string } | undefined;
  readonly onClose: () => void;
}) {
  const t = useTranslations('users');
  const common = useTranslations('common');
  return (
    <Modal
      opened={shown !== undefined}
      onClose={onClose}
      title={shown?.title}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {shown && (
        <Stack gap="sm">
          <CopyField label={t('oneTimePassword')} value={shown.password} description={common('shownOnce')} />
          <Text size="sm" c="dimmed">
            {t('oneTimeHint')}
          </Text>
          <Button onClick={onClose}>{common('close')}</Button>
        </Stack>
      )}
    </Modal>
  );
}
