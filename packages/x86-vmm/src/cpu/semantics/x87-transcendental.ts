import type { Instruction } from './instruction.js';
import { kernelOnly } from './x87-steps.js';

/*
 * The transcendental instructions. Kernels compute with 128-bit integer arithmetic and round once: the error against the true value is at
 * most half a unit in the last place of rounding to nearest (plus 2^-50 of one), one unit in the directed modes. A P6 promises one
 * unit (SDM Vol. 1 section 8.3.10), so single results may differ from a given processor's in the last place.
 *
 * | row | exact for | domain |
 * |---|---|---|
 * | F2XM1 | -1 <= x <= 1 | outside: the source stays, as the manual leaves it undefined |
 * | FYL2X | x > 0 | -1 <= ... see the kernel for the table of zeros and infinities |
 * | FYL2XP1 | -(1 - sqrt(1/2)) <= x <= sqrt(2) - 1 | beyond, up to x > -1: still within one unit |
 * | FPATAN | all | |
 * | FSIN FCOS FSINCOS FPTAN | abs(x) < 2^63 | with pi of 66 bits as the processor's reduction has it; beyond: C2 and no change |
 */
const TITLES = [
  ['F2XM1', 'D9 F0', 'F2XM1—Compute 2^x-1'],
  ['FYL2X', 'D9 F1', 'FYL2X—Compute y * log2 x'],
  ['FPTAN', 'D9 F2', 'FPTAN—Partial Tangent'],
  ['FPATAN', 'D9 F3', 'FPATAN—Partial Arctangent'],
  ['FYL2XP1', 'D9 F9', 'FYL2XP1—Compute y * log2(x + 1)'],
  ['FSINCOS', 'D9 FB', 'FSINCOS—Sine and Cosine'],
  ['FSIN', 'D9 FE', 'FSIN—Sine'],
  ['FCOS', 'D9 FF', 'FCOS—Cosine'],
] as const;

export const x87Transcendental: readonly Instruction[] = TITLES.map(([mnemonic, opcode, title]) => kernelOnly(mnemonic, opcode, mnemonic.toLowerCase(), title));
