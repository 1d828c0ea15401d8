import { mediumModule } from '@millwright/block-store';
import { readBios } from '@millwright/firmware';
import { line3DiskImage } from '@millwright/line3-mixing';
import { createMachine, type MachineSpec } from '@millwright/x86-vmm';
import { checkResourceControl, TierComparison } from '@millwright/x86-vmm/verification';
import { ExitStatus } from './exit-status.js';
import { runInLockStep } from './lock-step.js';
import { parseSeconds } from './parse-number.js';

/*
 * The conditions of Popek and Goldberg, "Formal Requirements for Virtualizable Third Generation Architectures" (1974), as figures of this build:
 * equivalence, resource control, efficiency.
 */

/** Options of `x86-vmm verify` as commander gives them. */
export interface VerifyOptions {
  readonly seconds: string;
  readonly json?: boolean;
}

interface Figures {
  readonly resourceControl: { readonly programs: number; readonly violations: readonly string[]; readonly holds: boolean };
  readonly equivalence: {
    readonly programs: number;
    readonly instructions: number;
    readonly bootInstructions: number;
    readonly differences: readonly string[];
    readonly holds: boolean;
  };
  readonly efficiency: { readonly instructions: number; readonly helped: number; readonly share: number; readonly holds: boolean };
}

/** Share of a booted guest's instructions that must run without the monitor's help. Firmware, which polls devices, needs more of it. */
const LEAST_SHARE = 0.99;
/** Until the guest that comes with the product is at work. */
const BOOT_INSTRUCTIONS = 20_000_000;
const WORK_INSTRUCTIONS = 20_000_000;
const COMPARE_EVERY = 500_000;
const NS_PER_INSTRUCTION = 20;

/** `x86-vmm verify`: prints the figures, returns the exit status. @throws CommandError */
export async function verify(options: VerifyOptions): Promise<number> {
  const seconds = parseSeconds('--seconds', options.seconds);
  const resourceControl = checkResourceControl(seconds / 2);
  const comparison = new TierComparison();
  const differences: string[] = [];
  const end = performance.now() + seconds * 500;
  for (let seed = 1; performance.now() < end; seed++) {
    const difference = comparison.run(seed);
    if (difference) differences.push(`random program ${seed} after ${difference.instructions} instructions: ${difference.text}`);
  }
  const boot = await lockStepBoot();
  differences.push(...boot.differences);
  const efficiency = await measureEfficiency();
  const figures: Figures = {
    resourceControl: { ...resourceControl, holds: resourceControl.violations.length === 0 },
    equivalence: {
      programs: comparison.cases,
      instructions: comparison.instructions,
      bootInstructions: boot.instructions,
      differences,
      holds: differences.length === 0,
    },
    efficiency: { ...efficiency, holds: efficiency.share >= LEAST_SHARE },
  };
  console.log(options.json ? JSON.stringify(figures) : textOf(figures));
  return Object.values(figures).every(({ holds }: { holds: boolean }) => holds) ? ExitStatus.success : ExitStatus.engineDefect;
}

const bootSpec = (): MachineSpec => ({
  memoryMiB: 16,
  bios: readBios(),
  floppies: [{ module: mediumModule, options: { image: line3DiskImage(), readOnly: true } }],
  bootOrder: ['floppy'],
  clock: { kind: 'instructions', nsPerInstruction: NS_PER_INSTRUCTION },
});

/** Firmware and guest from reset, interpreter and translator side by side. */
async function lockStepBoot(): Promise<{ instructions: number; differences: readonly string[] }> {
  const makePair = async () => {
    const reference = await createMachine({ ...bootSpec(), engine: 'interpreter' });
    const other = await createMachine({ ...bootSpec(), engine: 'auto' });
    const end = async (): Promise<void> => {
      await Promise.all([reference.stop(), other.stop()].map((stopped) => stopped.catch(() => {})));
    };
    return { reference, other, end };
  };
  const limits = { every: COMPARE_EVERY, mostInstructions: BOOT_INSTRUCTIONS, isOver: () => false };
  const { instructions, difference } = await runInLockStep(makePair, limits);
  const found = difference ? [`boot after ${difference.instructions} instructions: ${difference.parts.join('; ')}`] : [];
  return { instructions, differences: found };
}

/** Instructions of the booted guest that ran in generated code, without a body in TypeScript, an exception, an interrupt or a device's memory. */
async function measureEfficiency(): Promise<{ instructions: number; helped: number; share: number }> {
  const machine = await createMachine(bootSpec());
  const look = async (): Promise<{ instructions: number; helped: number }> => {
    const { instructions, engine } = await machine.statistics();
    const helped = (['slowCalls', 'exceptions', 'interrupts', 'mmioAccesses'] as const).reduce((sum, name) => sum + (engine[name] ?? 0), 0);
    return { instructions, helped };
  };
  await machine.runFor(BOOT_INSTRUCTIONS);
  const before = await look();
  await machine.runFor(WORK_INSTRUCTIONS);
  const after = await look();
  await machine.stop();
  const instructions = after.instructions - before.instructions;
  const helped = after.helped - before.helped;
  return { instructions, helped, share: Number((1 - helped / instructions).toFixed(6)) };
}

function textOf({ resourceControl, equivalence, efficiency }: Figures): string {
  const word = (holds: boolean): string => (holds ? 'holds' : 'DOES NOT HOLD');
  return [
    `resource control: ${word(resourceControl.holds)}: ${resourceControl.programs} hostile programs, ${resourceControl.violations.length} got beyond their machine`,
    ...resourceControl.violations.map((text) => `  ${text}`),
    `equivalence:      ${word(equivalence.holds)}: ${equivalence.programs} random programs (${equivalence.instructions} instructions) and a boot (${equivalence.bootInstructions} instructions), ${equivalence.differences.length} differences between interpreter and translator`,
    ...equivalence.differences.map((text) => `  ${text}`),
    `efficiency:       ${word(efficiency.holds)}: ${(efficiency.share * 100).toFixed(2)} % of ${efficiency.instructions} instructions of a booted guest ran without the monitor's help`,
  ].join('\n');
}
