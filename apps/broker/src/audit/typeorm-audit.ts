import type { AuditEntry, AuditQuery, Page } from '@millwright/contracts';
import type { Clock } from '../platform/clock.js';
import type { TypeormTransactions } from '../platform/database/typeorm-transactions.js';
import type { RequestContext } from '../platform/request-context.js';
import { AuditEntity } from './audit.entity.js';
import type { Audit, AuditRecord, AuditSubject } from './audit.js';

export class TypeormAudit implements Audit {
  constructor(
    private readonly transactions: TypeormTransactions,
    private readonly clock: Clock,
  ) {}

  async record(ctx: RequestContext, action: string, subject: AuditSubject | null, detail: Record<string, unknown> = {}): Promise<void> {
    await this.transactions.manager.insert(AuditEntity, this.#row(ctx, action, 'done', subject, detail) as object);
  }

  async refused(ctx: RequestContext, action: string, subject: AuditSubject | null, detail: Record<string, unknown> = {}): Promise<void> {
    await this.transactions.source.manager.insert(AuditEntity, this.#row(ctx, action, 'refused', subject, detail) as object);
  }

  async page(query: AuditQuery): Promise<Page<AuditEntry>> {
    const select = this.transactions.manager
      .createQueryBuilder(AuditEntity, 'a')
      .orderBy('a.id', 'DESC')
      .limit(query.limit + 1);
    if (query.cursor && /^\d{1,18}$/.test(query.cursor)) select.andWhere('a.id < :cursor', { cursor: query.cursor });
    if (query.actorId) select.andWhere('a.actorId = :actorId', { actorId: query.actorId });
    if (query.subjectId) select.andWhere('a.subjectId = :subjectId', { subjectId: query.subjectId });
    if (query.outcome) select.andWhere('a.outcome = :outcome', { outcome: query.outcome });
    if (query.from) select.andWhere('a.at >= :from', { from: query.from });
    if (query.to) select.andWhere('a.at <= :to', { to: query.to });
    if (query.action)
      select.andWhere('(a.action = :action OR starts_with(a.action, :prefix))', { action: query.action, prefix: `${query.action}.` });
    const rows = await select.getMany();
    const items = rows.slice(0, query.limit);
    return { items: items.map(view), nextCursor: rows.length > query.limit ? items.at(-1)!.id : null };
  }

  #row(ctx: RequestContext, action: string, outcome: 'done' | 'refused', subject: AuditSubject | null, detail: Record<string, unknown>) {
    return {
      at: this.clock.now(),
      actorId: ctx.userId,
      actorName: ctx.userName,
      action,
      outcome,
      subjectKind: subject?.kind ?? null,
      subjectId: subject?.id ?? null,
      subjectName: subject?.name ?? null,
      detail,
      address: ctx.address,
      requestId: ctx.requestId,
    };
  }
}

function view(row: AuditRecord): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actorId: row.actorId,
    actorName: row.actorName,
    action: row.action,
    outcome: row.outcome,
    subjectKind: row.subjectKind,
    subjectId: row.subjectId,
    subjectName: row.subjectName,
    detail: row.detail,
    address: row.address,
    requestId: row.requestId,
  };
}
