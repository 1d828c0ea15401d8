import {
  type CommandId,
  type FailureReport,
  HOST_PARAMETER,
  type Host,
  type HostCommand,
  type HostFacts,
  type HostId,
  type HostLoad,
} from '@millwright/contracts';
import { Records } from '../platform/records.js';

export interface HostRecord {
  readonly id: HostId;
  readonly name: string;
  readonly secretHash: string;
  /** Enrolled by the starter's token: the agent beside this broker, which may enrol again under the same id. */
  readonly isLocal: boolean;
  readonly facts: HostFacts | null;
  readonly load: HostLoad | null;
  /** The broker process that holds its connection. */
  readonly connectedTo: string | null;
  readonly enrolledAt: Date;
  readonly lastSeenAt: Date | null;
}

export interface EnrolmentTokenRecord {
  readonly id: string;
  readonly secretHash: string;
  readonly isLocal: boolean;
  readonly expiresAt: Date;
}

/** A command on its way to a host; kept until the host has answered with its result. */
export interface CommandRecord {
  readonly id: CommandId;
  readonly hostId: HostId;
  /** What it is about: a machine, image, template or task. */
  readonly subject: string;
  readonly command: HostCommand;
  readonly createdAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly error: FailureReport | null;
}

export abstract class Hosts extends Records<HostRecord> {}
export abstract class EnrolmentTokens extends Records<EnrolmentTokenRecord> {}
export abstract class Commands extends Records<CommandRecord> {}

/** A host that has not spoken for this long is offline, whatever the socket says. */
export const HOST_SILENCE_MS = 15_000;

export function isOnline(host: HostRecord | undefined, now: Date): boolean {
  return host?.connectedTo != null && host.lastSeenAt != null && now.getTime() - host.lastSeenAt.getTime() < HOST_SILENCE_MS;
}

/** The URL by which viewers reach one of HOST_PATHS at this host. */
export function viewersUrl(path: string, { id, isLocal }: HostRecord): string {
  return isLocal ? path : `${path}?${HOST_PARAMETER}=${id}`;
}

export function hostView(host: HostRecord, machineCount: number, now: Date): Host {
  return {
    id: host.id,
    name: host.name,
    state: isOnline(host, now) ? 'online' : 'offline',
    facts: host.facts,
    load: host.load,
    machineCount,
    enrolledAt: host.enrolledAt.toISOString(),
    lastSeenAt: host.lastSeenAt?.toISOString() ?? null,
  };
}
