'use client';
import { SimpleGrid } from '@mantine/core';
import { IconDeviceDesktop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocale, useTranslations } from 'use-intl';
import { myDesktopsQuery } from '../../platform/queries';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { sortedBy } from '../../ui/sorted-by';
import { DesktopCard } from './DesktopCard';

export function MyDesktops() {
  const t = useTranslations('desktops');
  const locale = useLocale();
  const desktops = useQuery(myDesktopsQuery);
  return (
    <>
      <PageHeader title={t('title')} hint={t('hint')} />
      <Loaded query={desktops}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconDeviceDesktop size={28} />} title={t('empty')} hint={t('emptyHint')} />
          ) : (
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 4 }} spacing="md">
              {sortedBy(items, ({ name }) => name, false, locale).map((desktop) => (
                <DesktopCard key={desktop.id} desktop={desktop} />
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
    </>
  );
}
