import { disassemble } from '@millwright/assembler';
import type { EngineTier, MachineInspection } from '@millwright/x86-vmm';
import type { Difference } from './lock-step.js';

/** Instructions shown before the first difference: a block of translated code, and what a slice ends with. */
export const SHOWN_INSTRUCTIONS = 96;

/** What a person needs who looks for the defect. @param trace the instructions up to the difference, each as it stood before it ran */
export function differenceLines(
  { instructions, reference, other, parts }: Difference,
  trace: readonly MachineInspection[],
  tier: EngineTier,
): string[] {
  return [
    `x86-vmm: first difference after ${instructions} instructions (interpreter, ${tier}):`,
    ...parts.map((text) => `  ${text}`),
    'registers that differ:',
    ...Object.keys(reference.registers)
      .filter((name) => JSON.stringify(reference.registers[name]) !== JSON.stringify(other.registers[name]))
      .map((name) => `  ${name}: ${JSON.stringify(reference.registers[name])}, ${JSON.stringify(other.registers[name])}`),
    `interpreter: ${JSON.stringify(reference.registers)}`,
    `${tier}: ${JSON.stringify(other.registers)}`,
    'instructions up to there, as the interpreter runs them:',
    ...trace.map(lineOf),
  ];
}

function lineOf({ instructions, linear, eip, code, codeBits }: MachineInspection): string {
  const { text, length } = disassemble(code, 0, codeBits, eip);
  const bytes = Buffer.from(code.subarray(0, Math.max(1, length))).toString('hex');
  return `  ${instructions} ${linear.toString(16).padStart(8, '0')} ${bytes.padEnd(16)} ${text}`;
}
