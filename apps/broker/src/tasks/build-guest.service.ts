import {
  type BuildGuest as BuildGuestRequest,
  failure,
  GUEST_RECIPES,
  type Guest,
  type GuestRecipe,
  type HostId,
  hostWords,
  hostWordsInEnglish,
  type TaskId,
  TaskIdSchema,
  type TemplateId,
} from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { type HostRecord, Hosts, isOnline } from '../hosts/host.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Templates } from '../templates/template.js';
import { ACTIVE_STATES, retried, type TaskRecord, Tasks } from './task.js';

/** What people read about a recipe; the recipe itself lives on the host. */
const RECIPES: Readonly<Record<GuestRecipe, { readonly name: string; readonly description: string }>> = {
  'debian-console': { name: 'Debian console', description: 'Debian with a shell on the text console and on the serial port.' },
  'debian-hmi': { name: 'Debian HMI', description: 'Debian with a graphical desktop and an operator panel.' },
};

/** Use cases around guests that a host builds from packages: list, build, try again. */
@Injectable()
export class BuildGuest {
  constructor(
    private readonly transactions: Transactions,
    private readonly tasks: Tasks,
    private readonly hosts: Hosts,
    private readonly templates: Templates,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<Guest[]> {
    const now = this.clock.now();
    const hosts = (await this.hosts.where({})).filter((host) => isOnline(host, now));
    const active = await this.tasks.where({ state: ACTIVE_STATES });
    const templates = await this.templates.where({});
    return GUEST_RECIPES.map((recipe) => ({
      recipe,
      ...RECIPES[recipe],
      templateId: recipe as string as TemplateId,
      built: templates.some(
        (template) => template.source.kind === 'recipe' && template.source.recipe === recipe && template.hostIds.length > 0,
      ),
      taskId: active.find((task) => task.recipe === recipe)?.id ?? null,
      hosts: hosts.map((host) => ({ hostId: host.id, hostName: host.name, ...abilityOf(host, recipe) })),
    }));
  }

  execute(ctx: RequestContext, recipe: GuestRecipe, request: BuildGuestRequest): Promise<TaskRecord> {
    return this.transactions.run(async () => {
      if ((await this.tasks.where({ recipe, state: ACTIVE_STATES })).length > 0)
        throw failure('guest.already-building', undefined, { recipe });
      const hostId = await this.#builder(recipe, request.hostId);
      const task: TaskRecord = {
        id: this.identifiers.next(TaskIdSchema),
        kind: 'guest-build',
        title: RECIPES[recipe].name,
        recipe,
        force: request.force,
        state: 'queued',
        progress: 0,
        message: '',
        words: null,
        log: [],
        error: null,
        hostId,
        attempt: 1,
        createdBy: ctx.userId,
        createdAt: this.clock.now(),
        startedAt: null,
        finishedAt: null,
      };
      await this.#begin(task);
      await this.audit.record(ctx, 'guest.build', { kind: 'task', id: task.id, name: task.title }, { recipe, hostId });
      return task;
    });
  }

  retry(ctx: RequestContext, taskId: TaskId): Promise<TaskRecord> {
    return this.transactions.run(async () => {
      const task = await this.tasks.lock(taskId);
      if (!task?.recipe) throw failure('task.missing', undefined, { taskId });
      if (task.state !== 'failed' && task.state !== 'cancelled')
        throw failure('task.not-finished', undefined, { taskId, state: task.state });
      if ((await this.tasks.where({ recipe: task.recipe, state: ACTIVE_STATES })).length > 0)
        throw failure('guest.already-building', undefined, { taskId });
      const again = retried(task, await this.#builder(task.recipe));
      await this.#begin(again);
      await this.audit.record(ctx, 'task.retry', { kind: 'task', id: taskId, name: task.title }, { attempt: again.attempt });
      return again;
    });
  }

  async #begin(task: TaskRecord): Promise<void> {
    await this.tasks.save(task);
    await this.commands.queue(task.hostId!, task.id, {
      action: 'build-guest',
      taskId: task.id,
      attempt: task.attempt,
      recipe: task.recipe!,
      force: task.force,
    });
    this.changes.mark('task', task.id);
  }

  async #builder(recipe: GuestRecipe, wanted?: HostId): Promise<HostId> {
    const now = this.clock.now();
    const online = (await this.hosts.where({})).filter((host) => isOnline(host, now) && (wanted === undefined || host.id === wanted));
    const able = online.find((host) => abilityOf(host, recipe).available);
    if (able) return able.id;
    const missing = online.map((host) => `${host.name}: ${abilityOf(host, recipe).missing.join(', ')}`).join('; ');
    throw failure('guest.no-builder', missing ? `No connected host can build this guest. Missing on ${missing}.` : undefined, { recipe });
  }
}

type Ability = Pick<Guest['hosts'][number], 'available' | 'missing' | 'missingWords'>;

function abilityOf(host: HostRecord, recipe: GuestRecipe): Ability {
  const said = host.facts?.recipes.find((entry) => entry.recipe === recipe);
  // Facts that an older broker wrote down have no words.
  if (said) return { available: said.available, missing: said.missing, missingWords: said.missingWords ?? [] };
  const words = hostWords('need.newer-agent');
  return { available: false, missing: [hostWordsInEnglish(words)], missingWords: [words] };
}
