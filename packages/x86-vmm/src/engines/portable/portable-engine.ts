import { TimeLedger } from '../../bus/time-ledger.js';
import { BlockCache } from '../../cpu/interpreter/block-cache.js';
import type { CodeMemory, MemoryViews } from '../../cpu/interpreter/code-reader.js';
import { interpreterModule, PROFILING } from '../../cpu/interpreter/interpreter-module.js';
import type { GuestProfiler } from '../../cpu/profile/guest-profiler.js';
import { GuestException, type SlowCpu } from '../../cpu/semantics/slow-cpu.js';
import {
  BUDGET,
  CODE_BASE,
  EFLAGS_SYSTEM,
  EIP,
  EXIT_REASON,
  ExitReason,
  FAULT,
  FAULT_ERROR,
  HALTED,
  INSTRUCTIONS,
  INTERRUPT_SHADOW,
  LINK_PATCH,
  MODE_KEY,
  ModeKey,
  PENDING_DEBUG,
  PROFILE,
  REGION_ENTRIES,
  REGION_EPOCH,
  SCRATCH,
  SHORT_EXCEPTIONS,
  TRANSLATED_INSTRUCTIONS,
} from '../../cpu/state.js';
import type { Engine, EngineTier, EventDelivery } from '../engine.js';
import { TierTimes } from './tier-times.js';
import { Translator } from './translator.js';

export interface PortableEngineParts {
  readonly memory: MemoryViews & { readonly memory: WebAssembly.Memory; readonly i32: Int32Array };
  /** Exports of dist/kernels.wasm: memory accesses and floating-point kernels that generated code calls. */
  readonly kernels: WebAssembly.Exports;
  readonly cpu: SlowCpu;
  readonly events: EventDelivery;
  readonly tier: EngineTier;
  /** INTR is up: an instruction that enables interrupts ends the slice. Otherwise it need not. */
  readonly isInterruptPending: () => boolean;
  /** Instructions between two looks at where the guest is. Tests shorten it, so that short programs are translated, too. */
  readonly samplePeriod?: number;
  /** False: everything that has a TypeScript body goes through it. For tests, which compare. */
  readonly shortcuts?: boolean;
  /** Whose `run` and `decode` the engine's time is. */
  readonly times?: TimeLedger;
  readonly profiler?: GuestProfiler;
}

const IF = 0x200;
const NO_LIMIT = 0x7fff_ffff;
/** Instructions between two looks at where the guest is: often while it runs in the interpreter, rarely while it is in translated code. */
const SHORTEST_PERIOD = 16_384;
const LONGEST_PERIOD = 1 << 20;

export interface EngineTimes {
  readonly emitMs: number;
  readonly compileMs: number;
  readonly interpreterMs: number;
  readonly regionsMs: number;
}

/** The interpreter with its block cache, and the loop around it: decodes on demand, delivers faults, returns on budget or state. */
export class PortableEngine implements Engine {
  readonly blocks: BlockCache;
  readonly #memory: PortableEngineParts['memory'];
  readonly #events: EventDelivery;
  readonly #cpu: PortableEngineParts['cpu'];
  readonly #isInterruptPending: () => boolean;
  readonly #run: (record: number) => number;
  readonly #exceptionShortcut: () => number;
  readonly #translator: Translator | undefined;
  /** Before it runs for the first time. */
  readonly #translatesAll: boolean = false;
  /** Instructions between two samples. */
  #period: number;
  readonly #shortestPeriod: number;
  #endAsked = false;
  /** Instructions completed at the last sample. */
  #sampledAt = 0;
  /** The instruction just run was a slow one. */
  #wasSlow = false;
  readonly #times: TimeLedger;
  readonly #tierTimes = new TierTimes();
  /** As they were when time was last divided between the tiers. */
  #divided = { ms: 0, instructions: 0, translated: 0 };
  readonly #profiler: GuestProfiler | undefined;
  /** As they were at the last sample of the profile. */
  #profiled = { ms: 0, instructions: 0 };
  #slowCalls = 0;
  #exceptions = 0;
  #entries = 0;
  readonly #handlerNames: readonly string[];
  readonly #slowCounts = new Map<string, number>();

  constructor({
    memory,
    kernels,
    cpu,
    events,
    tier,
    isInterruptPending,
    samplePeriod = SHORTEST_PERIOD,
    shortcuts = true,
    times = new TimeLedger(),
    profiler,
  }: PortableEngineParts) {
    this.#times = times;
    this.#profiler = profiler;
    this.#shortestPeriod = samplePeriod;
    this.#period = samplePeriod;
    this.#memory = memory;
    this.#events = events;
    this.#cpu = cpu;
    this.#isInterruptPending = isInterruptPending;
    const { module, interpreter } = interpreterModule();
    this.#handlerNames = interpreter.names;
    this.blocks = new BlockCache(memory, kernels as unknown as CodeMemory, interpreter, times);
    const env: Record<string, WebAssembly.ImportValue> = {
      memory: memory.memory,
      slow: (record: number) => this.#slow(record),
      interruptPending: () => Number(isInterruptPending()),
    };
    for (const name of interpreter.imports) {
      if (!shortcuts && name.endsWith('Shortcut')) env[name] = () => 0;
      else env[name] ??= (kernels[name] as WebAssembly.ExportValue | undefined) ?? missing(name);
    }
    this.#exceptionShortcut = env['exceptionShortcut'] as () => number;
    const { exports } = new WebAssembly.Instance(module, { env });
    this.#run = exports['run'] as (record: number) => number;
    if (tier === 'interpreter') return;
    this.#translator = new Translator({ memory, blocks: this.blocks, interpreter: exports, kernels });
    this.#translatesAll = tier === 'translator';
  }

  run(budget: number): typeof ExitReason.budget | typeof ExitReason.state {
    const { u32 } = this.#memory;
    if (u32[HALTED >> 2] !== 0) return ExitReason.state;
    const most = Math.min(Math.max(budget, 1), NO_LIMIT);
    const translator = this.#translatesAll ? undefined : this.#translator;
    let reason = translator || this.#profiler ? this.#runSampled(most, translator) : this.#runFor(most);
    if (u32[HALTED >> 2] !== 0) reason = ExitReason.state;
    this.#clearRunControl();
    return reason;
  }

  endSlice(): void {
    this.#memory.i32[BUDGET >> 2] = -1;
    this.#endAsked = true;
  }

  #runFor(budget: number): typeof ExitReason.budget | typeof ExitReason.state {
    this.#memory.i32[BUDGET >> 2] = budget - 1;
    return this.#loop();
  }

  /** The slice in parts, with a look at the instruction pointer after each. */
  #runSampled(budget: number, translator: Translator | undefined): typeof ExitReason.budget | typeof ExitReason.state {
    this.#endAsked = false;
    const first = this.#completed + this.#delivered;
    for (let left = budget; left > 0; left = budget - (this.#completed + this.#delivered - first)) {
      const reason = this.#runFor(Math.min(left, this.#period, this.#profiler?.period ?? NO_LIMIT));
      if (reason === ExitReason.state || this.#endAsked) return reason;
      if (this.#completed - this.#divided.instructions >= SHORTEST_PERIOD) this.#divideTime();
      if (this.#profiler && this.#completed - this.#profiled.instructions >= this.#profiler.period) this.#profileGuest(this.#profiler);
      this.#period =
        !translator || translator.sample(this.#sinceSample()) ? Math.min(2 * this.#period, LONGEST_PERIOD) : this.#shortestPeriod;
    }
    return ExitReason.budget;
  }

  /** Instructions since the last call; none after a reset or restored state that began to count anew. */
  #sinceSample(): number {
    const now = this.#completed;
    const before = this.#sampledAt;
    this.#sampledAt = now;
    return Math.max(0, now - before);
  }

  /** What has been executed since the last time goes to the tiers. Rarely enough that its look at the clock costs nothing. */
  #divideTime(): void {
    const { ms, instructions, translated } = this.#divided;
    const now = { ms: this.#times.spentIn('run') - this.#translationMs, instructions: this.#completed, translated: this.#translated };
    const more = now.translated - translated;
    this.#tierTimes.add(now.ms - ms, Math.max(0, now.instructions - instructions - more), more);
    this.#divided = now;
  }

  #profileGuest(profiler: GuestProfiler): void {
    const now = { ms: this.#times.spentIn('run') - this.#translationMs, instructions: this.#completed };
    profiler.sample(now.instructions - this.#profiled.instructions, now.ms - this.#profiled.ms);
    this.#profiled = now;
  }

  /** Emission and compilation; part of `run`. */
  get #translationMs(): number {
    return this.#translator ? this.#translator.emitMs + this.#translator.compileMs : 0;
  }

  /** ms in slices: making regions, and the tiers' execution with all that it calls. */
  times(): EngineTimes {
    this.#divideTime();
    const { interpreterMs, regionsMs } = this.#tierTimes;
    return { emitMs: this.#translator?.emitMs ?? 0, compileMs: this.#translator?.compileMs ?? 0, interpreterMs, regionsMs };
  }

  /** Instructions completed, exact for differences. */
  get #completed(): number {
    return this.#count64(INSTRUCTIONS);
  }
  /** Exceptions delivered, each of which has taken one from the budget, too. */
  get #delivered(): number {
    return this.#exceptions + this.#count64(SHORT_EXCEPTIONS);
  }
  #count64(offset: number): number {
    const { u32 } = this.#memory;
    return u32[offset >> 2]! + u32[(offset >> 2) + 1]! * 0x1_0000_0000;
  }

  step(): void {
    this.#memory.i32[BUDGET >> 2] = 0;
    this.#stepOne();
    this.#clearRunControl();
  }

  reset(): void {
    this.blocks.reset();
    this.#clearRunControl();
  }

  counters(): Readonly<Record<string, number>> {
    const { decoded, repaired, invalidated, resets } = this.blocks;
    return {
      blocksDecoded: decoded,
      instructionsRepaired: repaired,
      blocksInvalidated: invalidated,
      arenaResets: resets,
      engineEntries: this.#entries,
      slowCalls: this.#slowCalls,
      exceptions: this.#delivered,
      ...(this.#translator ? { ...translatorCounters(this.#translator), ...this.#regionCounters() } : {}),
      ...(PROFILING ? this.#profile() : {}),
    };
  }

  #regionCounters(): Record<string, number> {
    return { instructionsTranslated: this.#translated, regionEntries: this.#memory.u32[REGION_ENTRIES >> 2]! };
  }

  get #translated(): number {
    return this.#count64(TRANSLATED_INSTRUCTIONS);
  }

  /** Executions by form; `+` marks the ones inside the dispatch function. */
  #profile(): Record<string, number> {
    const counts = new BigUint64Array(this.#memory.memory.buffer, PROFILE, this.#handlerNames.length);
    const named = this.#handlerNames.map((name, i) => [`form ${i < this.blocks.hotForms ? '+' : '-'} ${name}`, Number(counts[i])] as const);
    const slow = Array.from(this.#slowCounts, ([mnemonic, count]) => [`slow ${mnemonic}`, count] as const);
    return Object.fromEntries([...named, ...slow].filter(([, count]) => count > 0));
  }

  /** Bytes of code were written (kernels call it). */
  codeWritten(physical: number, bytes: number): void {
    this.blocks.codeWritten(physical, bytes);
  }

  /** What depends on caches rather than on the guest: a saved state and its hash must not see it. */
  #clearRunControl(): void {
    const { u32 } = this.#memory;
    u32[CODE_BASE >> 2] = 0;
    u32[LINK_PATCH >> 2] = 0;
    u32[EXIT_REASON >> 2] = 0;
    u32[BUDGET >> 2] = 0;
    u32[REGION_EPOCH >> 2] = 0;
    u32.fill(0, SCRATCH >> 2, (SCRATCH >> 2) + 16);
  }

  #loop(): typeof ExitReason.budget | typeof ExitReason.state {
    const { u32, i32 } = this.#memory;
    for (;;) {
      if (u32[INTERRUPT_SHADOW >> 2] !== 0 || u32[MODE_KEY >> 2]! & ModeKey.singleStep) {
        if (u32[HALTED >> 2] !== 0) return ExitReason.state;
        const wasShadow = u32[INTERRUPT_SHADOW >> 2] !== 0;
        const left = i32[BUDGET >> 2]!;
        i32[BUDGET >> 2] = 0;
        this.#stepOne();
        // Below -1: somebody has asked to end the slice.
        const wantsEnd = i32[BUDGET >> 2]! < -1;
        i32[BUDGET >> 2] = wantsEnd ? -1 : left - 1;
        if (u32[HALTED >> 2] !== 0 || (wasShadow && u32[INTERRUPT_SHADOW >> 2] === 0 && this.#isInterruptPending()))
          return ExitReason.state;
        if (left <= 0 || wantsEnd) return ExitReason.budget;
        continue;
      }
      const record = this.blocks.find(u32[MODE_KEY >> 2]!, u32[LINK_PATCH >> 2]!);
      u32[LINK_PATCH >> 2] = 0;
      if (record === 0) this.#deliver();
      else {
        this.#entries++;
        if (this.#translatesAll) this.#translator!.translateNow();
        this.#run(record);
        const reason = u32[EXIT_REASON >> 2]!;
        if (reason === ExitReason.fault) this.#deliver();
        else if (reason === ExitReason.budget || reason === ExitReason.state) return reason;
      }
      if (i32[BUDGET >> 2]! < 0) return ExitReason.budget;
      if (u32[HALTED >> 2] !== 0) return ExitReason.state;
    }
  }

  /** One instruction, with what the debug registers and the trap flag want around it. */
  #stepOne(): void {
    const { u32 } = this.#memory;
    const isStepping = (u32[MODE_KEY >> 2]! & ModeKey.singleStep) !== 0;
    if (isStepping && this.#events.beforeInstruction()) return;
    const record = this.blocks.find(u32[MODE_KEY >> 2]! | ModeKey.singleStep, 0);
    if (record === 0) return this.#deliver();
    const eip = u32[EIP >> 2]!;
    this.#wasSlow = false;
    this.#run(record);
    // Blocks of one instruction are never linked.
    u32[LINK_PATCH >> 2] = 0;
    const reason = u32[EXIT_REASON >> 2]!;
    if (reason === ExitReason.fault) return this.#deliver();
    // Its page check failed: nothing was executed, the next turn decodes it again.
    if (reason === ExitReason.decode && u32[EIP >> 2] === eip && this.#memory.i32[BUDGET >> 2]! >= 0) return;
    // A slow instruction has set or cleared the shadow itself.
    if (!this.#wasSlow) u32[INTERRUPT_SHADOW >> 2] = 0;
    if (isStepping || u32[MODE_KEY >> 2]! & ModeKey.singleStep) this.#events.afterInstruction();
  }

  #deliver(): void {
    const { u32, i32 } = this.#memory;
    this.#exceptions++;
    // A turn like an instruction: a guest whose handlers fault on their first byte completes none, and must not keep its host for ever.
    i32[BUDGET >> 2]!--;
    if (this.#exceptionShortcut()) return;
    const vector = u32[FAULT >> 2]! - 1;
    u32[FAULT >> 2] = 0;
    this.#events.deliverException(vector, i32[FAULT_ERROR >> 2]!);
  }

  /** Body of a slow instruction; see `slowInstruction` in interpreter/helpers.ts for the answers. */
  #slow(record: number): 0 | 1 | 2 {
    const { u32, i32 } = this.#memory;
    const decoded = this.blocks.slowInstruction(record);
    const before = u32[EFLAGS_SYSTEM >> 2]!;
    this.#wasSlow = true;
    this.#slowCalls++;
    if (PROFILING) this.#slowCounts.set(decoded.instruction.mnemonic, (this.#slowCounts.get(decoded.instruction.mnemonic) ?? 0) + 1);
    u32[INTERRUPT_SHADOW >> 2] = 0;
    this.#cpu.restartEip = decoded.eip;
    try {
      decoded.instruction.slow!(this.#cpu, decoded);
    } catch (thrown) {
      if (!(thrown instanceof GuestException)) throw thrown;
      u32[EIP >> 2] = this.#cpu.restartEip;
      u32[FAULT >> 2] = thrown.vector + 1;
      i32[FAULT_ERROR >> 2] = thrown.errorCode;
      return 1;
    }
    const isStepping = (u32[MODE_KEY >> 2]! & ModeKey.singleStep) !== 0;
    const pending = u32[PENDING_DEBUG >> 2]!;
    if (pending !== 0 && !isStepping) this.#events.deliverPendingDebug(pending);
    const enabled = (u32[EFLAGS_SYSTEM >> 2]! & ~before & IF) !== 0 && this.#isInterruptPending();
    return u32[HALTED >> 2] !== 0 || u32[INTERRUPT_SHADOW >> 2] !== 0 || enabled || isStepping ? 2 : 0;
  }
}

/** A kernel that is not in the built module: a defect of the build, noticed when a guest needs it. */
function missing(name: string): () => never {
  return () => {
    throw new Error(`kernel ${name} is missing in dist/kernels.wasm: run npm run build in packages/x86-vmm`);
  };
}

function translatorCounters({
  regions,
  remade,
  live,
  modules,
  bytes,
  instructions,
  failures,
  emitMs,
  compileMs,
}: Translator): Record<string, number> {
  return {
    regionsTranslated: regions,
    regionsRemade: remade,
    regionsLive: live,
    regionModules: modules,
    regionBytes: bytes,
    regionInstructions: instructions,
    regionFailures: failures,
    emitMs: Math.round(emitMs),
    compileMs: Math.round(compileMs),
  };
}
