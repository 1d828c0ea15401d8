import { setTimeout as sleep } from 'node:timers/promises';
import { type Machine, type MachineState, PlatformError, type TaskDetail } from '@millwright/contracts';
import { CommandError } from '../command-error.js';
import type { Output } from '../terminal/output.js';
import type { BrokerClient } from './broker-client.js';

/** Between two looks; a person does not notice, and the broker has other work. */
const POLL_MS = 400;
/** A broker that restarts is back within this time. */
const MAX_SILENCES = 25;

/** A read that outlives a short absence of the broker. */
async function patiently<T>(read: () => Promise<T>): Promise<T> {
  for (let silences = 0; ; silences++) {
    try {
      return await read();
    } catch (error) {
      const mayPass = !(error instanceof PlatformError) || error.kind === 'unavailable';
      if (!mayPass || silences >= MAX_SILENCES) throw error;
      await sleep(POLL_MS);
    }
  }
}

/**
 * The machine once it is as wanted, or in `state` where the guest decides. `asked`: as the broker answered the wish.
 * @throws CommandError when it failed, the host could not, or the time is over
 */
export async function waitForMachine(
  client: BrokerClient,
  out: Output,
  asked: Machine,
  seconds = 60,
  state?: MachineState,
): Promise<Machine> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const machine = await patiently(() => client.call('getMachine', { id: asked.id }));
    // An error of an earlier wish is history.
    const error = (machine.condition?.generation ?? -1) >= asked.generation ? machine.condition?.error : undefined;
    if (machine.state === 'failed' || (error && !machine.changing))
      throw new CommandError(`${machine.name} failed: ${error?.message ?? 'the host gave no reason'}`, 1, error?.code);
    if (state !== undefined ? machine.state === state : !machine.changing && machine.wanted === asked.wanted) return machine;
    if (state === undefined && machine.wanted !== asked.wanted)
      throw new CommandError(
        `${machine.name} could not become ${asked.wanted}; it is to be ${machine.wanted} again. The host's log says why.`,
      );
    if (Date.now() > deadline)
      throw new CommandError(
        `${machine.name} is ${machine.state} after ${seconds} s. mw machine show tells more; wait longer with --wait <seconds>.`,
      );
    out.progress(`${machine.name}: ${machine.state} …`);
    await sleep(POLL_MS);
  }
}

const FINISHED = new Set<TaskDetail['state']>(['succeeded', 'failed', 'cancelled']);

/** The task once it has ended, however it ended; its new log lines go to standard error. */
export async function waitForTask(client: BrokerClient, out: Output, id: string): Promise<TaskDetail> {
  let shown = '';
  for (;;) {
    const task = await patiently(() => client.call('getTask', { id }));
    const last = task.log.at(-1) ?? '';
    if (last !== shown && last !== '') out.note(last);
    shown = last;
    if (FINISHED.has(task.state)) return task;
    out.progress(`${task.title}: ${Math.round(task.progress)} % ${task.message}`);
    await sleep(POLL_MS);
  }
}
