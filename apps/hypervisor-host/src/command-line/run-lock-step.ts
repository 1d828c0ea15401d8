import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackendSpec, createMachine, type EngineTier, type Machine, type MachineSpec } from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from './exit-status.js';
import { type MachinePair, runInLockStep, traceTo } from './lock-step.js';
import { differenceLines, SHOWN_INSTRUCTIONS } from './lock-step-report.js';
import { parseCount, parseSeconds } from './parse-number.js';
import { refusalOf } from './refusal.js';
import { machineSpecOf, type RunOptions } from './run-options.js';
import { TextWatch } from './text-watch.js';

/** `x86-vmm run --lockstep`: the same machine in the interpreter and in another tier, compared on the way. Returns the exit status. @throws CommandError */
export async function runLockStep(options: RunOptions): Promise<number> {
  const every = parseCount('--lockstep', options.lockstep!, 1, 1_000_000_000);
  const timeoutMs = options.timeout === undefined ? Number.POSITIVE_INFINITY : parseSeconds('--timeout', options.timeout) * 1000;
  const mostInstructions =
    options.steps === undefined ? Number.MAX_SAFE_INTEGER : parseCount('--steps', options.steps, 1, Number.MAX_SAFE_INTEGER);
  refuseContradictions(options);
  const spec = await machineSpecOf(options);
  const tier = spec.engine === 'interpreter' ? 'auto' : spec.engine!;
  const machines = new MachineMaker(spec, options);
  const end = Date.now() + timeoutMs;
  try {
    const limits = { every, mostInstructions, isOver: () => machines.hasSeenText || Date.now() > end };
    const result = await runInLockStep(
      () => machines.pair(tier),
      limits,
      (equalAt, differentAt) =>
        console.error(`x86-vmm: a difference between ${equalAt} and ${differentAt} instructions; looking for the first`),
    );
    console.error(
      `x86-vmm: ${result.instructions} instructions in the interpreter and in ${tier}, compared ${result.comparisons} times (${(result.comparingMs / result.comparisons).toFixed(1)} ms each)`,
    );
    if (result.difference !== undefined) {
      const trace = await traceTo(() => machines.machine('interpreter'), result.difference.instructions, SHOWN_INSTRUCTIONS);
      console.error(differenceLines(result.difference, trace, tier).join('\n'));
      return ExitStatus.engineDefect;
    }
    if (machines.hasSeenText || Date.now() <= end) return ExitStatus.success;
    console.error(`x86-vmm: --timeout ${options.timeout}: the time was over`);
    return ExitStatus.timeout;
  } finally {
    await machines.end();
  }
}

function refuseContradictions(options: RunOptions): void {
  if (options.icount === undefined) throw new CommandError(ExitStatus.usage, '--lockstep: needs --icount');
  for (const [flag, value] of [
    ['--restore', options.restore],
    ['--save', options.save],
    ['--vnc', options.vnc],
    ['--cpu-state', options.cpuState],
    ['--dump-state', options.dumpState],
    ['--dump-memory', options.dumpMemory],
    ['--screenshot-on-exit', options.screenshotOnExit],
  ] as const)
    if (value !== undefined) throw new CommandError(ExitStatus.usage, `${flag}: not together with --lockstep`);
}

/** Machines of one description; what they write to disks goes to files of their own. */
class MachineMaker {
  #folder: string | undefined;
  #made = 0;
  hasSeenText = false;

  constructor(
    private readonly spec: MachineSpec,
    private readonly options: RunOptions,
  ) {}

  async pair(tier: EngineTier): Promise<MachinePair<Machine>> {
    const reference = await this.machine('interpreter');
    const other = await this.machine(tier);
    const watch = new TextWatch(this.options.exitOn);
    reference.listen((event) => {
      if (event.event === 'serial' && event.port === 0 && watch.addBytes(event.bytes) !== undefined) this.hasSeenText = true;
    });
    return {
      reference,
      other,
      end: async () => {
        await Promise.all([reference, other].map((machine) => machine.stop().catch(() => {})));
      },
    };
  }

  async machine(engine: EngineTier): Promise<Machine> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'x86-vmm-'));
    const folder = this.#folder;
    const own = (backend: BackendSpec): BackendSpec => {
      const options = backend.options as { readonly readOnly?: boolean };
      if (options.readOnly) return backend;
      return { ...backend, options: { ...options, overlay: join(folder, `${this.#made++}`) } };
    };
    const { ide = [], floppies = [] } = this.spec;
    const spec: MachineSpec = {
      ...this.spec,
      engine,
      ide: ide.map((drive) => (drive?.backend ? { ...drive, backend: own(drive.backend) } : drive)),
      floppies: floppies.map((backend) => backend && own(backend)),
    };
    return createMachine(spec).catch((error: unknown) => {
      throw refusalOf(error, this.options);
    });
  }

  async end(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}
