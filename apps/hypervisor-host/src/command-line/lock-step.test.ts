import type { MachineInspection } from '@millwright/x86-vmm';
import { assert, test } from 'vitest';
import { type MachinePair, runInLockStep, type SteppedMachine, traceTo } from './lock-step.js';

const REGION = 64;
/** Offsets in the fake's memory. */
const Region = { cpu: 0, ram: REGION, vram: 2 * REGION } as const;

interface Defect {
  readonly at: number;
  readonly where: keyof typeof Region | 'device';
}

/** Adds every instruction to a word of its RAM; from its defect on, something else of it is wrong. */
class FakeMachine implements SteppedMachine {
  state = 'paused';
  readonly #memory = new SharedArrayBuffer(3 * REGION);
  readonly #words = new Uint32Array(this.#memory);
  #done = 0;

  constructor(
    private readonly endsAt: number,
    private readonly defect?: Defect,
  ) {}

  async runFor(instructions: number): Promise<void> {
    const end = Math.min(this.#done + instructions, this.endsAt);
    for (; this.#done < end; this.#done++) this.#words[Region.ram / 4]! += this.#done;
    if (this.#done === this.endsAt) this.state = 'stopped';
    if (this.#isWrong && this.defect!.where !== 'device') this.#words[Region[this.defect!.where] / 4 + 3] = 0xbad;
  }
  async pause(): Promise<void> {}
  get #isWrong(): boolean {
    return this.defect !== undefined && this.#done >= this.defect.at;
  }
  async inspect(): Promise<MachineInspection> {
    return {
      instructions: this.#done,
      eip: this.#done,
      linear: this.#done,
      code: Uint8Array.of(0x90),
      codeBits: 32,
      memory: this.#memory,
      regions: (['cpu', 'ram', 'vram'] as const).map((name) => ({ name, offset: Region[name], bytes: REGION })),
      devices: JSON.stringify({ pit: this.#isWrong && this.defect!.where === 'device' ? 1 : 0, pic: 2 }),
    };
  }
  async dumpState(): Promise<Readonly<Record<string, unknown>>> {
    return { EIP: this.#done };
  }
  async stop(): Promise<void> {
    this.state = 'stopped';
  }
}

const pairs =
  (endsAt: number, defect?: Defect): (() => Promise<MachinePair>) =>
  async () => ({ reference: new FakeMachine(endsAt), other: new FakeMachine(endsAt, defect), end: async () => {} });
const limits = (mostInstructions: number) => ({ every: 100, mostInstructions, isOver: () => false });

test('equal machines run to the limit, or to where the guest ends', async () => {
  const toLimit = await runInLockStep(pairs(10_000), limits(1_050));
  assert.deepInclude(toLimit, { instructions: 1_050, comparisons: 11, difference: undefined });
  const toEnd = await runInLockStep(pairs(730), limits(10_000));
  assert.deepInclude(toEnd, { instructions: 730, comparisons: 8, difference: undefined });
});

test.each([
  ['cpu', 1],
  ['ram', 100],
  ['vram', 101],
  ['device', 567],
  ['ram', 1_000],
] as const)('a difference in %s is found at its very instruction, %i', async (where, at) => {
  const { difference } = await runInLockStep(pairs(10_000, { at, where }), limits(1_000));
  assert.equal(difference?.instructions, at);
  assert.equal(difference?.reference.eip, at);
  const line = where === 'device' ? 'device pit: 0, 1' : `${where} 0000000c: 00000000, 00000bad`;
  assert.deepEqual(difference?.parts, [line]);
});

test('a machine that ends while the other goes on is a difference', async () => {
  const makePair = async (): Promise<MachinePair> => ({
    reference: new FakeMachine(250),
    other: new FakeMachine(260),
    end: async () => {},
  });
  assert.equal((await runInLockStep(makePair, limits(1_000))).difference?.instructions, 250);
});

test('the trace has the instructions that lead to a count', async () => {
  const trace = await traceTo(async () => new FakeMachine(10_000), 50, 5);
  assert.deepEqual(
    trace.map(({ instructions }) => instructions),
    [45, 46, 47, 48, 49],
  );
});
