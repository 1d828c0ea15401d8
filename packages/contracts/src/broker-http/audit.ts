import { z } from 'zod';
import { InstantSchema, UserIdSchema } from '../ids.js';
import { PageQuerySchema } from './paging.js';

/** One privileged act. Newest first. */
export const AuditEntrySchema = z.object({
  id: z.string(),
  at: InstantSchema,
  /** Null: the system itself. */
  actorId: UserIdSchema.nullable(),
  actorName: z.string(),
  /** `machine.start`, `user.create`, `auth.login`, `ticket.issue`, … */
  action: z.string(),
  outcome: z.enum(['done', 'refused']),
  subjectKind: z.string().nullable(),
  subjectId: z.string().nullable(),
  subjectName: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntrySchema>;

export const AuditQuerySchema = PageQuerySchema.extend({
  actorId: UserIdSchema.optional(),
  /** A whole action or its beginning up to a dot: `machine.start`, `machine`. */
  action: z.string().max(100).optional(),
  subjectId: z.string().max(100).optional(),
  outcome: z.enum(['done', 'refused']).optional(),
  from: InstantSchema.optional(),
  to: InstantSchema.optional(),
});
export type AuditQuery = z.infer<typeof AuditQuerySchema>;
