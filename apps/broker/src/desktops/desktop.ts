import type { Desktop, DesktopId, Machine, MachineId, Presentation, UserId } from '@millwright/contracts';
import { Records } from '../platform/records.js';

export interface DesktopRecord {
  readonly id: DesktopId;
  readonly name: string;
  readonly presentation: Presentation;
  readonly machineId: MachineId;
  readonly createdAt: Date;
}

export interface AssignmentRecord {
  /** `<desktop>/<user>`: the pair is the identity, so assigning twice is one assignment. */
  readonly id: string;
  readonly desktopId: DesktopId;
  readonly userId: UserId;
  readonly assignedAt: Date;
}

export abstract class Desktops extends Records<DesktopRecord> {}
export abstract class Assignments extends Records<AssignmentRecord> {}

export const assignmentId = (desktopId: DesktopId, userId: UserId) => `${desktopId}/${userId}`;

/** A desktop as seen by one person: `assignments` is empty for those who may not know the others. */
export function desktopView(d: DesktopRecord, machine: Machine, mine: boolean, assignments: Desktop['assignments']): Desktop {
  return {
    id: d.id,
    name: d.name,
    presentation: d.presentation,
    machineId: d.machineId,
    state: machine.state,
    changing: machine.changing,
    condition: machine.condition,
    control: machine.control,
    mine,
    assignments,
    createdAt: d.createdAt.toISOString(),
  };
}
