import { FPU_ATTENTION, FPU_CS, FPU_DP, FPU_DS, FPU_IP, FPU_OPCODE, SEGMENT, SEGMENT_BYTES, SegmentField, SegmentIndex } from '../state.js';
import type { Builder, FormOperand, Value } from './builder.js';
import type { Instruction } from './instruction.js';

/*
 * What all x87 instructions have in common. The order is the processor's: #NM (CR0.EM or TS), then the exception an earlier instruction
 * left pending (#MF), then the memory operand's faults, then the operation in a kernel (assembly/float80*.ts), then the pointers.
 */

export const VECTOR_NM = 7;
export const VECTOR_MF = 16;
const CS_SELECTOR = SEGMENT + SegmentIndex.CS * SEGMENT_BYTES + SegmentField.selector;

/** #NM, and #MF unless the instruction is one that does not wait (FN...). */
export function checkAvailable(m: Builder, waits = true): void {
  const attention = m.stateLoad(FPU_ATTENTION, 32);
  m.raiseIf(m.and(attention, m.constant(1)), VECTOR_NM);
  if (waits) m.raiseIf(m.and(attention, m.constant(2)), VECTOR_MF);
}

/** FIP, FCS and FOP, with a memory operand also FDP and FDS: every instruction but the control instructions writes them (SDM Vol. 1 section 8.1.8). */
export function notePointers(m: Builder, memory?: FormOperand): void {
  m.stateStore(FPU_IP, 32, m.eip());
  m.stateStore(FPU_CS, 32, m.stateLoad(CS_SELECTOR, 16));
  m.stateStore(FPU_OPCODE, 32, m.fpuOpcode());
  if (memory === undefined) return;
  m.stateStore(FPU_DP, 32, m.effectiveAddress(memory));
  m.stateStore(FPU_DS, 32, m.operandSelector(memory));
}

/** A memory operand's value as its kernel takes it: single i32, double i64, integers sign-extended to i32 (or i64 for 64 bits). */
export function loadMemory(m: Builder, operand: FormOperand): Value {
  if (operand.width === 64) return m.loadOperand(operand, 0, 64);
  if (operand.width === 16) return m.signExtend(m.loadOperand(operand, 0, 16), 16);
  return m.loadOperand(operand, 0, 32);
}

/** An instruction without memory operand that is one kernel call; `st` operands of the row are not passed. */
export function kernelOnly(
  mnemonic: string,
  opcode: string,
  kernel: string,
  title: string,
  constants: readonly number[] = [],
): Instruction {
  return {
    mnemonic,
    sdm: `Vol. 2A, ${title}`,
    encodings: [{ opcode, operands: '' }],
    flags: {},
    execute: (m) => {
      checkAvailable(m);
      m.kernel(
        kernel,
        constants.map((value) => m.constant(value)),
        'none',
      );
      notePointers(m);
    },
  };
}
