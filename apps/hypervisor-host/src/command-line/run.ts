import { writeFile } from 'node:fs/promises';
import { createMachine, type Machine, type MachineEvent, type StopReason } from '@millwright/x86-vmm';
import { encodePng } from '../displays/screenshot.js';
import { readBareState, writeBareState } from './bare-state.js';
import { CommandError, ExitStatus } from './exit-status.js';
import { machineSpecOf, parseAddress, type RunOptions } from './run-options.js';
import { openSerialTarget, type SerialTarget } from './serial-target.js';
import { TextWatch } from './text-watch.js';
import { serveVnc } from './vnc.js';

/** How often the text screen is looked at while a text is awaited, ms. */
const SCREEN_POLL_MS = 200;

/** `x86-vmm run`: builds a machine, runs it until something ends it, returns the exit status. @throws CommandError */
export async function run(options: RunOptions): Promise<number> {
  const spec = await machineSpecOf(options);
  const machine = await createMachine(spec, options.restore).catch((error: Error & { code?: string }) => {
    const refused = error.code?.startsWith('medium.') || error.code?.startsWith('snapshot.');
    throw new CommandError(refused ? ExitStatus.imageRefused : ExitStatus.usage, error.message);
  });
  if (options.steps !== undefined || options.cpuState !== undefined) return runBare(machine, options);
  const session = new RunSession(machine, options);
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
  #finish: (status: number) => void = () => {};
  readonly #finished = new Promise<number>((resolve) => {
    this.#finish = resolve;
  });
  readonly #cleanUp: (() => void)[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly options: RunOptions,
  ) {
    this.#watch = new TextWatch(options.exitOn);
  }

  async run(): Promise<number> {
    const { machine, options } = this;
    const receive = (bytes: Uint8Array): void => void machine.serialReceive(0, bytes).catch(() => {});
    this.#serial = await openSerialTarget(options.serial, receive, () => this.#finish(ExitStatus.success));
    machine.listen((event) => this.#handle(event));
    if (options.vnc) this.#cleanUp.push(await serveVnc(machine, options.vnc, options.vncPasswordFile));
    if (options.timeout) this.#after(Number(options.timeout) * 1000, () => this.#finish(ExitStatus.timeout));
    process.once('SIGINT', () => this.#finish(ExitStatus.success));
    process.once('SIGTERM', () => this.#finish(ExitStatus.success));
    if (!this.#watch.isEmpty) this.#watchScreen();
    if (machine.state === 'created') await machine.start();
    else await machine.resume();
    const status = await this.#finished;
    await this.#report();
    return status;
  }

  async end(): Promise<void> {
    await this.machine.stop().catch(() => {});
    for (const step of this.#cleanUp) step();
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

  #watchScreen(): void {
    const look = async (): Promise<void> => {
      const rows = await this.machine.textScreen().catch(() => undefined);
      if (rows && this.#watch.addScreen(rows) !== undefined) this.#finish(ExitStatus.success);
      else this.#after(SCREEN_POLL_MS, () => void look());
    };
    this.#after(SCREEN_POLL_MS, () => void look());
  }

  /** Screenshot, saved state and statistics, while the machine can still be asked. */
  async #report(): Promise<void> {
    const { machine, options } = this;
    if (options.screenshotOnExit) {
      const { widthPx, heightPx } = await machine.requestUpdate(true);
      await writeFile(options.screenshotOnExit, encodePng(machine.frame, widthPx, heightPx));
    }
    if (options.stats) {
      const statistics = await machine.statistics();
      const mips = statistics.instructions / Math.max(1, statistics.busyMs) / 1000;
      console.error(JSON.stringify({ ...statistics, mips: Number(mips.toFixed(1)) }));
    }
    if (options.save) await machine.save(options.save);
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(act, ms);
    this.#cleanUp.push(() => clearTimeout(timer));
  }
}

/** Bare images: load registers, run so many instructions, dump. */
async function runBare(machine: Machine, options: RunOptions): Promise<number> {
  if (options.cpuState) await machine.loadState(await readBareState(options.cpuState));
  await machine.step(Number(options.steps ?? 0));
  const dump: Record<string, unknown> = { ...(await machine.dumpState()) };
  if (options.dumpMemory) {
    const [address, length] = options.dumpMemory.split(':');
    const bytes = await machine.readMemory(parseAddress(address ?? ''), parseAddress(length ?? ''));
    dump['memory'] = { address: parseAddress(address ?? ''), bytes: Buffer.from(bytes).toString('hex') };
  }
  await writeBareState(options.dumpState, dump);
  await machine.stop();
  return ExitStatus.success;
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
