import {
  ApiTokenIdSchema,
  ApiTokenSchema,
  type ChangePassword,
  ChangePasswordSchema,
  type CreateApiToken,
  CreateApiTokenSchema,
  CreatedApiTokenSchema,
  failure,
  type LoginRequest,
  LoginRequestSchema,
  type LoginResponse,
  LoginResponseSchema,
  type Me,
  MeSchema,
  pageOf,
  permissionsOf,
  SESSION_COOKIE,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { CookieOptions, Response } from 'express';
import { AllowsPendingPassword, Answers, type AuthenticatedRequest, Context, Public } from '../platform/http/endpoint.js';
import { LoginThrottle } from '../platform/http/login-throttle.guard.js';
import type { RequestContext } from '../platform/request-context.js';
import { LOGIN_LIFETIME_MS } from './authenticate.service.js';
import { ChangeOwnPassword } from './change-password.service.js';
import { ManageApiTokens } from './manage-api-tokens.service.js';
import { SignIn } from './sign-in.service.js';
import { SignOut } from './sign-out.service.js';
import { effectivePermissions, type UserRecord, Users, userView } from './user.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly signOut: SignOut,
    private readonly changePassword: ChangeOwnPassword,
    private readonly tokens: ManageApiTokens,
    private readonly users: Users,
  ) {}

  @Post('login')
  @Public()
  @UseGuards(LoginThrottle)
  @Answers(200, LoginResponseSchema)
  async login(
    @Context() ctx: RequestContext,
    @Body({ schema: LoginRequestSchema }) body: LoginRequest,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginResponse> {
    const { user, secret, kind } = await this.signIn.execute(ctx, body);
    if (kind === 'token') return { ...meOf(user), token: secret };
    response.cookie(SESSION_COOKIE, secret, { ...cookieOf(request), maxAge: LOGIN_LIFETIME_MS });
    return meOf(user);
  }

  @Post('logout')
  @AllowsPendingPassword()
  @Answers(204)
  async logout(
    @Context() ctx: RequestContext,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.signOut.execute(ctx, request.credential!);
    response.clearCookie(SESSION_COOKIE, cookieOf(request));
  }

  @Get('me')
  @AllowsPendingPassword()
  @Answers(200, MeSchema)
  async me(@Context() ctx: RequestContext): Promise<Me> {
    const user = await this.users.find(ctx.userId!);
    if (!user) throw failure('auth.required');
    return meOf(user);
  }

  @Post('password')
  @AllowsPendingPassword()
  @UseGuards(LoginThrottle)
  @Answers(200, MeSchema)
  async password(
    @Context() ctx: RequestContext,
    @Req() request: AuthenticatedRequest,
    @Body({ schema: ChangePasswordSchema }) body: ChangePassword,
  ): Promise<Me> {
    return meOf(await this.changePassword.execute(ctx, request.credential!.id, body));
  }

  @Get('tokens')
  @Answers(200, pageOf(ApiTokenSchema))
  async listTokens(@Context() ctx: RequestContext) {
    return { items: await this.tokens.list(ctx), nextCursor: null };
  }

  @Post('tokens')
  @Answers(201, CreatedApiTokenSchema)
  createToken(@Context() ctx: RequestContext, @Body({ schema: CreateApiTokenSchema }) body: CreateApiToken) {
    return this.tokens.create(ctx, body);
  }

  @Delete('tokens/:id')
  @Answers(204)
  deleteToken(@Context() ctx: RequestContext, @Param('id', { schema: ApiTokenIdSchema }) id: string) {
    return this.tokens.remove(ctx, id);
  }
}

function meOf(user: UserRecord): Me {
  return { user: userView(user), permissions: effectivePermissions(user, permissionsOf), mustChangePassword: user.mustChangePassword };
}

/** `secure` as far as the front door says that it speaks TLS (X-Forwarded-Proto, trusted from loopback only). */
function cookieOf(request: AuthenticatedRequest): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' };
}
