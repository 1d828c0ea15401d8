import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, GUEST_RECIPES, type HostCommand, type HostFacts, hostWordsInEnglish, type TaskReport } from '@millwright/contracts';
import type { Logger } from 'pino';
import type { TemplateStore } from '../templates/template-store.js';
import { type BuildFiles, BuildOrderSchema, buildFiles, readJson } from './build-files.js';
import { GuestBuild } from './guest-build.js';
import { missingOf } from './recipes/needs.js';
import { RECIPES } from './recipes/recipes.js';

const PROCESS_ENTRY = fileURLToPath(new URL('./build-guest-process.js', import.meta.url));
/** Results of finished builds that are repeated in full reports, for a broker that was away. */
const MAX_FINISHED = 20;

type BuildGuest = Extract<HostCommand, { action: 'build-guest' }>;

/** The guest builds of this host: one process each, found again by its folder when the agent was away. */
export class GuestBuilds {
  readonly #folder: string;
  readonly #cacheFolder: string;
  readonly #builds = new Map<string, GuestBuild>();

  constructor(
    dataFolder: string,
    private readonly templates: TemplateStore,
    private readonly report: (report: TaskReport) => void,
    private readonly templatesChanged: () => void,
    private readonly log: Logger,
  ) {
    this.#folder = join(dataFolder, 'cache', 'builds');
    this.#cacheFolder = join(dataFolder, 'cache', 'guests');
  }

  /** Finds the builds that an earlier agent began: those that go on are followed, others have their end told. */
  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      const files = buildFiles(join(this.#folder, name));
      const order = BuildOrderSchema.safeParse(await readJson(files.order));
      if (!order.success) {
        this.log.warn({ folder: files.folder }, 'the folder of a guest build cannot be read and is removed');
        await rm(files.folder, { recursive: true, force: true });
        continue;
      }
      this.#follow(await GuestBuild.adopt(files, order.data, this.#ports));
    }
  }

  /** What this host can build, and in sentences for people what is missing. */
  async recipes(): Promise<HostFacts['recipes']> {
    return Promise.all(
      GUEST_RECIPES.map(async (recipe) => {
        const missing = await missingOf(RECIPES[recipe].needs);
        return { recipe, available: missing.length === 0, missing: missing.map(hostWordsInEnglish), missingWords: [...missing] };
      }),
    );
  }

  reports(): readonly TaskReport[] {
    return Array.from(this.#builds.values(), (build) => build.report());
  }

  /** Begins a build, in a process of its own. A repeated command changes nothing. @throws PlatformError guest.already-building */
  async start({ taskId, attempt, recipe, force }: BuildGuest): Promise<void> {
    const known = this.#builds.get(taskId);
    if (known && known.attempt >= attempt) return;
    if (Array.from(this.#builds.values()).some((build) => build.isRunning && build.recipe === recipe))
      throw failure('guest.already-building');
    const missing = await missingOf(RECIPES[recipe].needs);
    if (missing.length > 0) throw failure('guest.build-failed', missing.map(hostWordsInEnglish).join(' '));
    await this.#forgetOld();
    const files = buildFiles(join(this.#folder, taskId));
    await rm(files.folder, { recursive: true, force: true });
    await mkdir(files.folder, { recursive: true, mode: 0o700 });
    const outputFolder = await this.templates.prepareFolder(recipe);
    const order = BuildOrderSchema.parse({
      version: 1,
      taskId,
      attempt,
      recipe,
      cacheFolder: join(this.#cacheFolder, recipe),
      outputFolder,
      previousFolder: join(dirname(outputFolder), recipe),
    });
    await writeFile(files.order, JSON.stringify(order), { mode: 0o600 });
    if (!force && this.templates.has(recipe)) return this.#follow(await GuestBuild.alreadyBuilt(files, order, this.#ports));
    this.#follow(GuestBuild.started(files, order, this.#ports, this.#spawn(files)));
  }

  /** Ends a build's process group and removes what it made. A build that has ended is left as it is. */
  async cancel(taskId: string): Promise<void> {
    await this.#builds.get(taskId)?.cancel();
  }

  /** `abandoned`: builds go on and the next agent finds them; otherwise they end with the host and count as interrupted. */
  async end(abandoned = false): Promise<void> {
    await Promise.all(Array.from(this.#builds.values(), (build) => build.leave(abandoned)));
  }

  /** Its pid; undefined when it could not be started. */
  #spawn(files: BuildFiles): number | undefined {
    const errors = openSync(files.errors, 'a', 0o600);
    const child = spawn(process.execPath, [PROCESS_ENTRY, files.folder], { detached: true, stdio: ['ignore', errors, errors], cwd: '/' });
    closeSync(errors);
    child.once('error', (error) => this.log.error({ error, folder: files.folder }, 'the process of a guest build could not be started'));
    child.unref();
    return child.pid;
  }

  #follow(build: GuestBuild): void {
    this.#builds.set(build.taskId, build);
    if (build.isRunning) build.follow();
  }

  get #ports() {
    return {
      report: this.report,
      publish: async (...content: Parameters<TemplateStore['publish']>) => {
        await this.templates.publish(...content);
        this.templatesChanged();
      },
      log: this.log,
    };
  }

  async #forgetOld(): Promise<void> {
    const finished = Array.from(this.#builds.values()).filter((build) => !build.isRunning);
    for (const build of finished.slice(0, Math.max(0, finished.length - MAX_FINISHED))) {
      this.#builds.delete(build.taskId);
      await build.forget();
    }
  }
}
