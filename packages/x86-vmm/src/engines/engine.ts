import type { ExitReason } from '../cpu/state.js';

/**
 * How the portable engine executes. `interpreter`: one instruction after the other. `auto`: what runs often is translated to WebAssembly.
 * `translator`: every block is translated before it runs for the first time, for tests; what cannot be translated is interpreted.
 */
export type EngineTier = 'interpreter' | 'translator' | 'auto';
export const ENGINE_TIERS: readonly EngineTier[] = ['interpreter', 'translator', 'auto'];

/** What runs a guest's instructions: the portable engine, or later one on KVM. All of them keep the CPU in the layout of cpu/state.ts. */
export interface Engine {
  /**
   * Runs about `budget` instructions from CS:EIP and returns between two instructions: `budget`: that many are done, or somebody set
   * BUDGET negative; `state`: HLT, shutdown or a change the loop should look at before it goes on.
   */
  run(budget: number): typeof ExitReason.budget | typeof ExitReason.state;
  /** Runs one instruction. */
  step(): void;
  /** The slice ends at the next block border. Only while `run` or `step` is on its way. */
  endSlice(): void;
  /** What the engine has done since it was made, by name, for whoever looks at its speed. */
  counters(): Readonly<Record<string, number>>;
  /** Decoded or translated code is forgotten: the state or the memory was replaced from outside. */
  reset(): void;
}

/** How the engine reports what the architecture delivers. */
export interface EventDelivery {
  /** Delivers an exception of the instruction at CS:EIP; `errorCode` -1: none. */
  deliverException(vector: number, errorCode: number): void;
  /** A trap-class #DB outside of single-step mode (a task switch's T flag). */
  deliverPendingDebug(causes: number): void;
  /** Before an instruction in single-step mode. True: an event was delivered instead. */
  beforeInstruction(): boolean;
  /** After it: pending traps. */
  afterInstruction(): void;
}
