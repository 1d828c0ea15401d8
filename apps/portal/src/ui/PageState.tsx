'use client';
import { Button, Center, Group, Loader, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { asPlatformError } from '../platform/broker-client';
import { failureText } from '../platform/i18n/failure-texts';

export function LoadingState() {
  const t = useTranslations('common');
  return (
    <Center py={64} role="status" aria-label={t('loading')}>
      <Loader size="sm" />
    </Center>
  );
}

/** Nothing is there, and what to do about it. */
export function EmptyState({
  icon,
  title,
  hint,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly hint?: string;
  readonly action?: ReactNode;
}) {
  return (
    <Center py={56} px="md">
      <Stack align="center" gap="xs" maw={460}>
        {icon && (
          <ThemeIcon size={52} radius="xl" variant="light" color="gray" aria-hidden>
            {icon}
          </ThemeIcon>
        )}
        <Title order={2} ta="center">
          {title}
        </Title>
        {hint && (
          <Text c="dimmed" ta="center" size="sm">
            {hint}
          </Text>
        )}
        {action && <Group mt="xs">{action}</Group>}
      </Stack>
    </Center>
  );
}

/** Something could not be read: why, and the way to try again. */
export function FailureState({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const t = useTranslations('common');
  const locale = useLocale();
  const failure = asPlatformError(error);
  const requestId = failure.context['requestId'];
  return (
    <Center py={56} px="md" role="alert">
      <Stack align="center" gap="xs" maw={460}>
        <ThemeIcon size={52} radius="xl" variant="light" color="red" aria-hidden>
          <IconAlertTriangle size={28} />
        </ThemeIcon>
        <Title order={2}>{t('loadFailed')}</Title>
        <Text c="dimmed" ta="center" size="sm">
          {failureText(failure, locale)}
        </Text>
        {typeof requestId === 'string' && failure.kind === 'defect' && (
          <Text c="dimmed" size="xs" ff="monospace">
            {t('requestId', { id: requestId })}
          </Text>
        )}
        {retry && (
          <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry} mt="xs">
            {t('retry')}
          </Button>
        )}
      </Stack>
    </Center>
  );
}

interface Loadable<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  refetch(): unknown;
}

/** Shows what a query has: its data however old, else why there is none, else that it is coming. */
export function Loaded<T>({ query, children }: { readonly query: Loadable<T>; readonly children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <FailureState error={query.error} retry={() => void query.refetch()} />;
  return <LoadingState />;
}
