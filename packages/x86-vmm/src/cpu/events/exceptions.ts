/*
 * Exceptions, external interrupts and software interrupts, and what happens when their delivery faults: serial handling,
 * double fault, shutdown (SDM Vol. 3A 6.15, "Interrupt 8", table 6-5).
 */
import { DR6, DR7, EFLAGS, Vector } from '../architecture.js';
import { GuestException, type SlowCpu } from '../semantics/slow-cpu.js';
import { DR, EFLAGS_SYSTEM } from '../state.js';
import { type EventSource, enterHandler } from './interrupts.js';

/** Exception classes of SDM Vol. 3A table 6-4: a second contributory one during a contributory one or a page fault is a double fault. */
const CONTRIBUTORY = new Set<number>([Vector.DE, Vector.TS, Vector.NP, Vector.SS, Vector.GP]);

/**
 * Delivers an exception of the instruction at CS:EIP (a fault) or before it (a trap). `errorCode` -1: none. A #DB that an instruction raises
 * itself is general detect; other causes come through `deliverDebug`.
 */
export function deliverException(cpu: SlowCpu, vector: number, errorCode = -1): void {
  if (vector === Vector.DB) deliverDebug(cpu, DR6.BD);
  else deliver(cpu, vector, 'exception', errorCode);
}

/** Delivers an interrupt from the interrupt controller. The caller has seen IF and the interrupt shadow. */
export function deliverInterrupt(cpu: SlowCpu, vector: number): void {
  deliver(cpu, vector, 'external', -1);
}

/** INT n, INT3, INTO: EIP is the next instruction's. Faults of the gate are the instruction's own, so they are raised, not delivered here. */
export function softwareInterrupt(cpu: SlowCpu, vector: number): void {
  enterHandler(cpu, vector, 'software', -1);
}

/** #DB with its causes added to DR6; the handler runs without general detect, the one cause that is a fault pushing RF. `causes` 0: INT1. */
export function deliverDebug(cpu: SlowCpu, causes: number): void {
  cpu.u32[(DR + 6 * 8) >> 2]! |= causes;
  cpu.u32[(DR + 7 * 8) >> 2]! &= ~DR7.GD;
  deliver(cpu, Vector.DB, 'exception', -1, (causes & DR6.BD) !== 0);
}

function deliver(cpu: SlowCpu, vector: number, source: EventSource, errorCode: number, setsRf = false): void {
  let current = vector;
  let code = errorCode;
  let from = source;
  for (;;) {
    try {
      enterHandler(cpu, current, from, code, setsRf && current === vector);
      return;
    } catch (error) {
      if (!(error instanceof GuestException)) throw error;
      if (current === Vector.DF && from === 'exception') {
        cpu.shutDown();
        return;
      }
      const second = error.vector;
      if (from === 'exception' && isDouble(current, second)) {
        current = Vector.DF;
        code = 0;
      } else {
        current = second;
        code = error.errorCode;
      }
      from = 'exception';
    }
  }
}

function isDouble(first: number, second: number): boolean {
  if (CONTRIBUTORY.has(first)) return CONTRIBUTORY.has(second);
  return first === Vector.PF && (CONTRIBUTORY.has(second) || second === Vector.PF);
}

/** Interrupts are on: IF, for whoever asks between two instructions. */
export function interruptsEnabled(cpu: SlowCpu): boolean {
  return (cpu.u32[EFLAGS_SYSTEM >> 2]! & EFLAGS.IF) !== 0;
}
