import { ControlStateSchema, FailureReportSchema, MachineReportSchema, StopReasonSchema } from '@millwright/contracts';
import { z } from 'zod';

/*
 * What an agent and a machine's process say to each other over the machine's Unix-domain socket.
 *
 * Each connection begins with one line of JSON, `Opening`. Then, by channel:
 *   control   lines of JSON: `ProcessRequest` one way, `ProcessMessage` the other; a status comes first and after each change
 *   display   messages of the remote-display protocol, each behind a u32 (little-endian) length; closing ends the session's socket
 *   serial    raw bytes both ways
 *   picture   the answer is one PNG, then the connection ends
 */
export const MAX_LINE_BYTES = 64 * 1024;
export const MAX_DISPLAY_MESSAGE_BYTES = 32 << 20;

export const DisplaySessionSchema = z.object({
  sessionId: z.string(),
  userId: z.string(),
  displayName: z.string(),
  rights: z.object({ view: z.boolean(), control: z.boolean(), admin: z.boolean() }),
});
export type DisplaySessionOpening = z.infer<typeof DisplaySessionSchema>;

export const OpeningSchema = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('control') }),
  z.object({ channel: z.literal('display'), session: DisplaySessionSchema }),
  z.object({ channel: z.literal('serial'), port: z.number().int().min(0).max(1) }),
  z.object({ channel: z.literal('picture'), maxWidthPx: z.number().int().min(16).max(4096).optional() }),
]);
export type Opening = z.infer<typeof OpeningSchema>;

export const ProcessRequestSchema = z.discriminatedUnion('do', [
  z.object({ id: z.number().int(), do: z.literal('pause') }),
  z.object({ id: z.number().int(), do: z.literal('resume') }),
  z.object({ id: z.number().int(), do: z.literal('reset') }),
  z.object({ id: z.number().int(), do: z.literal('press-power-button') }),
  /** Saves, then ends the process. */
  z.object({ id: z.number().int(), do: z.literal('save'), path: z.string() }),
  /** Switches off, then ends the process. */
  z.object({ id: z.number().int(), do: z.literal('stop') }),
  z.object({ id: z.number().int(), do: z.literal('pass-control'), sessionId: z.string().nullable() }),
  z.object({ id: z.number().int(), do: z.literal('end-session'), sessionId: z.string(), reason: z.string() }),
]);
export type ProcessRequest = z.infer<typeof ProcessRequestSchema>;
export type ProcessVerb = ProcessRequest['do'];

export const ProcessStatusSchema = z.object({
  state: z.enum(['starting', 'running', 'paused', 'saving', 'stopping']),
  pointer: z.enum(['absolute', 'relative']),
  speed: z.number(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  startedAt: z.string(),
  control: ControlStateSchema,
  handOvers: MachineReportSchema.shape.handOvers,
});
export type ProcessStatus = z.infer<typeof ProcessStatusSchema>;

/** How a machine's process ended; also left in the run folder for an agent that was not there. */
export const OutcomeSchema = z.object({
  state: z.enum(['stopped', 'saved', 'failed']),
  stopReason: StopReasonSchema.nullable(),
  error: FailureReportSchema.nullable(),
});
export type Outcome = z.infer<typeof OutcomeSchema>;

export const ProcessMessageSchema = z.union([
  z.object({ answer: z.number().int(), error: FailureReportSchema.nullable() }),
  z.object({ status: ProcessStatusSchema }),
  z.object({ outcome: OutcomeSchema }),
]);
export type ProcessMessage = z.infer<typeof ProcessMessageSchema>;

/** What the process writes into its run folder, so that a later agent can find and adopt it. */
export const ProcessRecordSchema = z.object({
  machineId: z.string(),
  epoch: z.number().int(),
  pid: z.number().int(),
  /** Clock ticks since boot at which the process started (/proc/PID/stat field 22): tells it from a later one with its pid. */
  startTicks: z.string(),
});
export type ProcessRecord = z.infer<typeof ProcessRecordSchema>;
