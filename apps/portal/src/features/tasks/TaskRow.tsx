'use client';
import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { Task } from '@millwright/contracts';
import { IconFileText, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useFormat } from '../../platform/format';
import { failureText } from '../../platform/i18n/failure-texts';
import { hostWordsText } from '../../platform/i18n/host-words';
import { taskQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';
import { useAction } from '../../ui/use-action';
import { isActive, isRetryable, TASK_TONES, useTaskTitle } from './task-words';

/** One task: how far it is, its last words, its log on demand, cancel or retry. */
export function TaskRow({ task }: { readonly task: Task }) {
  const t = useTranslations('tasks');
  const locale = useLocale();
  const format = useFormat();
  const cache = useQueryClient();
  const { may } = useSignedIn();
  const titleOf = useTaskTitle();
  const [isLogShown, setIsLogShown] = useState(false);
  const title = titleOf(task);
  const put = (value: Task) => applyChanged(cache, { kind: 'task', id: value.id, value });
  const cancel = useAction(() => callBroker('cancelTask', { path: { id: task.id } }), { after: put, done: () => t('cancelled') });
  const retry = useAction(() => callBroker('retryTask', { path: { id: task.id } }), { after: put, done: () => t('retried') });
  const active = isActive(task);
  return (
    <article className="mw-panel" aria-label={title}>
      <Stack gap={6} p="sm">
        <Group justify="space-between" wrap="nowrap">
          <Text fw={600} truncate>
            {title}
          </Text>
          <StateBadge tone={TASK_TONES[task.state]} pulse={active} label={t(`states.${task.state}`)} />
        </Group>
        {active && <Progress value={task.progress} animated={task.state === 'running'} aria-label={t('progress', { title })} />}
        {(active || task.error) && (
          <Text size="sm" c={task.error ? undefined : 'dimmed'} style={task.error ? { color: 'var(--mw-bad)' } : undefined}>
            {task.error ? failureText(task.error, locale) : hostWordsText(task.words, task.message, locale)}
          </Text>
        )}
        <Group gap="xs" justify="space-between">
          <Text size="xs" c="dimmed">
            {format.relative(task.finishedAt ?? task.startedAt ?? task.createdAt)}
            {task.attempt > 1 && ` · ${t('attempt', { attempt: String(task.attempt) })}`}
          </Text>
          <Group gap={4}>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              leftSection={<IconFileText size={15} aria-hidden />}
              onClick={() => setIsLogShown((old) => !old)}
              aria-expanded={isLogShown}
              styles={{ label: { color: 'var(--mantine-color-text)' } }}
            >
              {isLogShown ? t('hideLog') : t('showLog')}
            </Button>
            {may('task:write') && active && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconPlayerStop size={15} aria-hidden />}
                disabled={task.state === 'cancelling'}
                loading={cancel.isPending}
                onClick={() => cancel.mutate(undefined)}
              >
                {t('cancel')}
              </Button>
            )}
            {may('task:write') && isRetryable(task) && (
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconRefresh size={15} aria-hidden />}
                loading={retry.isPending}
                onClick={() => retry.mutate(undefined)}
              >
                {t('retry')}
              </Button>
            )}
          </Group>
        </Group>
        {isLogShown && <TaskLog task={task} />}
      </Stack>
    </article>
  );
}

function TaskLog({ task }: { readonly task: Task }) {
  const t = useTranslations('tasks');
  const detail = useQuery(taskQuery(task.id));
  const box = useRef<HTMLPreElement>(null);
  const lines = detail.data?.log.length;
  // Follows new lines.
  useEffect(() => {
    // Newer browsers answer with a promise, which React would take for a clean-up.
    void box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines]);
  return (
    <Loaded query={detail}>
      {({ log }) => (
        <pre
          className="mw-log"
          ref={box}
          role="log"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
          tabIndex={0}
          aria-label={t('log')}
        >
          {log.length > 0 ? log.join('\n') : t('emptyLog')}
        </pre>
      )}
    </Loaded>
  );
}
