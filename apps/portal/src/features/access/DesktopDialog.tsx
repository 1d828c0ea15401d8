'use client';
import { Button, Modal, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type Desktop, DisplayNameSchema, type Machine, type MachineId, type Presentation, type UserId } from '@millwright/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { machinesQuery, templatesQuery, usersQuery } from '../../platform/queries';
import { FailureAlert } from '../../ui/FailureAlert';
import { useNotify } from '../../ui/notify';
import { useAction } from '../../ui/use-action';

interface DesktopDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Offer this machine; without it the person chooses one. */
  readonly machine?: Machine | undefined;
  /** Change this one instead of making a new one. */
  readonly desktop?: Desktop | undefined;
}

/** Makes or changes a desktop: a machine, how it is shown, and who it is for. */
export function DesktopDialog({ opened, onClose, machine, desktop }: DesktopDialogProps) {
  const t = useTranslations('assignments');
  const common = useTranslations('common');
  const title = desktop ? t('assignTo', { name: desktop.name }) : t('create');
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': common('close') }}>
      <DesktopForm machine={machine} desktop={desktop} onDone={onClose} />
    </Modal>
  );
}

function DesktopForm({ machine, desktop, onDone }: Pick<DesktopDialogProps, 'machine' | 'desktop'> & { readonly onDone: () => void }) {
  const t = useTranslations('assignments');
  const common = useTranslations('common');
  const messages = useTranslations('form');
  const notify = useNotify();
  const cache = useQueryClient();
  const machines = useQuery(machinesQuery).data ?? [];
  const templates = useQuery(templatesQuery).data ?? [];
  const presentationOf = (id: MachineId | null): Presentation => {
    const templateId = machines.find((each) => each.id === id)?.templateId;
    return templates.find((template) => template.id === templateId)?.presentation ?? 'desktop';
  };
  const form = useForm({
    initialValues: {
      name: desktop?.name ?? machine?.name ?? '',
      machineId: desktop?.machineId ?? machine?.id ?? (null as MachineId | null),
      presentation: desktop?.presentation ?? presentationOf(machine?.id ?? null),
      userIds: desktop?.assignments.map(({ userId }) => userId) ?? ([] as UserId[]),
    },
    validate: {
      name: (name) => (DisplayNameSchema.safeParse(name).success ? null : messages('nameInvalid')),
      machineId: (id) => (id ? null : messages('required')),
    },
  });
  const save = useAction(
    (values: typeof form.values): Promise<unknown> =>
      desktop ? change(desktop, values) : callBroker('createDesktop', { body: { ...values, machineId: values.machineId! } }),
    {
      quiet: true,
      after: (_, { name }) => {
        void cache.invalidateQueries({ queryKey: ['desktops'] });
        notify.done(t(desktop ? 'changed' : 'created', { name }));
        onDone();
      },
    },
  );
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={save.error} />
        {!desktop && !machine && (
          <Select
            label={t('machine')}
            data={machines.map(({ id, name }) => ({ value: id, label: name }))}
            searchable
            nothingFoundMessage={t('noMachines')}
            {...form.getInputProps('machineId')}
            onChange={(value) => {
              const id = value as MachineId | null;
              form.setFieldValue('machineId', id);
              form.setFieldValue('presentation', presentationOf(id));
              if (!form.values.name) form.setFieldValue('name', machines.find((each) => each.id === id)?.name ?? '');
            }}
          />
        )}
        <TextInput label={common('name')} {...form.getInputProps('name')} />
        <PresentationSelect {...form.getInputProps('presentation')} />
        <PeopleSelect data-autofocus {...form.getInputProps('userIds')} />
        <Button type="submit" loading={save.isPending}>
          {desktop ? common('save') : t('create')}
        </Button>
      </Stack>
    </form>
  );
}

/** Name and presentation first; then only the assignments that differ, each of which is safe to repeat. */
async function change(
  desktop: Desktop,
  { name, presentation, userIds }: { readonly name: string; readonly presentation: Presentation; readonly userIds: readonly UserId[] },
): Promise<void> {
  const id = desktop.id;
  if (name !== desktop.name || presentation !== desktop.presentation)
    await callBroker('updateDesktop', { path: { id }, body: { name, presentation } });
  const before = desktop.assignments.map(({ userId }) => userId);
  for (const userId of userIds) if (!before.includes(userId)) await callBroker('assignDesktop', { path: { id, userId } });
  for (const userId of before) if (!userIds.includes(userId)) await callBroker('unassignDesktop', { path: { id, userId } });
}

export function PresentationSelect({
  value,
  onChange,
}: {
  readonly value?: Presentation;
  readonly onChange?: (value: Presentation) => void;
}) {
  const t = useTranslations('assignments');
  const presentations = useTranslations('presentations');
  return (
    <Select
      label={t('presentation')}
      allowDeselect={false}
      data={(['desktop', 'hmi'] as const).map((each) => ({ value: each, label: presentations(each) }))}
      value={value ?? null}
      onChange={(next) => next && onChange?.(next as Presentation)}
    />
  );
}

export function PeopleSelect({
  value,
  onChange,
  ...rest
}: {
  readonly value?: UserId[];
  readonly onChange?: (value: UserId[]) => void;
  readonly 'data-autofocus'?: boolean;
}) {
  const t = useTranslations('assignments');
  const users = useQuery(usersQuery).data ?? [];
  return (
    <MultiSelect
      label={t('people')}
      data={users
        .filter(({ disabled, id }) => !disabled || value?.includes(id))
        .map(({ id, name, displayName }) => ({ value: id, label: displayName === name ? name : `${displayName} (${name})` }))}
      searchable
      clearable
      hidePickedOptions
      value={value ?? []}
      onChange={(next) => onChange?.(next as UserId[])}
      {...rest}
    />
  );
}
