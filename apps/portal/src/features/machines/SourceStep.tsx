'use client';
import { Button, Radio, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Image, Template } from '@millwright/contracts';
import { IconDisc, IconStack2 } from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { EmptyState } from '../../ui/PageState';
import { useTemplateWords } from '../templates/template-words';
import type { MachineDraft } from './CreateMachine';

interface SourceStepProps {
  readonly draft: MachineDraft;
  readonly templates: readonly Template[];
  readonly images: readonly Image[];
  readonly choose: (source: Pick<MachineDraft, 'from' | 'templateId' | 'imageId'>) => void;
}

export function SourceStep({ draft, templates, images, choose }: SourceStepProps) {
  const t = useTranslations('wizard');
  const nav = useTranslations('nav');
  const upload = useTranslations('images');
  const kinds = useTranslations('bootDevices');
  const format = useFormat();
  const wordsOf = useTemplateWords();
  const ready = images.filter(({ state }) => state === 'ready');
  return (
    <Stack gap="md">
      <SegmentedControl
        aria-label={t('source')}
        value={draft.from}
        onChange={(from) => choose({ from: from as MachineDraft['from'], templateId: null, imageId: null })}
        data={[
          { value: 'template', label: t('fromTemplate') },
          { value: 'image', label: t('fromImage') },
        ]}
        maw={360}
      />
      {draft.from === 'template' && templates.length === 0 && (
        <EmptyState
          icon={<IconStack2 size={28} />}
          title={t('noTemplates')}
          hint={t('noTemplatesHint')}
          action={
            <Button component={Link} href="/guests" variant="default">
              {nav('guests')}
            </Button>
          }
        />
      )}
      {draft.from === 'image' && ready.length === 0 && (
        <EmptyState
          icon={<IconDisc size={28} />}
          title={t('noImages')}
          hint={t('noImagesHint')}
          action={
            <Button component={Link} href="/images" variant="default">
              {upload('upload')}
            </Button>
          }
        />
      )}
      {draft.from === 'template' && templates.length > 0 && (
        <Radio.Group
          aria-label={t('fromTemplate')}
          value={draft.templateId}
          onChange={(id) => choose({ from: 'template', templateId: id as Template['id'], imageId: null })}
        >
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {templates.map((template) => {
              const { name, description } = wordsOf(template);
              const isNowhere = template.hostIds.length === 0;
              return (
                <Radio.Card key={template.id} value={template.id} p="md" radius="sm" disabled={isNowhere} className="mw-choice">
                  <Choice
                    title={name}
                    text={description}
                    note={isNowhere ? t('notOnAnyHost') : format.mebibytes(template.defaultMemoryMiB)}
                  />
                </Radio.Card>
              );
            })}
          </SimpleGrid>
        </Radio.Group>
      )}
      {draft.from === 'image' && ready.length > 0 && (
        <Radio.Group
          aria-label={t('fromImage')}
          value={draft.imageId}
          onChange={(id) => choose({ from: 'image', templateId: null, imageId: id as Image['id'] })}
        >
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {ready.map((image) => (
              <Radio.Card key={image.id} value={image.id} p="md" radius="sm" className="mw-choice">
                <Choice title={image.name} text={kinds(image.kind)} note={format.bytes(image.sizeBytes)} />
              </Radio.Card>
            ))}
          </SimpleGrid>
        </Radio.Group>
      )}
    </Stack>
  );
}

function Choice({ title, text, note }: { readonly title: string; readonly text: string; readonly note: string }) {
  return (
    <span style={{ display: 'flex', gap: 12, alignItems: 'flex-start' }}>
      <Radio.Indicator mt={2} />
      <span>
        <Text span fw={600} display="block">
          {title}
        </Text>
        <Text span size="sm" c="dimmed" display="block">
          {text}
        </Text>
        <Text span size="xs" c="dimmed" display="block" mt={4}>
          {note}
        </Text>
      </span>
    </span>
  );
}
