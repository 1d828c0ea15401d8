'use client';
import { Button } from '@mantine/core';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { EmptyState } from '../ui/PageState';

export default function NotFound() {
  const t = useTranslations('app');
  return (
    <main>
      <EmptyState
        title={t('pageMissing')}
        hint={t('pageMissingHint')}
        action={
          <Button component={Link} href="/">
            {t('toStart')}
          </Button>
        }
      />
    </main>
  );
}
