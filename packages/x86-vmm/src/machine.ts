import { Worker } from 'node:worker_threads';
import { MAX_HEIGHT_PX, MAX_WIDTH_PX } from './bus/screen.js';
import type { GuestStack } from './cpu/profile/guest-profiler.js';
import { MachineError } from './machine-error.js';
import { type BackendSpec, type MachineSpec, validateSpec } from './machine-spec.js';
import type {
  MachineEvent,
  MachineInspection,
  MachineState,
  MachineStatistics,
  ScreenUpdate,
  StopReason,
  WorkerCalls,
  WorkerMessage,
  WorkerStart,
} from './worker/messages.js';

/** Calls that only look. A machine that has ended by itself goes on answering them until `stop`. */
/**
 * Decoding and translating make many short-lived objects: with V8's own first generation of 1 MiB at first a fifth of their time would go into collecting
 * them. More than 16 MiB saves nothing and is resident twice.
 */
const YOUNG_GENERATION_MIB = 16;
const LOOKS: ReadonlySet<keyof WorkerCalls> = new Set([
  'screenUpdate',
  'picture',
  'textScreen',
  'statistics',
  'takeProfile',
  'stateHash',
  'inspect',
  'dumpState',
  'readMemory',
]);

/** Listeners get every event of the machine; a listener that throws is a defect of the owner and reaches its process. */
export type MachineListener = (event: MachineEvent) => void;

/**
 * One virtual machine, run by a worker of its own.
 *
 *     created ──start──► running ⇄ paused
 *        │                  │        │
 *        └──────stop────────┴────────┴──► stopped
 *
 * `reset` keeps the state. `save` pauses, writes and stays paused. Calls in a wrong state reject with `machine.state`.
 * When the guest has ended the machine, its last screen, registers, memory and statistics can be asked for until `stop`.
 * Everything is asynchronous; the screen's pixels are in shared memory and are stable between two `requestUpdate` calls.
 */
export class Machine {
  readonly #worker: Worker;
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(reason: unknown): void }>();
  readonly #listeners = new Set<MachineListener>();
  #nextCall = 1;
  #workerEnded = false;
  #state: MachineState = 'created';
  #stopReason: StopReason | undefined;
  #pointerAbsolute = false;
  #leds = 0;
  /** 0xffRRGGBB pixels of the last update, rows `widthPx` apart. */
  readonly frame: Uint32Array;
  /** Settles when the worker has built the machine. */
  readonly ready: Promise<void>;

  constructor(spec: MachineSpec, restoreFrom?: string) {
    validateSpec(spec);
    const frame = new SharedArrayBuffer(MAX_WIDTH_PX * MAX_HEIGHT_PX * 4);
    this.frame = new Uint32Array(frame);
    const workerData: WorkerStart = { spec, frame, restoreFrom };
    this.#worker = new Worker(new URL('./worker/vcpu-worker.js', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    this.ready = new Promise((resolve, reject) => {
      this.#calls.set(0, { resolve: () => resolve(), reject });
    });
    this.ready.catch(() => {});
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', () => this.#died(new MachineError('machine.state', 'The machine has stopped.')));
  }

  get state(): MachineState {
    return this.#state;
  }
  /** Why it stopped; undefined while it has not. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }
  /** The guest has enabled an absolute pointer. */
  get pointerAbsolute(): boolean {
    return this.#pointerAbsolute;
  }
  /** Bits as the keyboard has them: 1 Scroll Lock, 2 Num Lock, 4 Caps Lock. */
  get leds(): number {
    return this.#leds;
  }

  listen(listener: MachineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): Promise<void> {
    return this.#call('start');
  }
  /**
   * Runs a created or paused machine for so many instructions and pauses it again: exactly there with `clock: {kind: 'instructions'}`,
   * about there otherwise. Resolves when it is paused or has stopped.
   */
  runFor(instructions: number): Promise<void> {
    return this.#call('runFor', instructions);
  }
  pause(): Promise<void> {
    return this.#call('pause');
  }
  resume(): Promise<void> {
    return this.#call('resume');
  }
  reset(): Promise<void> {
    return this.#call('reset');
  }
  /** Presses the ACPI power button; the guest decides. */
  pressPowerButton(): Promise<void> {
    return this.#call('pressPowerButton');
  }
  /** Pauses and writes the machine's state: beside the file, fsynced, renamed. */
  save(path: string): Promise<void> {
    return this.#call('save', path);
  }
  /** Switches the power off and ends the worker; afterwards nothing answers. Disks are flushed and closed first. */
  async stop(): Promise<void> {
    if (this.#state !== 'stopped') await this.#call('stop');
    await this.#worker.terminate();
  }

  /** A key by USB HID usage (page 7). Resolves when the keyboard has taken it, so that no key is lost in a full buffer. */
  key(usage: number, down: boolean): Promise<void> {
    return this.#call('key', usage, down);
  }
  /** Movement in counts, x to the right and y down; `dz` in wheel steps. `buttons`: 1 left, 2 right, 4 middle. */
  pointerRelative(dx: number, dy: number, dz: number, buttons: number): Promise<void> {
    return this.#call('pointerRelative', dx, dy, dz, buttons);
  }
  /** A place on the screen, 0 to 65535 across and down, for a guest that has enabled the absolute pointer (`pointerAbsolute`). */
  movePointerTo(x: number, y: number, dz: number, buttons: number): Promise<void> {
    return this.#call('pointerAbsolute', x, y, dz, buttons);
  }
  /** Resolves when the UART's receiver has room for more. */
  serialReceive(port: number, bytes: Uint8Array): Promise<void> {
    return this.#call('serialReceive', port, bytes);
  }

  /** Resolves when something on the screen has changed since the last update; `full`: at once, everything damaged. */
  requestUpdate(full = false): Promise<ScreenUpdate> {
    return this.#call('screenUpdate', full);
  }
  /** Brings `frame` up to date now, without taking damage from whoever waits in `requestUpdate`. */
  picture(): Promise<{ readonly widthPx: number; readonly heightPx: number }> {
    return this.#call('picture');
  }
  /** Rows of a text mode as strings (code page 437 as Unicode); undefined in a graphics mode. */
  textScreen(): Promise<readonly string[] | undefined> {
    return this.#call('textScreen');
  }
  statistics(): Promise<MachineStatistics> {
    return this.#call('statistics');
  }
  /** Where the guest has been since the profile was last taken, with `profile` in the spec. Take it every second or so: what is kept is bounded. */
  takeProfile(): Promise<readonly GuestStack[]> {
    return this.#call('takeProfile');
  }
  /** SHA-256 over CPU state, devices and RAM; the machine must be paused. Disk requests under way are completed first, as for a save. */
  stateHash(): Promise<string> {
    return this.#call('stateHash');
  }
  /** All that the hash is made of, without copying memory: two paused machines can be compared often. */
  inspect(): Promise<MachineInspection> {
    return this.#call('inspect');
  }
  changeMedium(drive: 'cdrom' | 'floppy', medium: BackendSpec | undefined): Promise<void> {
    return this.#call('changeMedium', drive, medium);
  }
  /** Registers in the published JSON form (docs of `x86-vmm run --dump-state`). */
  dumpState(): Promise<Readonly<Record<string, unknown>>> {
    return this.#call('dumpState');
  }
  /** Loads registers in that form; what is absent keeps its power-on value. Paused or created machines only. */
  loadState(state: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#call('loadState', state);
  }
  readMemory(address: number, length: number): Promise<Uint8Array> {
    return this.#call('readMemory', address, length);
  }
  /** Runs exactly so many instructions of a created or paused machine, fewer when the CPU shuts down or the guest ends the machine. */
  step(instructions: number): Promise<void> {
    return this.#call('step', instructions);
  }

  #call<Name extends keyof WorkerCalls>(call: Name, ...args: Parameters<WorkerCalls[Name]>): Promise<ReturnType<WorkerCalls[Name]>> {
    if (this.#workerEnded || (this.#state === 'stopped' && !LOOKS.has(call)))
      return Promise.reject(new MachineError('machine.state', 'The machine has stopped.'));
    const id = this.#nextCall++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, call, args });
    });
  }

  #receive(message: WorkerMessage): void {
    if ('event' in message) this.#handleEvent(message);
    else if ('ready' in message) this.#settle(0)?.resolve(undefined);
    else if ('failure' in message) this.#settle(message.id)?.reject(new MachineError(message.failure.code, message.failure.message));
    else this.#settle(message.id)?.resolve(message.value);
  }

  #handleEvent(event: MachineEvent): void {
    if (event.event === 'state') {
      this.#state = event.state;
      this.#stopReason = event.reason;
    } else if (event.event === 'pointer-mode') this.#pointerAbsolute = event.mode.absolute;
    else if (event.event === 'leds') this.#leds = event.leds;
    for (const listener of this.#listeners) listener(event);
  }

  #settle(id: number): { resolve(value: unknown): void; reject(reason: unknown): void } | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #died(error: Error): void {
    this.#workerEnded = true;
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
    if (this.#state === 'stopped') return;
    this.#handleEvent({ event: 'state', state: 'stopped', reason: { kind: 'failed', message: error.message } });
  }
}

/** Builds a machine; resolves when it can be started. @throws InvalidMachineSpec, MachineError */
export async function createMachine(spec: MachineSpec, restoreFrom?: string): Promise<Machine> {
  const machine = new Machine(spec, restoreFrom);
  await machine.ready;
  return machine;
}
