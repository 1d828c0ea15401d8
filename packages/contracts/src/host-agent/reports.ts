import { z } from 'zod';
import { ImageStateSchema, Sha256Schema } from '../broker-http/images.js';
import { TemplateContentSchema } from '../broker-http/templates.js';
import { FailureReportSchema } from '../errors/problem.js';
import { HostWordsSchema } from '../host-words.js';
import { ImageIdSchema, InstantSchema, MachineIdSchema, SessionIdSchema, TaskIdSchema } from '../ids.js';
import { ControlStateSchema, MachineConditionSchema } from '../machine-state.js';

/** A viewer handed over the keyboard, or an administrator took it; what the broker asked for with `pass-control` is none. */
export const HandOverSchema = z.object({
  id: z.uuid(),
  at: InstantSchema,
  act: z.enum(['hand-over', 'take']),
  by: SessionIdSchema,
  from: SessionIdSchema,
  /** Null: to nobody. */
  to: SessionIdSchema.nullable(),
});
export type HandOver = z.infer<typeof HandOverSchema>;
/** A host repeats this many, so that those of a time without a broker come into the audit, too. */
export const MAX_HAND_OVERS = 20;

export const MachineReportSchema = z.object({
  machineId: MachineIdSchema,
  /** Lease epoch under which the host holds the machine; the broker ignores reports of an older one. */
  epoch: z.number().int().nonnegative(),
  pid: z.number().int().positive().nullable(),
  condition: MachineConditionSchema,
  control: ControlStateSchema,
  /** The last ones since the machine's power-on, oldest first. */
  handOvers: z.array(HandOverSchema).max(MAX_HAND_OVERS).default([]),
});
export type MachineReport = z.infer<typeof MachineReportSchema>;

export const ImageReportSchema = z.object({
  imageId: ImageIdSchema,
  state: ImageStateSchema,
  reason: FailureReportSchema.nullable().default(null),
  receivedBytes: z.number().int().nonnegative(),
  sha256: Sha256Schema.nullable().default(null),
});
export type ImageReport = z.infer<typeof ImageReportSchema>;

export const TaskReportSchema = z.object({
  taskId: TaskIdSchema,
  /** Which attempt this speaks of; reports of an older one are ignored. */
  attempt: z.number().int().positive(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  progress: z.number().min(0).max(100),
  message: z.string().max(500),
  /** The message for other languages. */
  words: HostWordsSchema.nullable().default(null),
  /** Lines since the last report. */
  log: z.array(z.string().max(2000)).max(500).default([]),
  error: FailureReportSchema.nullable().default(null),
});
export type TaskReport = z.infer<typeof TaskReportSchema>;

/** Everything on the host. What is missing from it is gone; sent after each welcome, and whenever the agent likes. */
export const FullReportSchema = z.object({
  machines: z.array(MachineReportSchema).max(2000),
  images: z.array(ImageReportSchema).max(5000),
  templates: z.array(TemplateContentSchema).max(500),
  /** Tasks whose process is alive, and finished ones whose result the broker has not confirmed. */
  tasks: z.array(TaskReportSchema).max(100),
});
export type FullReport = z.infer<typeof FullReportSchema>;
