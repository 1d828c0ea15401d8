'use client';
import { Button, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { DisplayNameSchema, type Machine, MEMORY_MIB } from '@millwright/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { FailureAlert } from '../../ui/FailureAlert';
import { useAction } from '../../ui/use-action';

export function MachineEditDialog({
  machine,
  opened,
  onClose,
}: {
  readonly machine: Machine;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  return (
    <Modal opened={opened} onClose={onClose} title={t('edit')} closeButtonProps={{ 'aria-label': common('close') }}>
      <MachineEditForm machine={machine} onDone={onClose} />
    </Modal>
  );
}

function MachineEditForm({ machine, onDone }: { readonly machine: Machine; readonly onDone: () => void }) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  const messages = useTranslations('form');
  const cache = useQueryClient();
  const memoryWords = messages('memoryInvalid', { min: String(MEMORY_MIB.min), max: String(MEMORY_MIB.max) });
  const form = useForm({
    initialValues: { name: machine.name, memoryMiB: machine.spec.memoryMiB as number | string },
    validate: {
      name: (name) => (DisplayNameSchema.safeParse(name).success ? null : messages('nameInvalid')),
      memoryMiB: (value) => (isMemory(value) ? null : memoryWords),
    },
  });
  const save = useAction(
    ({ name, memoryMiB }: typeof form.values) =>
      callBroker('updateMachine', { path: { id: machine.id }, body: { name, memoryMiB: Number(memoryMiB) } }),
    {
      quiet: true,
      done: () => common('saved'),
      after: (value) => {
        applyChanged(cache, { kind: 'machine', id: value.id, value });
        onDone();
      },
    },
  );
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="sm">
        <FailureAlert error={save.error} />
        <TextInput label={common('name')} data-autofocus {...form.getInputProps('name')} />
        <NumberInput
          label={t('memoryMiB')}
          min={MEMORY_MIB.min}
          max={MEMORY_MIB.max}
          allowDecimal={false}
          {...form.getInputProps('memoryMiB')}
        />
        <Text size="sm" c="dimmed">
          {t('editHint')}
        </Text>
        <Button type="submit" loading={save.isPending}>
          {common('save')}
        </Button>
      </Stack>
    </form>
  );
}

export function isMemory(value: number | string): boolean {
  const number = Number(value);
  return value !== '' && Number.isInteger(number) && number >= MEMORY_MIB.min && number <= MEMORY_MIB.max;
}
