'use client';
import { Button } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { VERB_ICONS } from '../features/machines/machine-verbs';
import { useVerbLabel } from '../features/machines/VerbMenuItems';
import type { ScreenSubject } from './DesktopScreen';

/** Over the picture of a paused machine, which looks like any other: what is wrong with it, and Resume for those who may. */
export function PausedBanner({ subject }: { readonly subject: ScreenSubject }) {
  const t = useTranslations('screen');
  const label = useVerbLabel();
  const { verbs, pendingVerb, operate } = subject;
  const Icon = VERB_ICONS.resume;
  return (
    <div className="mw-screen-banner" role="status">
      <span>{t('stateTitle.paused')}</span>
      {verbs.includes('resume') && (
        <Button
          size="compact-sm"
          leftSection={<Icon size={16} aria-hidden />}
          loading={pendingVerb === 'resume'}
          onClick={() => operate('resume')}
        >
          {label('resume', subject)}
        </Button>
      )}
    </div>
  );
}
