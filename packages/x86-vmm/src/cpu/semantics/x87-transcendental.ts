import type { Instruction } from './instruction.js';
import { kernelOnly } from './x87-steps.js';

/*
 * The transcendental instructions. Kernels compute with 128-bit integer arithmetic and round once, so the error against the true value is at
 * most half a unit in the last place to nearest (plus 2^-50 of one) and one unit in the directed modes; test/conformance/cpu measures it.
 * A P6 promises one unit (SDM Vol. 1 section 8.3.10), so single results may differ from a given processor's in the last place.
 *
 * | instruction | method | outside its domain |
 * |---|---|---|
 * | F2XM1 | y (1 + y/2! + y^2/3! ...), y = x ln 2 | abs(x) > 1: the source stays, PE |
 * | FYL2X | artanh series on (m - 1)/(m + 1), m in sqrt(1/2)..sqrt(2) | x < 0: IE; x = 0: ZE |
 * | FYL2XP1 | the same on x/(x + 2); beyond +-1/4 on 1 + x, exact to the same unit | x <= -1: the source, PE |
 * | FPATAN | nearest eighth from a table, series on the rest | none |
 * | FSIN FCOS FSINCOS FPTAN | exact reduction by the 66-bit pi of the processor, series on the rest | abs(x) >= 2^63: C2, no change |
 *
 * "True value" of the circular functions is that of the argument reduced by the 66-bit pi, as on every x87.
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

export const x87Transcendental: readonly Instruction[] = TITLES.map(([mnemonic, opcode, title]) =>
  kernelOnly(mnemonic, opcode, mnemonic.toLowerCase(), title),
);
