'use client';
import { Button, Group, Progress, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Guest, HostId, Task } from '@millwright/contracts';
import { IconAlertTriangle, IconCircleCheck, IconHammer, IconListCheck, IconPackage, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { type Locale, useLocale, useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { hostWordsText } from '../../platform/i18n/host-words';
import { guestsQuery, tasksQuery } from '../../platform/queries';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';
import { openTaskTray } from '../tasks/task-tray-state';
import { isActive } from '../tasks/task-words';
import { useTemplateWords } from '../templates/template-words';

export function GuestsPage() {
  const t = useTranslations('guests');
  const guests = useQuery(guestsQuery);
  const tasks = useQuery(tasksQuery).data ?? [];
  return (
    <>
      <PageHeader title={t('title')} hint={t('hint')} />
      <Loaded query={guests}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconPackage size={28} />} title={t('noHosts')} />
          ) : (
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              {items.map((guest) => (
                <GuestCard
                  key={guest.recipe}
                  guest={guest}
                  task={tasks.find(({ recipe, state }) => recipe === guest.recipe && isActive({ state }))}
                />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
    </>
  );
}

function GuestCard({ guest, task }: { readonly guest: Guest; readonly task: Task | undefined }) {
  const t = useTranslations('guests');
  const progress = useTranslations('tasks');
  const locale = useLocale();
  const cache = useQueryClient();
  const { name, description } = useTemplateWords()({ id: guest.templateId, name: guest.name, description: guest.description });
  const able = guest.hosts.filter(({ available }) => available);
  const [hostId, setHostId] = useState<HostId | null>(null);
  const build = useAction(
    () => callBroker('buildGuest', { path: { recipe: guest.recipe }, body: { force: guest.built, ...(hostId ? { hostId } : {}) } }),
    {
      done: () => t('started'),
      after: (value) => {
        applyChanged(cache, { kind: 'task', id: value.id, value });
        openTaskTray();
      },
    },
  );
  const isBuilding = task !== undefined || guest.taskId !== null;
  return (
    <article className="mw-panel" aria-label={name}>
      <Stack p="md" gap="sm" h="100%">
        <Group justify="space-between" wrap="nowrap">
          <Title order={2}>{name}</Title>
          <StateBadge
            tone={isBuilding ? 'busy' : guest.built ? 'good' : 'idle'}
            pulse={isBuilding}
            label={isBuilding ? t('building') : guest.built ? t('built') : t('notBuilt')}
          />
        </Group>
        <Text size="sm" c="dimmed">
          {description}
        </Text>
        {task && <Progress value={task.progress} animated aria-label={progress('progress', { title: name })} />}
        {guest.hosts.length === 0 && <Text size="sm">{t('noHosts')}</Text>}
        <Stack gap={4}>
          {guest.hosts.map((host) => (
            <Group key={host.hostId} gap={8} wrap="nowrap" align="flex-start">
              {host.available ? (
                <IconCircleCheck size={18} style={{ color: 'var(--mw-good)', flex: 'none' }} aria-hidden />
              ) : (
                <IconAlertTriangle size={18} style={{ color: 'var(--mw-warn)', flex: 'none' }} aria-hidden />
              )}
              <Text size="sm">
                {host.available
                  ? t('hostReady', { name: host.hostName })
                  : `${t('hostMissing', { name: host.hostName })}: ${missingText(host, locale)}`}
              </Text>
            </Group>
          ))}
        </Stack>
        <Group mt="auto" align="flex-end">
          {able.length > 1 && (
            <Select
              label={t('buildOn')}
              placeholder={t('anyHost')}
              clearable
              data={able.map((host) => ({ value: host.hostId, label: host.hostName }))}
              value={hostId}
              onChange={(value) => setHostId(value as HostId | null)}
            />
          )}
          {isBuilding ? (
            <Button variant="default" leftSection={<IconListCheck size={16} aria-hidden />} onClick={openTaskTray}>
              {t('seeTask')}
            </Button>
          ) : (
            able.length > 0 && (
              <Button
                variant={guest.built ? 'default' : 'filled'}
                leftSection={<IconHammer size={16} aria-hidden />}
                loading={build.isPending}
                onClick={() => build.mutate(undefined)}
                aria-label={`${guest.built ? t('rebuild') : t('build')}: ${name}`}
              >
                {guest.built ? t('rebuild') : t('build')}
              </Button>
            )
          )}
          {guest.built && (
            <Button
              component={Link}
              href={`/machines/new?template=${guest.templateId}`}
              leftSection={<IconPlus size={16} aria-hidden />}
              aria-label={`${t('openTemplate')}: ${name}`}
            >
              {t('openTemplate')}
            </Button>
          )}
        </Group>
      </Stack>
    </article>
  );
}

function missingText({ missing, missingWords }: Guest['hosts'][number], locale: Locale): string {
  return missing.map((sentence, index) => hostWordsText(missingWords[index], sentence, locale)).join(locale === 'zh' ? '' : ' ');
}
