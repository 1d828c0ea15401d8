'use client';
import { Box, Button, Divider, NavLink, Popover, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconLogout, IconUserCircle } from '@tabler/icons-react';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { useSignedIn } from '../../platform/session';
import { Preferences } from './Preferences';

/** Who I am, language, appearance, and the way out. */
export function AccountMenu() {
  const t = useTranslations('app');
  const roles = useTranslations('roles');
  const { me, signOut } = useSignedIn();
  const [opened, { toggle, close }] = useDisclosure();
  return (
    <Popover opened={opened} onChange={(open) => !open && close()} position="bottom-end" width={264} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          px={8}
          onClick={toggle}
          aria-label={`${t('account')}: ${me.user.displayName}`}
          leftSection={<IconUserCircle size={20} stroke={1.6} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          styles={{ label: { color: 'var(--mantine-color-text)' } }}
        >
          <Box component="span" visibleFrom="sm">
            {me.user.displayName}
          </Box>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={t('account')}>
        <Text fw={600} px={8}>
          {me.user.displayName}
        </Text>
        <Text size="xs" c="dimmed" px={8} pb="xs">
          {me.user.roles.map((role) => roles(role)).join(' · ')}
        </Text>
        <Box px={8} pb="xs">
          <Preferences />
        </Box>
        <Divider my={4} />
        <NavLink
          component={Link}
          href="/account"
          label={t('account')}
          leftSection={<IconUserCircle size={18} aria-hidden />}
          onClick={close}
        />
        <NavLink
          component="button"
          label={t('signOut')}
          leftSection={<IconLogout size={18} aria-hidden />}
          onClick={() => void signOut()}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
