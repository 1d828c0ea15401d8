import { CR0, DR6, DR7, EFLAGS, Rights, SystemType } from './architecture.js';
import { setSegment } from './mmu/segmentation.js';
import { factsOf } from './model.js';
import type { SlowCpu } from './semantics/slow-cpu.js';
import {
  A20_MASK,
  CPU_STATE_END,
  CR,
  DR,
  EFLAGS_SYSTEM,
  EIP,
  FPU_CONTROL,
  GDTR_LIMIT,
  GPR,
  IDTR_LIMIT,
  INSTRUCTIONS,
  MXCSR,
  MXCSR_MASK,
  SegmentIndex,
} from './state.js';

const EDX = 2;
/** FCW after RESET, which differs from FINIT's 037F (SDM Vol. 3A table 9-1). */
const FPU_CONTROL_RESET = 0x40;

/** Writes the register state after power-on or RESET# (SDM Vol. 3A table 9-1). The instruction count goes on. */
export function resetState(cpu: SlowCpu): void {
  const { u32 } = cpu;
  const [low, high] = [u32[INSTRUCTIONS >> 2]!, u32[(INSTRUCTIONS >> 2) + 1]!];
  u32.fill(0, GPR >> 2, CPU_STATE_END >> 2);
  u32[INSTRUCTIONS >> 2] = low;
  u32[(INSTRUCTIONS >> 2) + 1] = high;
  u32[A20_MASK >> 2] = 0xffff_ffff;
  u32[EFLAGS_SYSTEM >> 2] = EFLAGS.FIXED;
  u32[EIP >> 2] = 0xfff0;
  u32[(GPR >> 2) + EDX * 2] = factsOf(cpu.model).signature;
  u32[CR >> 2] = CR0.CD | CR0.NW | CR0.ET;
  u32[(DR + 6 * 8) >> 2] = DR6.FIXED;
  u32[(DR + 7 * 8) >> 2] = DR7.FIXED;
  u32[GDTR_LIMIT >> 2] = 0xffff;
  u32[IDTR_LIMIT >> 2] = 0xffff;
  u32[FPU_CONTROL >> 2] = FPU_CONTROL_RESET;
  u32[MXCSR >> 2] = 0x1f80;
  u32[MXCSR_MASK >> 2] = factsOf(cpu.model).mxcsrMask;
  const data = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED;
  for (let index = SegmentIndex.ES; index <= SegmentIndex.GS; index++) setSegment(cpu, index, 0, 0, 0xffff, data);
  setSegment(cpu, SegmentIndex.CS, 0xf000, 0xffff_0000, 0xffff, data | Rights.CODE);
  setSegment(cpu, SegmentIndex.LDTR, 0, 0, 0xffff, Rights.PRESENT | SystemType.ldt);
  setSegment(cpu, SegmentIndex.TR, 0, 0, 0xffff, Rights.PRESENT | SystemType.tss32Busy);
  cpu.setEflags(EFLAGS.FIXED);
}
