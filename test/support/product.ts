import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BrokerClient } from './broker-client.js';
import { freePort } from './free-port.js';

const FRONT_DOOR = fileURLToPath(new URL('../../apps/front-door/dist/main.js', import.meta.url));
const READY_MS = 120_000;

export const ADMIN_PASSWORD = 'correct horse battery';

export interface ProductOptions {
  /** Start on a data folder that is there already; it is then not removed. */
  readonly folder?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The parts of one product, by their process. Virtual machines have processes of their own: `machinePid`. */
export type PartName = 'front-door' | 'broker' | 'hypervisor-host' | 'portal' | 'postgres';

/** What `npm start` runs once everything is built: a whole product on a free port and a data folder of its own. */
export class Product {
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly options: ProductOptions,
  ) {}

  static async start(options: ProductOptions = {}): Promise<Product> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'mw-product-'));
    const product = new Product(folder, options.port ?? (await freePort()), options);
    try {
      await product.startAgain();
    } catch (error) {
      await product.dispose();
      throw error;
    }
    return product;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }
  /** Everything the terminal showed so far. */
  get output(): string {
    return this.#output;
  }
  get oneTimePassword(): string {
    const password = /One-time password: (\S+)/.exec(this.#output)?.[1];
    if (!password) throw new Error(`no one-time password was printed:\n${this.#output}`);
    return password;
  }

  /** Starts the front door on the same folder and port. Resolves when it says that it is ready. */
  async startAgain(): Promise<void> {
    this.#output = '';
    const child = spawn(process.execPath, [FRONT_DOOR], {
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        MILLWRIGHT_DATA: this.folder,
        MILLWRIGHT_PORT: String(this.port),
        ...this.options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (piece: Buffer) => {
        this.#output += String(piece);
      });
    await until(
      'the ready line',
      () => {
        if (this.#output.includes('Millwright is ready: ')) return true;
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the product ended with ${child.exitCode ?? child.signalCode}:\n${this.#output}`);
        return undefined;
      },
      READY_MS,
    );
  }

  async signIn(name = 'admin', password = ADMIN_PASSWORD): Promise<BrokerClient> {
    const client = new BrokerClient(`http://127.0.0.1:${this.port}`);
    await client.signIn(name, password);
    return client;
  }

  /** The process of a part now. */
  pidOf(part: PartName): number | undefined {
    if (part === 'front-door') return this.#child?.pid !== undefined && isAlive(this.#child.pid) ? this.#child.pid : undefined;
    if (part === 'postgres') return Number(readOr(join(this.folder, 'postgres/data/postmaster.pid'), '').split('\n')[0]) || undefined;
    const entry = {
      broker: 'apps/broker/dist/main.js',
      'hypervisor-host': 'apps/hypervisor-host/dist/main.js',
      portal: 'apps/portal/serve.mjs',
    }[part];
    return this.#processes().find(({ command }) => command.includes(entry))?.pid;
  }

  /** Whether a process of this product runs with `words` in its command line. */
  hasProcess(words: string): boolean {
    return this.#processes().some(({ command }) => command.includes(words));
  }

  /** Processes of virtual machines, newest record first. */
  machinePids(): number[] {
    const root = this.#runRoot();
    if (!existsSync(root)) return [];
    return readdirSync(root)
      .map((id) => Number((JSON.parse(readOr(join(root, id, 'process.json'), '{}')) as { pid?: number }).pid))
      .filter((pid) => pid > 0 && isAlive(pid));
  }

  /** The process that a machine wrote down for itself, if it lives. */
  machinePid(machineId: string): number | undefined {
    const { pid } = JSON.parse(readOr(join(this.machineRunFolder(machineId), 'process.json'), '{}')) as { pid?: number };
    return pid && isAlive(pid) ? pid : undefined;
  }

  /** Every process that was started for a machine, whether or not anybody still knows it. */
  allProcessesOf(machineId: string): number[] {
    const mine = this.machineRunFolder(machineId);
    return processIds().filter((pid) => readOr(`/proc/${pid}/cmdline`, '').split('\0').includes(mine) && isAlive(pid));
  }

  machineRunFolder(machineId: string): string {
    return join(this.#runRoot(), machineId);
  }

  /** SIGKILL, and waits until the process is gone. */
  async kill(part: PartName | number): Promise<void> {
    const pid = typeof part === 'number' ? part : this.pidOf(part);
    if (!pid) throw new Error(`${part} does not run`);
    process.kill(pid, 'SIGKILL');
    await until(`${part} is gone`, () => !isAlive(pid) || undefined, 5_000);
  }

  /** Ctrl-C. Resolves with the exit status. */
  async interrupt(): Promise<number | null> {
    const child = this.#child!;
    child.kill('SIGINT');
    await until('the product has ended', () => child.exitCode !== null || child.signalCode !== null || undefined, 60_000);
    return child.exitCode;
  }

  /** Ends everything that this product started, whatever state it is in, and removes its folders. */
  async dispose(): Promise<void> {
    const pids = () =>
      [this.#child?.pid, ...this.#processes().map(({ pid }) => pid), ...this.machinePids(), this.pidOf('postgres')].filter(
        (pid): pid is number => pid !== undefined && pid > 1,
      );
    for (let round = 0; round < 3; round++) {
      for (const pid of new Set(pids())) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // Gone already.
        }
      }
      await sleep(100);
    }
    if (!this.options.folder) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    rmSync(this.#runRoot(), { recursive: true, force: true });
  }

  #runRoot(): string {
    return join(tmpdir(), `millwright-${process.getuid?.() ?? 0}-${createHash('sha256').update(this.folder).digest('hex').slice(0, 12)}`);
  }

  /** Node processes that were given our data folder. */
  #processes(): { pid: number; command: string }[] {
    const mine = `MILLWRIGHT_DATA=${this.folder}`;
    return processIds()
      .filter((pid) => readOr(`/proc/${pid}/environ`, '').split('\0').includes(mine))
      .map((pid) => ({ pid, command: readOr(`/proc/${pid}/cmdline`, '') }));
  }
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Repeats until there is a value. @throws Error that names what was waited for, with the last failure */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 20_000,
  everyMs = 50,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: did not happen within ${timeoutMs / 1000} s`);
    await sleep(everyMs);
  }
}

export function isAlive(pid: number): boolean {
  return !/^\d+ \(.*\) [ZX]/s.test(readOr(`/proc/${pid}/stat`, '0 () X'));
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
