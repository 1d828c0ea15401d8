'use client';
import { Button, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { asPlatformError } from '../../platform/broker-client';
import { meQuery } from '../../platform/queries';
import { leaveForGood, safeNext } from '../../platform/session';
import { FailureState, LoadingState } from '../../ui/PageState';
import { EntryCard } from './EntryCard';
import { PasswordForm } from './PasswordForm';

/** Nothing else is served to somebody with a one-time password. */
export function ForcedPasswordChange() {
  const t = useTranslations('password');
  const app = useTranslations('app');
  const router = useRouter();
  const cache = useQueryClient();
  const me = useQuery(meQuery);
  const isSignedOut = me.error ? asPlatformError(me.error).kind === 'unauthenticated' : false;
  useEffect(() => {
    if (isSignedOut) router.replace('/sign-in');
    else if (me.data && !me.data.mustChangePassword) router.replace(safeNext(new URLSearchParams(window.location.search).get('next')));
  }, [isSignedOut, me.data, router]);
  if (me.error && !isSignedOut) return <FailureState error={me.error} retry={() => void me.refetch()} />;
  if (!me.data?.mustChangePassword) return <LoadingState />;
  return (
    <EntryCard title={t('title')}>
      <Text size="sm" c="dimmed" mb="md">
        {t('mustChange')}
      </Text>
      <PasswordForm onChanged={(changed) => cache.setQueryData(['me'], changed)} />
      <Button variant="subtle" color="gray" fullWidth mt="xs" onClick={() => void leaveForGood()}>
        {app('signOut')}
      </Button>
    </EntryCard>
  );
}
