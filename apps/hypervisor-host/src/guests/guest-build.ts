import { existsSync } from 'node:fs';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import {
  FAILURE_CODES,
  type FailureReport,
  type GuestRecipe,
  type HostWords,
  type HostWordsCode,
  hostWords,
  hostWordsInEnglish,
  type TaskReport,
  type TemplateContent,
} from '@millwright/contracts';
import type { Logger } from 'pino';
import { isAlive, processWith } from '../machines/host-process.js';
import {
  type BuildEnd,
  BuildEndSchema,
  type BuildEvent,
  BuildEventSchema,
  type BuildFiles,
  type BuildOrder,
  BuildProcessSchema,
  readJson,
} from './build-files.js';

/** How often a build's events are looked at, ms: a progress bar needs no more. */
const POLL_MS = 250;
/** After SIGTERM, tools that clean up have this long, ms. */
const TERM_MS = 3_000;
/** Contract's limits of a report. */
const MAX_LOG_LINES = 500;
const MAX_LINE_CHARACTERS = 2_000;
const MAX_MESSAGE_CHARACTERS = 500;

export interface BuildPorts {
  report(report: TaskReport): void;
  publish(content: TemplateContent, prepared: string): Promise<void>;
  readonly log: Logger;
}

/**
 * One build as the agent sees it: reads what its process writes, tells it, publishes the template.
 *
 *     running ──done──► succeeded      running ──failed, or gone without a word──► failed
 *        └─────cancel───► cancelled
 */
export class GuestBuild {
  #progress = 0;
  #message = hostWordsInEnglish(STARTING);
  #words: HostWords | null = STARTING;
  #end: BuildEnd | undefined;
  #offset = 0;
  /** Log lines before this offset were told by an earlier agent. */
  #toldBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  private constructor(
    private readonly files: BuildFiles,
    private readonly order: BuildOrder,
    private readonly ports: BuildPorts,
    /** Of a process that this agent has started. */
    private readonly pid?: number,
    private readonly isOurs = false,
  ) {}

  /** A build whose process was started just now; without a pid it could not be. */
  static started(files: BuildFiles, order: BuildOrder, ports: BuildPorts, pid: number | undefined): GuestBuild {
    return new GuestBuild(files, order, ports, pid, true);
  }

  /** There is nothing to do: the template is there. */
  static async alreadyBuilt(files: BuildFiles, order: BuildOrder, ports: BuildPorts): Promise<GuestBuild> {
    const build = new GuestBuild(files, order, ports);
    await build.#finish(ended('succeeded', 'build.already-there'));
    await rm(order.outputFolder, { recursive: true, force: true });
    return build;
  }

  /** One that an earlier agent started. When its process has ended since, the end is settled before this resolves. */
  static async adopt(files: BuildFiles, order: BuildOrder, ports: BuildPorts): Promise<GuestBuild> {
    const build = new GuestBuild(files, order, ports);
    const end = BuildEndSchema.safeParse(await readJson(files.finished));
    if (end.success) build.#setEnd(end.data);
    else {
      build.#toldBefore = Number(await readJson(files.told)) || 0;
      await build.#look();
    }
    return build;
  }

  get taskId(): string {
    return this.order.taskId;
  }
  get attempt(): number {
    return this.order.attempt;
  }
  get recipe(): GuestRecipe {
    return this.order.recipe;
  }
  get isRunning(): boolean {
    return this.#end === undefined;
  }

  report(log: readonly string[] = []): TaskReport {
    const { taskId, attempt } = this.order;
    return {
      taskId,
      attempt,
      state: this.#end?.state ?? 'running',
      progress: this.#end?.state === 'succeeded' ? 100 : this.#progress,
      message: this.#message.slice(0, MAX_MESSAGE_CHARACTERS),
      words: this.#words,
      log: [...log],
      error: this.#end?.state === 'failed' ? this.#end.error : null,
    };
  }

  /** Begins to watch; resolves nothing: reports tell. */
  follow(): void {
    this.#timer = setTimeout(() => {
      void this.#then(() => this.#look()).finally(() => {
        if (this.isRunning && this.#timer) this.follow();
      });
    }, POLL_MS);
  }

  cancel(): Promise<void> {
    return this.#then(async () => {
      if (!this.isRunning) return;
      await this.#kill();
      await this.#finish(ended('cancelled', 'build.cancelled'));
    });
  }

  /** The agent ends; unless abandoned, the build ends with it and is found interrupted by the next agent. */
  async leave(abandoned: boolean): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!abandoned && this.isRunning) await this.#kill();
  }

  /** Removes what a finished build left. */
  forget(): Promise<void> {
    return rm(this.files.folder, { recursive: true, force: true });
  }

  async #look(): Promise<void> {
    if (!this.isRunning) return;
    // Asked before reading: what a process wrote before it ended is then surely read.
    const isAlive = (await this.#livePid()) !== undefined;
    const last = await this.#readEvents();
    if (last === undefined && isAlive) return;
    if (last === undefined) await this.#finish(await this.#endWithoutWord());
    else if ('failed' in last) await this.#finish({ state: 'failed', message: last.failed.message, error: last.failed });
    else await this.#publish(last.done);
  }

  /** Tells what is new. Resolves with the last event when the process has told its end. */
  async #readEvents(): Promise<Extract<BuildEvent, { done: unknown } | { failed: unknown }> | undefined> {
    const log: string[] = [];
    const before = `${this.#progress} ${this.#message}`;
    let last: Extract<BuildEvent, { done: unknown } | { failed: unknown }> | undefined;
    for (const { text, end } of await this.#newLines()) {
      const event = BuildEventSchema.safeParse(parseJson(text));
      if (!event.success) continue;
      if ('log' in event.data) {
        if (end > this.#toldBefore) log.push(event.data.log.slice(0, MAX_LINE_CHARACTERS));
      } else if ('progress' in event.data) {
        this.#progress = event.data.progress;
        this.#message = event.data.message;
        this.#words = event.data.words;
      } else last = event.data;
    }
    if (log.length > 0 || before !== `${this.#progress} ${this.#message}`) {
      this.#tell(log);
      await writeFile(this.files.told, String(this.#offset));
    }
    return last;
  }

  async #publish(content: TemplateContent): Promise<void> {
    try {
      // An agent that died between publishing and writing down the end left no prepared folder: the template is in its place.
      if (existsSync(this.order.outputFolder)) await this.ports.publish(content, this.order.outputFolder);
      await this.#finish(ended('succeeded', 'build.done'));
    } catch (error) {
      const message = `The template could not be put in its place: ${(error as Error).message}`.slice(0, 1_500);
      await this.#finish({ state: 'failed', message, error: { code: 'guest.build-failed', message } });
    }
  }

  /** The process is gone and has not said why. */
  async #endWithoutWord(): Promise<BuildEnd> {
    const complaints = (await readFile(this.files.errors, 'utf8').catch(() => '')).trim().slice(-500);
    if (!this.isOurs) return { state: 'failed', message: INTERRUPTED.message, error: INTERRUPTED };
    const message = `The build’s process ended unexpectedly. ${complaints}`.trim();
    return { state: 'failed', message, error: { code: 'guest.build-failed', message } };
  }

  async #finish(end: BuildEnd): Promise<void> {
    if (end.state !== 'succeeded') await rm(this.order.outputFolder, { recursive: true, force: true });
    await rm(this.files.temporary, { recursive: true, force: true });
    await writeFile(this.files.finished, JSON.stringify(end), { mode: 0o600 });
    this.#setEnd(end);
    this.#tell([]);
  }

  #setEnd(end: BuildEnd): void {
    this.#end = end;
    this.#message = end.message;
    this.#words = end.state === 'failed' ? null : end.words;
  }

  #tell(log: readonly string[]): void {
    let at = 0;
    do {
      this.ports.report(this.report(log.slice(at, at + MAX_LOG_LINES)));
      at += MAX_LOG_LINES;
    } while (at < log.length);
  }

  /** Whole lines that were written since the last look, with the offset at which each ends. */
  async #newLines(): Promise<readonly { readonly text: string; readonly end: number }[]> {
    const file = await open(this.files.events, 'r').catch(() => undefined);
    if (!file) return [];
    try {
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, size - this.#offset));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      const whole = bytes.lastIndexOf(10, bytesRead - 1) + 1;
      let end = this.#offset;
      this.#offset += whole;
      const lines = bytes.toString('utf8', 0, whole).split('\n').slice(0, -1);
      return lines.map((text) => {
        end += Buffer.byteLength(text) + 1;
        return { text, end };
      });
    } finally {
      await file.close();
    }
  }

  /** The process, as it has written who it is; one that has not yet is known by the pid that we started. */
  async #livePid(): Promise<number | undefined> {
    const record = BuildProcessSchema.safeParse(await readJson(this.files.process));
    if (record.success) return isAlive(record.data) ? record.data.pid : undefined;
    return this.pid !== undefined && processWith(this.pid) !== undefined ? this.pid : undefined;
  }

  /** Ends the process and all that it started: they are one process group. */
  async #kill(): Promise<void> {
    const pid = await this.#livePid();
    if (pid === undefined) return;
    signalGroup(pid, 'SIGTERM');
    for (let waited = 0; waited < TERM_MS && groupExists(pid); waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    signalGroup(pid, 'SIGKILL');
    for (let waited = 0; waited < TERM_MS && groupExists(pid); waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  #then(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(step);
    this.#work = done.catch((error: unknown) => this.ports.log.error({ taskId: this.taskId, error }, 'a step of a guest build failed'));
    return done.catch(() => {});
  }
}

const STARTING = hostWords('build.starting');

function ended(state: 'succeeded' | 'cancelled', code: HostWordsCode): BuildEnd {
  const words = hostWords(code);
  return { state, message: hostWordsInEnglish(words), words };
}

const INTERRUPTED: FailureReport = { code: 'task.interrupted', message: FAILURE_CODES['task.interrupted'].message };

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

/** A group exists while a member does, also one whose leader has ended. */
function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
