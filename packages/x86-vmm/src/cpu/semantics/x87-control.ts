import { CR, FPU_ATTENTION, FPU_CONTROL, FPU_STATUS } from '../state.js';
import type { Builder } from './builder.js';
import type { Instruction } from './instruction.js';
import { loadEnvironment, restoreState, saveState, storeEnvironment } from './x87-environment.js';
import { checkAvailable, VECTOR_MF, VECTOR_NM } from './x87-steps.js';

/* Control instructions: they leave FIP, FDP and FOP alone. Those that begin with FN do not wait for a pending exception. */

const callOnly =
  (kernel: string) =>
  (m: Builder): void => {
    checkAvailable(m, false);
    m.kernel(kernel, [], 'none');
  };
const nothing =
  (waits: boolean) =>
  (m: Builder): void =>
    checkAvailable(m, waits);
const CR0_MP_AND_TS = 0x0a;

export const x87Control: readonly Instruction[] = [
  {
    mnemonic: 'WAIT',
    synonyms: ['FWAIT'],
    sdm: 'Vol. 2D, WAIT/FWAIT—Wait',
    encodings: [{ opcode: '9B', operands: '' }],
    flags: {},
    execute: (m) => {
      // Unlike the x87 instructions proper, WAIT asks for MP and TS both and not for EM.
      const both = m.and(m.stateLoad(CR, 32), m.constant(CR0_MP_AND_TS));
      m.raiseIf(m.eq(both, m.constant(CR0_MP_AND_TS)), VECTOR_NM);
      m.raiseIf(m.and(m.stateLoad(FPU_ATTENTION, 32), m.constant(2)), VECTOR_MF);
    },
  },
  {
    mnemonic: 'FNOP',
    sdm: 'Vol. 2A, FNOP—No Operation',
    encodings: [{ opcode: 'D9 D0', operands: '' }],
    flags: {},
    execute: nothing(true),
  },
  {
    mnemonic: 'FNCLEX',
    sdm: 'Vol. 2A, FCLEX/FNCLEX—Clear Exceptions',
    encodings: [{ opcode: 'DB E2', operands: '' }],
    flags: {},
    execute: callOnly('fnclex'),
  },
  {
    mnemonic: 'FNINIT',
    sdm: 'Vol. 2A, FINIT/FNINIT—Initialize Floating-Point Unit',
    encodings: [{ opcode: 'DB E3', operands: '' }],
    flags: {},
    execute: callOnly('fninit'),
  },
  // Of the 8087 and 287: nothing since the 387.
  {
    mnemonic: 'FNENI',
    sdm: 'Vol. 1 section 8.3.12 (FENI, FDISI, FSETPM)',
    encodings: [{ opcode: 'DB E0', operands: '' }],
    flags: {},
    execute: nothing(false),
  },
  {
    mnemonic: 'FNDISI',
    sdm: 'Vol. 1 section 8.3.12 (FENI, FDISI, FSETPM)',
    encodings: [{ opcode: 'DB E1', operands: '' }],
    flags: {},
    execute: nothing(false),
  },
  {
    mnemonic: 'FNSETPM',
    sdm: 'Vol. 1 section 8.3.12 (FENI, FDISI, FSETPM)',
    encodings: [{ opcode: 'DB E4', operands: '' }],
    flags: {},
    execute: nothing(false),
  },
  {
    mnemonic: 'FLDCW',
    sdm: 'Vol. 2A, FLDCW—Load x87 FPU Control Word',
    encodings: [{ opcode: 'D9 /5', operands: 'm2byte' }],
    flags: {},
    execute: (m, form) => {
      checkAvailable(m);
      m.kernel('fldcw', [m.loadOperand(form.operands[0]!, 0, 16)], 'none');
    },
  },
  {
    mnemonic: 'FNSTCW',
    sdm: 'Vol. 2A, FSTCW/FNSTCW—Store x87 FPU Control Word',
    encodings: [{ opcode: 'D9 /7', operands: 'm2byte' }],
    flags: {},
    execute: (m, form) => {
      checkAvailable(m, false);
      m.storeOperand(form.operands[0]!, 0, 16, m.stateLoad(FPU_CONTROL, 16));
    },
  },
  {
    mnemonic: 'FNSTSW',
    sdm: 'Vol. 2A, FSTSW/FNSTSW—Store x87 FPU Status Word',
    encodings: [
      { opcode: 'DD /7', operands: 'm2byte' },
      { opcode: 'DF E0', operands: 'AX' },
    ],
    flags: {},
    execute: (m, form) => {
      checkAvailable(m, false);
      const operand = form.operands[0]!;
      const word = m.stateLoad(FPU_STATUS, 16);
      if (operand.kind === 'memory') m.storeOperand(operand, 0, 16, word);
      else m.write(operand, 16, word);
    },
  },
  {
    mnemonic: 'FLDENV',
    sdm: 'Vol. 2A, FLDENV—Load x87 FPU Environment',
    encodings: [{ opcode: 'D9 /4', operands: 'm14/28byte' }],
    flags: {},
    slow: loadEnvironment,
  },
  {
    mnemonic: 'FNSTENV',
    sdm: 'Vol. 2A, FSTENV/FNSTENV—Store x87 FPU Environment',
    encodings: [{ opcode: 'D9 /6', operands: 'm14/28byte' }],
    flags: {},
    slow: storeEnvironment,
  },
  {
    mnemonic: 'FRSTOR',
    sdm: 'Vol. 2A, FRSTOR—Restore x87 FPU State',
    encodings: [{ opcode: 'DD /4', operands: 'm94/108byte' }],
    flags: {},
    slow: restoreState,
  },
  {
    mnemonic: 'FNSAVE',
    sdm: 'Vol. 2A, FSAVE/FNSAVE—Store x87 FPU State',
    encodings: [{ opcode: 'DD /6', operands: 'm94/108byte' }],
    flags: {},
    slow: saveState,
  },
];
