import {
  DisplayGrantSchema,
  failure,
  type MachineId,
  pageOf,
  type SessionId,
  SessionIdSchema,
  SessionQuerySchema,
  SessionSchema,
} from '@millwright/contracts';
import { Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Audit } from '../audit/audit.js';
import { Answers, Context } from '../platform/http/endpoint.js';
import { may, type RequestContext } from '../platform/request-context.js';
import { EndSessions } from './end-sessions.service.js';
import { OpenSession } from './open-session.service.js';
import { Sessions, sessionView } from './session.js';

@ApiTags('sessions')
@Controller('sessions')
export class SessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly openSession: OpenSession,
    private readonly endSessions: EndSessions,
    private readonly audit: Audit,
  ) {}

  /** Everybody's for those who may read them, else my own. */
  @Get()
  @Answers(200, pageOf(SessionSchema))
  async list(
    @Context() ctx: RequestContext,
    @Query({ schema: SessionQuerySchema }) query: { state: 'open' | 'all'; machineId?: MachineId },
  ) {
    const found = await this.sessions.where({
      ...(query.state === 'open' ? { state: ['waiting', 'connected'] as const } : {}),
      ...(query.machineId ? { machineId: query.machineId } : {}),
      ...(may(ctx, 'session:read') ? {} : { userId: ctx.userId! }),
    });
    const newest = found.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, 500);
    return { items: newest.map(sessionView), nextCursor: null };
  }

  @Post(':id/ticket')
  @Answers(201, DisplayGrantSchema)
  resume(@Context() ctx: RequestContext, @Param('id', { schema: SessionIdSchema }) id: SessionId) {
    return this.openSession.resume(ctx, id);
  }

  @Delete(':id')
  @Answers(204)
  async end(@Context() ctx: RequestContext, @Param('id', { schema: SessionIdSchema }) id: SessionId) {
    const session = await this.sessions.find(id);
    const isOwn = session?.userId === ctx.userId;
    if (!session || !(isOwn || may(ctx, 'session:end'))) throw failure('session.missing', undefined, { id });
    await this.endSessions.execute({ id }, isOwn ? 'left' : 'ended-by-admin');
    if (!isOwn)
      await this.audit.record(ctx, 'session.end', { kind: 'session', id, name: session.machineName }, { user: session.userDisplayName });
  }
}
