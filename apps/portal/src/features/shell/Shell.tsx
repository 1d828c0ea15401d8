'use client';
import { Alert, AppShell, Burger, Group, NavLink, ScrollArea, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlugConnectedX } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { useIsCut } from '../../platform/live-updates';
import { useSignedIn } from '../../platform/session';
import { TaskTray } from '../tasks/TaskTray';
import { AccountMenu } from './AccountMenu';
import { Brand } from './Brand';
import { NAVIGATION } from './navigation';

/** Header, navigation and the place for a page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const t = useTranslations('app');
  const nav = useTranslations('nav');
  const { me, may } = useSignedIn();
  const isOperatorOnly = me.user.roles.every((role) => role === 'operator');
  const pathname = usePathname();
  const isCut = useIsCut();
  const [opened, { toggle, close }] = useDisclosure();
  // The drawer closes when the page changes.
  useEffect(() => close(), [pathname]);
  const groups = NAVIGATION.map(({ group, items }) => ({
    group,
    items: items.filter(({ needs, label }) => (!needs || may(needs)) && !(isOperatorOnly && label === 'desktops')),
  })).filter(({ items }) => items.length > 0);

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
      bg="var(--mw-ground)"
    >
      <a href="#content" className="mw-skip">
        {t('skipToContent')}
      </a>
      <AppShell.Header withBorder>
        <Group h="100%" px="sm" gap="xs" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={opened ? t('closeNavigation') : t('openNavigation')}
          />
          <Brand />
          <Group ml="auto" gap={6} wrap="nowrap">
            {may('task:read') && <TaskTray />}
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('mainNavigation')}>
        <ScrollArea type="auto">
          {groups.map(({ group, items }) => (
            <div key={group}>
              {groups.length > 1 && (
                <Text size="xs" c="dimmed" fw={600} px="xs" pt="sm" pb={4}>
                  {nav(group)}
                </Text>
              )}
              {items.map(({ label, href, icon: Icon }) => {
                const isHere = pathname === href || pathname.startsWith(`${href}/`);
                return (
                  <NavLink
                    key={href}
                    component={Link}
                    href={href}
                    label={nav(label)}
                    leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
                    active={isHere}
                    aria-current={isHere ? 'page' : undefined}
                    className="mw-nav"
                  />
                );
              })}
            </div>
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {isCut && (
          <Alert
            color="yellow"
            variant="light"
            mb="md"
            py="xs"
            role="status"
            icon={<IconPlugConnectedX size={18} aria-hidden />}
            styles={{ message: { color: 'var(--mw-warn)' } }}
          >
            {t('offline')}
          </Alert>
        )}
        {children}
      </AppShell.Main>
    </AppShell>
  );
}
