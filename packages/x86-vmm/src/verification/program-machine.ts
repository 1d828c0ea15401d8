import { LONGEST_BLOCK } from '../cpu/interpreter/block-cache.js';
import { CPU_STATE_END, CR, EFLAGS_SYSTEM, GDTR_BASE, GDTR_LIMIT, HALTED, IDTR_BASE, IDTR_LIMIT, INSTRUCTIONS, RAM } from '../cpu/state.js';
import type { EngineTier } from '../engines/engine.js';
import { BareMachine } from '../engines/portable/support/bare-machine.js';
import { Place, type RandomProgram } from './random-program.js';

const CR0_PE = 1;
const CR0_NE = 0x20;
const CR0_PG = 0x8000_0000;
const CR0_WP = 0x1_0000;
/** OSFXSR, OSXMMEXCPT, PSE. */
const INITIAL_CR4 = 0x610;
const INITIAL_CR0 = CR0_PE | CR0_NE | 0x10;
/** So short that a loop of a few hundred turns becomes a region. */
const SAMPLE_PERIOD = 61;
/** All that a program has; the rest of the first MiB is open bus. */
export const RAM_BYTES = 0x4_0000;
const ADDED = 64;
/** Programs between two that find no decoded code at all; the others find what invalidation left. */
const RESET_EVERY = 8;

/** A bare machine of 256 KiB that random programs are put into, one after the other. */
export class ProgramMachine {
  readonly bare: BareMachine;
  readonly ram: Buffer;
  readonly state: Buffer;
  readonly #powerOn: Uint8Array;
  #loaded = 0;
  /** More turns of a run than its instructions: it does not come forward. */
  isStuck = false;

  constructor(
    readonly tier: EngineTier,
    /** See PortableEngineParts. */
    shortcuts = true,
  ) {
    this.bare = new BareMachine(tier, undefined, { mappedBytes: RAM_BYTES, samplePeriod: SAMPLE_PERIOD, shortcuts });
    const { memory } = this.bare;
    this.ram = Buffer.from(memory.memory.buffer, RAM, RAM_BYTES);
    this.state = Buffer.from(memory.memory.buffer, 0, CPU_STATE_END);
    this.bare.enterFlat(0);
    this.#powerOn = Uint8Array.from(this.state);
  }

  load(program: RandomProgram): void {
    const { cpu, memory, engine } = this.bare;
    const { u32 } = memory;
    this.isStuck = false;
    this.bare.written.length = 0;
    this.bare.firstFault = -1;
    this.ram.fill(0);
    for (const { address, bytes } of program.pieces) this.bare.load(address, bytes);
    memory.u8.set(this.#powerOn);
    cpu.tripleFault = false;
    for (const [index, value] of program.registers.entries()) this.bare.setRegister(index, value);
    u32[GDTR_BASE >> 2] = program.gdt.base;
    u32[GDTR_LIMIT >> 2] = program.gdt.limit;
    u32[IDTR_BASE >> 2] = program.idt.base;
    u32[IDTR_LIMIT >> 2] = program.idt.limit;
    u32[CR >> 2] = (program.paging ? INITIAL_CR0 | CR0_PG | CR0_WP : INITIAL_CR0) >>> 0;
    u32[(CR >> 2) + 3 * 2] = Place.pageDirectory;
    u32[(CR >> 2) + 4 * 2] = INITIAL_CR4;
    u32[EFLAGS_SYSTEM >> 2] = 2;
    cpu.setEflags(program.eflags);
    this.bare.enterFlat(program.entry);
    cpu.stateRestored();
    if (this.#loaded++ % RESET_EVERY === 0) engine.reset();
    else engine.blocks.invalidateRange(0, RAM_BYTES);
  }

  get isStill(): boolean {
    return this.bare.memory.u32[HALTED >> 2] !== 0 || this.bare.cpu.tripleFault;
  }
  get instructions(): number {
    return this.bare.memory.u32[INSTRUCTIONS >> 2]!;
  }

  /** Runs to an instruction count, as a machine in instruction-counted mode does: as many blocks as surely fit, then single steps. */
  runTo(count: number): void {
    const { engine } = this.bare;
    const ahead = count - this.instructions - LONGEST_BLOCK;
    if (ahead > 0 && !this.isStill) engine.run(ahead);
    // Exceptions are turns, too.
    let turns = 4 * Math.max(0, count - this.instructions) + ADDED;
    while (!this.isStill && this.instructions < count && turns-- > 0) engine.step();
    if (turns < 0) this.isStuck = true;
  }

  isAs(other: ProgramMachine): boolean {
    return (
      this.state.equals(other.state) &&
      this.ram.equals(other.ram) &&
      this.bare.cpu.tripleFault === other.bare.cpu.tripleFault &&
      this.bare.written.length === other.bare.written.length
    );
  }

  /** The first difference in words, for a person. */
  differenceFrom(other: ProgramMachine): string {
    const found: string[] = [];
    for (const [name, mine, theirs] of [
      ['state', this.state, other.state],
      ['RAM', this.ram, other.ram],
    ] as const) {
      for (let i = 0; i < mine.length && found.length < 8; i += 4) {
        const [a, b] = [mine.readUInt32LE(i), theirs.readUInt32LE(i)];
        if (a !== b) found.push(`${name} ${i.toString(16)}: ${a.toString(16)} (${this.tier}), ${b.toString(16)} (${other.tier})`);
      }
    }
    if (this.bare.written.length !== other.bare.written.length)
      found.push(`port writes: ${this.bare.written.length} (${this.tier}), ${other.bare.written.length} (${other.tier})`);
    return found.join('; ') || 'triple fault';
  }
}
