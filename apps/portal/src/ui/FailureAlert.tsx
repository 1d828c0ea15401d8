'use client';
import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useLocale } from 'use-intl';
import { asPlatformError } from '../platform/broker-client';
import { failureText } from '../platform/i18n/failure-texts';

/** Why a form was refused. Nothing when it was not. */
export function FailureAlert({ error }: { readonly error: unknown }) {
  const locale = useLocale();
  if (!error) return null;
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      styles={{ message: { color: 'var(--mw-bad)' } }}
    >
      {failureText(asPlatformError(error), locale)}
    </Alert>
  );
}
