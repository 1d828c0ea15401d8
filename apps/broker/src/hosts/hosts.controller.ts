import {
  EnrolmentTokenSchema,
  type HostId,
  HostIdSchema,
  HostSchema,
  pageOf,
  type UpdateHost,
  UpdateHostSchema,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import type { RequestContext } from '../platform/request-context.js';
import { IssueEnrolmentToken } from './issue-enrolment-token.service.js';
import { ManageHosts } from './manage-hosts.service.js';

@ApiTags('hosts')
@Controller('hosts')
export class HostsController {
  constructor(
    private readonly hosts: ManageHosts,
    private readonly issueToken: IssueEnrolmentToken,
  ) {}

  @Get()
  @Requires('host:read')
  @Answers(200, pageOf(HostSchema))
  async list() {
    return { items: await this.hosts.list(), nextCursor: null };
  }

  @Post('enrolment-tokens')
  @Requires('host:write')
  @Answers(201, EnrolmentTokenSchema)
  enrolmentToken(@Context() ctx: RequestContext, @Req() request: Request) {
    return this.issueToken.execute(ctx, `${request.protocol}://${request.host}`);
  }

  @Get(':id')
  @Requires('host:read')
  @Answers(200, HostSchema)
  get(@Param('id', { schema: HostIdSchema }) id: HostId) {
    return this.hosts.get(id);
  }

  @Patch(':id')
  @Requires('host:write')
  @Answers(200, HostSchema)
  update(
    @Context() ctx: RequestContext,
    @Param('id', { schema: HostIdSchema }) id: HostId,
    @Body({ schema: UpdateHostSchema }) body: UpdateHost,
  ) {
    return this.hosts.rename(ctx, id, body.name);
  }

  @Delete(':id')
  @Requires('host:write')
  @Answers(204)
  remove(@Context() ctx: RequestContext, @Param('id', { schema: HostIdSchema }) id: HostId) {
    return this.hosts.remove(ctx, id);
  }
}
