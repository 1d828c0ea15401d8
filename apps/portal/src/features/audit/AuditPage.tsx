'use client';
import { Box, Button, Group, Select, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import type { AuditEntry, UserId } from '@millwright/contracts';
import { IconChevronDown, IconChevronRight, IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { auditActionText } from '../../platform/i18n/audit-actions';
import { type en } from '../../platform/i18n/en';
import { type AuditFilter, auditPage, usersQuery } from '../../platform/queries';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, FailureState, LoadingState } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';

const GROUPS = [
  'auth',
  'user',
  'host',
  'machine',
  'desktop',
  'session',
  'control',
  'ticket',
  'image',
  'template',
  'guest',
  'task',
] as const satisfies readonly (keyof typeof en.audit.groups)[];

export function AuditPage() {
  const t = useTranslations('audit');
  const common = useTranslations('common');
  const [filter, setFilter] = useState<AuditFilter>({});
  const pages = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => auditPage(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const entries = pages.data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <PageHeader
        title={t('title')}
        hint={t('hint')}
        actions={
          <Button variant="default" onClick={() => void pages.refetch()} loading={pages.isRefetching}>
            {common('refresh')}
          </Button>
        }
      />
      <div className="mw-panel">
        <Filters filter={filter} change={setFilter} />
        {pages.error && !entries ? (
          <FailureState error={pages.error} retry={() => void pages.refetch()} />
        ) : !entries ? (
          <LoadingState />
        ) : entries.length === 0 ? (
          <EmptyState icon={<IconHistory size={28} />} title={t('empty')} hint={t('emptyHint')} />
        ) : (
          <Entries entries={entries} />
        )}
        {pages.hasNextPage && (
          <Group justify="center" p="sm">
            <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {common('loadMore')}
            </Button>
          </Group>
        )}
      </div>
    </>
  );
}

function Filters({ filter, change }: { readonly filter: AuditFilter; readonly change: (filter: AuditFilter) => void }) {
  const common = useTranslations('common');
  const t = useTranslations('audit');
  const users = useQuery(usersQuery).data ?? [];
  const set = (part: Partial<Record<keyof AuditFilter, string | null>>) => {
    const merged = Object.entries({ ...filter, ...part }).filter(([, value]) => value);
    change(Object.fromEntries(merged) as AuditFilter);
  };
  return (
    <Group p="sm" gap="sm" align="flex-end">
      <Select
        label={t('who')}
        placeholder={t('anyone')}
        clearable
        searchable
        data={users.map(({ id, displayName }) => ({ value: id, label: displayName }))}
        value={filter.actorId ?? null}
        onChange={(value) => set({ actorId: value as UserId | null })}
        w={{ base: 'calc(50% - 6px)', xs: 190 }}
      />
      <Select
        label={t('action')}
        placeholder={t('anyAction')}
        clearable
        data={GROUPS.map((group) => ({ value: group, label: t(`groups.${group}`) }))}
        value={filter.action ?? null}
        onChange={(action) => set({ action })}
        w={{ base: 'calc(50% - 6px)', xs: 190 }}
      />
      <Select
        label={t('outcome')}
        placeholder={common('any')}
        clearable
        data={[
          { value: 'done', label: t('done') },
          { value: 'refused', label: t('refused') },
        ]}
        value={filter.outcome ?? null}
        onChange={(outcome) => set({ outcome })}
        w={{ base: 'calc(50% - 6px)', xs: 140 }}
      />
      <TextInput
        type="datetime-local"
        label={t('from')}
        onChange={(event) => set({ from: instantOf(event.currentTarget.value) })}
        w={{ base: 'calc(50% - 6px)', xs: 200 }}
      />
      <TextInput
        type="datetime-local"
        label={t('to')}
        onChange={(event) => set({ to: instantOf(event.currentTarget.value) })}
        w={{ base: 'calc(50% - 6px)', xs: 200 }}
      />
    </Group>
  );
}

/** The local time of an input as an instant; null while it is incomplete. */
function instantOf(local: string): string | null {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? null : at.toISOString();
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const t = useTranslations('audit');
  const common = useTranslations('common');
  const states = useTranslations('states');
  const locale = useLocale();
  const format = useFormat();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <section className="mw-table" tabIndex={0} aria-label={t('title')}>
      <Table aria-label={t('title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className="mw-fit">{t('detail')}</Table.Th>
            <Table.Th>{t('time')}</Table.Th>
            <Table.Th>{t('who')}</Table.Th>
            <Table.Th>{t('action')}</Table.Th>
            <Table.Th>{t('subject')}</Table.Th>
            <Table.Th>{t('outcome')}</Table.Th>
            <Table.Th>{t('address')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => {
            const isOpen = open.has(entry.id);
            const Icon = isOpen ? IconChevronDown : IconChevronRight;
            return (
              <Fragment key={entry.id}>
                <Table.Tr>
                  <Table.Td className="mw-fit">
                    <UnstyledButton p={4} onClick={() => toggle(entry.id)} aria-expanded={isOpen} aria-label={t('showDetail')}>
                      <Icon size={16} aria-hidden />
                    </UnstyledButton>
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>{format.instant(entry.at)}</Table.Td>
                  <Table.Td>
                    {entry.actorId === null && (entry.actorName === 'system' || entry.actorName === '')
                      ? common('system')
                      : entry.actorName}
                  </Table.Td>
                  <Table.Td>{auditActionText(entry, locale, (state) => states(state))}</Table.Td>
                  <Table.Td>{entry.subjectName ?? '–'}</Table.Td>
                  <Table.Td>
                    <StateBadge tone={entry.outcome === 'done' ? 'good' : 'bad'} label={t(entry.outcome)} />
                  </Table.Td>
                  <Table.Td>
                    <Text size="sm" c="dimmed" ff="monospace">
                      {entry.address ?? '–'}
                    </Text>
                  </Table.Td>
                </Table.Tr>
                {isOpen && (
                  <Table.Tr>
                    <Table.Td colSpan={7}>
                      <Box component="pre" className="mw-log">
                        {JSON.stringify(
                          { action: entry.action, subject: entry.subjectId, ...entry.detail, requestId: entry.requestId },
                          null,
                          2,
                        )}
                      </Box>
                    </Table.Td>
                  </Table.Tr>
                )}
              </Fragment>
            );
          })}
        </Table.Tbody>
      </Table>
    </section>
  );
}
