'use client';
import { Badge, Button, Group, Modal, NumberInput, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type ApiToken, type CreatedApiToken, DisplayNameSchema } from '@millwright/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { useFormat } from '../../platform/format';
import { apiTokensQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { CopyField } from '../../ui/CopyField';
import { useConfirm } from '../../ui/confirm';
import { FailureAlert } from '../../ui/FailureAlert';
import { useNotify } from '../../ui/notify';
import { PageHeader } from '../../ui/PageHeader';
import { Loaded } from '../../ui/PageState';
import { useAction } from '../../ui/use-action';
import { PasswordForm } from '../identity/PasswordForm';
import { Preferences } from '../shell/Preferences';

export function AccountPage() {
  const t = useTranslations('account');
  const password = useTranslations('password');
  const roles = useTranslations('roles');
  const cache = useQueryClient();
  const notify = useNotify();
  const { me } = useSignedIn();
  return (
    <>
      <PageHeader title={t('title')} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <Panel title={t('profile')}>
            <dl className="mw-facts">
              <dt>{t('displayName')}</dt>
              <dd>{me.user.displayName}</dd>
              <dt>{t('userName')}</dt>
              <dd>{me.user.name}</dd>
              <dt>{t('roles')}</dt>
              <dd>
                <Group gap={4}>
                  {me.user.roles.map((role) => (
                    <Badge key={role} variant="default" tt="none" fw={500} miw="max-content">
                      {roles(role)}
                    </Badge>
                  ))}
                </Group>
              </dd>
            </dl>
          </Panel>
          <Panel title={t('preferences')}>
            <Preferences />
          </Panel>
        </Stack>
        <Stack gap="md">
          <Panel title={password('title')}>
            <PasswordForm
              onChanged={(changed) => {
                cache.setQueryData(['me'], changed);
                notify.done(password('changed'));
              }}
            />
          </Panel>
          <Tokens />
        </Stack>
      </SimpleGrid>
    </>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section className="mw-panel" aria-label={title}>
      <Stack p="md" gap="sm">
        <Title order={2}>{title}</Title>
        {children}
      </Stack>
    </section>
  );
}

function Tokens() {
  const t = useTranslations('account');
  const common = useTranslations('common');
  const format = useFormat();
  const confirm = useConfirm();
  const cache = useQueryClient();
  const tokens = useQuery(apiTokensQuery);
  const [isCreating, setIsCreating] = useState(false);
  const [created, setCreated] = useState<CreatedApiToken>();
  const refresh = () => void cache.invalidateQueries({ queryKey: ['api-tokens'] });
  const remove = useAction((token: ApiToken) => callBroker('deleteApiToken', { path: { id: token.id } }), { after: refresh });
  const close = { 'aria-label': common('close') };
  return (
    <Panel title={t('tokens')}>
      <Text size="sm" c="dimmed">
        {t('tokensHint')}
      </Text>
      <Loaded query={tokens}>
        {(items) => (
          <Stack gap="xs">
            {items.length === 0 && <Text size="sm">{t('noTokens')}</Text>}
            {items.map((token) => (
              <Group key={token.id} justify="space-between" wrap="nowrap">
                <div>
                  <Text size="sm" fw={600}>
                    {token.label}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {t('lastUsed')}: {token.lastUsedAt ? format.relative(token.lastUsedAt) : common('never')} · {t('expires')}:{' '}
                    {token.expiresAt ? format.relative(token.expiresAt) : common('never')}
                  </Text>
                </div>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`${common('delete')}: ${token.label}`}
                  onClick={() =>
                    confirm({
                      title: t('deleteToken', { label: token.label }),
                      text: t('deleteTokenHint'),
                      action: common('delete'),
                      run: () => remove.mutate(token),
                    })
                  }
                >
                  {common('delete')}
                </Button>
              </Group>
            ))}
          </Stack>
        )}
      </Loaded>
      <Group>
        <Button variant="default" onClick={() => setIsCreating(true)}>
          {t('createToken')}
        </Button>
      </Group>
      <Modal opened={isCreating} onClose={() => setIsCreating(false)} title={t('createToken')} closeButtonProps={close}>
        <TokenForm
          onCreated={(token) => {
            setIsCreating(false);
            setCreated(token);
            refresh();
          }}
        />
      </Modal>
      <Modal
        opened={created !== undefined}
        onClose={() => setCreated(undefined)}
        title={t('tokenCreated')}
        closeOnClickOutside={false}
        size="lg"
        closeButtonProps={close}
      >
        {created && <CopyField label={created.label} value={created.token} description={common('shownOnce')} />}
      </Modal>
    </Panel>
  );
}

function TokenForm({ onCreated }: { readonly onCreated: (token: CreatedApiToken) => void }) {
  const t = useTranslations('account');
  const common = useTranslations('common');
  const invalid = useTranslations('form')('nameInvalid');
  const form = useForm({
    initialValues: { label: '', days: '' as number | string },
    validate: { label: (label) => (DisplayNameSchema.safeParse(label).success ? null : invalid) },
  });
  const create = useAction(
    ({ label, days }: typeof form.values) =>
      callBroker('createApiToken', { body: { label, ...(days === '' ? {} : { expiresInDays: Number(days) }) } }),
    { quiet: true, after: onCreated },
  );
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={create.error} />
        <TextInput label={t('tokenLabel')} data-autofocus {...form.getInputProps('label')} />
        <NumberInput
          label={t('tokenDays')}
          description={t('tokenDaysHint')}
          min={1}
          max={3650}
          allowDecimal={false}
          {...form.getInputProps('days')}
        />
        <Button type="submit" loading={create.isPending}>
          {common('create')}
        </Button>
      </Stack>
    </form>
  );
}
