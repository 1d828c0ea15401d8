'use client';
import { Alert, Anchor, Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Machine, MachineId } from '@millwright/contracts';
import { IconAlertTriangle, IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { useFormat } from '../../platform/format';
import { failureText } from '../../platform/i18n/failure-texts';
import { allDesktopsQuery, hostsQuery, imagesQuery, machineQuery, templatesQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { PageHeader } from '../../ui/PageHeader';
import { Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';
import { DesktopDialog } from '../access/DesktopDialog';
import { useTemplateWords } from '../templates/template-words';
import { MachineActions } from './MachineActions';
import { MachineEditDialog } from './MachineEditDialog';
import { MachineStateBadge } from './MachineStateBadge';
import { MachineThumbnail } from './MachineThumbnail';
import { mediumName } from './medium-name';
import { useTrash } from './use-trash';

export function MachinePage({ machineId }: { readonly machineId: MachineId }) {
  const machine = useQuery(machineQuery(machineId));
  return <Loaded query={machine}>{(data) => <MachineDetails machine={data} />}</Loaded>;
}

function MachineDetails({ machine }: { readonly machine: Machine }) {
  const t = useTranslations('machines');
  const nav = useTranslations('nav');
  const stop = useTranslations('stopReasons');
  const locale = useLocale();
  const { may } = useSignedIn();
  const { restore } = useTrash();
  const [isEditing, setIsEditing] = useState(false);
  const [isOffering, setIsOffering] = useState(false);
  const { condition } = machine;
  return (
    <>
      <PageHeader
        before={
          <Anchor component={Link} href="/machines" size="sm">
            {nav('machines')}
          </Anchor>
        }
        title={machine.name}
        actions={
          machine.state === 'trashed' ? (
            <Button onClick={() => restore(machine)}>{t('restore')}</Button>
          ) : (
            <>
              {may('machine:write') && (
                <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setIsEditing(true)}>
                  {t('edit')}
                </Button>
              )}
              <MachineActions machine={machine} onOffer={() => setIsOffering(true)} inDetails />
            </>
          )
        }
      />
      {condition?.error && (
        <Alert color="red" variant="light" mb="md" title={t('lastError')} icon={<IconAlertTriangle size={18} aria-hidden />}>
          {failureText(condition.error, locale)}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Stack gap="md">
          <section className="mw-panel mw-card" aria-label={t('display')}>
            <Link href={`/machines/${machine.id}/screen`} aria-label={`${t('openScreen')}: ${machine.name}`} className="mw-card-picture">
              <MachineThumbnail machineId={machine.id} state={machine.state} />
            </Link>
            <Group p="sm" justify="space-between">
              <MachineStateBadge state={machine.state} />
              {machine.state === 'stopped' && condition?.stopReason && (
                <Text size="sm" c="dimmed">
                  {stop(condition.stopReason)}
                </Text>
              )}
            </Group>
          </section>
          <Viewers machine={machine} />
        </Stack>
        <Stack gap="md">
          <Facts machine={machine} />
          <DesktopsOf machine={machine} offer={() => setIsOffering(true)} />
        </Stack>
      </SimpleGrid>
      <MachineEditDialog machine={machine} opened={isEditing} onClose={() => setIsEditing(false)} />
      <DesktopDialog opened={isOffering} onClose={() => setIsOffering(false)} machine={machine} />
    </>
  );
}

function Facts({ machine }: { readonly machine: Machine }) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  const screen = useTranslations('screen');
  const boot = useTranslations('bootDevices');
  const serial = useTranslations('machines.serialKinds');
  const format = useFormat();
  const hosts = useQuery(hostsQuery);
  const images = useQuery(imagesQuery).data ?? [];
  const template = useQuery(templatesQuery).data?.find(({ id }) => id === machine.templateId);
  const wordsOf = useTemplateWords();
  const { spec, condition } = machine;
  const rows: [string, ReactNode][] = [
    [t('host'), hosts.data?.find(({ id }) => id === machine.hostId)?.name ?? '–'],
    [t('memory'), format.mebibytes(spec.memoryMiB)],
    [t('template'), template ? wordsOf(template).name : (machine.templateId ?? t('fromImage'))],
    ...spec.disks.map(({ medium, overlay }, i): [string, ReactNode] => [
      t('disk', { number: String(i + 1) }),
      `${mediumName(medium, images)} (${overlay === 'keep' ? t('overlayKeep') : t('overlayDiscard')})`,
    ]),
    ...(spec.cdrom ? [[t('cdrom'), mediumName(spec.cdrom, images)] as [string, ReactNode]] : []),
    ...(spec.floppy ? [[t('floppy'), mediumName(spec.floppy, images)] as [string, ReactNode]] : []),
    [t('bootOrder'), spec.bootOrder.map((device) => boot(device)).join(' → ')],
    [t('serialPorts'), spec.serial.length > 0 ? spec.serial.map((kind, i) => `COM${i + 1}: ${serial(kind)}`).join(', ') : common('none')],
    [t('pointer'), (condition?.pointer ?? spec.pointer) === 'absolute' ? screen('pointerAbsolute') : screen('pointerRelative')],
    ...(condition?.screen
      ? [[screen('resolution'), `${condition.screen.widthPx} × ${condition.screen.heightPx}`] as [string, ReactNode]]
      : []),
    ...(condition?.startedAt ? [[t('startedAt'), format.instant(condition.startedAt)] as [string, ReactNode]] : []),
    ...(condition?.speed != null ? [[t('speed'), `${format.number(condition.speed, 2)}×`] as [string, ReactNode]] : []),
    [common('created'), format.instant(machine.createdAt)],
  ];
  return (
    <section className="mw-panel" aria-label={t('specification')}>
      <Stack p="md" gap="sm">
        <Title order={2}>{t('specification')}</Title>
        <dl className="mw-facts">
          {rows.map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Stack>
    </section>
  );
}

function Viewers({ machine }: { readonly machine: Machine }) {
  const t = useTranslations('machines');
  const { may } = useSignedIn();
  const { holder, viewers } = machine.control;
  const pass = useAction((sessionId: (typeof viewers)[number]['sessionId'] | null) =>
    callBroker('passControl', { path: { id: machine.id }, body: { sessionId } }),
  );
  return (
    <section className="mw-panel" aria-label={t('viewers')}>
      <Stack p="md" gap="sm">
        <Title order={2}>{t('viewers')}</Title>
        {viewers.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noViewers')}
          </Text>
        )}
        {viewers.map((viewer) => {
          const isHolder = viewer.sessionId === holder;
          return (
            <Group key={viewer.sessionId} justify="space-between">
              <Group gap="xs">
                <Text size="sm">{viewer.displayName}</Text>
                <StateBadge
                  tone={isHolder ? 'good' : 'idle'}
                  label={isHolder ? t('holder') : viewer.mayControl ? t('mayControl') : t('viewOnly')}
                />
              </Group>
              {may('control:override') && viewer.mayControl && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => pass.mutate(isHolder ? null : viewer.sessionId)}
                  aria-label={`${isHolder ? t('takeAway') : t('giveControl')}: ${viewer.displayName}`}
                >
                  {isHolder ? t('takeAway') : t('giveControl')}
                </Button>
              )}
            </Group>
          );
        })}
      </Stack>
    </section>
  );
}

function DesktopsOf({ machine, offer }: { readonly machine: Machine; readonly offer: () => void }) {
  const t = useTranslations('machines');
  const access = useTranslations('assignments');
  const { may } = useSignedIn();
  const desktops = useQuery({ ...allDesktopsQuery, enabled: may('desktop:read') });
  const own = desktops.data?.filter(({ machineId }) => machineId === machine.id) ?? [];
  return (
    <section className="mw-panel" aria-label={t('desktopsOf')}>
      <Stack p="md" gap="sm">
        <Group justify="space-between">
          <Title order={2}>{t('desktopsOf')}</Title>
          {may('desktop:write') && (
            <Button size="compact-sm" variant="default" onClick={offer}>
              {t('offer')}
            </Button>
          )}
        </Group>
        {own.length === 0 && (
          <Text size="sm" c="dimmed">
            {t('noDesktops')}
          </Text>
        )}
        {own.map((desktop) => (
          <Group key={desktop.id} justify="space-between">
            <Anchor component={Link} href="/access" size="sm">
              {desktop.name}
            </Anchor>
            <Text size="sm" c="dimmed">
              {desktop.assignments.map(({ displayName }) => displayName).join(', ') || access('nobody')}
            </Text>
          </Group>
        ))}
      </Stack>
    </section>
  );
}
