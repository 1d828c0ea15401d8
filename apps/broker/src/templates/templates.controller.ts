import {
  failure,
  pageOf,
  type TemplateId,
  TemplateIdSchema,
  TemplateSchema,
  type UpdateTemplate,
  UpdateTemplateSchema,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import type { RequestContext } from '../platform/request-context.js';
import { ManageTemplates } from './manage-templates.service.js';
import { Templates, templateView } from './template.js';

@ApiTags('templates')
@Controller('templates')
export class TemplatesController {
  constructor(
    private readonly templates: Templates,
    private readonly manage: ManageTemplates,
  ) {}

  @Get()
  @Requires('template:read')
  @Answers(200, pageOf(TemplateSchema))
  async list() {
    const templates = await this.templates.where({});
    return { items: templates.sort((a, b) => a.name.localeCompare(b.name)).map(templateView), nextCursor: null };
  }

  @Get(':id')
  @Requires('template:read')
  @Answers(200, TemplateSchema)
  async get(@Param('id', { schema: TemplateIdSchema }) id: TemplateId) {
    const template = await this.templates.find(id);
    if (!template) throw failure('template.missing', undefined, { id });
    return templateView(template);
  }

  @Patch(':id')
  @Requires('template:write')
  @Answers(200, TemplateSchema)
  update(
    @Context() ctx: RequestContext,
    @Param('id', { schema: TemplateIdSchema }) id: TemplateId,
    @Body({ schema: UpdateTemplateSchema }) body: UpdateTemplate,
  ) {
    return this.manage.update(ctx, id, body);
  }

  @Delete(':id')
  @Requires('template:write')
  @Answers(204)
  remove(@Context() ctx: RequestContext, @Param('id', { schema: TemplateIdSchema }) id: TemplateId) {
    return this.manage.remove(ctx, id);
  }
}
