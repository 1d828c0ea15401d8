import { ProgramMachine } from './program-machine.js';
import { PROGRAM_KINDS, type ProgramKind, randomProgram } from './random-program.js';
import { SeededRandom } from './seeded-random.js';

export interface TierDifference {
  readonly seed: number;
  readonly kind: ProgramKind;
  /** Instructions after which the states differed. */
  readonly instructions: number;
  readonly text: string;
}

/** Longest run of one program: some kinds want time for a loop to become hot. */
const LONGEST_RUN: Readonly<Record<ProgramKind, number>> = {
  bytes: 400,
  straight: 4_000,
  graph: 4_000,
  'self-modifying': 2_500,
  paging: 2_500,
};
const MOST_STOPS = 3;

/** Cases between two that the translator tier runs, too: each of its blocks is a module of its own, which takes the longest by far. */
const TRANSLATOR_EVERY = 32;
/** The same for the interpreter that does without shortcuts. */
const BODIES_EVERY = 4;

/** The same program in the interpreter and in the translating tiers, compared at instruction counts that follow from the seed, too. */
export class TierComparison {
  readonly reference = new ProgramMachine('interpreter');
  readonly auto = new ProgramMachine('auto');
  readonly translator = new ProgramMachine('translator');
  /** Everything that has a TypeScript body goes through it. */
  readonly bodies = new ProgramMachine('interpreter', false);
  /** Instructions that the reference has run. */
  instructions = 0;
  cases = 0;

  get machines(): readonly ProgramMachine[] {
    return [this.reference, this.auto, this.translator, this.bodies];
  }

  run(seed: number): TierDifference | undefined {
    const random = new SeededRandom(seed);
    const program = randomProgram(random, PROGRAM_KINDS[seed % PROGRAM_KINDS.length]!);
    const others = [this.auto];
    if (seed % TRANSLATOR_EVERY === 0) others.push(this.translator);
    if (seed % BODIES_EVERY === 1) others.push(this.bodies);
    const machines = [this.reference, ...others];
    for (const machine of machines) machine.load(program);
    const longest = LONGEST_RUN[program.kind];
    const first = this.reference.instructions;
    let at = first;
    this.cases++;
    for (let stops = 1 + random.below(MOST_STOPS); stops > 0 && !this.reference.isStill; stops--) {
      at += 1 + random.below(longest);
      for (const machine of machines) machine.runTo(at);
      for (const other of others)
        if (!this.reference.isAs(other))
          return { seed, kind: program.kind, instructions: at - first, text: this.reference.differenceFrom(other) };
      // Without progress all of them stand at the same instruction.
      if (this.reference.isStuck) break;
    }
    this.instructions += this.reference.instructions - first;
    return undefined;
  }
}
