'use client';
import { Button, Group, Stepper, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  DisplayNameSchema,
  type HostId,
  type Image,
  type ImageId,
  MEMORY_MIB,
  type Presentation,
  type Template,
  type TemplateId,
  type UserId,
} from '@millwright/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { asPlatformError, callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { failureText } from '../../platform/i18n/failure-texts';
import { imagesQuery, templatesQuery } from '../../platform/queries';
import { FailureAlert } from '../../ui/FailureAlert';
import { useNotify } from '../../ui/notify';
import { PageHeader } from '../../ui/PageHeader';
import { Loaded } from '../../ui/PageState';
import { useAction } from '../../ui/use-action';
import { useTemplateWords } from '../templates/template-words';
import { isMemory } from './MachineEditDialog';
import { ReviewStep } from './ReviewStep';
import { SettingsStep } from './SettingsStep';
import { SourceStep } from './SourceStep';

/** Memory of a machine made around an image, as the broker would choose. */
const IMAGE_MEMORY_MIB = 128;

export interface MachineDraft {
  readonly from: 'template' | 'image';
  readonly templateId: TemplateId | null;
  readonly imageId: ImageId | null;
  readonly name: string;
  readonly memoryMiB: number | string;
  readonly hostId: HostId | null;
  readonly cdrom: ImageId | null;
  readonly floppy: ImageId | null;
  readonly start: boolean;
  readonly offer: boolean;
  readonly presentation: Presentation;
  readonly userIds: UserId[];
}

export type DraftForm = ReturnType<typeof useDraft>;

function useDraft() {
  const messages = useTranslations('form');
  return useForm<MachineDraft>({
    initialValues: {
      from: 'template',
      templateId: null,
      imageId: null,
      name: '',
      memoryMiB: IMAGE_MEMORY_MIB,
      hostId: null,
      cdrom: null,
      floppy: null,
      start: true,
      offer: false,
      presentation: 'desktop',
      userIds: [],
    },
    validate: {
      name: (name) => (DisplayNameSchema.safeParse(name).success ? null : messages('nameInvalid')),
      memoryMiB: (value) =>
        isMemory(value) ? null : messages('memoryInvalid', { min: String(MEMORY_MIB.min), max: String(MEMORY_MIB.max) }),
    },
  });
}

export function CreateMachine() {
  const templates = useQuery(templatesQuery);
  const images = useQuery(imagesQuery);
  return (
    <Loaded query={templates}>
      {(templateItems) => <Loaded query={images}>{(imageItems) => <Wizard templates={templateItems} images={imageItems} />}</Loaded>}
    </Loaded>
  );
}

function Wizard({ templates, images }: { readonly templates: readonly Template[]; readonly images: readonly Image[] }) {
  const t = useTranslations('wizard');
  const common = useTranslations('common');
  const router = useRouter();
  const cache = useQueryClient();
  const notify = useNotify();
  const locale = useLocale();
  const wordsOf = useTemplateWords();
  const search = useSearchParams();
  const form = useDraft();
  const [step, setStep] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const draft = form.values;

  const choose = (source: Pick<MachineDraft, 'from' | 'templateId' | 'imageId'>) => {
    const template = templates.find(({ id }) => id === source.templateId);
    const image = images.find(({ id }) => id === source.imageId);
    form.setValues({
      ...source,
      name: template ? wordsOf(template).name : (image?.name.replace(/\.(img|iso|raw|ima|flp)$/i, '') ?? ''),
      memoryMiB: template?.defaultMemoryMiB ?? IMAGE_MEMORY_MIB,
      presentation: template?.presentation ?? 'desktop',
      hostId: null,
    });
  };
  // Other pages link here with a source in hand.
  // Once, at the beginning.
  useEffect(() => {
    const template = templates.find(({ id }) => id === search.get('template'));
    const image = images.find(({ id, state }) => id === search.get('image') && state === 'ready');
    if (!template && !image) return;
    choose({ from: template ? 'template' : 'image', templateId: template?.id ?? null, imageId: image?.id ?? null });
    setStep(1);
  }, []);

  const create = useAction((values: MachineDraft) => callBroker('createMachine', { body: requestOf(values) }), {
    quiet: true,
    async after(machine, values) {
      applyChanged(cache, { kind: 'machine', id: machine.id, value: machine });
      notify.done(t('created', { name: machine.name }));
      if (values.offer) {
        await callBroker('createDesktop', {
          body: { name: values.name, machineId: machine.id, presentation: values.presentation, userIds: values.userIds },
        }).then(
          () => void cache.invalidateQueries({ queryKey: ['desktops'] }),
          (error: unknown) => notify.failed(new Error(t('desktopFailed', { reason: failureText(asPlatformError(error), locale) }))),
        );
      }
      router.push(values.start ? `/machines/${machine.id}/screen` : `/machines/${machine.id}`);
    },
  });
  const hasSource = draft.from === 'template' ? draft.templateId !== null : draft.imageId !== null;
  const go = (next: number) => {
    if (next > 0 && !hasSource) return;
    if (next > 1 && form.validate().hasErrors) return setStep(1);
    setStep(next);
    heading.current?.focus();
  };
  const titles = [t('sourceStep'), t('settingsStep'), t('reviewStep')];
  return (
    <>
      <PageHeader title={t('title')} />
      <form
        className="mw-panel"
        style={{ padding: 20, maxWidth: 940 }}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (step < 2) go(step + 1);
          else create.mutate(form.values);
        }}
      >
        <Stepper active={step} onStepClick={go} size="sm" mb="lg" wrap className="mw-steps">
          <Stepper.Step label={t('sourceStep')} description={t('sourceHint')} />
          <Stepper.Step label={t('settingsStep')} description={t('settingsHint')} allowStepSelect={hasSource} />
          <Stepper.Step label={t('reviewStep')} description={t('reviewHint')} allowStepSelect={hasSource} />
        </Stepper>
        <Title order={2} mb="sm" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
          {titles[step]}
        </Title>
        {step === 0 && <SourceStep draft={draft} templates={templates} images={images} choose={choose} />}
        {step === 1 && <SettingsStep form={form} templates={templates} images={images} />}
        {step === 2 && <ReviewStep draft={draft} templates={templates} images={images} />}
        <FailureAlert error={create.error} />
        <Group justify="space-between" mt="lg">
          <Button variant="default" onClick={() => (step === 0 ? router.push('/machines') : setStep(step - 1))}>
            {step === 0 ? common('cancel') : common('back')}
          </Button>
          <Button type="submit" disabled={!hasSource} loading={create.isPending}>
            {step < 2 ? common('next') : t('submit')}
          </Button>
        </Group>
      </form>
    </>
  );
}

function requestOf({ from, templateId, imageId, name, memoryMiB, hostId, cdrom, floppy, start }: MachineDraft) {
  return {
    name: name.trim(),
    source: from === 'template' ? { from, templateId: templateId! } : { from, imageId: imageId! },
    memoryMiB: Number(memoryMiB),
    ...(hostId ? { hostId } : {}),
    ...(cdrom ? { cdrom: { from: 'image' as const, imageId: cdrom } } : {}),
    ...(floppy ? { floppy: { from: 'image' as const, imageId: floppy } } : {}),
    start,
  };
}
