'use client';
import { Anchor, Grid, Group, List, Progress, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { Desktop, Host, Machine, Task } from '@millwright/contracts';
import { IconAlertTriangle, IconCircleCheck, IconDeviceDesktop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLocale, useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { failureText } from '../../platform/i18n/failure-texts';
import { hostsQuery, machinesQuery, myDesktopsQuery, sessionsQuery, tasksQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { DesktopCard } from '../desktops/DesktopCard';
import { isProblem } from '../machines/machine-state';
import { useTaskTitle } from '../tasks/task-words';
import { Figures } from './Figures';

/** More would push the rest of the page away; all are one click further. */
const DESKTOPS_SHOWN = 4;

/** Where an administrator lands: my screens, what needs attention, and the plant in figures. */
export function Overview() {
  const t = useTranslations('overview');
  const { me } = useSignedIn();
  return (
    <>
      <PageHeader title={t('welcome', { name: me.user.displayName })} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <MyScreens />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Plant />
        </Grid.Col>
      </Grid>
    </>
  );
}

function MyScreens() {
  const t = useTranslations('overview');
  const desktops = useTranslations('desktops');
  const mine = useQuery(myDesktopsQuery);
  return (
    <section aria-label={t('myDesktops')}>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('myDesktops')}</Title>
        {(mine.data?.length ?? 0) > DESKTOPS_SHOWN && (
          <Anchor component={Link} href="/desktops" size="sm">
            {t('allDesktops')}
          </Anchor>
        )}
      </Group>
      <Loaded query={mine}>
        {(items) =>
          items.length === 0 ? (
            <div className="mw-panel">
              <EmptyState icon={<IconDeviceDesktop size={28} />} title={desktops('empty')} hint={desktops('emptyHint')} />
            </div>
          ) : (
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
              {items.slice(0, DESKTOPS_SHOWN).map((desktop: Desktop) => (
                <DesktopCard key={desktop.id} desktop={desktop} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
    </section>
  );
}

function Plant() {
  const machines = useQuery(machinesQuery);
  const hosts = useQuery(hostsQuery);
  const sessions = useQuery(sessionsQuery('open'));
  const tasks = useQuery(tasksQuery);
  return (
    <Loaded query={machines}>
      {(machineItems) => (
        <Loaded query={hosts}>
          {(hostItems) => (
            <Stack gap="md">
              <Figures machines={machineItems} hosts={hostItems} sessions={sessions.data} tasks={tasks.data} />
              <Attention machines={machineItems} hosts={hostItems} tasks={tasks.data ?? []} />
              <HostLoads hosts={hostItems} />
            </Stack>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Attention({
  machines,
  hosts,
  tasks,
}: {
  readonly machines: readonly Machine[];
  readonly hosts: readonly Host[];
  readonly tasks: readonly Task[];
}) {
  const t = useTranslations('overview');
  const states = useTranslations('states');
  const locale = useLocale();
  const titleOf = useTaskTitle();
  const notes = [
    ...hosts
      .filter(({ state }) => state === 'offline')
      .map(({ id, name }) => ({ key: id, href: '/hosts', text: t('hostOffline', { name }) })),
    ...machines.filter(isProblem).map((machine) => ({
      key: machine.id,
      href: `/machines/${machine.id}`,
      text: t('machineFailed', {
        name: machine.name,
        reason: machine.condition?.error ? failureText(machine.condition.error, locale) : states(machine.state),
      }),
    })),
    // Only the last try of each guest counts.
    ...tasks
      .filter((task, i) => task.state === 'failed' && tasks.findIndex(({ recipe }) => recipe === task.recipe) === i)
      .map((task) => ({ key: task.id, href: '/guests', text: t('taskFailed', { title: titleOf(task) }) })),
  ];
  return (
    <section className="mw-panel" aria-label={t('attention')}>
      <Stack p="md" gap="sm">
        <Title order={2}>{t('attention')}</Title>
        {notes.length === 0 ? (
          <Group gap="xs">
            <ThemeIcon variant="transparent" size="sm" style={{ color: 'var(--mw-good)' }}>
              <IconCircleCheck size={20} aria-hidden />
            </ThemeIcon>
            <Text size="sm">{t('allWell')}</Text>
          </Group>
        ) : (
          <List spacing={6} size="sm" icon={<IconAlertTriangle size={18} style={{ color: 'var(--mw-warn)' }} aria-hidden />}>
            {notes.map(({ key, href, text }) => (
              <List.Item key={key}>
                <Anchor component={Link} href={href} size="sm">
                  {text}
                </Anchor>
              </List.Item>
            ))}
          </List>
        )}
      </Stack>
    </section>
  );
}

function HostLoads({ hosts }: { readonly hosts: readonly Host[] }) {
  const t = useTranslations('overview');
  const format = useFormat();
  return (
    <section className="mw-panel" aria-label={t('hosts')}>
      <Stack p="md" gap="sm">
        <Title order={2}>{t('hosts')}</Title>
        {hosts.map(({ id, name, load }) => (
          <div key={id}>
            <Group justify="space-between" mb={4}>
              <Text size="sm" fw={600}>
                {name}
              </Text>
              {load && (
                <Text size="sm" c="dimmed">
                  {t('cpu')} {format.percent(load.cpuPercent)}
                </Text>
              )}
            </Group>
            <Progress value={load?.cpuPercent ?? 0} size="sm" aria-label={`${name}: ${t('cpu')}`} />
            {load && (
              <Text size="xs" c="dimmed" mt={4}>
                {t('memoryFree')} {format.mebibytes(load.memoryFreeMiB)} · {t('diskFree')} {format.mebibytes(load.diskFreeMiB)}
              </Text>
            )}
          </div>
        ))}
      </Stack>
    </section>
  );
}
