'use client';
import { ActionIcon, Button, Group, Menu, Tooltip } from '@mantine/core';
import type { Machine } from '@millwright/contracts';
import { IconAddressBook, IconDots, IconInfoCircle, IconMaximize, IconTerminal2, IconTrash } from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { useSignedIn } from '../../platform/session';
import { verbsFor } from './machine-state';
import { VERB_ICONS } from './machine-verbs';
import { useOperate } from './use-operate';
import { useTrash } from './use-trash';
import { useVerbLabel, VerbMenuItems } from './VerbMenuItems';

/** The machine's row of buttons: the next sensible verb, its screen, and everything else in a menu. */
export function MachineActions({
  machine,
  onEdit,
  onOffer,
  inDetails = false,
}: {
  readonly machine: Machine;
  readonly onEdit?: () => void;
  readonly onOffer: () => void;
  readonly inDetails?: boolean;
}) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  const { may } = useSignedIn();
  const label = useVerbLabel();
  const { operate, pendingVerb } = useOperate({ kind: 'machine', object: machine });
  const { trash } = useTrash();
  const verbs = may('machine:operate') ? verbsFor(machine) : [];
  const main = verbs.find((verb) => verb === 'start' || verb === 'resume');
  const MainIcon = main && VERB_ICONS[main];
  const serialPorts = machine.spec.serial.filter((kind) => kind !== 'none').length;
  return (
    <Group gap={6} wrap="nowrap" justify="flex-end">
      {main && MainIcon && (
        <Tooltip label={label(main, machine)}>
          <ActionIcon
            size={32}
            variant="default"
            loading={pendingVerb === main}
            onClick={() => operate(main)}
            aria-label={`${label(main, machine)}: ${machine.name}`}
          >
            <MainIcon size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      <Button
        component={Link}
        href={`/machines/${machine.id}/screen`}
        size={inDetails ? 'sm' : 'compact-md'}
        variant={inDetails ? 'filled' : 'default'}
        leftSection={<IconMaximize size={15} aria-hidden />}
        aria-label={`${t('openScreen')}: ${machine.name}`}
      >
        {common('open')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={32} variant="subtle" color="gray" aria-label={common('moreFor', { name: machine.name })}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <VerbMenuItems machine={machine} verbs={verbs} operate={operate} />
          {verbs.length > 0 && <Menu.Divider />}
          {!inDetails && (
            <Menu.Item component={Link} href={`/machines/${machine.id}`} leftSection={<IconInfoCircle size={16} aria-hidden />}>
              {t('details')}
            </Menu.Item>
          )}
          {serialPorts > 0 && may('machine:operate') && (
            <Menu.Item component={Link} href={`/machines/${machine.id}/serial`} leftSection={<IconTerminal2 size={16} aria-hidden />}>
              {t('serial')}
            </Menu.Item>
          )}
          {may('desktop:write') && (
            <Menu.Item leftSection={<IconAddressBook size={16} aria-hidden />} onClick={onOffer}>
              {t('offer')}
            </Menu.Item>
          )}
          {onEdit && may('machine:write') && <Menu.Item onClick={onEdit}>{t('edit')}</Menu.Item>}
          {may('machine:write') && (
            <Menu.Item
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => trash(machine)}
              styles={{ item: { color: 'var(--mw-bad)' } }}
            >
              {t('toTrash')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
