'use client';
import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { DisplayNameSchema, type Template } from '@millwright/contracts';
import { IconDots, IconPlus, IconStack2 } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useFormat } from '../../platform/format';
import { hostsQuery, templatesQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { useConfirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { FailureAlert } from '../../ui/FailureAlert';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { useAction } from '../../ui/use-action';
import { useTemplateWords } from './template-words';

export function TemplatesPage() {
  const t = useTranslations('templates');
  const common = useTranslations('common');
  const templates = useQuery(templatesQuery);
  const [edited, setEdited] = useState<Template>();
  return (
    <>
      <PageHeader title={t('title')} hint={t('hint')} />
      <Loaded query={templates}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={<IconStack2 size={28} />} title={t('empty')} hint={t('emptyHint')} />
          ) : (
            <Templates templates={items} edit={setEdited} />
          )
        }
      </Loaded>
      <Modal
        opened={edited !== undefined}
        onClose={() => setEdited(undefined)}
        title={t('edit')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        {edited && <TemplateForm template={edited} onDone={() => setEdited(undefined)} />}
      </Modal>
    </>
  );
}

function Templates({ templates, edit }: { readonly templates: readonly Template[]; readonly edit: (template: Template) => void }) {
  const t = useTranslations('templates');
  const common = useTranslations('common');
  const presentations = useTranslations('presentations');
  const format = useFormat();
  const confirm = useConfirm();
  const cache = useQueryClient();
  const wordsOf = useTemplateWords();
  const { may } = useSignedIn();
  const hosts = useQuery(hostsQuery).data ?? [];
  const hostNames = ({ hostIds }: Template) => hosts.filter(({ id }) => hostIds.includes(id)).map(({ name }) => name);
  const remove = useAction((template: Template) => callBroker('deleteTemplate', { path: { id: template.id } }), {
    done: ({ name }) => t('deleted', { name }),
    after: (_, { id }) => applyChanged(cache, { kind: 'template', id, value: null }),
  });
  const columns: Column<Template>[] = [
    {
      key: 'name',
      header: common('name'),
      sortValue: (template) => wordsOf(template).name,
      cell: (template) => {
        const { name, description } = wordsOf(template);
        return (
          <div style={{ minWidth: 220 }}>
            <Text size="sm" fw={600}>
              {name}
            </Text>
            <Text size="sm" c="dimmed">
              {description}
            </Text>
          </div>
        );
      },
    },
    {
      key: 'source',
      header: t('source'),
      sortValue: ({ source }) => source.kind,
      cell: ({ source, presentation }) => (
        <Text size="sm">
          {t(`sources.${source.kind}`)}
          <Text span size="xs" c="dimmed" display="block">
            {presentations(presentation)}
          </Text>
        </Text>
      ),
    },
    {
      key: 'memory',
      header: t('memory'),
      sortValue: ({ defaultMemoryMiB }) => defaultMemoryMiB,
      cell: ({ defaultMemoryMiB }) => format.mebibytes(defaultMemoryMiB),
      fit: true,
    },
    { key: 'hosts', header: t('hosts'), cell: (template) => hostNames(template).join(', ') || t('onNoHost') },
    {
      key: 'actions',
      header: common('actions'),
      hiddenHeader: true,
      fit: true,
      cell: (template) => {
        const { name } = wordsOf(template);
        return (
          <Group gap={6} wrap="nowrap">
            {may('machine:write') && template.hostIds.length > 0 && (
              <Button
                component={Link}
                href={`/machines/new?template=${template.id}`}
                size="compact-md"
                variant="default"
                leftSection={<IconPlus size={15} aria-hidden />}
                aria-label={`${t('createMachine')}: ${name}`}
              >
                {t('createMachine')}
              </Button>
            )}
            {may('template:write') && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon size={32} variant="subtle" color="gray" aria-label={common('moreFor', { name })}>
                    <IconDots size={18} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => edit(template)}>{t('edit')}</Menu.Item>
                  {template.source.kind !== 'builtin' && (
                    <Menu.Item
                      styles={{ item: { color: 'var(--mw-bad)' } }}
                      onClick={() =>
                        confirm({
                          title: t('confirmDelete', { name }),
                          text: t('confirmDeleteHint'),
                          action: common('delete'),
                          run: () => remove.mutate(template),
                        })
                      }
                    >
                      {common('delete')}
                    </Menu.Item>
                  )}
                </Menu.Dropdown>
              </Menu>
            )}
          </Group>
        );
      },
    },
  ];
  return (
    <DataTable
      label={t('title')}
      rows={templates}
      rowKey={({ id }) => id}
      columns={columns}
      initialSort={{ key: 'name' }}
      filterText={(template) => `${wordsOf(template).name} ${wordsOf(template).description}`}
    />
  );
}

function TemplateForm({ template, onDone }: { readonly template: Template; readonly onDone: () => void }) {
  const common = useTranslations('common');
  const invalid = useTranslations('form')('nameInvalid');
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: template.name as string, description: template.description },
    validate: { name: (name) => (DisplayNameSchema.safeParse(name).success ? null : invalid) },
  });
  const save = useAction((body: typeof form.values) => callBroker('updateTemplate', { path: { id: template.id }, body }), {
    quiet: true,
    done: () => common('saved'),
    after: (value) => {
      applyChanged(cache, { kind: 'template', id: value.id, value });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={save.error} />
        <TextInput label={common('name')} data-autofocus {...form.getInputProps('name')} />
        <Textarea label={common('description')} autosize minRows={2} maxLength={2000} {...form.getInputProps('description')} />
        <Button type="submit" loading={save.isPending}>
          {common('save')}
        </Button>
      </Stack>
    </form>
  );
}
