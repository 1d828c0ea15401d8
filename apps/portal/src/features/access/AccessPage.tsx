'use client';
import { ActionIcon, Anchor, Button, Group, Pill, Text, Tooltip } from '@mantine/core';
import type { Desktop } from '@millwright/contracts';
import { IconAddressBook, IconPlus, IconTrash, IconUserPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { allDesktopsQuery, machinesQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { useConfirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { useAction } from '../../ui/use-action';
import { MachineStateBadge } from '../machines/MachineStateBadge';
import { DesktopDialog } from './DesktopDialog';

export function AccessPage() {
  const t = useTranslations('assignments');
  const { may } = useSignedIn();
  const desktops = useQuery(allDesktopsQuery);
  const [isCreating, setIsCreating] = useState(false);
  const [changed, setChanged] = useState<Desktop>();
  const create = may('desktop:write') && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setIsCreating(true)}>
      {t('create')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} hint={t('hint')} actions={create} />
      <Loaded query={desktops}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconAddressBook size={28} />} title={t('empty')} hint={t('emptyHint')} action={create} />
          ) : (
            <Desktops desktops={items} change={setChanged} />
          )
        }
      </Loaded>
      <DesktopDialog
        opened={isCreating || changed !== undefined}
        onClose={() => {
          setIsCreating(false);
          setChanged(undefined);
        }}
        desktop={changed}
      />
    </>
  );
}

function Desktops({ desktops, change }: { readonly desktops: readonly Desktop[]; readonly change: (desktop: Desktop) => void }) {
  const t = useTranslations('assignments');
  const common = useTranslations('common');
  const presentations = useTranslations('presentations');
  const { may } = useSignedIn();
  const cache = useQueryClient();
  const confirm = useConfirm();
  const machines = useQuery(machinesQuery).data ?? [];
  const machineName = (desktop: Desktop) => machines.find(({ id }) => id === desktop.machineId)?.name ?? '–';
  const remove = useAction((desktop: Desktop) => callBroker('deleteDesktop', { path: { id: desktop.id } }), {
    done: ({ name }) => t('deleted', { name }),
    after: (_, { id }) => applyChanged(cache, { kind: 'desktop', id, value: null }),
  });
  const columns: Column<Desktop>[] = [
    {
      key: 'desktop',
      header: t('desktop'),
      sortValue: ({ name }) => name,
      cell: ({ name }) => (
        <Text size="sm" fw={600}>
          {name}
        </Text>
      ),
    },
    {
      key: 'machine',
      header: t('machine'),
      sortValue: machineName,
      cell: (desktop) => (
        <Group gap="xs">
          <Anchor component={Link} href={`/machines/${desktop.machineId}`} size="sm">
            {machineName(desktop)}
          </Anchor>
          <MachineStateBadge state={desktop.state} />
        </Group>
      ),
    },
    {
      key: 'presentation',
      header: t('presentation'),
      sortValue: ({ presentation }) => presentations(presentation),
      cell: ({ presentation }) => presentations(presentation),
    },
    {
      key: 'people',
      header: t('people'),
      cell: ({ assignments }) =>
        assignments.length > 0 ? (
          <Pill.Group gap={4}>
            {assignments.map(({ userId, displayName }) => (
              <Pill key={userId}>{displayName}</Pill>
            ))}
          </Pill.Group>
        ) : (
          <Text size="sm" c="dimmed">
            {t('nobody')}
          </Text>
        ),
    },
    {
      key: 'actions',
      header: common('actions'),
      hiddenHeader: true,
      fit: true,
      cell: (desktop) =>
        may('desktop:write') && (
          <Group gap={6} wrap="nowrap">
            <Button
              size="compact-md"
              variant="default"
              leftSection={<IconUserPlus size={15} aria-hidden />}
              onClick={() => change(desktop)}
              aria-label={`${t('assign')}: ${desktop.name}`}
            >
              {t('assign')}
            </Button>
            <Tooltip label={common('delete')}>
              <ActionIcon
                size={32}
                variant="subtle"
                color="gray"
                aria-label={`${common('delete')}: ${desktop.name}`}
                onClick={() =>
                  confirm({
                    title: t('confirmDelete', { name: desktop.name }),
                    text: t('confirmDeleteHint'),
                    action: common('delete'),
                    run: () => remove.mutate(desktop),
                  })
                }
              >
                <IconTrash size={17} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Group>
        ),
    },
  ];
  return (
    <DataTable
      label={t('title')}
      rows={desktops}
      rowKey={({ id }) => id}
      columns={columns}
      initialSort={{ key: 'desktop' }}
      filterText={(desktop) =>
        `${desktop.name} ${machineName(desktop)} ${desktop.assignments.map(({ displayName, userName }) => `${displayName} ${userName}`).join(' ')}`
      }
    />
  );
}
