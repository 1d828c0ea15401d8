import { randomUUID } from 'node:crypto';
import { CSRF_HEADER, failure, type Permission, SESSION_COOKIE } from '@millwright/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Authenticate } from '../../identity/authenticate.service.js';
import { may } from '../request-context.js';
import { cookieValue, isSameOrigin } from './browser-checks.js';
import { type AuthenticatedRequest, PENDING_PASSWORD, PERMISSION, PUBLIC } from './endpoint.js';

/** Who is asking, may they, and does the request come from our own pages? Runs before everything else. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticate: Authenticate,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<AuthenticatedRequest>();
    const metadata = <T>(key: string) =>
      this.reflector.getAllAndOverride<T | undefined>(key, [execution.getHandler(), execution.getClass()]);
    const address = request.ip ?? null;
    if (metadata<boolean>(PUBLIC)) {
      // Signing somebody in from another site is an attack too.
      if (isUnsafe(request) && request.headers.origin !== undefined) refuseForeign(request);
      request.context = { requestId: randomUUID(), userId: null, userName: 'anonymous', displayName: '', permissions: new Set(), address };
      request.credential = null;
      return true;
    }
    const bearer = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1];
    const cookie = bearer === undefined ? cookieValue(request.headers.cookie, SESSION_COOKIE) : undefined;
    const secret = bearer ?? cookie;
    if (secret === undefined) throw failure('auth.required');
    if (cookie !== undefined && isUnsafe(request)) refuseForeign(request);
    const { context, user, credential } = await this.authenticate.execute(secret, address);
    request.context = context;
    request.credential = credential;
    if (user.mustChangePassword && !metadata<boolean>(PENDING_PASSWORD)) throw failure('auth.password-change-required');
    const permission = metadata<Permission>(PERMISSION);
    if (permission && !may(context, permission)) throw failure('auth.denied', undefined, { permission });
    return true;
  }
}

const isUnsafe = (request: Request) => !['GET', 'HEAD', 'OPTIONS'].includes(request.method);

/** @throws request.foreign-origin */
function refuseForeign(request: Request): void {
  const { origin, host } = request.headers;
  const forwarded = request.headers['x-forwarded-host'];
  const isOurs =
    origin === undefined
      ? request.headers[CSRF_HEADER] !== undefined
      : isSameOrigin(origin, host, typeof forwarded === 'string' ? forwarded : undefined);
  if (!isOurs) throw failure('request.foreign-origin', undefined, { origin, host });
}
