'use client';
import type { Template } from '@millwright/contracts';
import { useTranslations } from 'use-intl';
import { en } from '../../platform/i18n/en';

type KnownTemplate = keyof typeof en.templates.known;
const knownOf = (id: string): KnownTemplate | undefined => (Object.hasOwn(en.templates.known, id) ? (id as KnownTemplate) : undefined);

/** Name and description of a template: ours are translated unless an administrator has renamed them. */
export function useTemplateWords(): (template: Pick<Template, 'id' | 'name' | 'description'>) => {
  readonly name: string;
  readonly description: string;
} {
  const t = useTranslations('templates.known');
  return ({ id, name, description }) => {
    const known = knownOf(id);
    if (!known || name !== en.templates.known[known].name) return { name, description };
    return { name: t(`${known}.name`), description: t(`${known}.description`) };
  };
}
