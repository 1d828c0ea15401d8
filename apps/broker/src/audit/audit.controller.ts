import { AuditEntrySchema, type AuditQuery, AuditQuerySchema, pageOf } from '@millwright/contracts';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Requires } from '../platform/http/endpoint.js';
import { Audit } from './audit.js';

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: Audit) {}

  @Get()
  @Requires('audit:read')
  @Answers(200, pageOf(AuditEntrySchema))
  list(@Query({ schema: AuditQuerySchema }) query: AuditQuery) {
    return this.audit.page(query);
  }
}
