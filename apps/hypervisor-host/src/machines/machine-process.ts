import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { type HandOver, MAX_HAND_OVERS, type SessionId, type Viewer } from '@millwright/contracts';
import { DisplayServer } from '@millwright/remote-display/server';
import { createMachine, type Machine, MachineError, type MachineEvent, type StopReason } from '@millwright/x86-vmm';
import { MachineInput, MachineScreen } from '../displays/machine-ports.js';
import { encodePng } from '../displays/screenshot.js';
import { machineSpecOf, type ProcessSpec, ProcessSpecSchema } from './build-machine.js';
import { processWith } from './host-process.js';
import { LengthPrefixedReader, writeMessage } from './length-prefixed.js';
import { readLines, writeLine } from './line-stream.js';
import {
  type DisplaySessionOpening,
  MAX_DISPLAY_MESSAGE_BYTES,
  OpeningSchema,
  type Outcome,
  type ProcessMessage,
  type ProcessRecord,
  type ProcessRequest,
  ProcessRequestSchema,
  type ProcessStatus,
} from './process-protocol.js';

/*
 * The process of one virtual machine: guest, devices and display server live and die together here and touch nobody else.
 * Started detached by the agent with the machine's run folder as its argument; it outlives agent, broker and portal.
 */

/** How often speed and screen size are looked at for the status, ms. */
const STATUS_MS = 1_000;
/** A lower speed than this is worth telling; above, the machine keeps up. */
const SPEED_STEP = 0.05;
/** Serial output kept for a console that is opened later. */
const SERIAL_HISTORY_BYTES = 16 * 1024;

class MachineProcess {
  readonly #display: DisplayServer;
  readonly #screen: MachineScreen;
  readonly #controls = new Set<Socket>();
  readonly #serials: readonly [Set<Socket>, Set<Socket>] = [new Set(), new Set()];
  readonly #serialHistory: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  readonly #sessions = new Map<string, DisplaySessionOpening>();
  readonly #displaySockets = new Map<string, Set<Socket>>();
  #status: ProcessStatus;
  #ending: Outcome | undefined;
  /** The save under way: an agent that came back and asks once more gets its answer, too. */
  #saving: { readonly path: string; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly folder: string,
    private readonly serialUses: ProcessSpec['serial'],
  ) {
    this.#screen = new MachineScreen(machine);
    this.#display = new DisplayServer({
      screen: this.#screen,
      input: new MachineInput(machine),
      pointerMode: machine.pointerAbsolute ? 'absolute' : 'relative',
      controlChanged: () => this.#refreshStatus(),
      // Told with the change of control that follows. A viewer's `user` is its session: see #openDisplay.
      handedOver: ({ act, by, from, to }) => {
        const [bySession, fromSession, toSession] = [by.user, from.user, to?.user ?? null] as [SessionId, SessionId, SessionId | null];
        const handOver: HandOver = { id: randomUUID(), at: new Date().toISOString(), act, by: bySession, from: fromSession, to: toSession };
        this.#status = { ...this.#status, handOvers: [...this.#status.handOvers, handOver].slice(-MAX_HAND_OVERS) };
      },
    });
    this.#status = {
      state: 'starting',
      pointer: machine.pointerAbsolute ? 'absolute' : 'relative',
      speed: 1,
      widthPx: 0,
      heightPx: 0,
      startedAt: new Date().toISOString(),
      control: { holder: null, viewers: [] },
      handOvers: [],
    };
    machine.listen((event) => this.#handleEvent(event));
    setInterval(() => void this.#lookAtMachine(), STATUS_MS).unref();
  }

  async listen(path: string): Promise<void> {
    rmSync(path, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  }

  /** From power-on, or on from a saved state. `paused`: not before somebody resumes it. */
  async begin(paused: boolean): Promise<void> {
    this.#showLeds(this.machine.leds);
    if (paused) this.#tell({ state: 'paused' });
    else await this.#run();
  }

  #run(): Promise<void> {
    return this.machine.state === 'created' ? this.machine.start() : this.machine.resume();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const lines = readLines(socket, (line) => {
      const rest = lines.stop();
      const opening = OpeningSchema.safeParse(parseJson(line));
      if (!opening.success) {
        socket.destroy();
        return;
      }
      switch (opening.data.channel) {
        case 'control':
          return this.#openControl(socket, rest);
        case 'display':
          return this.#openDisplay(socket, rest, opening.data.session);
        case 'serial':
          return this.#openSerial(socket, rest, opening.data.port);
        case 'picture':
          return void this.#sendPicture(socket, opening.data.maxWidthPx);
      }
    });
  }

  #openControl(socket: Socket, rest: Buffer): void {
    this.#controls.add(socket);
    socket.on('close', () => this.#controls.delete(socket));
    this.#send(socket, { status: this.#status });
    if (this.#ending) this.#send(socket, { outcome: this.#ending });
    readLines(socket, (line) => {
      const request = ProcessRequestSchema.safeParse(parseJson(line));
      if (request.success) void this.#answer(socket, request.data);
    });
    if (rest.length > 0) socket.emit('data', rest);
  }

  async #answer(socket: Socket, request: ProcessRequest): Promise<void> {
    try {
      await this.#carryOut(request);
      this.#send(socket, { answer: request.id, error: null });
    } catch (error) {
      const { code, message } = error instanceof MachineError ? error : { code: 'platform.defect', message: (error as Error).message };
      this.#send(socket, { answer: request.id, error: { code, message } });
    }
  }

  async #carryOut(request: ProcessRequest): Promise<void> {
    switch (request.do) {
      case 'pause':
        return this.machine.pause();
      case 'resume':
        return this.#run();
      case 'reset':
        return this.machine.reset();
      case 'press-power-button':
        return this.machine.pressPowerButton();
      case 'pass-control':
        if (!this.#display.passControl(request.sessionId ?? undefined))
          throw new MachineError('session.missing', 'This session is not connected, or may only view.');
        return;
      case 'end-session':
        return this.#endSession(request.sessionId, request.reason);
      case 'save':
        this.#saving ??= { path: request.path, done: this.#save(request.path) };
        if (this.#saving.path !== request.path)
          throw new MachineError('machine.wrong-state', 'The machine is being saved to another file.');
        return this.#saving.done;
      case 'stop':
        this.#tell({ state: 'stopping' });
        return this.#end({ state: 'stopped', stopReason: 'requested', error: null });
    }
  }

  async #save(path: string): Promise<void> {
    const before = this.machine.state;
    this.#tell({ state: 'saving' });
    try {
      await this.machine.save(path);
    } catch (error) {
      this.#saving = undefined;
      // As it was: a paused machine stays paused.
      if (before === 'running') await this.machine.resume().catch(() => {});
      this.#tell({ state: before === 'running' ? 'running' : 'paused' });
      throw error;
    }
    return this.#end({ state: 'saved', stopReason: null, error: null });
  }

  #openDisplay(socket: Socket, rest: Buffer, session: DisplaySessionOpening): void {
    const { sessionId } = session;
    this.#sessions.set(sessionId, session);
    const sockets = this.#displaySockets.get(sessionId) ?? new Set();
    this.#displaySockets.set(sessionId, sockets.add(socket));
    const attached = this.#display.attach(
      {
        send: (bytes) => void writeMessage(socket, bytes),
        close: () => socket.end(),
        get bufferedBytes() {
          return socket.writableLength;
        },
      },
      // A session is one person at one screen, through cuts and reloads: the lease follows it.
      { user: sessionId, name: session.displayName, rights: session.rights },
    );
    const reader = new LengthPrefixedReader(socket, MAX_DISPLAY_MESSAGE_BYTES, (bytes) => attached.receive(bytes));
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => reader.add(bytes));
    socket.on('close', () => {
      sockets.delete(socket);
      attached.closed();
      this.#refreshStatus();
    });
    reader.add(rest);
    this.#refreshStatus();
  }

  #endSession(sessionId: string, _reason: string): void {
    for (const socket of this.#displaySockets.get(sessionId) ?? []) socket.end();
    this.#sessions.delete(sessionId);
  }

  #openSerial(socket: Socket, rest: Buffer, port: number): void {
    const listeners = this.#serials[port as 0 | 1];
    listeners.add(socket);
    socket.write(this.#serialHistory[port as 0 | 1]);
    socket.on('close', () => listeners.delete(socket));
    const receive = (bytes: Buffer): void => {
      socket.pause();
      this.machine.serialReceive(port, new Uint8Array(bytes)).then(
        () => socket.resume(),
        () => socket.destroy(),
      );
    };
    socket.on('data', receive);
    if (rest.length > 0) receive(rest);
  }

  async #sendPicture(socket: Socket, maxWidthPx: number | undefined): Promise<void> {
    try {
      const { widthPx, heightPx } = await this.machine.picture();
      socket.end(encodePng(this.machine.frame, widthPx, heightPx, maxWidthPx ?? widthPx));
    } catch {
      socket.destroy();
    }
  }

  #handleEvent(event: MachineEvent): void {
    switch (event.event) {
      case 'state':
        if (event.state === 'stopped') void this.#end(outcomeOf(event.reason));
        // That a save pauses the machine is its own affair.
        else if (!this.#saving && (event.state === 'running' || event.state === 'paused')) this.#tell({ state: event.state });
        return;
      case 'pointer-mode':
        this.#display.setPointerMode(event.mode.absolute ? 'absolute' : 'relative');
        return this.#tell({ pointer: event.mode.absolute ? 'absolute' : 'relative' });
      case 'leds':
        return this.#showLeds(event.leds);
      case 'serial':
        return this.#serialOutput(event.port as 0 | 1, Buffer.from(event.bytes));
      default:
        return;
    }
  }

  #showLeds(leds: number): void {
    this.#display.setLeds({ scrollLock: (leds & 1) !== 0, numLock: (leds & 2) !== 0, capsLock: (leds & 4) !== 0 });
  }

  #serialOutput(port: 0 | 1, bytes: Buffer): void {
    if (this.serialUses[port] === 'console')
      this.#serialHistory[port] = Buffer.concat([this.#serialHistory[port], bytes]).subarray(-SERIAL_HISTORY_BYTES);
    for (const socket of this.#serials[port]) socket.write(bytes);
  }

  async #lookAtMachine(): Promise<void> {
    if (this.#status.state !== 'running') return;
    const statistics = await this.machine.statistics().catch(() => undefined);
    if (!statistics) return;
    const { widthPx, heightPx } = statistics.screen;
    const speed = Math.round(statistics.speed / SPEED_STEP) * SPEED_STEP;
    if (speed !== this.#status.speed || widthPx !== this.#status.widthPx || heightPx !== this.#status.heightPx)
      this.#tell({ speed, widthPx, heightPx });
  }

  #refreshStatus(): void {
    const live = this.#display?.viewers ?? [];
    const viewers = live.flatMap(({ user }) => this.#viewerOf(user));
    const holder = live.find(({ holds }) => holds)?.user ?? null;
    this.#tell({ control: { holder, viewers } as ProcessStatus['control'] });
  }

  #viewerOf(sessionId: string): Viewer[] {
    const session = this.#sessions.get(sessionId);
    if (!session) return [];
    const { userId, displayName, rights } = session;
    return [{ sessionId, userId, displayName, mayControl: rights.control } as Viewer];
  }

  #tell(change: Partial<ProcessStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const socket of this.#controls) this.#send(socket, { status: this.#status });
  }

  /** Writes the outcome, tells everybody, ends the machine and this process. */
  async #end(outcome: Outcome): Promise<void> {
    if (this.#ending) return;
    this.#ending = outcome;
    this.#display.close(outcome.state === 'saved' ? 'The machine was saved.' : 'The machine has stopped.');
    if (this.machine.state !== 'stopped')
      await this.machine.stop().catch((error: unknown) => console.error('stopping the machine:', error));
    await writeBeside(`${this.folder}/outcome.json`, outcome);
    for (const socket of this.#controls) this.#send(socket, { outcome });
    // Lets the sockets drain; the run folder is removed by the agent that reads the outcome.
    setTimeout(() => process.exit(0), 100);
  }

  #send(socket: Socket, message: ProcessMessage): void {
    writeLine(socket, message);
  }
}

function outcomeOf(reason: StopReason | undefined): Outcome {
  switch (reason?.kind) {
    case 'powered-off':
      return { state: 'stopped', stopReason: 'guest-powered-off', error: null };
    case 'reset':
      return { state: 'stopped', stopReason: 'guest-crashed', error: null };
    case 'failed':
      return { state: 'failed', stopReason: null, error: { code: 'machine.process-died', message: reason.message.slice(0, 2000) } };
    default:
      return { state: 'stopped', stopReason: 'requested', error: null };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function writeBeside(path: string, value: unknown): Promise<void> {
  await writeFile(`${path}.partial`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${path}.partial`, path);
}

async function main(folder: string): Promise<void> {
  const spec: ProcessSpec = ProcessSpecSchema.parse(JSON.parse(await readFile(`${folder}/spec.json`, 'utf8')));
  const record: ProcessRecord = { machineId: spec.machineId, epoch: spec.epoch, ...processWith('self')! };
  await writeBeside(`${folder}/process.json`, record);
  let machine: Machine;
  try {
    machine = await createMachine(await machineSpecOf(spec), spec.restoreFrom);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const outcome: Outcome = { state: 'failed', stopReason: null, error: { code: code ?? 'platform.defect', message } };
    await writeBeside(`${folder}/outcome.json`, outcome);
    console.error('building the machine:', error);
    process.exitCode = 1;
    return;
  }
  const running = new MachineProcess(machine, folder, spec.serial);
  await running.listen(`${folder}/socket`);
  // The state has been taken over: resuming from it once more would repeat the past.
  if (spec.restoreFrom) await rm(spec.restoreFrom, { force: true });
  await running.begin(spec.startPaused);
}

// The terminal's Ctrl-C goes to the whole process group: whether a machine ends is the agent's decision.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
await main(process.argv[2] ?? '');
