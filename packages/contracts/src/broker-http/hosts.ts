import { z } from 'zod';
import { HostFactsSchema, HostLoadSchema } from '../host-agent/host-facts.js';
import { DisplayNameSchema, HostIdSchema, InstantSchema } from '../ids.js';

export const HostSchema = z.object({
  id: HostIdSchema,
  name: DisplayNameSchema,
  state: z.enum(['online', 'offline']),
  facts: HostFactsSchema.nullable(),
  load: HostLoadSchema.nullable(),
  machineCount: z.number().int(),
  enrolledAt: InstantSchema,
  lastSeenAt: InstantSchema.nullable(),
});
export type Host = z.infer<typeof HostSchema>;

export const UpdateHostSchema = z.object({ name: DisplayNameSchema });
export type UpdateHost = z.infer<typeof UpdateHostSchema>;

/** Good for one host, one hour; its text is shown once. */
export const EnrolmentTokenSchema = z.object({
  token: z.string(),
  expiresAt: InstantSchema,
  /** To be run in a clone of Millwright on the new host. */
  command: z.string(),
  /** The self-signed certificate's file on Millwright's own computer: the command expects a copy of it in the clone. */
  certificatePath: z.string().nullable(),
  /** Millwright listens on its own computer only, and so the command works only there. */
  isLocalOnly: z.boolean(),
});
export type EnrolmentToken = z.infer<typeof EnrolmentTokenSchema>;
