'use client';
import { ActionIcon, Badge, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { type CreatedUser, type User, userStateOf } from '@millwright/contracts';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useFormat } from '../../platform/format';
import { usersQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { useConfirm } from '../../ui/confirm';
import { type Column, DataTable } from '../../ui/DataTable';
import { PageHeader } from '../../ui/PageHeader';
import { Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';
import { PasswordShown } from './PasswordShown';
import { CreateUserForm, EditUserForm } from './UserForms';

const TONES = { active: 'good', 'one-time-password': 'warn', disabled: 'idle' } as const;

export function UsersPage() {
  const t = useTranslations('users');
  const common = useTranslations('common');
  const { may } = useSignedIn();
  const users = useQuery(usersQuery);
  const cache = useQueryClient();
  const [isCreating, setIsCreating] = useState(false);
  const [edited, setEdited] = useState<User>();
  const [shown, setShown] = useState<{ readonly title: string; readonly password: string }>();
  const close = { 'aria-label': common('close') };
  const created = ({ user, oneTimePassword }: CreatedUser) => {
    applyChanged(cache, { kind: 'user', id: user.id, value: user });
    setIsCreating(false);
    if (oneTimePassword) setShown({ title: t('createdTitle', { name: user.displayName }), password: oneTimePassword });
  };
  return (
    <>
      <PageHeader
        title={t('title')}
        hint={t('hint')}
        actions={
          may('user:write') && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setIsCreating(true)}>
              {t('create')}
            </Button>
          )
        }
      />
      <Loaded query={users}>
        {(items) => (
          <Users
            users={items}
            edit={setEdited}
            showPassword={(user, password) => setShown({ title: t('resetDone', { name: user.displayName }), password })}
          />
        )}
      </Loaded>
      <Modal opened={isCreating} onClose={() => setIsCreating(false)} title={t('create')} closeButtonProps={close}>
        <CreateUserForm onCreated={created} />
      </Modal>
      <Modal opened={edited !== undefined} onClose={() => setEdited(undefined)} title={t('edit')} closeButtonProps={close}>
        {edited && <EditUserForm user={edited} onDone={() => setEdited(undefined)} />}
      </Modal>
      <PasswordShown shown={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function Users({
  users,
  edit,
  showPassword,
}: {
  readonly users: readonly User[];
  readonly edit: (user: User) => void;
  readonly showPassword: (user: User, password: string) => void;
}) {
  const t = useTranslations('users');
  const common = useTranslations('common');
  const roles = useTranslations('roles');
  const format = useFormat();
  const confirm = useConfirm();
  const cache = useQueryClient();
  const { me, may } = useSignedIn();
  const put = (value: User) => applyChanged(cache, { kind: 'user', id: value.id, value });
  const reset = useAction((user: User) => callBroker('resetPassword', { path: { id: user.id }, body: {} }), {
    after: ({ user, oneTimePassword }) => {
      put(user);
      if (oneTimePassword) showPassword(user, oneTimePassword);
    },
  });
  const disable = useAction(
    ({ user, disabled }: { user: User; disabled: boolean }) => callBroker('updateUser', { path: { id: user.id }, body: { disabled } }),
    {
      done: ({ user, disabled }) => t(disabled ? 'nowDisabled' : 'nowEnabled', { name: user.displayName }),
      after: put,
    },
  );
  const remove = useAction((user: User) => callBroker('deleteUser', { path: { id: user.id } }), {
    done: ({ displayName }) => t('deleted', { name: displayName }),
    after: (_, { id }) => applyChanged(cache, { kind: 'user', id, value: null }),
  });
  const menu = (user: User) => {
    const name = user.displayName;
    const isMe = user.id === me.user.id;
    return (
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={32} variant="subtle" color="gray" aria-label={common('moreFor', { name })}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => edit(user)}>{t('edit')}</Menu.Item>
          {!isMe && (
            <>
              <Menu.Item
                onClick={() =>
                  confirm({
                    title: t('resetTitle', { name }),
                    text: t('resetHint'),
                    action: t('resetPassword'),
                    run: () => reset.mutate(user),
                  })
                }
              >
                {t('resetPassword')}
              </Menu.Item>
              {user.disabled ? (
                <Menu.Item onClick={() => disable.mutate({ user, disabled: false })}>{t('enable')}</Menu.Item>
              ) : (
                <Menu.Item
                  onClick={() =>
                    confirm({
                      title: t('confirmDisable', { name }),
                      text: t('confirmDisableHint'),
                      action: t('disable'),
                      run: () => disable.mutate({ user, disabled: true }),
                    })
                  }
                >
                  {t('disable')}
                </Menu.Item>
              )}
              <Menu.Item
                styles={{ item: { color: 'var(--mw-bad)' } }}
                onClick={() =>
                  confirm({
                    title: t('confirmDelete', { name }),
                    text: t('confirmDeleteHint'),
                    action: common('delete'),
                    run: () => remove.mutate(user),
                  })
                }
              >
                {common('delete')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    );
  };
  const columns: Column<User>[] = [
    {
      key: 'displayName',
      header: t('displayName'),
      sortValue: ({ displayName }) => displayName,
      cell: (user) => (
        <Text size="sm" fw={600}>
          {user.displayName}
          {user.id === me.user.id && (
            <Text span size="xs" c="dimmed">
              {' '}
              ({t('you')})
            </Text>
          )}
        </Text>
      ),
    },
    {
      key: 'name',
      header: t('name'),
      sortValue: ({ name }) => name,
      cell: ({ name }) => (
        <Text size="sm" ff="monospace">
          {name}
        </Text>
      ),
    },
    {
      key: 'roles',
      header: t('roles'),
      sortValue: (user) => user.roles.join(),
      cell: (user) => (
        <Group gap={4}>
          {user.roles.map((role) => (
            <Badge key={role} variant="default" tt="none" fw={500} miw="max-content">
              {roles(role)}
            </Badge>
          ))}
        </Group>
      ),
    },
    {
      key: 'state',
      header: common('state'),
      sortValue: userStateOf,
      cell: (user) => <StateBadge tone={TONES[userStateOf(user)]} label={t(`states.${userStateOf(user)}`)} />,
      fit: true,
    },
    {
      key: 'lastLogin',
      header: t('lastLogin'),
      sortValue: ({ lastLoginAt }) => lastLoginAt,
      cell: ({ lastLoginAt }) => (lastLoginAt ? format.relative(lastLoginAt) : common('never')),
    },
    { key: 'actions', header: common('actions'), hiddenHeader: true, fit: true, cell: (user) => may('user:write') && menu(user) },
  ];
  return (
    <DataTable
      label={t('title')}
      rows={users}
      rowKey={({ id }) => id}
      columns={columns}
      initialSort={{ key: 'displayName' }}
      filterText={(user) => `${user.name} ${user.displayName} ${user.roles.map((role) => roles(role)).join(' ')}`}
    />
  );
}
