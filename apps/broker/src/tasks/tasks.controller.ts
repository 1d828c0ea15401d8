import {
  type BuildGuest as BuildGuestRequest,
  BuildGuestSchema,
  failure,
  type GuestRecipe,
  GuestRecipeSchema,
  GuestSchema,
  pageOf,
  TaskDetailSchema,
  type TaskId,
  TaskIdSchema,
  TaskSchema,
} from '@millwright/contracts';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import type { RequestContext } from '../platform/request-context.js';
import { BuildGuest } from './build-guest.service.js';
import { CancelTask } from './cancel-task.service.js';
import { Tasks, taskView } from './task.js';

const LISTED = 200;

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    private readonly tasks: Tasks,
    private readonly cancelTask: CancelTask,
    private readonly buildGuest: BuildGuest,
  ) {}

  @Get()
  @Requires('task:read')
  @Answers(200, pageOf(TaskSchema))
  async list() {
    const tasks = await this.tasks.where({});
    return {
      items: tasks
        .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
        .slice(0, LISTED)
        .map(taskView),
      nextCursor: null,
    };
  }

  @Get(':id')
  @Requires('task:read')
  @Answers(200, TaskDetailSchema)
  async get(@Param('id', { schema: TaskIdSchema }) id: TaskId) {
    const task = await this.tasks.find(id);
    if (!task) throw failure('task.missing', undefined, { id });
    return { ...taskView(task), log: task.log };
  }

  @Post(':id/cancel')
  @Requires('task:write')
  @Answers(202, TaskSchema)
  async cancel(@Context() ctx: RequestContext, @Param('id', { schema: TaskIdSchema }) id: TaskId) {
    return taskView(await this.cancelTask.execute(ctx, id));
  }

  @Post(':id/retry')
  @Requires('task:write')
  @Answers(202, TaskSchema)
  async retry(@Context() ctx: RequestContext, @Param('id', { schema: TaskIdSchema }) id: TaskId) {
    return taskView(await this.buildGuest.retry(ctx, id));
  }
}

@ApiTags('guests')
@Controller('guests')
export class GuestsController {
  constructor(private readonly buildGuest: BuildGuest) {}

  @Get()
  @Requires('guest:build')
  @Answers(200, pageOf(GuestSchema))
  async list() {
    return { items: await this.buildGuest.list(), nextCursor: null };
  }

  @Post(':recipe/build')
  @Requires('guest:build')
  @Answers(202, TaskSchema)
  async build(
    @Context() ctx: RequestContext,
    @Param('recipe', { schema: GuestRecipeSchema }) recipe: GuestRecipe,
    @Body({ schema: BuildGuestSchema }) body: BuildGuestRequest,
  ) {
    return taskView(await this.buildGuest.execute(ctx, recipe, body));
  }
}
