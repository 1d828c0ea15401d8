import { z } from 'zod';
import { HostIdSchema } from '../ids.js';

/**
 * What a part (broker, agent, portal) tells the process that started it: one `process.send` message each over the IPC
 * channel, or without one a line of JSON on stdout (`adminPassword` and `viewerToken` only ever over IPC).
 */
export const PartMessageSchema = z.union([
  z.object({ ready: z.literal(true), port: z.number().int().min(1).max(65535) }),
  /** The administrator's one-time password, for the person at the terminal; a new one at each start until it is changed. */
  z.object({ adminPassword: z.string() }),
  /** A host elsewhere was let in: with this token it holds lines for its viewers ready (VIEWER_LINE_PATH). Null: it was removed. */
  z.object({ viewerToken: z.string().nullable(), hostId: HostIdSchema }),
  /** A start that cannot succeed: one line that says what is wrong and the mend. The part exits afterwards. */
  z.object({ failed: z.string() }),
]);
export type PartMessage = z.infer<typeof PartMessageSchema>;

/**
 * Environment that the starter gives the broker: BROKER_PORT (0: a free one), DATABASE_URL, MILLWRIGHT_DATA,
 * MILLWRIGHT_ADMIN_PASSWORD, MILLWRIGHT_LOG, MILLWRIGHT_URL (where others reach the front door),
 * MILLWRIGHT_SELF_SIGNED_CERT (its certificate's file, if they must be told to trust it), and a random enrolment token for
 * the host beside it, which gets the same variable. It may differ at each start; the agent uses it only while the broker
 * does not know it.
 */
export const ENROLMENT_TOKEN_VARIABLE = 'MILLWRIGHT_ENROLMENT_TOKEN';
