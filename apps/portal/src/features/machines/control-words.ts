'use client';
import type { ControlState, UserId } from '@millwright/contracts';
import { useTranslations } from 'use-intl';

/** Who operates a machine, in a few words; undefined when nobody is there. */
export function useControlWords(myId: UserId): (control: ControlState) => string | undefined {
  const t = useTranslations('desktops');
  return (control) => {
    const holder = control.viewers.find(({ sessionId }) => sessionId === control.holder);
    if (holder) return holder.userId === myId ? t('youInControl') : t('inControl', { name: holder.displayName });
    return control.viewers.length > 0 ? t('watching', { count: control.viewers.length }) : undefined;
  };
}
