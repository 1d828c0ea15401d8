import { HALTED, PHYSICAL_READ, PHYSICAL_WRITE, RAM, ROM, ROM_BYTES, TLB, TLB_BYTES, VIDEO_RAM, VIDEO_RAM_BYTES } from '../cpu/state.js';
import { ENGINE_TIERS, type EngineTier } from '../engines/engine.js';
import { type HostileProgram, hostilePrograms } from './hostile-programs.js';
import { ProgramMachine, RAM_BYTES } from './program-machine.js';
import { randomProgram } from './random-program.js';
import { SeededRandom } from './seeded-random.js';

/*
 * Popek and Goldberg's resource control: a guest affects only what was given to it, and the monitor stays in control. Hostile programs and
 * random code run on bare machines; afterwards the memory around the guest must be as before, every translation must lead into the guest,
 * and each run must have come back.
 */
export interface ResourceControl {
  readonly programs: number;
  readonly violations: readonly string[];
}

/** Instructions of one hostile program, and the processor time that they may take on the slowest host, ms: what else the host does is not theirs. */
const BUDGET = 100_000;
const LONGEST_MS = 10_000;
const RANDOM_INSTRUCTIONS = 600;
/** Random programs between two looks at the memory around. */
const CHECK_EVERY = 100;

/** Translation tables in their order in memory. */
const TABLES = ['supervisor read', 'supervisor write', 'user read', 'user write'];

const around = [
  { name: 'physical map', offset: PHYSICAL_READ, bytes: PHYSICAL_WRITE + 0x40_0000 - PHYSICAL_READ },
  { name: 'video memory', offset: VIDEO_RAM, bytes: VIDEO_RAM_BYTES },
  { name: 'ROM', offset: ROM, bytes: ROM_BYTES },
  { name: 'memory behind the guest', offset: RAM + RAM_BYTES, bytes: 0x10_0000 - RAM_BYTES },
] as const;

/** A guest's machine with a copy of what lies around the guest. */
export class GuardedMachine {
  readonly machine: ProgramMachine;
  readonly #copies: readonly { readonly name: string; readonly now: Buffer; readonly before: Buffer }[];

  constructor(tier: EngineTier) {
    this.machine = new ProgramMachine(tier);
    const { memory } = this.machine.bare.memory;
    this.#copies = around.map(({ name, offset, bytes }) => {
      const now = Buffer.from(memory.buffer, offset, bytes);
      return { name, now, before: Buffer.from(now) };
    });
  }

  /** What a guest has got hold of that is not its own. */
  violations(): string[] {
    const found = this.#copies.filter(({ now, before }) => !now.equals(before)).map(({ name }) => `${name} was written`);
    const { u32 } = this.machine.bare.memory;
    for (const [table, name] of TABLES.entries()) {
      const first = (TLB + table * TLB_BYTES) >> 2;
      for (let page = 0; page < TLB_BYTES >> 2; page++) {
        const entry = u32[first + page]!;
        // Invalid; other odd entries lead somewhere, too, by the slow path.
        if (entry === 1) continue;
        const host = ((entry & ~0xfff) + page * 0x1000) >>> 0;
        const isRam = host >= RAM && host < RAM + RAM_BYTES;
        const isRom = table % 2 === 0 && host >= ROM && host < ROM + ROM_BYTES;
        if (!isRam && !isRom) found.push(`translation ${name} ${page.toString(16)} leads to ${host.toString(16)}`);
      }
    }
    return found;
  }

  /** Runs a program of one's own making; what it does wrong to its host, in words. */
  runHostile(program: HostileProgram): string[] {
    const { machine } = this;
    const started = process.cpuUsage();
    try {
      machine.load(program);
      machine.runTo(machine.instructions + BUDGET);
    } catch (error) {
      return [`engine error: ${error instanceof Error ? error.message : String(error)}`];
    }
    const found = this.violations();
    const { user, system } = process.cpuUsage(started);
    const spentMs = Math.round((user + system) / 1000);
    if (spentMs > LONGEST_MS) found.push(`${BUDGET} instructions took ${spentMs} ms`);
    const { cpu, memory } = machine.bare;
    if (program.ends === 'triple fault' && !cpu.tripleFault) found.push('no triple fault');
    if (program.ends === 'halted' && (memory.u32[HALTED >> 2] !== 1 || cpu.tripleFault)) found.push('not halted');
    if (program.ends === 'no instruction' && !machine.isStuck) found.push('instructions were completed');
    return found;
  }

  /** Runs random bytes as code. */
  runRandom(seed: number): string[] {
    const { machine } = this;
    try {
      machine.load(randomProgram(new SeededRandom(seed), 'bytes'));
      machine.runTo(machine.instructions + RANDOM_INSTRUCTIONS);
    } catch (error) {
      return [`engine error: ${error instanceof Error ? error.message : String(error)}`];
    }
    return seed % CHECK_EVERY === 0 ? this.violations() : [];
  }
}

/** @param seconds for random code; the hostile programs take what they take */
export function checkResourceControl(seconds: number): ResourceControl {
  const violations: string[] = [];
  let programs = 0;
  for (const tier of ENGINE_TIERS) {
    const guarded = new GuardedMachine(tier);
    const note = (name: string, found: readonly string[]): void => {
      for (const text of found) violations.push(`${name} (${tier}): ${text}`);
    };
    for (const program of hostilePrograms) {
      note(program.name, guarded.runHostile(program));
      programs++;
    }
    const end = performance.now() + (seconds * 1000) / ENGINE_TIERS.length;
    for (let seed = 1; performance.now() < end; seed++, programs++) note(`random code ${seed}`, guarded.runRandom(seed));
    note('random code', guarded.violations());
  }
  return { programs, violations };
}
