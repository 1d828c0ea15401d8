import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { type PartMessage, PartMessageSchema } from '@millwright/contracts';

/** How one part is started. */
export interface PartOptions {
  readonly name: string;
  readonly entry: string;
  readonly cwd: string;
  readonly env: () => NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Time for an orderly end, ms. */
  readonly endMs: number;
  readonly message?: (message: PartMessage) => void;
  /** A part that ended unasked; it is being started again. */
  readonly restarted?: (name: string, why: string) => void;
  /** It keeps failing. */
  readonly gaveUp?: (name: string, lastLines: string) => void;
}

/** Waits between restarts, ms; a part that lived longer than the last one starts from the first again. */
const BACK_OFF_MS = [250, 500, 1_000, 2_000, 5_000, 10_000];
const READY_MS = 120_000;
const LAST_LINES = 20;

/**
 * One of our processes: started, watched, started again with back-off when it ends unasked, ended in order. It runs in a process
 * group of its own, so that the terminal's Ctrl-C reaches only the front door; it ends by itself when the IPC channel closes.
 */
export class Part {
  #child: ChildProcess | undefined;
  #failures = 0;
  #ending = false;
  #restart: NodeJS.Timeout | undefined;
  readonly #log: WriteStream;
  #lastLines: string[] = [];
  #failure: string | undefined;

  constructor(private readonly options: PartOptions) {
    this.#log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves with the part's port once it is ready. @throws Error with the part's own words when it cannot start */
  start(): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.options.name} did not become ready in ${READY_MS / 1000} s; see ${this.options.logFile}`)),
        READY_MS,
      );
      this.#spawn(
        (port) => {
          clearTimeout(timer);
          resolve(port);
        },
        () => {
          clearTimeout(timer);
          reject(new Error(this.#failure ?? `${this.options.name} ended at once; its last lines:\n${this.#lastLines.join('\n')}`));
        },
      );
    });
  }

  /** Ends it and starts it again, e.g. because its database moved. */
  async restart(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill('SIGTERM');
  }

  /** Asks it to end; kills it after its time. */
  async end(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), this.options.endMs);
    await gone;
    clearTimeout(late);
  }

  #spawn(ready: (port: number) => void, failed: () => void): void {
    const { entry, cwd, env, name } = this.options;
    const started = Date.now();
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      cwd,
      env: env(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    let isReady = false;
    for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (bytes: Buffer) => this.#keep(bytes));
    child.on('message', (value) => {
      const message = PartMessageSchema.safeParse(value);
      if (!message.success) return;
      if ('ready' in message.data) {
        isReady = true;
        ready(message.data.port);
      } else if ('failed' in message.data) this.#failure = message.data.failed;
      this.options.message?.(message.data);
    });
    child.once('exit', (code, signal) => {
      if (this.#ending) return;
      const firstStart = !isReady && this.#failures === 0;
      if (firstStart) {
        failed();
        return;
      }
      if (Date.now() - started > BACK_OFF_MS.at(-1)! * 2) this.#failures = 0;
      const wait = BACK_OFF_MS[Math.min(this.#failures, BACK_OFF_MS.length - 1)]!;
      this.#failures++;
      this.options.restarted?.(name, signal ?? `status ${code}`);
      if (this.#failures === BACK_OFF_MS.length) this.options.gaveUp?.(name, this.#lastLines.join('\n'));
      this.#restart = setTimeout(
        () =>
          this.#spawn(
            () => {},
            () => {},
          ),
        wait,
      );
    });
  }

  #keep(bytes: Buffer): void {
    this.#log.write(bytes);
    this.#lastLines = [
      ...this.#lastLines,
      ...bytes
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
    ].slice(-LAST_LINES);
  }
}
