import { fxsave } from './fxsave.js';
import type { Instruction } from './instruction.js';
import { x87Arithmetic } from './x87-arithmetic.js';
import { x87Compare } from './x87-compare.js';
import { x87Control } from './x87-control.js';
import { x87Move } from './x87-move.js';
import { x87Transcendental } from './x87-transcendental.js';

/** Everything the opcodes D8-DF mean on a P6, WAIT, FXSAVE and FXRSTOR. */
export const x87Instructions: readonly Instruction[] = [
  ...x87Arithmetic,
  ...x87Compare,
  ...x87Move,
  ...x87Transcendental,
  ...x87Control,
  ...fxsave,
];
