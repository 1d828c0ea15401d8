import type { DesktopId, MachineId, Session, SessionId, UserId } from '@millwright/contracts';
import { Records } from '../platform/records.js';

export interface SessionRecord {
  readonly id: SessionId;
  readonly machineId: MachineId;
  readonly desktopId: DesktopId | null;
  readonly userId: UserId;
  readonly userDisplayName: string;
  readonly machineName: string;
  readonly mayControl: boolean;
  readonly mayOverride: boolean;
  readonly state: Session['state'];
  readonly startedAt: Date;
  readonly connectedAt: Date | null;
  /** Last time a ticket was issued or the host saw the viewer. */
  readonly lastSeenAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: Session['endReason'];
}

export abstract class Sessions extends Records<SessionRecord> {}

/** A session with nobody connected ends after this long. */
export const SESSION_WAIT_MS = 15 * 60_000;

export function ended(session: SessionRecord, reason: NonNullable<Session['endReason']>, now: Date): SessionRecord {
  return { ...session, state: 'ended', endedAt: now, endReason: reason };
}

/** The host says whether this session's viewer is there. Undefined when nothing changes. */
export function seen(session: SessionRecord, isViewing: boolean, now: Date): SessionRecord | undefined {
  if (session.state === 'ended') return undefined;
  if (isViewing && session.state === 'waiting') return { ...session, state: 'connected', connectedAt: now, lastSeenAt: now };
  if (!isViewing && session.state === 'connected') return { ...session, state: 'waiting', lastSeenAt: now };
  return undefined;
}

export function sessionView(s: SessionRecord): Session {
  return {
    id: s.id,
    machineId: s.machineId,
    desktopId: s.desktopId,
    userId: s.userId,
    userDisplayName: s.userDisplayName,
    machineName: s.machineName,
    mayControl: s.mayControl,
    state: s.state,
    startedAt: s.startedAt.toISOString(),
    connectedAt: s.connectedAt?.toISOString() ?? null,
    endedAt: s.endedAt?.toISOString() ?? null,
    endReason: s.endReason,
  };
}
