import type { FailureReport, GuestRecipe, HostId, HostWords, Task, TaskId, TaskReport, TaskState, UserId } from '@millwright/contracts';
import { Records } from '../platform/records.js';

/*
 *   queued ──► running ──► succeeded | failed | cancelled
 *     │           └─► cancelling ──► cancelled | succeeded | failed
 *     └─► cancelling           failed | cancelled ──(retry, attempt + 1)──► queued
 */
export interface TaskRecord {
  readonly id: TaskId;
  readonly kind: 'guest-build';
  readonly title: string;
  readonly recipe: GuestRecipe | null;
  readonly force: boolean;
  readonly state: TaskState;
  readonly progress: number;
  readonly message: string;
  readonly words: HostWords | null;
  /** The last LOG_LINES lines. */
  readonly log: string[];
  readonly error: FailureReport | null;
  readonly hostId: HostId | null;
  readonly attempt: number;
  readonly createdBy: UserId | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export abstract class Tasks extends Records<TaskRecord> {}

export const ACTIVE_STATES: readonly TaskState[] = ['queued', 'running', 'cancelling'];
/** Enough to see why a build failed; bounds the row. */
const LOG_LINES = 1000;

export const isFinished = (task: TaskRecord) => !ACTIVE_STATES.includes(task.state);

/** What the host says of a task; undefined when it speaks of another attempt or of a finished one. */
export function reportedTask(task: TaskRecord, report: TaskReport, now: Date): TaskRecord | undefined {
  if (report.attempt !== task.attempt || isFinished(task)) return undefined;
  const finished = report.state !== 'running';
  return {
    ...task,
    state: report.state === 'running' && task.state === 'cancelling' ? 'cancelling' : report.state,
    progress: report.state === 'succeeded' ? 100 : report.progress,
    message: report.message,
    words: report.words,
    log: [...task.log, ...report.log].slice(-LOG_LINES),
    error: report.error,
    startedAt: task.startedAt ?? now,
    finishedAt: finished ? now : null,
  };
}

/** A task that its host no longer knows. */
export function interrupted(task: TaskRecord, error: FailureReport, now: Date): TaskRecord {
  if (task.state === 'cancelling') return { ...task, state: 'cancelled', finishedAt: now };
  return { ...task, state: 'failed', error, message: error.message, words: null, finishedAt: now };
}

export function retried(task: TaskRecord, hostId: HostId): TaskRecord {
  return {
    ...task,
    state: 'queued',
    progress: 0,
    message: '',
    words: null,
    error: null,
    hostId,
    attempt: task.attempt + 1,
    startedAt: null,
    finishedAt: null,
  };
}

export function taskView(t: TaskRecord): Task {
  return {
    id: t.id,
    kind: t.kind,
    title: t.title,
    recipe: t.recipe,
    state: t.state,
    progress: t.progress,
    message: t.message,
    words: t.words,
    error: t.error,
    hostId: t.hostId,
    attempt: t.attempt,
    createdBy: t.createdBy,
    createdAt: t.createdAt.toISOString(),
    startedAt: t.startedAt?.toISOString() ?? null,
    finishedAt: t.finishedAt?.toISOString() ?? null,
  };
}
