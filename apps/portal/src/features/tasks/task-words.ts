'use client';
import type { Task, TaskState } from '@millwright/contracts';
import { useTranslations } from 'use-intl';
import type { Tone } from '../../ui/StateBadge';

export const TASK_TONES: Readonly<Record<TaskState, Tone>> = {
  queued: 'busy',
  running: 'busy',
  cancelling: 'warn',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

export const isActive = (task: Pick<Task, 'state'>) => task.state === 'queued' || task.state === 'running' || task.state === 'cancelling';
export const isRetryable = (task: Pick<Task, 'state'>) => task.state === 'failed' || task.state === 'cancelled';

/** What a task is, in the person's language where we know its kind. */
export function useTaskTitle(): (task: Pick<Task, 'title' | 'recipe'>) => string {
  const t = useTranslations('tasks');
  const known = useTranslations('templates.known');
  return ({ recipe, title }) => (recipe ? t('buildOf', { name: known(`${recipe}.name`) }) : title);
}
