import { createHash } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path that a Unix-domain socket address holds, with room to spare (sun_path is 108 bytes). */
const MAX_SOCKET_PATH = 100;

/** Where one machine keeps what lasts (`folder`) and what lives as long as its process (`runFolder`, 0700). */
export interface MachineFiles {
  readonly folder: string;
  /** The agent's record: spec, wanted state, epoch, generation. */
  readonly record: string;
  readonly savedState: string;
  readonly runFolder: string;
  readonly socket: string;
  /** Written by the process: pid, start time, machine id. */
  readonly processRecord: string;
  /** What the process is to build; written by the agent before it starts the process. */
  readonly processSpec: string;
  /** Written by the process just before it ends: why. */
  readonly outcome: string;
  readonly log: string;
  overlay(index: number): string;
}

/** Folders of all machines of one agent. The run folder is short and private to this data folder. */
export function machineFilesUnder(dataFolder: string): (machineId: string) => MachineFiles {
  const runRoot = runRootOf(dataFolder);
  return (machineId) => {
    const folder = join(dataFolder, 'machines', machineId);
    const runFolder = join(runRoot, machineId);
    const socket = join(runFolder, 'socket');
    if (socket.length > MAX_SOCKET_PATH)
      throw new Error(`The temporary folder's path is too long for sockets: set TMPDIR to a shorter one (${socket}).`);
    return {
      folder,
      record: join(folder, 'machine.json'),
      savedState: join(folder, 'saved.state'),
      runFolder,
      socket,
      processRecord: join(runFolder, 'process.json'),
      processSpec: join(runFolder, 'spec.json'),
      outcome: join(runFolder, 'outcome.json'),
      log: join(folder, 'machine.log'),
      overlay: (index) => join(folder, `disk${index}.overlay`),
    };
  };
}

/** When the agent ends and none of its machines goes on, their run folders' folder goes, too. */
export async function removeRunRoot(dataFolder: string): Promise<void> {
  // Not empty: a process that could not be ended. Absent: no machine ever ran.
  await rmdir(runRootOf(dataFolder)).catch(() => {});
}

function runRootOf(dataFolder: string): string {
  const key = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12);
  return join(tmpdir(), `millwright-${process.getuid?.() ?? 0}-${key}`);
}
