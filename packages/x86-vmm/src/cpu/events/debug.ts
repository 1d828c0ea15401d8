/*
 * Debug registers between two instructions: instruction breakpoints before, single step and data or I/O breakpoints after
 * (SDM Vol. 3B 17.2-17.3). Called only in single-step mode (ModeKey.singleStep), where a block is one instruction.
 *
 * RF: its only use is to hide an instruction breakpoint once, so it is kept only while a breakpoint is enabled (`Cpu.setEflags`)
 * and cleared before the instruction it lets through; IRET may set it again.
 */
import { CR4, DR6, DR7, EFLAGS } from '../architecture.js';
import { segmentBase } from '../mmu/segmentation.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { CR, DR, EFLAGS_SYSTEM, EIP, INTERRUPT_SHADOW, PENDING_DEBUG, SegmentIndex } from '../state.js';
import { deliverDebug } from './exceptions.js';

/** R/W field of DR7: what a breakpoint watches. */
const Kind = { execute: 0, write: 1, io: 2, access: 3 } as const;
const LENGTHS = [1, 2, 8, 4] as const;
/** INTERRUPT_SHADOW after MOV SS and POP SS. */
const STACK_SHADOW = 2;

/** Checks instruction breakpoints at CS:EIP and notes a single step. True: #DB was delivered instead; do not execute. */
export function beforeInstruction(cpu: SlowCpu): boolean {
  const { u32 } = cpu;
  const flags = u32[EFLAGS_SYSTEM >> 2]!;
  if (!(flags & EFLAGS.RF) && u32[INTERRUPT_SHADOW >> 2] !== STACK_SHADOW) {
    const causes = instructionBreakpoints(cpu, (segmentBase(cpu, SegmentIndex.CS) + u32[EIP >> 2]!) >>> 0);
    if (causes !== 0) {
      deliverDebug(cpu, causes);
      return true;
    }
  }
  u32[EFLAGS_SYSTEM >> 2] = flags & ~EFLAGS.RF;
  if (flags & EFLAGS.TF) u32[PENDING_DEBUG >> 2]! |= DR6.BS;
  return false;
}

/** Delivers what `beforeInstruction` and the instruction have noted. After MOV SS data breakpoints wait and the step is lost. */
export function afterInstruction(cpu: SlowCpu): void {
  const { u32 } = cpu;
  if (u32[PENDING_DEBUG >> 2] === 0) return;
  if (u32[INTERRUPT_SHADOW >> 2] === STACK_SHADOW) {
    u32[PENDING_DEBUG >> 2]! &= ~DR6.BS;
    return;
  }
  deliverDebug(cpu, u32[PENDING_DEBUG >> 2]!);
}

function instructionBreakpoints(cpu: SlowCpu, linear: number): number {
  const dr7 = cpu.u32[(DR + 7 * 8) >> 2]!;
  let met = 0;
  let enabledMet = false;
  for (let i = 0; i < 4; i++) {
    if ((dr7 >>> (16 + i * 4)) & 3 || cpu.u32[(DR + i * 8) >> 2] !== linear) continue;
    met |= 1 << i;
    if ((dr7 >>> (i * 2)) & 3) enabledMet = true;
  }
  return enabledMet ? met : 0;
}

/** Notes I/O breakpoints (CR4.DE, R/W = 10) that a port access meets; a trap after the instruction. */
export function noteIoBreakpoints(cpu: SlowCpu, port: number, bytes: number): void {
  const dr7 = cpu.u32[(DR + 7 * 8) >> 2]!;
  if (!(dr7 & DR7.ENABLED) || !(cpu.u32[(CR + 4 * 8) >> 2]! & CR4.DE)) return;
  let met = 0;
  let enabledMet = false;
  for (let i = 0; i < 4; i++) {
    if (((dr7 >>> (16 + i * 4)) & 3) !== Kind.io) continue;
    const length = LENGTHS[(dr7 >>> (18 + i * 4)) & 3]!;
    const start = (cpu.u32[(DR + i * 8) >> 2]! & ~(length - 1)) >>> 0;
    if (port >= start + length || start >= port + bytes) continue;
    met |= 1 << i;
    if ((dr7 >>> (i * 2)) & 3) enabledMet = true;
  }
  if (enabledMet) cpu.u32[PENDING_DEBUG >> 2]! |= met;
}
