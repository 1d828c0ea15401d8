'use client';
import { Anchor, Button, SegmentedControl } from '@mantine/core';
import type { Session } from '@millwright/contracts';
import { IconUsersGroup } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { useFormat } from '../../platform/format';
import { sessionsQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { useConfirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';

const TONES = { waiting: 'warn', connected: 'good', ended: 'idle' } as const;

export function SessionsPage() {
  const t = useTranslations('sessions');
  const common = useTranslations('common');
  const [which, setWhich] = useState<'open' | 'all'>('open');
  const sessions = useQuery(sessionsQuery(which));
  return (
    <>
      <PageHeader
        title={t('title')}
        hint={t('hint')}
        actions={
          <SegmentedControl
            aria-label={common('filter')}
            value={which}
            onChange={(value) => setWhich(value as typeof which)}
            data={[
              { value: 'open', label: t('open') },
              { value: 'all', label: t('all') },
            ]}
          />
        }
      />
      <Loaded query={sessions}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconUsersGroup size={28} />} title={t('empty')} hint={t('emptyHint')} />
          ) : (
            <Sessions sessions={items} />
          )
        }
      </Loaded>
    </>
  );
}

function Sessions({ sessions }: { readonly sessions: readonly Session[] }) {
  const t = useTranslations('sessions');
  const common = useTranslations('common');
  const format = useFormat();
  const confirm = useConfirm();
  const cache = useQueryClient();
  const { me, may } = useSignedIn();
  const end = useAction((session: Session) => callBroker('endSession', { path: { id: session.id } }), {
    done: () => t('endedDone'),
    after: () => void cache.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const columns: Column<Session>[] = [
    { key: 'user', header: t('user'), sortValue: ({ userDisplayName }) => userDisplayName, cell: ({ userDisplayName }) => userDisplayName },
    {
      key: 'machine',
      header: t('machine'),
      sortValue: ({ machineName }) => machineName,
      cell: ({ machineId, machineName }) => (
        <Anchor component={Link} href={`/machines/${machineId}`} size="sm">
          {machineName}
        </Anchor>
      ),
    },
    {
      key: 'state',
      header: common('state'),
      sortValue: ({ state }) => state,
      cell: ({ state }) => <StateBadge tone={TONES[state]} label={t(`states.${state}`)} />,
      fit: true,
    },
    { key: 'rights', header: t('rights'), cell: ({ mayControl }) => (mayControl ? t('control') : t('viewOnly')) },
    { key: 'since', header: t('since'), sortValue: ({ startedAt }) => startedAt, cell: ({ startedAt }) => format.instant(startedAt) },
    {
      key: 'ended',
      header: t('ended'),
      sortValue: ({ endedAt }) => endedAt,
      cell: ({ endedAt, endReason }) => (endedAt ? `${format.instant(endedAt)}${endReason ? ` (${t(`reasons.${endReason}`)})` : ''}` : '–'),
    },
    {
      key: 'actions',
      header: common('actions'),
      hiddenHeader: true,
      fit: true,
      cell: (session) =>
        session.state !== 'ended' &&
        (may('session:end') || session.userId === me.user.id) && (
          <Button
            size="compact-md"
            variant="default"
            aria-label={`${t('end')}: ${session.userDisplayName}`}
            onClick={() =>
              confirm({
                title: t('confirmEnd', { name: session.userDisplayName }),
                text: t('confirmEndHint'),
                action: t('end'),
                run: () => end.mutate(session),
              })
            }
          >
            {t('end')}
          </Button>
        ),
    },
  ];
  return (
    <DataTable
      label={t('title')}
      rows={sessions}
      rowKey={({ id }) => id}
      columns={columns}
      filterText={(session) => `${session.userDisplayName} ${session.machineName}`}
      initialSort={{ key: 'since', descending: true }}
    />
  );
}
