import { arithmeticInstructions } from './arithmetic.js';
import { bitInstructions } from './bit.js';
import { controlFlowInstructions } from './control-flow.js';
import { decimalInstructions } from './decimal.js';
import { farControlFlowInstructions } from './far-control-flow.js';
import { flagControlInstructions } from './flag-control.js';
import { hintInstructions } from './hint.js';
import type { Instruction } from './instruction.js';
import { interruptInstructions } from './interrupt.js';
import { logicInstructions } from './logic.js';
import { mmxInstructions } from './mmx.js';
import { moveInstructions } from './move.js';
import { multiplyInstructions } from './multiply.js';
import { portInstructions } from './port.js';
import { segmentInstructions } from './segment.js';
import { shiftInstructions } from './shift.js';
import { sseArithmetic } from './sse-arithmetic.js';
import { sseConvert } from './sse-convert.js';
import { sseInteger } from './sse-integer.js';
import { sseMove } from './sse-move.js';
import { ssse3 } from './sse-ssse3.js';
import { stackInstructions } from './stack.js';
import { stringInstructions } from './string.js';
import { systemInstructions } from './system.js';
import { x87Instructions } from './x87.js';

/** Every instruction there is. Where two rows fit one encoding, the earlier is decoded and assembled. */
export const allInstructions: readonly Instruction[] = [
  ...hintInstructions,
  ...arithmeticInstructions,
  ...logicInstructions,
  ...moveInstructions,
  ...stackInstructions,
  ...controlFlowInstructions,
  ...shiftInstructions,
  ...multiplyInstructions,
  ...bitInstructions,
  ...stringInstructions,
  ...flagControlInstructions,
  ...decimalInstructions,
  ...segmentInstructions,
  ...farControlFlowInstructions,
  ...interruptInstructions,
  ...portInstructions,
  ...systemInstructions,
  ...x87Instructions,
  ...mmxInstructions,
  ...sseMove,
  ...sseArithmetic,
  ...sseConvert,
  ...sseInteger,
  ...ssse3,
];
