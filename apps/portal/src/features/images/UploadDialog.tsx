'use client';
import { Button, FileInput, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { DisplayNameSchema, guessImageKind, type HostId, type ImageKind, MAX_IMAGE_BYTES, Sha256Schema } from '@millwright/contracts';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { hostsQuery } from '../../platform/queries';
import { FailureAlert } from '../../ui/FailureAlert';
import { useNotify } from '../../ui/notify';
import { useAction } from '../../ui/use-action';
import { uploads } from './uploads';

export function UploadDialog({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const t = useTranslations('images');
  const common = useTranslations('common');
  return (
    <Modal opened={opened} onClose={onClose} title={t('upload')} closeButtonProps={{ 'aria-label': common('close') }}>
      <UploadForm onBegun={onClose} />
    </Modal>
  );
}

function UploadForm({ onBegun }: { readonly onBegun: () => void }) {
  const t = useTranslations('images');
  const common = useTranslations('common');
  const kinds = useTranslations('bootDevices');
  const messages = useTranslations('form');
  const notify = useNotify();
  const format = useFormat();
  const hosts = (useQuery(hostsQuery).data ?? []).filter(({ state }) => state === 'online');
  const form = useForm({
    initialValues: { file: null as File | null, name: '', kind: 'disk' as ImageKind, sha256: '', hostId: null as HostId | null },
    validate: {
      file: (file) => {
        if (!file) return messages('required');
        if (file.size >= 512 && file.size <= MAX_IMAGE_BYTES) return null;
        return messages('fileSizeInvalid', { size: format.bytes(file.size), max: format.bytes(MAX_IMAGE_BYTES) });
      },
      name: (name) => (DisplayNameSchema.safeParse(name).success ? null : messages('nameInvalid')),
      sha256: (text) => (text === '' || Sha256Schema.safeParse(normalized(text)).success ? null : messages('sha256Invalid')),
    },
  });
  const begin = useAction(
    ({ file, name, kind, sha256, hostId }: typeof form.values) =>
      uploads.begin(file!, { name, kind, ...(sha256 ? { sha256: normalized(sha256) } : {}), ...(hostId ? { hostId } : {}) }, (arrived) =>
        notify.done(t('uploadDone', { name: arrived })),
      ),
    { quiet: true, after: onBegun },
  );
  const chooseFile = (file: File | null) => {
    form.setFieldValue('file', file);
    if (!file) return;
    form.setFieldValue('kind', guessImageKind(file.name, file.size));
    if (!form.values.name) form.setFieldValue('name', file.name.slice(0, 63));
  };
  const { file } = form.values;
  return (
    <form onSubmit={form.onSubmit((values) => begin.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={begin.error} />
        <FileInput
          label={t('file')}
          placeholder={t('choose')}
          description={file ? format.bytes(file.size) : t('emptyHint')}
          leftSection={<IconUpload size={16} aria-hidden />}
          clearable
          clearButtonProps={{ 'aria-label': t('replaceFile') }}
          {...form.getInputProps('file')}
          onChange={chooseFile}
        />
        <TextInput label={common('name')} {...form.getInputProps('name')} />
        <Select
          label={t('kind')}
          allowDeselect={false}
          data={(['disk', 'cdrom', 'floppy'] as const).map((value) => ({ value, label: kinds(value) }))}
          {...form.getInputProps('kind')}
        />
        <TextInput
          label={`${t('sha256Expected')} (${common('optional')})`}
          description={t('sha256Hint')}
          spellCheck={false}
          {...form.getInputProps('sha256')}
        />
        {hosts.length > 1 && (
          <Select
            label={t('host')}
            clearable
            data={hosts.map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('hostId')}
          />
        )}
        <Button type="submit" loading={begin.isPending}>
          {t('start')}
        </Button>
      </Stack>
    </form>
  );
}

const normalized = (sha256: string) => sha256.trim().toLowerCase();
