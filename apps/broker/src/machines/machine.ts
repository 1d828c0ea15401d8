import {
  type ControlState,
  failure,
  type HostCommand,
  type HostId,
  type Machine,
  type MachineCondition,
  type MachineId,
  type MachineSpec,
  type MachineState,
  type MachineVerb,
  type TemplateId,
  type UserId,
  type WantedState,
} from '@millwright/contracts';
import { Records } from '../platform/records.js';

/*
 * A machine has two halves. What is wanted belongs to the broker: every change counts `generation` up and is sent to
 * the host. What is reported belongs to the host: `condition`, with the generation it has carried out. Nothing else
 * connects them, so a broker or a host may die at any moment: `discrepancy` says from the two halves alone what to do.
 */
export interface MachineRecord {
  readonly id: MachineId;
  readonly name: string;
  readonly spec: MachineSpec;
  readonly templateId: TemplateId | null;
  readonly hostId: HostId | null;
  /** Counts leases: which host may run it. Reports and disks of an older epoch are refused. */
  readonly epoch: number;
  readonly wanted: WantedState;
  readonly generation: number;
  readonly condition: MachineCondition | null;
  readonly control: ControlState;
  /** Id of the newest reported hand-over of control that is in the audit. */
  readonly lastHandOver: string | null;
  readonly createdBy: UserId | null;
  readonly createdAt: Date;
  readonly trashedAt: Date | null;
}

export abstract class Machines extends Records<MachineRecord> {}

export const NOBODY: ControlState = { holder: null, viewers: [] };
export const TRASH_MS = 7 * 24 * 3600_000;

/** The only way to change what is wanted. */
export function want(machine: MachineRecord, wanted: WantedState): MachineRecord {
  return { ...machine, wanted, generation: machine.generation + 1 };
}

export function applyCommand(machine: MachineRecord): HostCommand {
  const { id, name, generation, epoch, wanted, spec } = machine;
  return { action: 'apply-machine', machineId: id, name, generation, epoch, wanted, spec };
}

/** The host has carried out (or failed at) what is wanted now. */
export function isSettled(machine: MachineRecord): boolean {
  return machine.condition !== null && machine.condition.generation >= machine.generation;
}

/** Holds memory on its host, or is about to. */
export function isUp(machine: MachineRecord): boolean {
  if (isSettled(machine) && ['failed', 'stopped', 'saved', 'absent'].includes(machine.condition!.state)) return false;
  return machine.wanted === 'running' || machine.wanted === 'paused';
}

export type Operation = { readonly want: WantedState } | { readonly press: 'reset-machine' | 'press-power-button' };

/** What a verb means for a machine as it is now. @throws machine.wrong-state, machine.trashed */
export function operationOf(machine: MachineRecord, verb: MachineVerb): Operation {
  if (machine.trashedAt) throw failure('machine.trashed', undefined, { machineId: machine.id });
  const state = machine.condition?.state;
  const isRunning = state === 'running' && machine.wanted === 'running';
  const isPaused = state === 'paused' && machine.wanted === 'paused';
  switch (verb) {
    case 'start':
      if (!isUp(machine)) return { want: 'running' };
      break;
    case 'stop':
      if (machine.wanted !== 'stopped') return { want: 'stopped' };
      break;
    case 'shutdown':
      if (isRunning) return { press: 'press-power-button' };
      break;
    case 'reset':
      if (isRunning || isPaused) return { press: 'reset-machine' };
      break;
    case 'pause':
      if (isRunning) return { want: 'paused' };
      break;
    case 'resume':
      if (machine.wanted === 'paused' && isUp(machine)) return { want: 'running' };
      break;
    case 'save':
      if (isRunning || isPaused) return { want: 'saved' };
      break;
  }
  throw failure('machine.wrong-state', `The machine is ${state ?? machine.wanted}; it cannot ${verb} now.`, { machineId: machine.id });
}

export type Discrepancy =
  | 'none'
  /** The host has not heard of the wanted state: send it (again). */
  | 'send'
  /** The host was there and is no longer: the same is wanted once more. */
  | 'want-again'
  /** The guest, or an error, has decided otherwise: want what is. */
  | { readonly accept: WantedState };

/** What remains between wanted and reported state. The machine's host is connected and has reported. */
export function discrepancy(machine: MachineRecord): Discrepancy {
  const { condition, wanted } = machine;
  if (!condition) return wanted === 'stopped' || wanted === 'saved' ? 'none' : 'send';
  if (!isSettled(machine)) return 'send';
  const { state, error, stopReason } = condition;
  // A failure stays visible until somebody acts.
  if (state === 'failed' || state === wanted) return 'none';
  if (state === 'stopped') {
    if (error) return 'none';
    const guestDecided = stopReason === 'guest-powered-off' || stopReason === 'guest-crashed';
    return guestDecided || wanted === 'saved' ? { accept: 'stopped' } : 'want-again';
  }
  if (error && (state === 'running' || state === 'paused' || state === 'saved')) return { accept: state };
  const isTransition = state === 'starting' || state === 'saving' || state === 'resuming' || state === 'stopping';
  return isTransition ? 'none' : 'want-again';
}

/** The host's last word holds while it is away: nothing runs there, and nothing is wanted that it has not heard of. */
function isAtRest(machine: MachineRecord): boolean {
  return isSettled(machine) && (machine.condition!.state === 'saved' || machine.condition!.state === 'stopped');
}

/** One word for people; see MachineStateSchema. */
export function stateOf(machine: MachineRecord, hostOnline: boolean): MachineState {
  if (machine.trashedAt) return 'trashed';
  const { condition, wanted } = machine;
  if (!hostOnline) return isAtRest(machine) ? condition!.state : 'unreachable';
  if (isSettled(machine)) return condition!.state;
  if (!condition && wanted === 'stopped') return 'stopped';
  return 'pending';
}

export function isChanging(machine: MachineRecord): boolean {
  const { condition, wanted } = machine;
  if (!condition) return wanted !== 'stopped';
  return !isSettled(machine) || (condition.state.endsWith('ing') && condition.state !== 'running');
}

export function machineView(machine: MachineRecord, hostOnline: boolean, desktopIds: Machine['desktopIds']): Machine {
  const { id, name, wanted, generation, spec, templateId, hostId, condition, control, createdBy, trashedAt } = machine;
  return {
    id,
    name,
    wanted,
    generation,
    spec,
    templateId,
    hostId,
    condition,
    control,
    createdBy,
    desktopIds,
    state: stateOf(machine, hostOnline),
    changing: isChanging(machine),
    createdAt: machine.createdAt.toISOString(),
    trashedAt: trashedAt?.toISOString() ?? null,
    purgeAt: trashedAt ? new Date(trashedAt.getTime() + TRASH_MS).toISOString() : null,
  };
}
