import {
  CreatedUserSchema,
  type CreateUser as CreateUserRequest,
  CreateUserSchema,
  failure,
  pageOf,
  type ResetPassword as ResetPasswordRequest,
  ResetPasswordSchema,
  type UpdateUser as UpdateUserRequest,
  UpdateUserSchema,
  type UserId,
  UserIdSchema,
  UserSchema,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import type { RequestContext } from '../platform/request-context.js';
import { CreateUser } from './create-user.service.js';
import { DeleteUser } from './delete-user.service.js';
import { ResetPassword } from './reset-password.service.js';
import { UpdateUser } from './update-user.service.js';
import { Users, userView } from './user.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: Users,
    private readonly createUser: CreateUser,
    private readonly updateUser: UpdateUser,
    private readonly deleteUser: DeleteUser,
    private readonly resetPassword: ResetPassword,
  ) {}

  @Get()
  @Requires('user:read')
  @Answers(200, pageOf(UserSchema))
  async list() {
    const users = await this.users.where({});
    return { items: users.sort((a, b) => a.name.localeCompare(b.name)).map(userView), nextCursor: null };
  }

  @Get(':id')
  @Requires('user:read')
  @Answers(200, UserSchema)
  async get(@Param('id', { schema: UserIdSchema }) id: UserId) {
    const user = await this.users.find(id);
    if (!user) throw failure('user.missing', undefined, { id });
    return userView(user);
  }

  @Post()
  @Requires('user:write')
  @Answers(201, CreatedUserSchema)
  create(@Context() ctx: RequestContext, @Body({ schema: CreateUserSchema }) body: CreateUserRequest) {
    return this.createUser.execute(ctx, body);
  }

  @Patch(':id')
  @Requires('user:write')
  @Answers(200, UserSchema)
  update(
    @Context() ctx: RequestContext,
    @Param('id', { schema: UserIdSchema }) id: UserId,
    @Body({ schema: UpdateUserSchema }) body: UpdateUserRequest,
  ) {
    return this.updateUser.execute(ctx, id, body);
  }

  @Delete(':id')
  @Requires('user:write')
  @Answers(204)
  remove(@Context() ctx: RequestContext, @Param('id', { schema: UserIdSchema }) id: UserId) {
    return this.deleteUser.execute(ctx, id);
  }

  @Post(':id/reset-password')
  @Requires('user:write')
  @Answers(200, CreatedUserSchema)
  reset(
    @Context() ctx: RequestContext,
    @Param('id', { schema: UserIdSchema }) id: UserId,
    @Body({ schema: ResetPasswordSchema }) body: ResetPasswordRequest,
  ) {
    return this.resetPassword.execute(ctx, id, body);
  }
}
