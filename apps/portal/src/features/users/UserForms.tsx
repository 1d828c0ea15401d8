'use client';
import { Button, Checkbox, PasswordInput, Radio, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type CreatedUser, DisplayNameSchema, LoginNameSchema, PasswordSchema, ROLES, type Role, type User } from '@millwright/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { FailureAlert } from '../../ui/FailureAlert';
import { useAction } from '../../ui/use-action';

export function CreateUserForm({ onCreated }: { readonly onCreated: (created: CreatedUser) => void }) {
  const t = useTranslations('users');
  const messages = useTranslations('form');
  const form = useForm({
    initialValues: {
      name: '',
      displayName: '',
      roles: ['engineer'] as Role[],
      mode: 'generated' as 'generated' | 'given',
      password: '',
      mustChangePassword: true,
    },
    validate: {
      name: (name) => (LoginNameSchema.safeParse(name).success ? null : messages('loginNameInvalid')),
      displayName: (name) => (name === '' || DisplayNameSchema.safeParse(name).success ? null : messages('nameInvalid')),
      roles: (roles) => (roles.length > 0 ? null : messages('rolesRequired')),
      password: (password, { mode }) =>
        mode === 'generated' || PasswordSchema.safeParse(password).success ? null : messages('passwordTooShort'),
    },
  });
  const create = useAction(
    ({ name, displayName, roles, mode, password, mustChangePassword }: typeof form.values) =>
      callBroker('createUser', {
        body: { name, roles, ...(displayName ? { displayName } : {}), ...(mode === 'given' ? { password, mustChangePassword } : {}) },
      }),
    { quiet: true, after: onCreated, done: ({ name, displayName }) => t('createdTitle', { name: displayName || name }) },
  );
  const isGiven = form.values.mode === 'given';
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={create.error} />
        <TextInput
          label={t('name')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput label={t('displayName')} autoComplete="off" placeholder={form.values.name} {...form.getInputProps('displayName')} />
        <RolesField {...form.getInputProps('roles')} />
        <Radio.Group label={t('passwordMode')} {...form.getInputProps('mode')}>
          <Stack gap={6} mt={4}>
            <Radio value="generated" label={t('passwordGenerated')} />
            <Radio value="given" label={t('passwordGiven')} />
          </Stack>
        </Radio.Group>
        {isGiven && <PasswordInput label={t('password')} autoComplete="new-password" {...form.getInputProps('password')} />}
        {isGiven && <Switch label={t('mustChangeSwitch')} {...form.getInputProps('mustChangePassword', { type: 'checkbox' })} />}
        <Button type="submit" loading={create.isPending}>
          {t('create')}
        </Button>
      </Stack>
    </form>
  );
}

export function EditUserForm({ user, onDone }: { readonly user: User; readonly onDone: () => void }) {
  const t = useTranslations('users');
  const common = useTranslations('common');
  const messages = useTranslations('form');
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { displayName: user.displayName as string, roles: user.roles },
    validate: {
      displayName: (name) => (DisplayNameSchema.safeParse(name).success ? null : messages('nameInvalid')),
      roles: (roles) => (roles.length > 0 ? null : messages('rolesRequired')),
    },
  });
  const save = useAction((body: typeof form.values) => callBroker('updateUser', { path: { id: user.id }, body }), {
    quiet: true,
    done: () => common('saved'),
    after: (value) => {
      applyChanged(cache, { kind: 'user', id: value.id, value });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={save.error} />
        <TextInput label={t('name')} value={user.name} readOnly variant="filled" />
        <TextInput label={t('displayName')} data-autofocus {...form.getInputProps('displayName')} />
        <RolesField {...form.getInputProps('roles')} />
        <Button type="submit" loading={save.isPending}>
          {common('save')}
        </Button>
      </Stack>
    </form>
  );
}

function RolesField(props: { readonly value?: string[]; readonly onChange?: (value: string[]) => void; readonly error?: string }) {
  const t = useTranslations('users');
  const roles = useTranslations('roles');
  const hints = useTranslations('roleHints');
  return (
    <Checkbox.Group label={t('roles')} {...props}>
      <Stack gap={8} mt={4}>
        {ROLES.map((role) => (
          <Checkbox key={role} value={role} label={roles(role)} description={hints(role)} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
