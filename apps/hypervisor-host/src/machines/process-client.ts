import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostWords, hostWords, hostWordsInEnglish, PlatformError } from '@millwright/contracts';
import type { ProcessSpec } from './build-machine.js';
import { type HostProcess, isAlive, killProcess, processWith } from './host-process.js';
import { readLines, writeLine } from './line-stream.js';
import type { MachineFiles } from './machine-files.js';
import {
  type Opening,
  type Outcome,
  OutcomeSchema,
  ProcessMessageSchema,
  ProcessRecordSchema,
  type ProcessRequest,
  type ProcessStatus,
} from './process-protocol.js';

const PROCESS_ENTRY = fileURLToPath(new URL('./machine-process.js', import.meta.url));
const PROCESS_FILE = basename(PROCESS_ENTRY);
/** A process that has not opened its socket by then has failed; building a large machine takes a few seconds. */
const START_MS = 60_000;
const POLL_MS = 25;
/** Node needs about 1 GiB of address space beyond guest RAM only on paper; what it may really hold is bounded here. */
const PROCESS_OVERHEAD_MIB = 1024;

type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

/** One control connection to a machine's process. */
export class ProcessClient {
  #next = 1;
  readonly #waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  outcome: Outcome | undefined;

  private constructor(
    private readonly socket: Socket,
    readonly process: HostProcess,
    status: (status: ProcessStatus) => void,
    closed: () => void,
  ) {
    writeLine(socket, { channel: 'control' } satisfies Opening);
    readLines(socket, (line) => {
      const message = ProcessMessageSchema.safeParse(JSON.parse(line));
      if (!message.success) return;
      if ('status' in message.data) status(message.data.status);
      else if ('outcome' in message.data) this.outcome = message.data.outcome;
      else this.#settle(message.data.answer, message.data.error);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const call of this.#waiting.values())
        call.reject(new PlatformError('machine.process-died', 'unavailable', 'The machine has ended.'));
      this.#waiting.clear();
      closed();
    });
  }

  /**
   * Resolves once the process has said how it is: whoever connects never reports a state that he made up. @throws PlatformError
   * machine.process-died when it ends before; `closed` is called for a connection that was made only.
   */
  static async connect(
    files: MachineFiles,
    process: HostProcess,
    status: (status: ProcessStatus) => void,
    closed: (client: ProcessClient) => void,
  ): Promise<ProcessClient> {
    const socket = await openChannel(files);
    return new Promise((resolve, reject) => {
      let isMade = false;
      // A process that hangs still has connections accepted for it: without an end its keeper would wait for ever.
      const late = setTimeout(() => socket.destroy(), START_MS);
      const client: ProcessClient = new ProcessClient(
        socket,
        process,
        (now) => {
          status(now);
          clearTimeout(late);
          isMade = true;
          resolve(client);
        },
        () => {
          clearTimeout(late);
          if (isMade) closed(client);
          else reject(new PlatformError('machine.process-died', 'unavailable', 'The machine has ended.'));
        },
      );
    });
  }

  request(request: WithoutId<ProcessRequest>): Promise<void> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new PlatformError('machine.process-died', 'unavailable', 'The machine has ended.'));
      this.#waiting.set(id, { resolve, reject });
      writeLine(this.socket, { id, ...request });
    });
  }

  #settle(id: number, error: { readonly code: string; readonly message: string } | null): void {
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) call?.reject(new PlatformError(error.code, 'unavailable', error.message));
    else call?.resolve();
  }
}

/** A connection to a machine's process, before its opening line. */
export async function openChannel(files: MachineFiles): Promise<Socket> {
  const socket = connect(files.socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Starts a machine's process, detached, and waits for its socket. @throws PlatformError machine.process-died, machine.process-stuck */
export async function startProcess(files: MachineFiles, spec: ProcessSpec): Promise<HostProcess> {
  // Never two on the same disks, whatever went wrong before.
  const left = await livingProcess(files);
  if (left !== undefined) await killProcess(left);
  await rm(files.runFolder, { recursive: true, force: true });
  await mkdir(files.runFolder, { recursive: true, mode: 0o700 });
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  await writeFile(files.processSpec, JSON.stringify(spec), { mode: 0o600 });
  const log = openSync(files.log, 'a', 0o600);
  const [command, ...args] = confined([process.execPath, PROCESS_ENTRY, files.runFolder], spec.memoryMiB);
  const child = spawn(command!, args, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  // The programs that confine it replace themselves: it is the process that was spawned.
  const started = child.pid === undefined ? undefined : processWith(child.pid);
  if (started && (await listens(files, () => !ended))) return started;
  if (started) await killProcess(started);
  const outcome = await readOutcome(files);
  const { code, message } = outcome?.error ?? {
    code: 'machine.process-died',
    message: 'The machine’s process did not start; its log says why.',
  };
  throw new PlatformError(code, 'unavailable', message);
}

/**
 * The process of this machine that an earlier agent has started, if it lives; its socket is waited for. It wrote its pid and start
 * time down, unless that agent died so early that it had not come so far: then its command line names the run folder. A second
 * process on the same disks would be their end.
 */
export async function findProcess(files: MachineFiles): Promise<HostProcess | undefined> {
  if (!existsSync(files.processSpec)) return undefined;
  const found = await livingProcess(files);
  if (found === undefined) return undefined;
  if (await listens(files, () => isAlive(found))) return found;
  await killProcess(found);
  return undefined;
}

async function livingProcess(files: MachineFiles): Promise<HostProcess | undefined> {
  return (await recordedProcess(files)) ?? processOf(files.runFolder);
}

/**
 * Whether the process takes connections; false when it ends before, or needs too long. The socket's file alone does not say so: it
 * is there before its owner listens.
 */
async function listens(files: MachineFiles, lives: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    if (!lives()) return false;
    if (existsSync(files.socket) && (await accepts(files))) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}

function accepts(files: MachineFiles): Promise<boolean> {
  return openChannel(files).then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );
}

/** The reason a process left behind, if it ended in order. */
export async function readOutcome(files: MachineFiles): Promise<Outcome | undefined> {
  try {
    return OutcomeSchema.parse(JSON.parse(await readFile(files.outcome, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The process that wrote itself down, if it lives. */
async function recordedProcess(files: MachineFiles): Promise<HostProcess | undefined> {
  try {
    const { pid, startTicks } = ProcessRecordSchema.parse(JSON.parse(await readFile(files.processRecord, 'utf8')));
    return isAlive({ pid, startTicks }) ? { pid, startTicks } : undefined;
  } catch {
    return undefined;
  }
}

/** A machine's process by its command line; other programs may name the folder, too. */
function processOf(runFolder: string): HostProcess | undefined {
  const isIt = ({ pid }: HostProcess): boolean => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes(runFolder) && words.some((word) => word.endsWith(PROCESS_FILE));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processWith(Number(name)))
    .find((found): found is HostProcess => found !== undefined && isIt(found));
}

/** One protection that a machine's process runs under, or why it does not. */
export interface Isolation {
  readonly name: string;
  readonly applied: boolean;
  readonly reason?: string;
  readonly words?: HostWords;
}

const runs = (command: string, args: readonly string[]): HostWords | undefined => {
  const { status, error, stderr } = spawnSync(command, [...args, 'true'], { encoding: 'utf8' });
  if (status === 0) return undefined;
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return hostWords('isolation.program-missing', { program: command });
  return hostWords('isolation.refused', { detail: (error?.message ?? stderr ?? '').trim().split('\n')[0]!.slice(0, 200) });
};

const NO_NEW_PRIVS = ['--no-new-privs', ...(process.getuid?.() === 0 ? ['--bounding-set=-all', '--inh-caps=-all'] : [])];
const NAMESPACES = ['--user', '--net', '--ipc', '--map-current-user'];
const probes = {
  noNewPrivs: runs('setpriv', NO_NEW_PRIVS),
  namespaces: runs('unshare', NAMESPACES),
  limits: runs('prlimit', ['--nofile=1024']),
};

/** For the host page. */
export const ISOLATION: readonly Isolation[] = [
  isolation('no-new-privileges', probes.noNewPrivs),
  isolation('own user, network and IPC namespace', probes.namespaces),
  isolation('limits of files and memory', probes.limits),
];

function isolation(name: string, refused: HostWords | undefined): Isolation {
  return refused === undefined ? { name, applied: true } : { name, applied: false, reason: hostWordsInEnglish(refused), words: refused };
}

/** Wraps a command line in what this system allows: namespaces outermost, then privileges, then limits. */
function confined(command: readonly string[], memoryMiB: number): string[] {
  const data = `${(memoryMiB + PROCESS_OVERHEAD_MIB) * 2 ** 20}`;
  return [
    ...(probes.namespaces === undefined ? ['unshare', ...NAMESPACES] : []),
    ...(probes.noNewPrivs === undefined ? ['setpriv', ...NO_NEW_PRIVS] : []),
    ...(probes.limits === undefined ? ['prlimit', '--nofile=1024', '--core=0', `--data=${data}`] : []),
    ...command,
  ];
}
