'use client';
import { Anchor, Button, Group, SegmentedControl, Tabs, Text } from '@mantine/core';
import type { Host, Machine } from '@millwright/contracts';
import { IconBox, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { failureText } from '../../platform/i18n/failure-texts';
import { hostsQuery, machinesQuery, trashQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { type Column, DataTable } from '../../ui/DataTable';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { DesktopDialog } from '../access/DesktopDialog';
import { useControlWords } from './control-words';
import { MachineActions } from './MachineActions';
import { MachineStateBadge } from './MachineStateBadge';
import { MachineThumbnail } from './MachineThumbnail';
import { isProblem, isUp } from './machine-state';
import { useTrash } from './use-trash';

export function MachinesPage() {
  const t = useTranslations('machines');
  const { may } = useSignedIn();
  const machines = useQuery(machinesQuery);
  const trash = useQuery(trashQuery);
  const hosts = useQuery(hostsQuery);
  const [tab, setTab] = useState<string | null>('active');
  return (
    <>
      <PageHeader
        title={t('title')}
        hint={t('hint')}
        actions={
          may('machine:write') && (
            <Button component={Link} href="/machines/new" leftSection={<IconPlus size={16} aria-hidden />}>
              {t('create')}
            </Button>
          )
        }
      />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="active" leftSection={<IconBox size={16} aria-hidden />}>
            {t('active')}
          </Tabs.Tab>
          <Tabs.Tab value="trash" leftSection={<IconTrash size={16} aria-hidden />}>
            {t('trash')}
            {(trash.data?.length ?? 0) > 0 && ` (${trash.data?.length})`}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="active">
          <Loaded query={machines}>{(items) => <ActiveMachines machines={items} hosts={hosts.data ?? []} />}</Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="trash">
          <Loaded query={trash}>{(items) => <Trash machines={items} />}</Loaded>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

type StateFilter = 'all' | 'up' | 'down' | 'problem';
const FILTERS: Readonly<Record<StateFilter, (machine: Machine) => boolean>> = {
  all: () => true,
  up: isUp,
  down: (machine) => !isUp(machine),
  problem: isProblem,
};

function ActiveMachines({ machines, hosts }: { readonly machines: readonly Machine[]; readonly hosts: readonly Host[] }) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  const locale = useLocale();
  const format = useFormat();
  const { me, may } = useSignedIn();
  const controlWords = useControlWords(me.user.id);
  const [filter, setFilter] = useState<StateFilter>('all');
  const [offered, setOffered] = useState<Machine>();
  const hostName = (machine: Machine) => hosts.find(({ id }) => id === machine.hostId)?.name ?? '–';

  if (machines.length === 0) {
    return (
      <EmptyState
        icon={<IconBox size={28} />}
        title={t('empty')}
        hint={t('emptyHint')}
        action={
          may('machine:write') && (
            <Button component={Link} href="/machines/new">
              {t('create')}
            </Button>
          )
        }
      />
    );
  }
  const columns: Column<Machine>[] = [
    {
      key: 'machine',
      header: t('machine'),
      sortValue: ({ name }) => name,
      cell: (machine) => (
        <Group gap="sm" wrap="nowrap">
          <Link href={`/machines/${machine.id}/screen`} aria-label={`${t('openScreen')}: ${machine.name}`}>
            <MachineThumbnail machineId={machine.id} state={machine.state} small />
          </Link>
          <div style={{ minWidth: 130 }}>
            <Anchor component={Link} href={`/machines/${machine.id}`} fw={600} size="sm">
              {machine.name}
            </Anchor>
            {machine.condition?.error && (
              <Text size="xs" style={{ color: 'var(--mw-bad)' }}>
                {failureText(machine.condition.error, locale)}
              </Text>
            )}
          </div>
        </Group>
      ),
    },
    {
      key: 'state',
      header: common('state'),
      sortValue: ({ state }) => state,
      cell: ({ state }) => <MachineStateBadge state={state} />,
      fit: true,
    },
    { key: 'host', header: t('host'), sortValue: hostName, cell: hostName },
    {
      key: 'memory',
      header: t('memory'),
      sortValue: ({ spec }) => spec.memoryMiB,
      cell: ({ spec }) => format.mebibytes(spec.memoryMiB),
      fit: true,
    },
    {
      key: 'control',
      header: t('control'),
      cell: ({ control }) => (
        <Text size="sm" c="dimmed">
          {controlWords(control) ?? '–'}
        </Text>
      ),
    },
    {
      key: 'actions',
      header: common('actions'),
      hiddenHeader: true,
      cell: (machine) => <MachineActions machine={machine} onOffer={() => setOffered(machine)} />,
      fit: true,
    },
  ];
  return (
    <>
      <DataTable
        label={t('title')}
        rows={machines.filter(FILTERS[filter])}
        rowKey={({ id }) => id}
        columns={columns}
        initialSort={{ key: 'machine' }}
        filterText={(machine) => `${machine.name} ${hostName(machine)} ${machine.state}`}
        tools={
          <SegmentedControl
            aria-label={t('stateFilter')}
            size="sm"
            value={filter}
            onChange={(value) => setFilter(value as StateFilter)}
            data={[
              { value: 'all', label: common('all') },
              { value: 'up', label: t('up') },
              { value: 'down', label: t('down') },
              { value: 'problem', label: t('problem') },
            ]}
          />
        }
      />
      <DesktopDialog opened={offered !== undefined} onClose={() => setOffered(undefined)} machine={offered} />
    </>
  );
}

function Trash({ machines }: { readonly machines: readonly Machine[] }) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  const format = useFormat();
  const { may } = useSignedIn();
  const { restore, purge } = useTrash();
  if (machines.length === 0) return <EmptyState icon={<IconTrash size={28} />} title={t('emptyTrash')} hint={t('emptyTrashHint')} />;
  const columns: Column<Machine>[] = [
    { key: 'machine', header: t('machine'), sortValue: ({ name }) => name, cell: ({ name }) => name },
    { key: 'memory', header: t('memory'), cell: ({ spec }) => format.mebibytes(spec.memoryMiB) },
    {
      key: 'purge',
      header: common('state'),
      sortValue: ({ purgeAt }) => purgeAt,
      cell: ({ purgeAt }) => (purgeAt ? t('purgeAt', { time: format.relative(purgeAt) }) : '–'),
    },
    {
      key: 'actions',
      header: common('actions'),
      hiddenHeader: true,
      fit: true,
      cell: (machine) =>
        may('machine:write') && (
          <Group gap={6} wrap="nowrap">
            <Button size="compact-md" variant="default" onClick={() => restore(machine)} aria-label={`${t('restore')}: ${machine.name}`}>
              {t('restore')}
            </Button>
            <Button
              size="compact-md"
              variant="subtle"
              color="red.9"
              onClick={() => purge(machine)}
              aria-label={`${t('purge')}: ${machine.name}`}
              styles={{ label: { color: 'var(--mw-bad)' } }}
            >
              {t('purge')}
            </Button>
          </Group>
        ),
    },
  ];
  return (
    <DataTable
      label={t('trash')}
      rows={machines}
      rowKey={({ id }) => id}
      columns={columns}
      filterText={({ name }) => name}
      initialSort={{ key: 'machine' }}
    />
  );
}
