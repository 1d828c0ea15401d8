import { z } from 'zod';
import { FailureReportSchema } from './errors/problem.js';
import { DisplayNameSchema, InstantSchema, SessionIdSchema, UserIdSchema } from './ids.js';

/** What the broker wants of a machine. `absent`: the host forgets it and removes its files. */
export const WANTED_STATES = ['running', 'paused', 'stopped', 'saved', 'absent'] as const;
export const WantedStateSchema = z.enum(WANTED_STATES);
export type WantedState = z.infer<typeof WantedStateSchema>;

/** What the host sees. Words ending in -ing are transitions that end by themselves. */
export const REPORTED_STATES = [
  'starting',
  'running',
  'paused',
  'saving',
  'saved',
  'resuming',
  'stopping',
  'stopped',
  'failed',
  'absent',
] as const;
export const ReportedStateSchema = z.enum(REPORTED_STATES);
export type ReportedState = z.infer<typeof ReportedStateSchema>;

/** Why a machine that ran is `stopped`: the guest's own act, ours, or a crash of the guest (triple fault without reboot). */
export const StopReasonSchema = z.enum(['guest-powered-off', 'requested', 'guest-crashed']);

/** Somebody looking at a screen. */
export const ViewerSchema = z.object({
  sessionId: SessionIdSchema,
  userId: UserIdSchema,
  displayName: DisplayNameSchema,
  mayControl: z.boolean(),
});
export type Viewer = z.infer<typeof ViewerSchema>;

/** Who looks and who holds the keyboard of one machine; the host's input gate decides, everybody else is told. */
export const ControlStateSchema = z.object({
  holder: SessionIdSchema.nullable(),
  viewers: z.array(ViewerSchema).max(200),
});
export type ControlState = z.infer<typeof ControlStateSchema>;

/** The live part of a machine, as its host last said it. */
export const MachineConditionSchema = z.object({
  state: ReportedStateSchema,
  /** Last generation of wanted state that the host has carried out (or failed to: see `error`). */
  generation: z.number().int().nonnegative(),
  stopReason: StopReasonSchema.nullable().default(null),
  error: FailureReportSchema.nullable().default(null),
  /** Which pointer the guest has enabled. */
  pointer: z.enum(['absolute', 'relative']).nullable().default(null),
  /** Guest time over wall time while it cannot keep up, e.g. 0.4; 1 when it does. */
  speed: z.number().min(0).max(1000).nullable().default(null),
  screen: z
    .object({ widthPx: z.number().int().min(0).max(8192), heightPx: z.number().int().min(0).max(8192) })
    .nullable()
    .default(null),
  /** A saved state exists: the next `running` resumes it instead of booting. */
  hasSavedState: z.boolean().default(false),
  startedAt: InstantSchema.nullable().default(null),
});
export type MachineCondition = z.infer<typeof MachineConditionSchema>;
