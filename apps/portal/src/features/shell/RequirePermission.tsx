'use client';
import type { Permission } from '@millwright/contracts';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useSignedIn } from '../../platform/session';
import { EmptyState } from '../../ui/PageState';

/** Instead of a page of refusals. The broker refuses anyway. */
export function RequirePermission({ permission, children }: { readonly permission: Permission; readonly children: ReactNode }) {
  const t = useTranslations('app');
  const { may } = useSignedIn();
  if (may(permission)) return children;
  return <EmptyState icon={<IconLock size={28} />} title={t('notAllowed')} hint={t('notAllowedHint')} />;
}
