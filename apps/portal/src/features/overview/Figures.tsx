'use client';
import { SimpleGrid, Text } from '@mantine/core';
import type { Host, Machine, Session, Task } from '@millwright/contracts';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { isUp } from '../machines/machine-state';
import { isActive } from '../tasks/task-words';

interface FiguresProps {
  readonly machines: readonly Machine[];
  readonly hosts: readonly Host[];
  /** Open ones, connected or waiting for their person to come back: those that the page of sessions shows first. */
  readonly sessions: readonly Session[] | undefined;
  readonly tasks: readonly Task[] | undefined;
}

/** The plant in figures; each leads to the page whose list it counts. */
export function Figures({ machines, hosts, sessions, tasks }: FiguresProps) {
  const t = useTranslations('overview');
  const rows = [
    {
      label: t('machines'),
      href: '/machines',
      value: t('machinesRunning', { running: String(machines.filter(isUp).length), total: String(machines.length) }),
    },
    {
      label: t('hosts'),
      href: '/hosts',
      value: t('hostsOnline', { online: String(hosts.filter(({ state }) => state === 'online').length), total: String(hosts.length) }),
    },
    {
      label: t('viewers'),
      href: '/sessions',
      value: sessions === undefined ? '–' : String(sessions.length),
    },
    { label: t('tasks'), href: '/guests', value: tasks === undefined ? '–' : String(tasks.filter(isActive).length) },
  ];
  return (
    <SimpleGrid cols={2} spacing="sm">
      {rows.map(({ label, href, value }) => (
        <Link key={label} href={href} className="mw-panel mw-figure">
          <Text size="sm" c="dimmed">
            {label}
          </Text>
          <Text fw={600} fz="md">
            {value}
          </Text>
        </Link>
      ))}
    </SimpleGrid>
  );
}
