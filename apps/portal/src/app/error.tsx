'use client';
import { Button } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { EmptyState } from '../ui/PageState';

export default function PageFailed({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  const app = useTranslations('app');
  const common = useTranslations('common');
  return (
    <main role="alert">
      <EmptyState title={app('pageFailed')} hint={error.message} action={<Button onClick={reset}>{common('retry')}</Button>} />
    </main>
  );
}
