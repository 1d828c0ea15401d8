import { CR0, DR6, Vector } from '../../cpu/architecture.js';
import { afterInstruction, beforeInstruction } from '../../cpu/events/debug.js';
import { deliverDebug, deliverException } from '../../cpu/events/exceptions.js';
import type { SlowCpu } from '../../cpu/semantics/slow-cpu.js';
import { CR, HALTED } from '../../cpu/state.js';
import type { EventDelivery } from '../engine.js';

/** The processor's own event delivery as the engine calls it. */
export function eventDeliveryOf(cpu: SlowCpu): EventDelivery {
  return {
    deliverException(vector, errorCode) {
      // A #DB that an instruction raises itself is general detect: a fault whose DR6 bit is set already.
      if (vector === Vector.DB) deliverDebug(cpu, DR6.BD);
      // An x87 exception without CR0.NE: FERR# is asserted already and the instruction waits for the interrupt the board makes of it.
      else if (vector === Vector.MF && !(cpu.u32[CR >> 2]! & CR0.NE)) cpu.u32[HALTED >> 2] = 1;
      else deliverException(cpu, vector, errorCode);
    },
    deliverPendingDebug: (causes) => deliverDebug(cpu, causes),
    beforeInstruction: () => beforeInstruction(cpu),
    afterInstruction: () => afterInstruction(cpu),
  };
}
