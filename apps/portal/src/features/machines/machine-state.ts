import type { MachineCondition, MachineState, MachineVerb, WantedState } from '@millwright/contracts';
import type { Tone } from '../../ui/StateBadge';

interface StateLook {
  readonly tone: Tone;
  /** It ends by itself. */
  readonly isTransition: boolean;
  /** There is a picture to look at. */
  readonly hasPicture: boolean;
}

export const STATE_LOOKS: Readonly<Record<MachineState, StateLook>> = {
  pending: { tone: 'busy', isTransition: true, hasPicture: false },
  starting: { tone: 'busy', isTransition: true, hasPicture: true },
  running: { tone: 'good', isTransition: false, hasPicture: true },
  paused: { tone: 'warn', isTransition: false, hasPicture: true },
  saving: { tone: 'busy', isTransition: true, hasPicture: true },
  saved: { tone: 'idle', isTransition: false, hasPicture: false },
  resuming: { tone: 'busy', isTransition: true, hasPicture: false },
  stopping: { tone: 'busy', isTransition: true, hasPicture: true },
  stopped: { tone: 'idle', isTransition: false, hasPicture: false },
  failed: { tone: 'bad', isTransition: false, hasPicture: false },
  absent: { tone: 'idle', isTransition: false, hasPicture: false },
  unreachable: { tone: 'warn', isTransition: false, hasPicture: false },
  trashed: { tone: 'idle', isTransition: false, hasPicture: false },
};

/** The part of a machine or desktop that says what can be done with it. */
export interface Operable {
  readonly state: MachineState;
  readonly condition: MachineCondition | null;
  readonly wanted?: WantedState;
}

const VERBS_OF_STATE: Readonly<Record<MachineState, readonly MachineVerb[]>> = {
  pending: ['stop'],
  starting: ['stop'],
  running: ['shutdown', 'pause', 'save', 'reset', 'stop'],
  paused: ['resume', 'save', 'reset', 'stop'],
  saving: ['stop'],
  saved: ['start', 'stop'],
  resuming: ['stop'],
  stopping: [],
  stopped: ['start'],
  failed: ['start', 'stop'],
  absent: [],
  unreachable: ['stop'],
  trashed: [],
};

/** What the broker would accept now, the usual one first (it decides again). */
export function verbsFor(machine: Operable): readonly MachineVerb[] {
  const verbs = VERBS_OF_STATE[machine.state];
  // It is wanted stopped already: the plug is out.
  return machine.wanted === 'stopped' ? verbs.filter((verb) => verb !== 'stop') : verbs;
}

/** A machine that somebody should look at. */
export function isProblem(machine: Operable): boolean {
  return machine.state === 'failed' || machine.state === 'unreachable' || machine.condition?.error != null;
}

export function isUp(machine: Operable): boolean {
  return STATE_LOOKS[machine.state].hasPicture || machine.state === 'resuming' || machine.state === 'pending';
}
