import { z } from 'zod';
import { DesktopIdSchema, InstantSchema, MachineIdSchema, SessionIdSchema, UserIdSchema } from '../ids.js';

/** One person at one screen, through cuts and reloads. */
export const SessionSchema = z.object({
  id: SessionIdSchema,
  machineId: MachineIdSchema,
  desktopId: DesktopIdSchema.nullable(),
  userId: UserIdSchema,
  userDisplayName: z.string(),
  machineName: z.string(),
  mayControl: z.boolean(),
  /** `waiting`: ticket issued, nobody connected (yet, or after a cut). */
  state: z.enum(['waiting', 'connected', 'ended']),
  startedAt: InstantSchema,
  connectedAt: InstantSchema.nullable(),
  endedAt: InstantSchema.nullable(),
  endReason: z.enum(['left', 'ended-by-admin', 'unassigned', 'user-disabled', 'machine-deleted', 'expired']).nullable(),
});
export type Session = z.infer<typeof SessionSchema>;

export const OpenSessionSchema = z.object({ viewOnly: z.boolean().default(false) });
export type OpenSession = z.infer<typeof OpenSessionSchema>;

/** Everything a viewer needs to connect. The ticket is the first message on `displayUrl`, never part of a URL. */
export const DisplayGrantSchema = z.object({
  session: SessionSchema,
  ticket: z.string(),
  displayUrl: z.string(),
  expiresAt: InstantSchema,
});
export type DisplayGrant = z.infer<typeof DisplayGrantSchema>;

/** POST /machines/{id}/tickets: for things that are not sessions. */
export const TicketRequestSchema = z.object({
  purpose: z.enum(['thumbnail', 'screenshot', 'serial']),
  /** For `serial`: 0 is COM1. */
  port: z.number().int().min(0).max(1).default(0),
});
export type TicketRequest = z.infer<typeof TicketRequestSchema>;
export const TicketGrantSchema = z.object({ ticket: z.string(), url: z.string(), expiresAt: InstantSchema });
export type TicketGrant = z.infer<typeof TicketGrantSchema>;

export const SessionQuerySchema = z.object({ state: z.enum(['open', 'all']).default('open'), machineId: MachineIdSchema.optional() });
