'use client';
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { safeNext } from '../../platform/session';
import { FailureAlert } from '../../ui/FailureAlert';
import { useAction } from '../../ui/use-action';
import { EntryCard } from './EntryCard';

export function SignIn() {
  const t = useTranslations('signIn');
  const required = useTranslations('form')('required');
  const router = useRouter();
  const search = useSearchParams();
  const cache = useQueryClient();
  // Before the page's code runs, the browser itself would send the form: it must never put a password into an address.
  const [isAlive, setIsAlive] = useState(false);
  useEffect(() => setIsAlive(true), []);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', password: '' },
    validate: { name: (name) => (name.trim() ? null : required), password: (password) => (password ? null : required) },
  });
  const signIn = useAction(
    (values: { name: string; password: string }) => callBroker('login', { body: { ...values, name: values.name.trim().toLowerCase() } }),
    {
      quiet: true,
      after: (me) => {
        cache.clear();
        cache.setQueryData(['me'], me);
        const next = safeNext(search.get('next'));
        router.replace(me.mustChangePassword ? `/password${next === '/' ? '' : `?next=${encodeURIComponent(next)}`}` : next);
      },
    },
  );
  return (
    <EntryCard title={t('title')}>
      <form method="post" onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
        <Stack gap="sm">
          {search.get('expired') && !signIn.error && (
            <Alert variant="light" color="petrol" role="status" icon={<IconInfoCircle size={18} aria-hidden />}>
              {t('expired')}
            </Alert>
          )}
          <FailureAlert error={signIn.error} />
          <TextInput
            label={t('name')}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            withAsterisk={false}
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <PasswordInput
            label={t('password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" disabled={!isAlive} loading={signIn.isPending || signIn.isSuccess} fullWidth mt="xs">
            {t('submit')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('firstTime')}
          </Text>
        </Stack>
      </form>
    </EntryCard>
  );
}
