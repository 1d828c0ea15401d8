'use client';
import { Checkbox, NumberInput, Select, SimpleGrid, Slider, Stack, Switch, Text, TextInput } from '@mantine/core';
import { type Image, type ImageKind, MEMORY_MIB, type Template } from '@millwright/contracts';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { hostsQuery } from '../../platform/queries';
import { PeopleSelect, PresentationSelect } from '../access/DesktopDialog';
import type { DraftForm } from './CreateMachine';

/** The slider's stops, MiB: doubling, as memory is bought. Any other value can be typed. */
const STOPS = [16, 32, 64, 128, 256, 512, 1024, 2048, MEMORY_MIB.max] as const;

export function SettingsStep({
  form,
  templates,
  images,
}: {
  readonly form: DraftForm;
  readonly templates: readonly Template[];
  readonly images: readonly Image[];
}) {
  const t = useTranslations('wizard');
  const common = useTranslations('common');
  const machines = useTranslations('machines');
  const format = useFormat();
  const hosts = useQuery(hostsQuery).data ?? [];
  const { from, templateId, imageId, memoryMiB, offer } = form.values;
  const origin =
    from === 'template'
      ? (templates.find(({ id }) => id === templateId)?.hostIds ?? [])
      : images.filter(({ id }) => id === imageId).map(({ hostId }) => hostId);
  const hostChoices = hosts.filter(({ id }) => origin.includes(id));
  const sourceKind = images.find(({ id }) => id === imageId)?.kind;
  const media = (kind: ImageKind) =>
    images.filter((image) => image.kind === kind && image.state === 'ready').map(({ id, name }) => ({ value: id, label: name }));
  const stop = STOPS.findIndex((value) => value >= Number(memoryMiB));
  return (
    <Stack gap="md">
      <TextInput label={common('name')} data-autofocus {...form.getInputProps('name')} />
      <div>
        <NumberInput
          label={`${t('memory')} (MiB)`}
          min={MEMORY_MIB.min}
          max={MEMORY_MIB.max}
          allowDecimal={false}
          maw={220}
          {...form.getInputProps('memoryMiB')}
        />
        <Slider
          mt="xs"
          mb="lg"
          thumbLabel={t('memory')}
          min={0}
          max={STOPS.length - 1}
          value={stop < 0 ? STOPS.length - 1 : stop}
          onChange={(index) => form.setFieldValue('memoryMiB', STOPS[index]!)}
          label={(index) => format.mebibytes(STOPS[index]!)}
          marks={STOPS.map((value, index) => ({ value: index, label: index % 2 === 0 ? format.mebibytes(value) : undefined }))}
          thumbProps={{ 'aria-valuetext': format.mebibytes(Number(memoryMiB)) }}
        />
      </div>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {hostChoices.length > 1 && (
          <Select
            label={t('host')}
            placeholder={t('hostAuto')}
            clearable
            data={hostChoices.map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('hostId')}
          />
        )}
        {sourceKind !== 'cdrom' && media('cdrom').length > 0 && (
          <Select label={t('extraCdrom')} placeholder={t('noMedium')} clearable data={media('cdrom')} {...form.getInputProps('cdrom')} />
        )}
        {sourceKind !== 'floppy' && media('floppy').length > 0 && (
          <Select label={t('extraFloppy')} placeholder={t('noMedium')} clearable data={media('floppy')} {...form.getInputProps('floppy')} />
        )}
      </SimpleGrid>
      <Switch label={t('start')} {...form.getInputProps('start', { type: 'checkbox' })} />
      <Checkbox label={t('offer')} {...form.getInputProps('offer', { type: 'checkbox' })} />
      {offer && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <PeopleSelect {...form.getInputProps('userIds')} />
          <PresentationSelect {...form.getInputProps('presentation')} />
        </SimpleGrid>
      )}
      {!offer && (
        <Text size="sm" c="dimmed">
          {machines('noDesktops')}
        </Text>
      )}
    </Stack>
  );
}
