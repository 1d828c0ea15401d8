'use client';
import { ActionIcon, Drawer, Indicator, Stack, Tooltip } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { tasksQuery } from '../../platform/queries';
import { useNotify } from '../../ui/notify';
import { EmptyState, Loaded } from '../../ui/PageState';
import { TaskRow } from './TaskRow';
import { useTaskTray } from './task-tray-state';
import { isActive, useTaskTitle } from './task-words';

/** Long work, from everywhere: how much is under way, and a drawer with all of it. */
export function TaskTray() {
  const t = useTranslations('tasks');
  const common = useTranslations('common');
  const tasks = useQuery(tasksQuery);
  const { isOpen, open, close } = useTaskTray();
  const active = tasks.data?.filter(isActive).length ?? 0;
  useFinishNotes();
  return (
    <>
      <Tooltip label={t('title')}>
        <Indicator disabled={active === 0} label={active} size={16} offset={5} color="petrol">
          <ActionIcon variant="subtle" color="gray" size={36} onClick={open} aria-label={t('tray', { count: String(active) })}>
            <IconListCheck size={20} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Indicator>
      </Tooltip>
      <Drawer
        opened={isOpen}
        onClose={close}
        position="right"
        size="md"
        title={t('title')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Loaded query={tasks}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={<IconListCheck size={28} />} title={t('empty')} hint={t('emptyHint')} />
            ) : (
              <Stack gap="sm">
                {items.map((task) => (
                  <TaskRow key={task.id} task={task} />
                ))}
              </Stack>
            )
          }
        </Loaded>
      </Drawer>
    </>
  );
}

/** A word when a task that was seen under way ends, wherever the person is. */
function useFinishNotes() {
  const t = useTranslations('tasks');
  const { data } = useQuery(tasksQuery);
  const notify = useNotify();
  const titleOf = useTaskTitle();
  const before = useRef(new Map<string, string>());
  useEffect(() => {
    for (const task of data ?? []) {
      const old = before.current.get(task.id);
      if (old && old !== task.state && isActive({ state: old as typeof task.state })) {
        if (task.state === 'succeeded') notify.done(t('succeeded', { title: titleOf(task) }));
        if (task.state === 'failed') notify.failed(task.error ?? new Error(t('failed', { title: titleOf(task) })));
      }
      before.current.set(task.id, task.state);
    }
  });
}
