import { writeFile } from 'node:fs/promises';
import { createMachine, type Machine, type MachineEvent, type StopReason } from '@millwright/x86-vmm';
import { encodePng } from '../displays/screenshot.js';
import { dumpBareState, enterBareImage, parseRange, runSteps } from './bare-state.js';
import { ExitStatus } from './exit-status.js';
import { written } from './output-file.js';
import { parseCount, parseSeconds } from './parse-number.js';
import { ProfileRecorder, readSymbols } from './profile/profile-recorder.js';
import type { SystemMap } from './profile/system-map.js';
import { refusalOf } from './refusal.js';
import { machineSpecOf, type RunOptions } from './run-options.js';
import { openSerialTarget, type SerialTarget } from './serial-target.js';
import { statisticsAsJson, statisticsAsText, statisticsForm } from './statistics-report.js';
import { TextWatch } from './text-watch.js';

/** How often the text screen is looked at while a text is awaited, ms. */
const SCREEN_POLL_MS = 200;

/** `x86-vmm run`: builds a machine, runs it until something ends it, returns the exit status. @throws CommandError */
export async function run(options: RunOptions): Promise<number> {
  const limits = {
    timeoutMs: options.timeout === undefined ? undefined : parseSeconds('--timeout', options.timeout) * 1000,
    steps: options.steps === undefined ? undefined : parseCount('--steps', options.steps, 0, Number.MAX_SAFE_INTEGER),
  };
  if (options.dumpMemory !== undefined) parseRange(options.dumpMemory);
  if (options.stats !== undefined) statisticsForm(options.stats, false);
  const spec = await machineSpecOf(options);
  const symbols = options.profileSymbols === undefined ? undefined : await readSymbols(options.profileSymbols);
  const machine = await createMachine(spec, options.restore).catch((error: unknown) => {
    throw refusalOf(error, options);
  });
  const session = new RunSession(machine, options, limits, symbols);
  try {
    return await session.run();
  } finally {
    await session.end();
  }
}

/** One machine from its start to the reason for which the program leaves. */
class RunSession {
  readonly #watch: TextWatch;
  #serial: SerialTarget | undefined;
  #profile: ProfileRecorder | undefined;
  #finish: (status: number) => void = () => {};
  #isOver = false;
  readonly #finished = new Promise<number>((resolve) => {
    this.#finish = (status) => {
      this.#isOver = true;
      resolve(status);
    };
  });
  readonly #cleanUp: (() => void)[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly options: RunOptions,
    private readonly limits: { readonly timeoutMs: number | undefined; readonly steps: number | undefined },
    private readonly symbols: SystemMap | undefined,
  ) {
    this.#watch = new TextWatch(options.exitOn);
  }

  async run(): Promise<number> {
    const { machine, options, limits } = this;
    const receive = (bytes: Uint8Array): void => void machine.serialReceive(0, bytes).catch(() => {});
    this.#serial = await openSerialTarget(options.serial, receive, () => this.#finish(ExitStatus.success));
    machine.listen((event) => this.#handle(event));
    if (options.profile !== undefined) this.#profile = ProfileRecorder.start(machine, options.profile, this.symbols);
    if (options.vnc) {
      const { serveVnc } = await import('./vnc.js');
      this.#cleanUp.push(await serveVnc(machine, options.vnc, options.vncPasswordFile));
    }
    if (limits.timeoutMs !== undefined) this.#after(limits.timeoutMs, () => this.#timeIsOver());
    process.once('SIGINT', () => this.#finish(ExitStatus.success));
    process.once('SIGTERM', () => this.#finish(ExitStatus.success));
    await enterBareImage(machine, options);
    if (limits.steps !== undefined) {
      await runSteps(machine, limits.steps, () => this.#isOver);
      this.#finish(ExitStatus.success);
    } else {
      if (!this.#watch.isEmpty) this.#watchScreen();
      if (machine.state === 'created') await machine.start();
      else await machine.resume();
    }
    const status = await this.#finished;
    await this.#report();
    return status;
  }

  async end(): Promise<void> {
    await this.machine.stop().catch(() => {});
    for (const step of this.#cleanUp) step();
    this.#profile?.end();
    this.#serial?.close();
  }

  #handle(event: MachineEvent): void {
    switch (event.event) {
      case 'serial':
        if (event.port !== 0) return;
        this.#serial?.write(event.bytes);
        if (this.#watch.addBytes(event.bytes) !== undefined) this.#finish(ExitStatus.success);
        return;
      case 'debug':
        process.stderr.write(event.bytes);
        return;
      case 'post':
        if (this.options.trace === 'post') console.error(`POST ${event.port.toString(16)}: ${event.code.toString(16).padStart(2, '0')}`);
        return;
      case 'state':
        if (event.state === 'stopped' && event.reason) this.#finish(statusOf(event.reason));
        return;
      default:
        return;
    }
  }

  #timeIsOver(): void {
    if (!this.#isOver) console.error(`x86-vmm: --timeout ${this.options.timeout}: the time was over`);
    this.#finish(ExitStatus.timeout);
  }

  #watchScreen(): void {
    const look = async (): Promise<void> => {
      const rows = await this.machine.textScreen().catch(() => undefined);
      if (rows && this.#watch.addScreen(rows) !== undefined) this.#finish(ExitStatus.success);
      else this.#after(SCREEN_POLL_MS, () => void look());
    };
    this.#after(SCREEN_POLL_MS, () => void look());
  }

  /** Picture, registers, saved state and statistics. The last two calls of a machine that the guest has ended, or before `stop`. */
  async #report(): Promise<void> {
    const { machine, options } = this;
    if (options.screenshotOnExit !== undefined) {
      const { widthPx, heightPx } = await machine.requestUpdate(true);
      await written('--screenshot-on-exit', options.screenshotOnExit, (path) =>
        writeFile(path, encodePng(machine.frame, widthPx, heightPx)),
      );
    }
    const bare = [options.steps, options.cpuState, options.dumpMemory].some((option) => option !== undefined);
    if (options.dumpState !== undefined) await written('--dump-state', options.dumpState, () => dumpBareState(machine, options));
    else if (bare) await dumpBareState(machine, options);
    const profile = this.#profile;
    if (profile) await written('--profile', options.profile!, () => profile.write());
    if (options.stats !== undefined) {
      const statistics = await machine.statistics();
      const isText = statisticsForm(options.stats, process.stderr.isTTY ?? false) === 'text';
      console.error(isText ? statisticsAsText(statistics) : statisticsAsJson(statistics));
    }
    if (options.save === undefined) return;
    // Whoever wants to go on from there needs a machine that still is there; the status tells how it ended.
    if (machine.state === 'stopped') console.error(`x86-vmm: --save ${options.save}: not written, the guest has ended the machine`);
    else await written('--save', options.save, (path) => machine.save(path));
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(act, ms);
    this.#cleanUp.push(() => clearTimeout(timer));
  }
}

function statusOf(reason: StopReason): number {
  switch (reason.kind) {
    case 'requested':
    case 'powered-off':
      return ExitStatus.success;
    case 'reset':
      return ExitStatus.guestReset;
    case 'debug-exit':
      return (reason.value * 2 + 1) & 0xff;
    case 'failed':
      console.error(`x86-vmm: engine defect: ${reason.message}`);
      return ExitStatus.engineDefect;
  }
}
