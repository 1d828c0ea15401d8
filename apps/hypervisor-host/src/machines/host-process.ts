import { readFileSync } from 'node:fs';
import { PlatformError } from '@millwright/contracts';

/** A process of this host. Its pid alone does not name it: when it has ended, another may get the number. */
export interface HostProcess {
  readonly pid: number;
  /** Clock ticks since boot at which it started: field 22 of /proc/PID/stat (proc(5)). */
  readonly startTicks: string;
}

/** SIGKILL takes effect at once, but in a process that waits for a disk: that one ends when the disk answers. */
const KILL_MS = 10_000;
const POLL_MS = 25;

/** The living process that has this pid now. A zombie holds nothing any more. */
export function processWith(pid: number | 'self'): HostProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    const isGone = startTicks === undefined || fields[0] === 'Z' || fields[0] === 'X';
    return isGone ? undefined : { pid: Number.parseInt(stat, 10), startTicks };
  } catch {
    return undefined;
  }
}

/** Whether it is still this process that has the pid. */
export function isAlive({ pid, startTicks }: HostProcess): boolean {
  return processWith(pid)?.startTicks === startTicks;
}

/**
 * SIGKILL; resolves when the process is gone, and with it its hold on the disks. A later process that got its pid is left alone.
 * @throws PlatformError machine.process-stuck when it is still there after `withinMs`
 */
export async function killProcess(victim: HostProcess, withinMs = KILL_MS, kill = signalKill): Promise<void> {
  const end = performance.now() + withinMs;
  while (isAlive(victim)) {
    const refused = kill(victim.pid);
    if (refused !== undefined || performance.now() >= end) {
      const why = refused ?? `it is there ${withinMs} ms after SIGKILL`;
      throw new PlatformError(
        'machine.process-stuck',
        'unavailable',
        `The machine’s process ${victim.pid} cannot be ended (${why}). Restart its host.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Why the system refused; undefined: it did not, or the process is gone. */
function signalKill(pid: number): string | undefined {
  try {
    process.kill(pid, 'SIGKILL');
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ESRCH' ? undefined : message;
  }
}
