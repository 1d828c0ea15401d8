'use client';
import { Group, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { sortedBy } from './sorted-by';

export interface Column<T> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  /** What the column sorts by; without it, it does not sort. */
  readonly sortValue?: (row: T) => string | number | null;
  /** As narrow as its content. */
  readonly fit?: boolean;
  /** Shown only to screen readers. */
  readonly hiddenHeader?: boolean;
}

interface DataTableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly columns: readonly Column<T>[];
  /** Text that the filter looks in; without it there is no filter. */
  readonly filterText?: (row: T) => string;
  /** Further filters, beside the text. */
  readonly tools?: ReactNode;
  readonly initialSort?: { readonly key: string; readonly descending?: boolean };
}

/** A table that sorts by its heads and filters by text. Wide ones scroll sideways within themselves. */
export function DataTable<T>({ label, rows, rowKey, columns, filterText, tools, initialSort }: DataTableProps<T>) {
  const t = useTranslations('common');
  const locale = useLocale();
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState({ key: initialSort?.key ?? '', descending: initialSort?.descending ?? false });
  const shown = useMemo(() => {
    const wanted = filter.trim().toLocaleLowerCase(locale);
    const kept = wanted && filterText ? rows.filter((row) => filterText(row).toLocaleLowerCase(locale).includes(wanted)) : rows;
    const by = columns.find(({ key }) => key === sort.key)?.sortValue;
    return by ? sortedBy(kept, by, sort.descending, locale) : kept;
  }, [rows, filter, filterText, sort, columns, locale]);
  const sortBy = (key: string) => setSort((old) => ({ key, descending: old.key === key && !old.descending }));

  return (
    <div className="mw-panel">
      {(filterText || tools) && (
        <Group p="sm" gap="sm">
          {filterText && (
            <TextInput
              aria-label={t('filter')}
              placeholder={t('filterPlaceholder')}
              leftSection={<IconSearch size={16} aria-hidden />}
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
              size="sm"
              flex="1 1 200px"
              maw={340}
            />
          )}
          {tools}
        </Group>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      <section className="mw-table" tabIndex={0} aria-label={label}>
        <Table aria-label={label} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th
                  key={column.key}
                  className={column.fit ? 'mw-fit' : undefined}
                  aria-sort={sort.key === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined}
                >
                  {column.sortValue ? (
                    <UnstyledButton fz="sm" fw={600} onClick={() => sortBy(column.key)}>
                      {column.header}{' '}
                      {sort.key === column.key &&
                        (sort.descending ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />)}
                    </UnstyledButton>
                  ) : column.hiddenHeader ? (
                    <span className="mantine-visually-hidden" style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden' }}>
                      {column.header}
                    </span>
                  ) : (
                    column.header
                  )}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((row) => (
              <Table.Tr key={rowKey(row)}>
                {columns.map((column) => (
                  <Table.Td key={column.key} className={column.fit ? 'mw-fit' : undefined}>
                    {column.cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {shown.length === 0 && (
          <Text p="md" c="dimmed" size="sm" role="status">
            {t('nothingMatches')}
          </Text>
        )}
      </section>
    </div>
  );
}
