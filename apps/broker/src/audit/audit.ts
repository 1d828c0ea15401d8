import type { AuditEntry, AuditQuery, Page, UserId } from '@millwright/contracts';
import type { RequestContext } from '../platform/request-context.js';

export interface AuditSubject {
  readonly kind: string;
  readonly id: string;
  readonly name?: string;
}

/** The diary of privileged acts. Written in the act's own transaction: either both happen or neither. */
export abstract class Audit {
  abstract record(ctx: RequestContext, action: string, subject: AuditSubject | null, detail?: Record<string, unknown>): Promise<void>;
  /** Something was asked for and not allowed. Written although the request fails. */
  abstract refused(ctx: RequestContext, action: string, subject: AuditSubject | null, detail?: Record<string, unknown>): Promise<void>;
  abstract page(query: AuditQuery): Promise<Page<AuditEntry>>;
}

export interface AuditRecord {
  readonly id: string;
  readonly at: Date;
  readonly actorId: UserId | null;
  readonly actorName: string;
  readonly action: string;
  readonly outcome: 'done' | 'refused';
  readonly subjectKind: string | null;
  readonly subjectId: string | null;
  readonly subjectName: string | null;
  readonly detail: Record<string, unknown>;
  readonly address: string | null;
  readonly requestId: string | null;
}
