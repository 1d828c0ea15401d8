import type { Permission } from '@millwright/contracts';
import { applyDecorators, createParamDecorator, type ExecutionContext, HttpCode, SetMetadata } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import type { z } from 'zod';
import type { RequestContext } from '../request-context.js';

export const PUBLIC = 'endpoint:public';
export const PERMISSION = 'endpoint:permission';
export const PENDING_PASSWORD = 'endpoint:pending-password';

/** Anybody may call it. */
export const Public = () => SetMetadata(PUBLIC, true);
/** Only with this permission; without it 403. Endpoints that decide per object have none and ask in the use case. */
export const Requires = (permission: Permission) => SetMetadata(PERMISSION, permission);
/** Also before the first password has been changed. */
export const AllowsPendingPassword = () => SetMetadata(PENDING_PASSWORD, true);

/** Status and body of the answer, for HTTP and for the OpenAPI document. */
export function Answers(status: 200 | 201 | 202 | 204, schema?: z.ZodType) {
  return applyDecorators(HttpCode(status), ApiResponse(schema ? { status, standardSchema: schema } : { status }));
}

export interface AuthenticatedRequest extends Request {
  context?: RequestContext;
  /** How the caller proved who they are; null for public endpoints. */
  credential?: { readonly kind: 'login' | 'token'; readonly id: string } | null;
}

/** The request's context, as the authentication guard has made it. */
export const Context = createParamDecorator((_: unknown, execution: ExecutionContext): RequestContext => {
  return execution.switchToHttp().getRequest<AuthenticatedRequest>().context!;
});
