'use client';
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type Me, PasswordSchema } from '@millwright/contracts';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { FailureAlert } from '../../ui/FailureAlert';
import { useAction } from '../../ui/use-action';

/** Old password, new password twice. */
export function PasswordForm({ onChanged }: { readonly onChanged: (me: Me) => void }) {
  const t = useTranslations('password');
  const messages = useTranslations('form');
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { currentPassword: '', newPassword: '', repeated: '' },
    validate: {
      currentPassword: (value) => (value ? null : messages('required')),
      newPassword: (value) => (PasswordSchema.safeParse(value).success ? null : messages('passwordTooShort')),
      repeated: (value, { newPassword }) => (value === newPassword ? null : messages('passwordsDiffer')),
    },
  });
  const change = useAction(
    ({ currentPassword, newPassword }: typeof form.values) => callBroker('changePassword', { body: { currentPassword, newPassword } }),
    {
      quiet: true,
      after: (me) => {
        form.reset();
        onChanged(me);
      },
    },
  );
  return (
    <form method="post" onSubmit={form.onSubmit((values) => change.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={change.error} />
        <PasswordInput
          label={t('current')}
          autoComplete="current-password"
          key={form.key('currentPassword')}
          {...form.getInputProps('currentPassword')}
        />
        <PasswordInput
          label={t('new')}
          description={t('newHint')}
          autoComplete="new-password"
          key={form.key('newPassword')}
          {...form.getInputProps('newPassword')}
        />
        <PasswordInput label={t('repeat')} autoComplete="new-password" key={form.key('repeated')} {...form.getInputProps('repeated')} />
        <Button type="submit" loading={change.isPending} mt="xs">
          {t('submit')}
        </Button>
      </Stack>
    </form>
  );
}
