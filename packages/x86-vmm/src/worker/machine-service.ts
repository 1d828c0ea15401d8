import type { Rectangle } from '../bus/screen.js';
import { dumpRegisters, loadRegisters } from '../cpu/register-dump.js';
import { PHYSICAL_MMIO, PHYSICAL_READ } from '../cpu/state.js';
import { textRows } from '../machine/code-page-437.js';
import type { CoreListener, MachineCore } from '../machine/machine-core.js';
import { machineTimes } from '../machine/machine-times.js';
import { MachineError } from '../machine-error.js';
import type { MachineEvent, MachineState, MachineStatistics, ScreenUpdate, StopReason, WorkerCalls } from './messages.js';

/** Serial and debug output leaves the worker in pieces of at most this many bytes. */
const OUTPUT_PIECE_BYTES = 4096;
/** A waiting viewer is served at most this often, ms: 100 pictures a second. */
const SCREEN_INTERVAL_MS = 10;

class OutputBuffer {
  #bytes = new Uint8Array(OUTPUT_PIECE_BYTES);
  #length = 0;
  constructor(private readonly emit: (bytes: Uint8Array) => void) {}

  add(byte: number): void {
    this.#bytes[this.#length++] = byte;
    if (this.#length === OUTPUT_PIECE_BYTES) this.flush();
  }

  flush(): void {
    if (this.#length === 0) return;
    this.emit(this.#bytes.slice(0, this.#length));
    this.#length = 0;
  }
}

interface WaitingUpdate {
  readonly resolve: (update: ScreenUpdate) => void;
}

interface WaitingInput {
  readonly offer: () => boolean;
  readonly resolve: () => void;
}

/** The owner's side of a machine inside its worker: lifecycle, input, screen, output. One method a call of `WorkerCalls`. */
export class MachineService implements CoreListener {
  #core!: MachineCore;
  #state: MachineState = 'created';
  #running: Promise<void> | undefined;
  #stopLoop = false;
  #ended: StopReason | undefined;
  readonly #serial = [0, 1].map((port) => new OutputBuffer((bytes) => this.tell({ event: 'serial', port, bytes })));
  readonly #debug = new OutputBuffer((bytes) => this.tell({ event: 'debug', bytes }));
  /** Damage that a picture drew for somebody else; belongs to the next update. */
  #owed: Rectangle[] = [];
  #owesAll = true;
  #waitingUpdate: WaitingUpdate | undefined;
  #lastUpdateMs = 0;
  #lastCursor = '';
  readonly #keys: WaitingInput[] = [];
  readonly #serialInput: WaitingInput[][] = [[], []];

  constructor(
    private readonly frame: Uint32Array,
    private readonly tell: (event: MachineEvent) => void,
  ) {}

  adopt(core: MachineCore, restored: boolean): void {
    this.#core = core;
    const { keyboard } = core.pc.i8042;
    keyboard.onLeds((leds) => this.tell({ event: 'leds', leds }));
    keyboard.onSpace(() => this.#offer(this.#keys));
    if (restored) {
      this.#setState('paused');
      this.tell({ event: 'leds', leds: keyboard.leds });
      this.tell({ event: 'pointer-mode', mode: { absolute: core.pc.pointer.absoluteEnabled } });
    }
  }

  async call(name: keyof WorkerCalls, args: readonly unknown[]): Promise<unknown> {
    const method = this.#calls[name] as (...values: readonly unknown[]) => unknown;
    return method(...args);
  }

  serial(port: number, byte: number): void {
    this.#serial[port]!.add(byte);
  }
  serialSpace(port: number): void {
    this.#offer(this.#serialInput[port]!);
  }
  debug(byte: number): void {
    this.#debug.add(byte);
  }
  post(port: number, code: number): void {
    this.tell({ event: 'post', port, code });
  }
  tone(hertz: number): void {
    this.tell({ event: 'tone', hertz });
  }
  pointerAbsolute(absolute: boolean): void {
    this.tell({ event: 'pointer-mode', mode: { absolute } });
  }
  guestReset(): void {
    this.tell({ event: 'guest-reset' });
  }
  ended(reason: StopReason): void {
    this.#ended ??= reason;
  }

  afterSlice(): void {
    if (this.#waitingUpdate) this.#serveUpdate();
  }

  beforeTurn(): void {
    for (const buffer of this.#serial) buffer.flush();
    this.#debug.flush();
  }

  readonly #calls: {
    [Name in keyof WorkerCalls]: (
      ...args: Parameters<WorkerCalls[Name]>
    ) => ReturnType<WorkerCalls[Name]> | Promise<ReturnType<WorkerCalls[Name]>>;
  } = {
    start: () => {
      this.#require('created');
      this.#runLoop();
    },
    runFor: async (instructions) => {
      this.#requireStill();
      this.#runLoop(instructions);
      await this.#running;
      if (this.#state === 'running') this.#setState('paused');
    },
    pause: () => this.#pause(),
    resume: () => {
      if (this.#state === 'running') return;
      this.#require('paused');
      this.#runLoop();
    },
    reset: async () => {
      const wasRunning = this.#state === 'running';
      if (wasRunning) await this.#pause();
      this.#core.reset();
      if (wasRunning) this.#runLoop();
    },
    stop: async () => {
      await this.#endLoop();
      await this.#core.closeMedia();
      this.#setState('stopped', { kind: 'requested' });
    },
    pressPowerButton: () => {
      this.#core.pc.power.pressPowerButton();
      this.#core.loop.wake();
    },
    save: async (path) => {
      await this.#pause();
      await this.#core.save(path);
    },
    key: (usage, down) => this.#input(this.#keys, () => this.#key(usage, down)),
    pointerRelative: (dx, dy, dz, buttons) => {
      this.#core.pc.i8042.mouse.move(dx, dy, dz, buttons);
      this.#core.loop.wake();
    },
    pointerAbsolute: (x, y, dz, buttons) => {
      this.#core.pc.pointer.move(x, y, dz, buttons);
      this.#core.loop.wake();
    },
    serialReceive: (port, bytes) => this.#serialReceive(port, bytes),
    screenUpdate: (full) => this.#screenUpdate(full),
    picture: () => {
      const { vga } = this.#core.pc;
      this.#owed.push(...vga.render(this.frame, vga.widthPx));
      return { widthPx: vga.widthPx, heightPx: vga.heightPx };
    },
    textScreen: () => {
      const { text } = this.#core.pc.vga;
      return text && textRows(text);
    },
    statistics: () => this.#statistics(),
    takeProfile: () => this.#core.processor.profiler?.take() ?? [],
    stateHash: () => {
      this.#requireStill();
      return this.#core.stateHash();
    },
    inspect: () => {
      this.#requireStill();
      return this.#core.inspect();
    },
    changeMedium: (drive, medium) => this.#core.changeMedium(drive, medium),
    dumpState: () => dumpRegisters(this.#core.processor.cpu),
    loadState: (state) => {
      this.#requireStill();
      loadRegisters(this.#core.processor.cpu, state);
      this.#core.processor.restored();
    },
    readMemory: (address, length) => this.#readMemory(address, length),
    step: async (instructions) => {
      this.#requireStill();
      const { processor } = this.#core;
      this.#core.times.during('run', () => {
        for (let i = 0; i < instructions && !processor.still && this.#ended === undefined; i++) processor.engine.step();
      });
      this.#core.afterSteps();
      await this.#loopEnded();
    },
  };

  #runLoop(mostInstructions?: number): void {
    this.#stopLoop = false;
    this.#setState('running');
    this.#running = this.#core.loop
      .run(() => this.#stopLoop || this.#ended !== undefined, mostInstructions)
      .then(() => this.#loopEnded())
      .catch((error: unknown) =>
        this.#setState('stopped', { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  }

  /** The guest ended the machine, or the loop was asked to stop. */
  async #loopEnded(): Promise<void> {
    this.afterSlice();
    this.beforeTurn();
    if (this.#ended === undefined) return;
    await this.#core.closeMedia();
    this.#setState('stopped', this.#ended);
  }

  async #endLoop(): Promise<void> {
    this.#stopLoop = true;
    this.#core.loop.wake();
    await this.#running;
  }

  async #pause(): Promise<void> {
    if (this.#state === 'paused' || this.#state === 'created') return;
    this.#require('running');
    await this.#endLoop();
    if (this.#state === 'running') this.#setState('paused');
  }

  #key(usage: number, down: boolean): boolean {
    const { keyboard } = this.#core.pc.i8042;
    if (down) return keyboard.pressKey(usage);
    keyboard.releaseKey(usage);
    return true;
  }

  /** Input in order; what is refused waits for space. */
  #input(queue: WaitingInput[], offer: () => boolean): Promise<void> {
    this.#core.loop.wake();
    return new Promise((resolve) => {
      queue.push({ offer, resolve });
      this.#offer(queue);
    });
  }

  #offer(queue: WaitingInput[]): void {
    while (queue.length > 0 && queue[0]!.offer()) queue.shift()!.resolve();
  }

  #serialReceive(port: number, bytes: Uint8Array): Promise<void> {
    let done = 0;
    return this.#input(this.#serialInput[port]!, () => {
      done += this.#core.pc.serial[port]!.receive(bytes.subarray(done));
      return done === bytes.length;
    });
  }

  #screenUpdate(full: boolean): Promise<ScreenUpdate> {
    if (full) this.#owesAll = true;
    return new Promise((resolve) => {
      this.#waitingUpdate = { resolve };
      if (full || this.#state !== 'running') this.#serveUpdate(full);
      else this.#core.loop.wake();
    });
  }

  #serveUpdate(force = false): void {
    const now = performance.now();
    const waiting = this.#waitingUpdate;
    if (!waiting || (!force && now - this.#lastUpdateMs < SCREEN_INTERVAL_MS)) return;
    const { vga } = this.#core.pc;
    let rectangles = [...this.#owed, ...vga.render(this.frame, vga.widthPx)];
    const { widthPx, heightPx } = vga;
    const cursor = JSON.stringify([vga.cursor, vga.blinkingCells.length]);
    if (rectangles.length === 0 && cursor === this.#lastCursor && !this.#owesAll && !force) return;
    if (this.#owesAll) rectangles = [{ x: 0, y: 0, width: widthPx, height: heightPx }];
    this.#owed = [];
    this.#owesAll = false;
    this.#lastCursor = cursor;
    this.#lastUpdateMs = now;
    this.#waitingUpdate = undefined;
    waiting.resolve({ widthPx, heightPx, rectangles, cursor: vga.cursor, blinkingCells: vga.blinkingCells });
  }

  #statistics(): MachineStatistics {
    const { processor, clock, loop, pc, times } = this.#core;
    const { portAccesses, memoryAccesses, unclaimed } = pc.bus;
    return {
      instructions: Number(processor.instructions),
      guestTimeMs: Number(clock.now()) / 1e6,
      busyMs: loop.busyMs,
      speed: clock.takeSpeed(),
      screen: { widthPx: pc.vga.widthPx, heightPx: pc.vga.heightPx },
      times: machineTimes(times.spent(), processor.engine.times(), processor.sampledTimes()),
      engine: {
        ...processor.engine.counters(),
        pageWalks: processor.pageWalks,
        interrupts: processor.interrupts,
        portAccesses,
        mmioAccesses: memoryAccesses,
        unclaimedAccesses: unclaimed,
      },
    };
  }

  #readMemory(address: number, length: number): Uint8Array {
    if (length < 0 || length > 1 << 24) throw new MachineError('machine.argument', 'At most 16 MiB can be read at once.');
    const { u8, u32 } = this.#core.linear;
    return Uint8Array.from({ length }, (_, i) => {
      const page = u32[(PHYSICAL_READ >> 2) + (((address + i) >>> 12) & 0xf_ffff)]!;
      return page === PHYSICAL_MMIO ? 0xff : u8[page + ((address + i) & 0xfff)]!;
    });
  }

  #setState(state: MachineState, reason?: StopReason): void {
    this.#state = state;
    this.tell(reason ? { event: 'state', state, reason } : { event: 'state', state });
  }

  #require(state: MachineState): void {
    if (this.#state !== state) throw new MachineError('machine.state', `The machine is ${this.#state}, not ${state}.`);
  }

  #requireStill(): void {
    if (this.#state === 'running') throw new MachineError('machine.state', 'The machine is running; pause it first.');
  }
}
