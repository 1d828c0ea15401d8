import { z } from 'zod';
import { FailureReportSchema } from '../errors/problem.js';
import { HostWordsSchema } from '../host-words.js';
import { HostIdSchema, InstantSchema, TaskIdSchema, TemplateIdSchema, UserIdSchema } from '../ids.js';
import { GuestRecipeSchema } from './templates.js';

export const TaskStateSchema = z.enum(['queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled']);
export type TaskState = z.infer<typeof TaskStateSchema>;

/** Long work that people can watch, cancel and repeat. */
export const TaskSchema = z.object({
  id: TaskIdSchema,
  kind: z.enum(['guest-build']),
  title: z.string(),
  recipe: GuestRecipeSchema.nullable(),
  state: TaskStateSchema,
  /** 0..100. */
  progress: z.number().min(0).max(100),
  message: z.string(),
  /** The message for other languages; a host of an older version gives none. */
  words: HostWordsSchema.nullable().default(null),
  error: FailureReportSchema.nullable(),
  hostId: HostIdSchema.nullable(),
  /** How often it was begun; a retry counts on. */
  attempt: z.number().int(),
  createdBy: UserIdSchema.nullable(),
  createdAt: InstantSchema,
  startedAt: InstantSchema.nullable(),
  finishedAt: InstantSchema.nullable(),
});
export type Task = z.infer<typeof TaskSchema>;

/** GET /tasks/{id}: with the last lines of its log. */
export const TaskDetailSchema = TaskSchema.extend({ log: z.array(z.string()) });
export type TaskDetail = z.infer<typeof TaskDetailSchema>;

export const GuestSchema = z.object({
  recipe: GuestRecipeSchema,
  name: z.string(),
  description: z.string(),
  templateId: TemplateIdSchema,
  built: z.boolean(),
  /** The build that is queued or running now. */
  taskId: TaskIdSchema.nullable(),
  hosts: z.array(
    z.object({
      hostId: HostIdSchema,
      hostName: z.string(),
      available: z.boolean(),
      /** Commands or rights that are missing there, for people. */
      missing: z.array(z.string()),
      /** The same for other languages, or nothing. */
      missingWords: z.array(HostWordsSchema).default([]),
    }),
  ),
});
export type Guest = z.infer<typeof GuestSchema>;
export const BuildGuestSchema = z.object({
  hostId: HostIdSchema.optional(),
  /** Build again although a template exists. */ force: z.boolean().default(false),
});
export type BuildGuest = z.infer<typeof BuildGuestSchema>;
