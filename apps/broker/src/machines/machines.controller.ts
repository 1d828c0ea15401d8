import {
  type CreateMachine as CreateMachineRequest,
  CreateMachineSchema,
  DisplayGrantSchema,
  type MachineId,
  MachineIdSchema,
  MachineSchema,
  type MachineVerb,
  MachineVerbSchema,
  type OpenSession as OpenSessionRequest,
  OpenSessionSchema,
  type PassControl as PassControlRequest,
  PassControlSchema,
  pageOf,
  ROUTES,
  TicketGrantSchema,
  type TicketRequest,
  TicketRequestSchema,
  type UpdateMachine as UpdateMachineRequest,
  UpdateMachineSchema,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import { may, type RequestContext } from '../platform/request-context.js';
import { IssueMachineTicket } from '../sessions/issue-machine-ticket.service.js';
import { OpenSession } from '../sessions/open-session.service.js';
import { CreateMachine } from './create-machine.service.js';
import { Machines } from './machine.js';
import { MachineAccess } from './machine-access.js';
import { MachineViews } from './machine-views.js';
import { OperateMachine } from './operate-machine.service.js';
import { PassControl } from './pass-control.service.js';
import { TrashMachine } from './trash-machine.service.js';
import { UpdateMachine } from './update-machine.service.js';

@ApiTags('machines')
@Controller('machines')
export class MachinesController {
  constructor(
    private readonly machines: Machines,
    private readonly access: MachineAccess,
    private readonly views: MachineViews,
    private readonly createMachine: CreateMachine,
    private readonly updateMachine: UpdateMachine,
    private readonly operateMachine: OperateMachine,
    private readonly trashMachine: TrashMachine,
    private readonly openSession: OpenSession,
    private readonly issueTicket: IssueMachineTicket,
    private readonly passControl: PassControl,
  ) {}

  /** All machines for those who may read them, else those behind my desktops. */
  @Get()
  @Answers(200, pageOf(MachineSchema))
  async list(@Context() ctx: RequestContext, @Query({ schema: ROUTES.listMachines.query }) query: { trashed: boolean }) {
    const all = (await this.machines.where({})).filter(
      (machine) => machine.wanted !== 'absent' && (machine.trashedAt !== null) === query.trashed,
    );
    const own = may(ctx, 'machine:read') ? undefined : await this.access.ownMachineIds(ctx);
    const visible = own ? all.filter((machine) => own.has(machine.id) && !query.trashed) : all;
    return { items: await this.views.of(visible.sort((a, b) => a.name.localeCompare(b.name))), nextCursor: null };
  }

  @Get(':id')
  @Answers(200, MachineSchema)
  async get(@Context() ctx: RequestContext, @Param('id', { schema: MachineIdSchema }) id: MachineId) {
    const { machine } = await this.access.visible(ctx, id);
    return this.views.one(machine);
  }

  @Post()
  @Requires('machine:write')
  @Answers(201, MachineSchema)
  async create(@Context() ctx: RequestContext, @Body({ schema: CreateMachineSchema }) body: CreateMachineRequest) {
    return this.views.one(await this.createMachine.execute(ctx, body));
  }

  @Patch(':id')
  @Requires('machine:write')
  @Answers(200, MachineSchema)
  async update(
    @Context() ctx: RequestContext,
    @Param('id', { schema: MachineIdSchema }) id: MachineId,
    @Body({ schema: UpdateMachineSchema }) body: UpdateMachineRequest,
  ) {
    return this.views.one(await this.updateMachine.execute(ctx, id, body));
  }

  @Delete(':id')
  @Requires('machine:write')
  @Answers(204)
  remove(@Context() ctx: RequestContext, @Param('id', { schema: MachineIdSchema }) id: MachineId) {
    return this.trashMachine.remove(ctx, id);
  }

  @Post(':id/restore')
  @Requires('machine:write')
  @Answers(200, MachineSchema)
  async restore(@Context() ctx: RequestContext, @Param('id', { schema: MachineIdSchema }) id: MachineId) {
    return this.views.one(await this.trashMachine.restore(ctx, id));
  }

  @Post(':id/sessions')
  @Answers(201, DisplayGrantSchema)
  open(
    @Context() ctx: RequestContext,
    @Param('id', { schema: MachineIdSchema }) id: MachineId,
    @Body({ schema: OpenSessionSchema }) body: OpenSessionRequest,
  ) {
    return this.openSession.onMachine(ctx, id, body);
  }

  @Post(':id/tickets')
  @Answers(201, TicketGrantSchema)
  ticket(
    @Context() ctx: RequestContext,
    @Param('id', { schema: MachineIdSchema }) id: MachineId,
    @Body({ schema: TicketRequestSchema }) body: TicketRequest,
  ) {
    return this.issueTicket.execute(ctx, id, body);
  }

  @Put(':id/control')
  @Answers(204)
  control(
    @Context() ctx: RequestContext,
    @Param('id', { schema: MachineIdSchema }) id: MachineId,
    @Body({ schema: PassControlSchema }) body: PassControlRequest,
  ) {
    return this.passControl.execute(ctx, id, body.sessionId);
  }

  @Post(':id/:verb')
  @Answers(202, MachineSchema)
  async operate(
    @Context() ctx: RequestContext,
    @Param('id', { schema: MachineIdSchema }) id: MachineId,
    @Param('verb', { schema: MachineVerbSchema }) verb: MachineVerb,
  ) {
    return this.views.one(await this.operateMachine.execute(ctx, id, verb));
  }
}
