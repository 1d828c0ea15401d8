'use client';
import { ActionIcon, Alert, Button, Group, Menu, Modal, Progress, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { DisplayNameSchema, type EnrolmentToken, type Host } from '@millwright/contracts';
import { IconAlertTriangle, IconDots, IconPlus, IconServer2, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useFormat } from '../../platform/format';
import { hostWordsText } from '../../platform/i18n/host-words';
import { isolationName } from '../../platform/i18n/isolation-names';
import { hostsQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { CopyField } from '../../ui/CopyField';
import { useConfirm } from '../../ui/confirm';
import { FailureAlert } from '../../ui/FailureAlert';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';

export function HostsPage() {
  const t = useTranslations('hosts');
  const common = useTranslations('common');
  const { may } = useSignedIn();
  const hosts = useQuery(hostsQuery);
  const [token, setToken] = useState<EnrolmentToken>();
  const [renamed, setRenamed] = useState<Host>();
  const issue = useAction(() => callBroker('createEnrolmentToken'), { after: setToken });
  const enrol = may('host:write') && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => issue.mutate(undefined)} loading={issue.isPending}>
      {t('enrol')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} hint={t('hint')} actions={enrol} />
      <Loaded query={hosts}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconServer2 size={28} />} title={t('empty')} hint={t('emptyHint')} action={enrol} />
          ) : (
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
              {items.map((host) => (
                <HostCard key={host.id} host={host} rename={() => setRenamed(host)} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
      <TokenDialog token={token} onClose={() => setToken(undefined)} />
      <Modal
        opened={renamed !== undefined}
        onClose={() => setRenamed(undefined)}
        title={common('rename')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {renamed && <RenameForm host={renamed} onDone={() => setRenamed(undefined)} />}
      </Modal>
    </>
  );
}

function HostCard({ host, rename }: { readonly host: Host; readonly rename: () => void }) {
  const t = useTranslations('hosts');
  const common = useTranslations('common');
  const format = useFormat();
  const confirm = useConfirm();
  const cache = useQueryClient();
  const { may } = useSignedIn();
  const remove = useAction(() => callBroker('deleteHost', { path: { id: host.id } }), {
    done: () => t('deleted', { name: host.name }),
    after: () => applyChanged(cache, { kind: 'host', id: host.id, value: null }),
  });
  const { facts, load } = host;
  const isOnline = host.state === 'online';
  const memoryUsed = facts && load ? 100 * (1 - load.memoryFreeMiB / facts.memoryMiB) : undefined;
  return (
    <article className="mw-panel" aria-label={host.name}>
      <Stack p="md" gap="md">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Title order={2} lineClamp={1}>
              {host.name}
            </Title>
            <StateBadge tone={isOnline ? 'good' : 'bad'} label={isOnline ? t('online') : t('offline')} />
          </Group>
          {may('host:write') && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" size={32} aria-label={common('moreFor', { name: host.name })}>
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={rename}>{common('rename')}</Menu.Item>
                <Menu.Item
                  styles={{ item: { color: 'var(--mw-bad)' } }}
                  onClick={() =>
                    confirm({
                      title: t('confirmDelete', { name: host.name }),
                      text: t('confirmDeleteHint'),
                      action: common('delete'),
                      run: () => remove.mutate(undefined),
                    })
                  }
                >
                  {common('delete')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
        {facts && load && isOnline && (
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
            <Load label={t('cpu')} value={format.percent(load.cpuPercent)} percent={load.cpuPercent} />
            <Load
              label={t('memory')}
              value={t('memoryFree', { free: format.mebibytes(load.memoryFreeMiB), total: format.mebibytes(facts.memoryMiB) })}
              percent={memoryUsed ?? 0}
            />
          </SimpleGrid>
        )}
        <dl className="mw-facts" style={{ fontSize: 14 }}>
          <dt>{t('machines')}</dt>
          <dd>{format.number(host.machineCount)}</dd>
          {facts && (
            <>
              <dt>{t('cpuModel')}</dt>
              <dd>
                {facts.cpuModel} · {t('cpuCount', { count: facts.cpuCount })}
              </dd>
              <dt>{t('platform')}</dt>
              <dd>{facts.platform}</dd>
              <dt>{t('agent')}</dt>
              <dd>
                {facts.agentVersion} · {t('engine')} {facts.engineVersion}
              </dd>
            </>
          )}
          {load && (
            <>
              <dt>{t('diskFree')}</dt>
              <dd>{format.mebibytes(load.diskFreeMiB)}</dd>
            </>
          )}
          <dt>{t('enrolledAt')}</dt>
          <dd>
            {format.instant(host.enrolledAt)}
            {!isOnline && host.lastSeenAt && ` · ${t('lastSeen', { time: format.relative(host.lastSeenAt) })}`}
          </dd>
        </dl>
        <Isolation facts={facts?.isolation ?? []} />
      </Stack>
    </article>
  );
}

function Load({ label, value, percent }: { readonly label: string; readonly value: string; readonly percent: number }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm">{label}</Text>
        <Text size="sm" c="dimmed">
          {value}
        </Text>
      </Group>
      <Progress value={percent} size="sm" color={percent > 90 ? 'red.8' : 'petrol'} aria-label={label} />
    </div>
  );
}

function Isolation({ facts }: { readonly facts: NonNullable<Host['facts']>['isolation'] }) {
  const t = useTranslations('hosts');
  const locale = useLocale();
  return (
    <div>
      <Title order={3} mb={6}>
        {t('isolation')}
      </Title>
      {facts.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noIsolation')}
        </Text>
      )}
      <Stack gap={4}>
        {facts.map(({ name, applied, reason, words }) => (
          <Group key={name} gap={8} wrap="nowrap" align="flex-start">
            {applied ? (
              <IconShieldCheck size={18} style={{ color: 'var(--mw-good)', flex: 'none' }} aria-hidden />
            ) : (
              <IconShieldX size={18} style={{ color: 'var(--mw-warn)', flex: 'none' }} aria-hidden />
            )}
            <Text size="sm">
              {isolationName(name, locale)}
              <Text span c="dimmed" size="sm">
                {' '}
                – {applied ? t('applied') : t('notApplied')}
                {reason && `: ${hostWordsText(words, reason, locale)}`}
              </Text>
            </Text>
          </Group>
        ))}
      </Stack>
    </div>
  );
}

function TokenDialog({ token, onClose }: { readonly token: EnrolmentToken | undefined; readonly onClose: () => void }) {
  const t = useTranslations('hosts');
  const common = useTranslations('common');
  const format = useFormat();
  return (
    <Modal
      opened={token !== undefined}
      onClose={onClose}
      title={t('enrol')}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {token && (
        <Stack gap="sm">
          <Text size="sm">{t('enrolHint')}</Text>
          <CopyField
            label={t('command')}
            value={token.command}
            description={`${common('shownOnce')} ${t('expires', { time: format.relative(token.expiresAt) })}.`}
          />
          {token.certificatePath && <CopyField label={t('certificate')} value={token.certificatePath} description={t('certificateHint')} />}
          {token.isLocalOnly && (
            <Alert color="yellow" icon={<IconAlertTriangle size={18} aria-hidden />}>
              {t('localOnly')}
            </Alert>
          )}
        </Stack>
      )}
    </Modal>
  );
}

function RenameForm({ host, onDone }: { readonly host: Host; readonly onDone: () => void }) {
  const common = useTranslations('common');
  const invalid = useTranslations('form')('nameInvalid');
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: host.name },
    validate: { name: (name) => (DisplayNameSchema.safeParse(name).success ? null : invalid) },
  });
  const save = useAction((body: { name: string }) => callBroker('updateHost', { path: { id: host.id }, body }), {
    quiet: true,
    after: (value) => {
      applyChanged(cache, { kind: 'host', id: value.id, value });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={save.error} />
        <TextInput label={common('name')} data-autofocus {...form.getInputProps('name')} />
        <Button type="submit" loading={save.isPending}>
          {common('save')}
        </Button>
      </Stack>
    </form>
  );
}
