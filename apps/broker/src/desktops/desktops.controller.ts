import {
  type CreateDesktop as CreateDesktopRequest,
  CreateDesktopSchema,
  type DesktopId,
  DesktopIdSchema,
  DesktopQuerySchema,
  DesktopSchema,
  DisplayGrantSchema,
  type MachineVerb,
  MachineVerbSchema,
  type OpenSession as OpenSessionRequest,
  OpenSessionSchema,
  pageOf,
  type UpdateDesktop,
  UpdateDesktopSchema,
  type UserId,
  UserIdSchema,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { OperateMachine } from '../machines/operate-machine.service.js';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import { demand, type RequestContext } from '../platform/request-context.js';
import { OpenSession } from '../sessions/open-session.service.js';
import { AssignDesktop } from './assign-desktop.service.js';
import { ChangeDesktop } from './change-desktop.service.js';
import { CreateDesktop } from './create-desktop.service.js';
import { DesktopAccess } from './desktop-access.js';

@ApiTags('desktops')
@Controller('desktops')
export class DesktopsController {
  constructor(
    private readonly access: DesktopAccess,
    private readonly createDesktop: CreateDesktop,
    private readonly changeDesktop: ChangeDesktop,
    private readonly assignDesktop: AssignDesktop,
    private readonly operateMachine: OperateMachine,
    private readonly openSession: OpenSession,
  ) {}

  @Get()
  @Answers(200, pageOf(DesktopSchema))
  async list(@Context() ctx: RequestContext, @Query({ schema: DesktopQuerySchema }) query: { scope: 'mine' | 'all' }) {
    if (query.scope === 'all') demand(ctx, 'desktop:read');
    return { items: await this.access.list(ctx, query.scope), nextCursor: null };
  }

  @Get(':id')
  @Answers(200, DesktopSchema)
  async get(@Context() ctx: RequestContext, @Param('id', { schema: DesktopIdSchema }) id: DesktopId) {
    return this.access.one(ctx, await this.access.visible(ctx, id));
  }

  @Post()
  @Requires('desktop:write')
  @Answers(201, DesktopSchema)
  async create(@Context() ctx: RequestContext, @Body({ schema: CreateDesktopSchema }) body: CreateDesktopRequest) {
    return this.access.one(ctx, await this.createDesktop.execute(ctx, body));
  }

  @Patch(':id')
  @Requires('desktop:write')
  @Answers(200, DesktopSchema)
  async update(
    @Context() ctx: RequestContext,
    @Param('id', { schema: DesktopIdSchema }) id: DesktopId,
    @Body({ schema: UpdateDesktopSchema }) body: UpdateDesktop,
  ) {
    return this.access.one(ctx, await this.changeDesktop.update(ctx, id, body));
  }

  @Delete(':id')
  @Requires('desktop:write')
  @Answers(204)
  remove(@Context() ctx: RequestContext, @Param('id', { schema: DesktopIdSchema }) id: DesktopId) {
    return this.changeDesktop.remove(ctx, id);
  }

  @Put(':id/assignments/:userId')
  @Requires('desktop:write')
  @Answers(200, DesktopSchema)
  async assign(
    @Context() ctx: RequestContext,
    @Param('id', { schema: DesktopIdSchema }) id: DesktopId,
    @Param('userId', { schema: UserIdSchema }) userId: UserId,
  ) {
    return this.access.one(ctx, await this.assignDesktop.assign(ctx, id, userId));
  }

  @Delete(':id/assignments/:userId')
  @Requires('desktop:write')
  @Answers(200, DesktopSchema)
  async unassign(
    @Context() ctx: RequestContext,
    @Param('id', { schema: DesktopIdSchema }) id: DesktopId,
    @Param('userId', { schema: UserIdSchema }) userId: UserId,
  ) {
    return this.access.one(ctx, await this.assignDesktop.unassign(ctx, id, userId));
  }

  @Post(':id/sessions')
  @Answers(201, DisplayGrantSchema)
  open(
    @Context() ctx: RequestContext,
    @Param('id', { schema: DesktopIdSchema }) id: DesktopId,
    @Body({ schema: OpenSessionSchema }) body: OpenSessionRequest,
  ) {
    return this.openSession.onDesktop(ctx, id, body);
  }

  @Post(':id/:verb')
  @Answers(202, DesktopSchema)
  async operate(
    @Context() ctx: RequestContext,
    @Param('id', { schema: DesktopIdSchema }) id: DesktopId,
    @Param('verb', { schema: MachineVerbSchema }) verb: MachineVerb,
  ) {
    const desktop = await this.access.visible(ctx, id);
    await this.operateMachine.execute(ctx, desktop.machineId, verb);
    return this.access.one(ctx, desktop);
  }
}
