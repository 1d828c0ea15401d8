import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type HostCommand,
  type MachineCondition,
  type MachineReport,
  type MachineSpec,
  type Medium,
  PlatformError,
  type WantedState,
} from '@millwright/contracts';
import { processSpecOf } from './build-machine.js';
import { type HostProcess, isAlive, killProcess } from './host-process.js';
import type { MachineFiles } from './machine-files.js';
import { type MachineRecord, writeRecord } from './machine-record.js';
import { findProcess, ProcessClient, readOutcome, startProcess } from './process-client.js';
import type { Outcome, ProcessStatus, ProcessVerb } from './process-protocol.js';

type ApplyMachine = Extract<HostCommand, { action: 'apply-machine' }>;

/** What a keeper needs of the agent. */
export interface KeeperPorts {
  readonly fileOf: (medium: Medium) => Promise<string>;
  readonly report: (report: MachineReport) => void;
  readonly log: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** Pulling the plug takes a moment; a process that takes longer hangs and is killed. */
const STOP_MS = 10_000;
/** The same when the agent ends: its own end has a bound, too. */
const LAST_STOP_MS = 5_000;

const NOBODY = { holder: null, viewers: [] };

/**
 * Brings one machine to what is wanted, and reports what is. One step at a time:
 *
 *     stopped/saved ──start process──► running ⇄ paused ──save──► saved
 *           ▲                            │
 *           └──stop, guest's own end─────┘            absent: process ended, folder removed
 *
 * A machine that ended by itself stays so until a newer generation wants it again.
 */
export class MachineKeeper {
  #client: ProcessClient | undefined;
  #condition: MachineCondition;
  #control: MachineReport['control'] = NOBODY;
  /** Kept when the machine ends: the broker may not have heard of them yet. */
  #handOvers: MachineReport['handOvers'] = [];
  /** Steps run one after the other. */
  #work: Promise<void> = Promise.resolve();
  #leaving = false;

  constructor(
    private record: MachineRecord,
    readonly files: MachineFiles,
    private readonly ports: KeeperPorts,
  ) {
    this.#condition = {
      state: 'stopped',
      generation: 0,
      stopReason: null,
      error: null,
      pointer: null,
      speed: null,
      screen: null,
      hasSavedState: existsSync(files.savedState),
      startedAt: null,
    };
    if (this.#condition.hasSavedState) this.#condition = { ...this.#condition, state: 'saved' };
  }

  get machineId(): string {
    return this.record.machineId;
  }
  get wanted(): WantedState {
    return this.record.wanted;
  }
  get spec(): MachineSpec {
    return this.record.spec;
  }
  get isRunning(): boolean {
    return this.#client !== undefined;
  }

  report(): MachineReport {
    const { machineId, epoch } = this.record;
    const pid = this.#client?.process.pid ?? null;
    return { machineId, epoch, pid, condition: this.#condition, control: this.#control, handOvers: this.#handOvers };
  }

  /** After an agent's start: finds the process that went on without it, or the reason why it ended; then goes on with what is wanted. */
  adopt(): Promise<void> {
    return this.#then(async () => {
      try {
        await this.#find();
      } catch (error) {
        // Something holds the disks that cannot be ended: whatever is wanted, it is not reached.
        return this.#fail(error);
      }
      await this.#reconcile();
    });
  }

  async #find(): Promise<void> {
    const found = await findProcess(this.files);
    // One that ends while we connect has left its reason behind, like one that ended before; one that does not answer must not keep the disks.
    if (found !== undefined) await this.#connect(found).catch(() => killProcess(found));
    if (this.#client) return;
    const outcome = await readOutcome(this.files);
    if (outcome) await this.#absorb(outcome);
  }

  /** Takes a command of the broker: durable first, then carried out. @throws PlatformError */
  apply(command: ApplyMachine): Promise<void> {
    return this.#then(async () => {
      if (command.epoch < this.record.epoch || command.generation < this.record.generation) return;
      const { machineId, name, generation, epoch, wanted, spec } = command;
      this.record = { ...this.record, machineId, name, generation, epoch, wanted, spec };
      await writeRecord(this.files.record, this.record);
      await this.#reconcile();
    });
  }

  /** Reset, power button, control and sessions: for a running machine only. */
  async request(request: {
    do: Exclude<ProcessVerb, 'save' | 'stop' | 'pause' | 'resume'>;
    sessionId?: string | null;
    reason?: string;
  }): Promise<void> {
    if (!this.#client) throw new PlatformError('machine.wrong-state', 'conflict', 'The machine is not running.');
    await this.#client.request(request as Parameters<ProcessClient['request']>[0]);
  }

  /**
   * Before the agent ends for good: saves a running machine, so that the next start resumes it; powers off what cannot be saved in time.
   * From here on it starts no process: what is wanted is kept for the next agent.
   * @throws PlatformError machine.process-stuck when that cannot be done either
   */
  leave(deadlineMs: number): Promise<void> {
    this.#leaving = true;
    return this.#then(async () => {
      const client = this.#client;
      if (!client) return;
      const saved = client.request({ do: 'save', path: this.files.savedState }).then(() => this.#untilEnded());
      const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), deadlineMs));
      if ((await Promise.race([saved, late]).catch(() => 'late')) === 'late') {
        this.ports.log('machine could not be saved in time and is switched off', { machineId: this.machineId });
        await this.#stop(LAST_STOP_MS);
      }
    });
  }

  /** Resolves when the steps under way are done. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #reconcile(): Promise<void> {
    const { wanted, generation } = this.record;
    try {
      await this.#reach(wanted);
      this.#change({ generation, error: null });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { wanted, generation } = this.record;
    const { code, message } = error instanceof PlatformError ? error : { code: 'platform.defect', message: (error as Error).message };
    this.ports.log('machine could not reach the wanted state', { machineId: this.machineId, wanted, error });
    const state = this.#client ? this.#condition.state : 'failed';
    this.#change({ generation, state, error: { code, message: message.slice(0, 2000) } });
  }

  async #reach(wanted: WantedState): Promise<void> {
    switch (wanted) {
      case 'running':
        if (this.#client) return void (this.#condition.state === 'paused' && (await this.#client.request({ do: 'resume' })));
        if (this.#mayStart) await this.#start(false);
        return;
      case 'paused':
        if (this.#client) return this.#client.request({ do: 'pause' });
        if (this.#mayStart) await this.#start(true);
        return;
      case 'saved':
        if (!this.#client) return;
        this.#change({ state: 'saving' });
        await this.#client.request({ do: 'save', path: this.files.savedState });
        return this.#untilEnded();
      case 'stopped':
        await this.#stop(STOP_MS);
        await rm(this.files.savedState, { force: true });
        return this.#change({ state: 'stopped', hasSavedState: false });
      case 'absent':
        await this.#stop(STOP_MS);
        await rm(this.files.folder, { recursive: true, force: true });
        await rm(this.files.runFolder, { recursive: true, force: true });
        return this.#change({ state: 'absent', hasSavedState: false });
    }
  }

  get #mayStart(): boolean {
    return !this.#leaving && this.record.endedGeneration < this.record.generation;
  }

  async #start(paused: boolean): Promise<void> {
    const restoring = existsSync(this.files.savedState);
    this.#change({ state: restoring ? 'resuming' : 'starting', error: null, stopReason: null });
    const { machineId, name, epoch, spec } = this.record;
    const { discarded, ...processSpec } = await this.#processSpec({ machineId, name, epoch }, spec, restoring);
    for (const overlay of discarded) await rm(overlay, { force: true });
    const started = await startProcess(this.files, { ...processSpec, startPaused: paused });
    await this.#connect(started).catch(async (error: unknown) => {
      // Nobody knows it: it must not run on.
      await killProcess(started);
      throw error;
    });
  }

  async #processSpec(machine: { machineId: string; name: string; epoch: number }, spec: MachineSpec, restoring: boolean) {
    const built = await processSpecOf(machine, spec, this.ports.fileOf, this.files.overlay);
    const discarded = restoring ? [] : spec.disks.flatMap((disk, index) => (disk.overlay === 'discard' ? [this.files.overlay(index)] : []));
    return { ...built, discarded, ...(restoring ? { restoreFrom: this.files.savedState } : {}) };
  }

  /** @throws PlatformError machine.process-stuck when it cannot even be killed */
  async #stop(withinMs: number): Promise<void> {
    const client = this.#client;
    if (!client) return;
    this.#change({ state: 'stopping' });
    // Its answer says nothing that its end does not say.
    client.request({ do: 'stop' }).catch(() => {});
    const ended = this.#untilEnded();
    const late = sleep(withinMs, 'late', { ref: false });
    if ((await Promise.race([ended, late])) === 'late') {
      this.ports.log('machine did not stop in time and is killed', { machineId: this.machineId, withinMs });
      await killProcess(client.process);
      await ended;
    }
  }

  async #connect(to: HostProcess): Promise<void> {
    this.#client = await ProcessClient.connect(
      this.files,
      to,
      (status) => this.#status(status),
      (client) => void this.#then(() => this.#ended(client)),
    );
  }

  #untilEnded(): Promise<void> {
    if (!this.#client) return Promise.resolve();
    const client = this.#client;
    return new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (this.#client === client && client.outcome === undefined && isAlive(client.process)) return;
        clearInterval(poll);
        resolve();
      }, 20);
    }).then(() => this.#ended(client));
  }

  /** The process is gone: why? */
  async #ended(client: ProcessClient): Promise<void> {
    // Its successor may run already.
    if (this.#client !== client) return;
    const outcome = client.outcome ?? (await readOutcome(this.files));
    this.#client = undefined;
    await this.#absorb(outcome);
  }

  async #absorb(outcome: Outcome | undefined): Promise<void> {
    this.#control = NOBODY;
    await rm(this.files.runFolder, { recursive: true, force: true });
    const hasSavedState = existsSync(this.files.savedState);
    const gone = { pointer: null, speed: null, screen: null, startedAt: null, hasSavedState } as const;
    if (!outcome) {
      await this.#endedByItself();
      this.#change({
        ...gone,
        state: 'failed',
        error: { code: 'machine.process-died', message: 'The machine’s process ended unexpectedly. Start it again.' },
      });
      return;
    }
    if (outcome.state !== 'saved' && outcome.stopReason !== 'requested') await this.#endedByItself();
    this.#change({ ...gone, state: outcome.state, stopReason: outcome.stopReason, error: outcome.error });
  }

  async #endedByItself(): Promise<void> {
    if (this.record.wanted === 'absent' || this.#leaving) return;
    this.record = { ...this.record, endedGeneration: this.record.generation };
    await writeRecord(this.files.record, this.record);
  }

  #status(status: ProcessStatus): void {
    this.#control = status.control;
    this.#handOvers = status.handOvers;
    this.#change({
      state: status.state,
      pointer: status.pointer,
      speed: status.speed,
      screen: status.widthPx > 0 ? { widthPx: status.widthPx, heightPx: status.heightPx } : null,
      startedAt: status.startedAt,
      // The process removes it when it has taken it over.
      hasSavedState: existsSync(this.files.savedState),
    });
  }

  #change(change: Partial<MachineCondition>): void {
    this.#condition = { ...this.#condition, ...change };
    this.ports.report(this.report());
  }

  #then(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(step);
    this.#work = done.catch((error: unknown) => this.ports.log('a step of a machine failed', { machineId: this.machineId, error }));
    return done;
  }
}
