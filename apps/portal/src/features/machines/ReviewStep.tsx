'use client';
import type { Image, ImageId, Template } from '@millwright/contracts';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { hostsQuery, usersQuery } from '../../platform/queries';
import { useTemplateWords } from '../templates/template-words';
import type { MachineDraft } from './CreateMachine';

export function ReviewStep({
  draft,
  templates,
  images,
}: {
  readonly draft: MachineDraft;
  readonly templates: readonly Template[];
  readonly images: readonly Image[];
}) {
  const t = useTranslations('wizard');
  const common = useTranslations('common');
  const presentations = useTranslations('presentations');
  const format = useFormat();
  const wordsOf = useTemplateWords();
  const hosts = useQuery(hostsQuery).data ?? [];
  const users = useQuery(usersQuery).data ?? [];
  const template = templates.find(({ id }) => id === draft.templateId);
  const imageName = (id: ImageId | null) => images.find((image) => image.id === id)?.name;
  const people = users.filter(({ id }) => draft.userIds.includes(id)).map(({ displayName }) => displayName);
  const rows = [
    [t('source'), template ? wordsOf(template).name : imageName(draft.imageId)],
    [common('name'), draft.name],
    [t('memory'), format.mebibytes(Number(draft.memoryMiB))],
    [t('host'), hosts.find(({ id }) => id === draft.hostId)?.name ?? t('hostAuto')],
    [t('extraCdrom'), imageName(draft.cdrom)],
    [t('extraFloppy'), imageName(draft.floppy)],
    [t('start'), draft.start ? common('yes') : common('no')],
    [t('offer'), draft.offer ? common('yes') : common('no')],
    [t('offerTo'), draft.offer ? people.join(', ') || common('none') : undefined],
    [t('presentation'), draft.offer ? presentations(draft.presentation) : undefined],
  ] as const;
  return (
    <dl className="mw-facts">
      {rows.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
