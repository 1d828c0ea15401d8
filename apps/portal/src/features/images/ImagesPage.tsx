'use client';
import { ActionIcon, Button, CopyButton, FileButton, Group, Menu, Modal, Progress, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { DisplayNameSchema, type Image, type ImageState } from '@millwright/contracts';
import { IconCheck, IconCopy, IconDisc, IconDots, IconPlayerPause, IconPlayerPlay, IconPlus, IconUpload, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { type Locale, useLocale, useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useFormat } from '../../platform/format';
import { failureText } from '../../platform/i18n/failure-texts';
import { hostsQuery, imagesQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { useConfirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { FailureAlert } from '../../ui/FailureAlert';
import { useNotify } from '../../ui/notify';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { StateBadge, type Tone } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';
import { UploadDialog } from './UploadDialog';
import { type UploadView, uploads, useUploads } from './uploads';

const TONES: Readonly<Record<ImageState, Tone>> = { uploading: 'busy', checking: 'busy', ready: 'good', refused: 'bad' };

export function ImagesPage() {
  const t = useTranslations('images');
  const common = useTranslations('common');
  const { may } = useSignedIn();
  const images = useQuery(imagesQuery);
  const [isUploading, setIsUploading] = useState(false);
  const [renamed, setRenamed] = useState<Image>();
  useOutcomeNotes(images.data);
  const upload = may('image:write') && (
    <Button leftSection={<IconUpload size={16} aria-hidden />} onClick={() => setIsUploading(true)}>
      {t('upload')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('title')} hint={t('hint')} actions={upload} />
      <Loaded query={images}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconDisc size={28} />} title={t('empty')} hint={t('emptyHint')} action={upload} />
          ) : (
            <Images images={items} rename={setRenamed} />
          )
        }
      </Loaded>
      <UploadDialog opened={isUploading} onClose={() => setIsUploading(false)} />
      <Modal
        opened={renamed !== undefined}
        onClose={() => setRenamed(undefined)}
        title={common('rename')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {renamed && <RenameForm image={renamed} onDone={() => setRenamed(undefined)} />}
      </Modal>
    </>
  );
}

function Images({ images, rename }: { readonly images: readonly Image[]; readonly rename: (image: Image) => void }) {
  const t = useTranslations('images');
  const common = useTranslations('common');
  const kinds = useTranslations('bootDevices');
  const format = useFormat();
  const confirm = useConfirm();
  const cache = useQueryClient();
  const { may } = useSignedIn();
  const hosts = useQuery(hostsQuery).data ?? [];
  const active = useUploads();
  const remove = useAction((image: Image) => callBroker('deleteImage', { path: { id: image.id } }), {
    done: ({ name }) => t('deleted', { name }),
    after: (_, { id }) => applyChanged(cache, { kind: 'image', id, value: null }),
  });
  const cancel = (image: Image) => {
    uploads.drop(image.id);
    remove.mutate(image);
  };
  const columns: Column<Image>[] = [
    {
      key: 'name',
      header: common('name'),
      sortValue: ({ name }) => name,
      cell: (image) => (
        <div style={{ minWidth: 180 }}>
          <Text size="sm" fw={600}>
            {image.name}
          </Text>
          {image.sha256 && image.state === 'ready' && <Sha256 image={image} />}
        </div>
      ),
    },
    { key: 'kind', header: t('kind'), sortValue: ({ kind }) => kinds(kind), cell: ({ kind }) => kinds(kind), fit: true },
    {
      key: 'size',
      header: t('size'),
      sortValue: ({ sizeBytes }) => sizeBytes,
      cell: ({ sizeBytes }) => format.bytes(sizeBytes),
      fit: true,
    },
    {
      key: 'state',
      header: common('state'),
      sortValue: ({ state }) => state,
      cell: (image) => <ImageProgress image={image} upload={active.find(({ imageId }) => imageId === image.id)} />,
    },
    { key: 'host', header: t('host'), cell: ({ hostId }) => hosts.find(({ id }) => id === hostId)?.name ?? '–', fit: true },
    {
      key: 'created',
      header: common('created'),
      sortValue: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => format.relative(createdAt),
      fit: true,
    },
    {
      key: 'actions',
      header: common('actions'),
      hiddenHeader: true,
      fit: true,
      cell: (image) => (
        <Group gap={6} wrap="nowrap" justify="flex-end">
          {image.state === 'uploading' && may('image:write') && (
            <UploadButtons image={image} upload={active.find(({ imageId }) => imageId === image.id)} cancel={() => cancel(image)} />
          )}
          {image.state === 'ready' && may('machine:write') && (
            <Button
              component={Link}
              href={`/machines/new?image=${image.id}`}
              size="compact-md"
              variant="default"
              leftSection={<IconPlus size={15} aria-hidden />}
              aria-label={`${t('createMachine')}: ${image.name}`}
            >
              {t('createMachine')}
            </Button>
          )}
          {may('image:write') && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon size={32} variant="subtle" color="gray" aria-label={common('moreFor', { name: image.name })}>
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => rename(image)}>{common('rename')}</Menu.Item>
                <Menu.Item
                  styles={{ item: { color: 'var(--mw-bad)' } }}
                  onClick={() =>
                    confirm({
                      title: t('confirmDelete', { name: image.name }),
                      text: t('confirmDeleteHint'),
                      action: common('delete'),
                      run: () => cancel(image),
                    })
                  }
                >
                  {common('delete')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      ),
    },
  ];
  return (
    <DataTable
      label={t('title')}
      rows={images}
      rowKey={({ id }) => id}
      columns={columns}
      initialSort={{ key: 'name' }}
      filterText={({ name, kind }) => `${name} ${kinds(kind)}`}
    />
  );
}

function Sha256({ image }: { readonly image: Image }) {
  const t = useTranslations('images');
  const short = `${image.sha256?.slice(0, 12)}…`;
  return (
    <CopyButton value={image.sha256 ?? ''}>
      {({ copied, copy }) => (
        <Tooltip label={image.sha256}>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            px={2}
            rightSection={copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
            onClick={copy}
            aria-label={`${t('copySha', { name: image.name })}: ${short}`}
            styles={{ label: { color: 'var(--mantine-color-dimmed)', fontFamily: 'var(--mantine-font-family-monospace)' } }}
          >
            {short}
          </Button>
        </Tooltip>
      )}
    </CopyButton>
  );
}

function ImageProgress({ image, upload }: { readonly image: Image; readonly upload: UploadView | undefined }) {
  const t = useTranslations('images');
  const locale = useLocale();
  const format = useFormat();
  if (image.state !== 'uploading') {
    return (
      <Stack gap={2} align="flex-start">
        <StateBadge tone={TONES[image.state]} pulse={image.state === 'checking'} label={t(`states.${image.state}`)} />
        {image.reason && (
          <Text size="xs" style={{ color: 'var(--mw-bad)' }}>
            {reasonText(image, locale)}
          </Text>
        )}
      </Stack>
    );
  }
  const sent = upload?.sentBytes || image.receivedBytes;
  const left = upload?.bytesPerSecond ? (image.sizeBytes - sent) / upload.bytesPerSecond : undefined;
  const isRunning = upload?.state === 'running';
  return (
    <Stack gap={4} miw={200}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <StateBadge
          tone={upload?.state === 'failed' ? 'bad' : isRunning ? 'busy' : 'warn'}
          pulse={isRunning}
          label={isRunning ? t('uploading') : upload ? t('paused') : t('waiting')}
        />
        <Text size="xs" c="dimmed">
          {t('progressText', { sent: format.bytes(sent), total: format.bytes(image.sizeBytes) })}
          {left !== undefined && ` · ${t('remaining', { time: format.duration(left) })}`}
        </Text>
      </Group>
      <Progress value={(100 * sent) / image.sizeBytes} size="sm" aria-label={t('progress', { name: image.name })} />
      {upload?.error && (
        <Text size="xs" style={{ color: 'var(--mw-bad)' }}>
          {t('uploadFailed', { reason: failureText(upload.error, locale) })}
        </Text>
      )}
      {!upload && (
        <Text size="xs" c="dimmed">
          {t('chooseSameFile', { size: format.bytes(image.sizeBytes) })}
        </Text>
      )}
    </Stack>
  );
}

function UploadButtons({
  image,
  upload,
  cancel,
}: {
  readonly image: Image;
  readonly upload: UploadView | undefined;
  readonly cancel: () => void;
}) {
  const t = useTranslations('images');
  const notify = useNotify();
  const format = useFormat();
  const again = useAction((file: File) => uploads.continueWith(file, image, (name) => notify.done(t('uploadDone', { name }))));
  const choose = (file: File | null) => {
    if (!file) return;
    if (file.size === image.sizeBytes) again.mutate(file);
    else notify.failed(new Error(t('anotherFile', { size: format.bytes(file.size), expected: format.bytes(image.sizeBytes) })));
  };
  return (
    <>
      {upload?.state === 'running' && (
        <Tooltip label={t('pause')}>
          <ActionIcon size={32} variant="default" onClick={() => uploads.pause(image.id)} aria-label={`${t('pause')}: ${image.name}`}>
            <IconPlayerPause size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {upload && upload.state !== 'running' && (
        <Tooltip label={t('resume')}>
          <ActionIcon size={32} variant="default" onClick={() => uploads.resume(image.id)} aria-label={`${t('resume')}: ${image.name}`}>
            <IconPlayerPlay size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {!upload && (
        <FileButton onChange={choose}>
          {(props) => (
            <Button {...props} size="compact-md" variant="default" loading={again.isPending} aria-label={`${t('resume')}: ${image.name}`}>
              {t('resume')}
            </Button>
          )}
        </FileButton>
      )}
      <Tooltip label={t('cancelUpload')}>
        <ActionIcon size={32} variant="default" onClick={cancel} aria-label={`${t('cancelUpload')}: ${image.name}`}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

function RenameForm({ image, onDone }: { readonly image: Image; readonly onDone: () => void }) {
  const common = useTranslations('common');
  const invalid = useTranslations('form')('nameInvalid');
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: image.name as string },
    validate: { name: (name) => (DisplayNameSchema.safeParse(name).success ? null : invalid) },
  });
  const save = useAction((body: { name: string }) => callBroker('updateImage', { path: { id: image.id }, body }), {
    quiet: true,
    after: (value) => {
      applyChanged(cache, { kind: 'image', id: value.id, value });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={save.error} />
        <TextInput label={common('name')} data-autofocus {...form.getInputProps('name')} />
        <Button type="submit" loading={save.isPending}>
          {common('save')}
        </Button>
      </Stack>
    </form>
  );
}

/** A word when the host has checked an image. */
function useOutcomeNotes(images: readonly Image[] | undefined) {
  const t = useTranslations('images');
  const locale = useLocale();
  const notify = useNotify();
  const before = useRef(new Map<string, ImageState>());
  useEffect(() => {
    for (const image of images ?? []) {
      if (before.current.get(image.id) === 'checking' && image.state === 'ready') notify.done(t('ready', { name: image.name }));
      if (before.current.get(image.id) === 'checking' && image.state === 'refused')
        notify.failed(new Error(`${t('refused', { name: image.name })}. ${reasonText(image, locale)}`));
      before.current.set(image.id, image.state);
    }
  });
}

function reasonText({ reason, reasonCode }: Image, locale: Locale): string {
  return failureText({ code: reasonCode ?? '', message: reason ?? '' }, locale);
}
