import type { MachineInspection } from '@millwright/x86-vmm';

/*
 * Two machines made alike, run for the same instructions and compared again and again. Both repeat exactly, so that the first difference is
 * found by running fresh pairs: to the last equal state with the stops that led to it, then for half of what is left.
 */

/** What lock-step needs of a machine in instruction-counted mode. */
export interface SteppedMachine {
  /** `stopped`: the guest has ended it. */
  readonly state: string;
  runFor(instructions: number): Promise<void>;
  pause(): Promise<void>;
  inspect(): Promise<MachineInspection>;
  dumpState(): Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

export interface MachinePair<M extends SteppedMachine = SteppedMachine> {
  readonly reference: M;
  readonly other: M;
  end(): Promise<void>;
}

export interface RunResult {
  /** Instructions after which the machines were last compared. */
  readonly instructions: number;
  readonly comparisons: number;
  /** Wall time spent comparing, ms. */
  readonly comparingMs: number;
  /** What differs, at the first comparison that found something; undefined: nothing. */
  readonly difference: Difference | undefined;
}

export interface Difference {
  /** Fewest instructions after which the pair, stopped there, differs. */
  readonly instructions: number;
  readonly reference: Side;
  readonly other: Side;
  readonly parts: readonly string[];
}
export interface Side {
  readonly registers: Readonly<Record<string, unknown>>;
  readonly eip: number;
}

export interface Limits {
  readonly every: number;
  readonly mostInstructions: number;
  isOver(): boolean;
}

/**
 * Runs a pair until the guest ends it, `limits` say so, or it differs. Then bisects, which may take long: `bisecting` is called before, with
 * the counts at which the pair was equal and is not.
 */
export async function runInLockStep(
  makePair: () => Promise<MachinePair>,
  limits: Limits,
  bisecting: (equalAt: number, differentAt: number) => void = () => {},
): Promise<RunResult> {
  const pair = await makePair();
  let comparisons = 0;
  let comparingMs = 0;
  const stops: number[] = [];
  try {
    for (;;) {
      const before = stops.at(-1) ?? 0;
      const next = Math.min(before + limits.every, limits.mostInstructions);
      const { isSame, instructions, ms } = await runBothTo(pair, before, next);
      comparisons++;
      comparingMs += ms;
      if (!isSame) {
        await pair.end();
        bisecting(before, next);
        return { instructions: next, comparisons, comparingMs, difference: await bisect(makePair, stops, next) };
      }
      const isEnded = pair.reference.state === 'stopped' || instructions < next || next >= limits.mostInstructions || limits.isOver();
      if (isEnded) return { instructions, comparisons, comparingMs, difference: undefined };
      stops.push(next);
    }
  } finally {
    await pair.end();
  }
}

/** @param stops at which the machines were equal @param bad where they are not */
async function bisect(makePair: () => Promise<MachinePair>, stops: readonly number[], bad: number): Promise<Difference> {
  let good = stops.at(-1) ?? 0;
  let worst = bad;
  while (worst - good > 1) {
    const middle = good + Math.floor((worst - good) / 2);
    if (await at(makePair, stops, middle, async (_pair, isSame) => isSame)) good = middle;
    else worst = middle;
  }
  return at(makePair, stops, worst, async ({ reference, other }) => ({
    instructions: worst,
    reference: await sideOf(reference),
    other: await sideOf(other),
    parts: differences(await reference.inspect(), await other.inspect()),
  }));
}

async function sideOf(machine: SteppedMachine): Promise<Side> {
  return { registers: await machine.dumpState(), eip: (await machine.inspect()).eip };
}

/** A fresh pair, run with the same stops to an instruction. */
async function at<T>(
  makePair: () => Promise<MachinePair>,
  stops: readonly number[],
  instructions: number,
  look: (pair: MachinePair, isSame: boolean) => Promise<T>,
): Promise<T> {
  const pair = await makePair();
  try {
    let before = 0;
    for (const stop of stops) {
      await Promise.all([run(pair.reference, stop - before), run(pair.other, stop - before)]);
      before = stop;
    }
    const { isSame } = await runBothTo(pair, before, instructions);
    return await look(pair, isSame);
  } finally {
    await pair.end();
  }
}

/** A machine that waits for an event that never comes is paused where it is; the other then is elsewhere, or waits at the same place. */
const PATIENCE_MS = 10_000;
/** Instructions that the slowest engine surely runs in a millisecond. */
const SURE_RATE = 2_000;

async function run(machine: SteppedMachine, instructions: number): Promise<void> {
  if (machine.state === 'stopped') return;
  const timer = setTimeout(() => void machine.pause().catch(() => {}), PATIENCE_MS + instructions / SURE_RATE);
  try {
    await machine.runFor(instructions);
  } finally {
    clearTimeout(timer);
  }
}

async function runBothTo(
  { reference, other }: MachinePair,
  from: number,
  to: number,
): Promise<{ isSame: boolean; instructions: number; ms: number }> {
  await Promise.all([run(reference, to - from), run(other, to - from)]);
  const started = performance.now();
  const [a, b] = [await reference.inspect(), await other.inspect()];
  const isSame = isEqual(a, b) && reference.state === other.state;
  return { isSame, instructions: a.instructions, ms: performance.now() - started };
}

const part = ({ memory }: MachineInspection, { offset, bytes }: MachineInspection['regions'][number]): Buffer =>
  Buffer.from(memory, offset, bytes);

function isEqual(a: MachineInspection, b: MachineInspection): boolean {
  return (
    a.instructions === b.instructions &&
    a.devices === b.devices &&
    a.regions.every((region, i) => part(a, region).equals(part(b, b.regions[i]!)))
  );
}

const SHOWN_WORDS = 16;
const hex = (value: number, digits = 8): string => value.toString(16).padStart(digits, '0');

/** Lines that say what differs. */
export function differences(a: MachineInspection, b: MachineInspection): string[] {
  const lines: string[] = [];
  if (a.instructions !== b.instructions) lines.push(`instructions: ${a.instructions}, ${b.instructions}`);
  for (const [i, region] of a.regions.entries()) {
    const [mine, theirs] = [part(a, region), part(b, b.regions[i]!)];
    let found = 0;
    for (let word = 0; word < region.bytes; word += 4) {
      // Pages at a time: most are equal.
      if (word % 4096 === 0 && mine.subarray(word, word + 4096).equals(theirs.subarray(word, word + 4096))) {
        word += 4092;
        continue;
      }
      const [x, y] = [mine.readUInt32LE(word), theirs.readUInt32LE(word)];
      if (x === y) continue;
      if (found++ < SHOWN_WORDS) lines.push(`${region.name} ${hex(word)}: ${hex(x)}, ${hex(y)}`);
    }
    if (found > SHOWN_WORDS) lines.push(`${region.name}: ${found} words differ`);
  }
  if (a.devices !== b.devices) lines.push(...deviceDifferences(a.devices, b.devices));
  return lines;
}

function deviceDifferences(a: string, b: string): string[] {
  const [mine, theirs] = [JSON.parse(a) as Record<string, unknown>, JSON.parse(b) as Record<string, unknown>];
  return Object.keys(mine)
    .filter((name) => JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]))
    .map((name) => `device ${name}: ${JSON.stringify(mine[name])}, ${JSON.stringify(theirs[name])}`);
}

/** Instructions that one machine completes up to a count, each as it stood before it ran. */
export async function traceTo(
  makeMachine: () => Promise<SteppedMachine>,
  instructions: number,
  shown: number,
): Promise<readonly MachineInspection[]> {
  const machine = await makeMachine();
  const trace: MachineInspection[] = [];
  try {
    const first = Math.max(0, instructions - shown);
    if (first > 0) await run(machine, first);
    for (let i = first; i < instructions && machine.state !== 'stopped'; i++) {
      trace.push(await machine.inspect());
      await run(machine, 1);
    }
    return trace;
  } finally {
    await machine.stop();
  }
}
