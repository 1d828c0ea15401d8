import {
  type HostCommand,
  type HostFacts,
  type HostId,
  type MachineId,
  MachineIdSchema,
  MachineSpecSchema,
  type Permission,
  permissionsOf,
  type Role,
  type UserId,
  UserIdSchema,
} from '@millwright/contracts';
import type { Audit } from '../../audit/audit.js';
import type { AssignmentRecord, DesktopRecord } from '../../desktops/desktop.js';
import type { Changes } from '../../events/changes.js';
import type { CommandRecord, EnrolmentTokenRecord, HostRecord } from '../../hosts/host.js';
import { HostCommands } from '../../hosts/host-commands.js';
import type { Passwords } from '../../identity/passwords.js';
import type { LoginRecord, UserRecord } from '../../identity/user.js';
import { type MachineRecord, NOBODY } from '../../machines/machine.js';
import { MachineAccess } from '../../machines/machine-access.js';
import { Placement } from '../../machines/placement.js';
import { EndSessions } from '../../sessions/end-sessions.service.js';
import type { SessionRecord } from '../../sessions/session.js';
import type { TaskRecord } from '../../tasks/task.js';
import { RandomIdentifiers } from '../identifiers.js';
import type { RequestContext } from '../request-context.js';
import { MemoryRecords, MemoryTransactions } from './memory-records.js';

export const FACTS: HostFacts = {
  agentVersion: '1',
  engineVersion: '1',
  platform: 'linux',
  cpuModel: 'test',
  cpuCount: 2,
  memoryMiB: 1024,
  isolation: [],
  recipes: [{ recipe: 'debian-console', available: true, missing: [], missingWords: [] }],
};

/** Fast and reversible: only for tests. */
const PLAIN: Passwords = {
  hash: (password) => Promise.resolve(`plain:${password}`),
  verify: (hash, password) => Promise.resolve(hash === `plain:${password}`),
  pretend: () => Promise.resolve(false),
};

/** All ports in memory, a clock that stands still until it is told, and short ways to put things into it. */
export class MemoryWorld {
  now = new Date('2026-11-23T08:00:00Z');
  readonly clock = { now: () => this.now };
  readonly transactions = new MemoryTransactions();
  readonly identifiers = new RandomIdentifiers();
  readonly passwords = PLAIN;
  readonly users = new MemoryRecords<UserRecord>();
  readonly logins = new MemoryRecords<LoginRecord>();
  readonly hosts = new MemoryRecords<HostRecord>();
  readonly enrolmentTokens = new MemoryRecords<EnrolmentTokenRecord>();
  readonly commands = new MemoryRecords<CommandRecord>();
  readonly machines = new MemoryRecords<MachineRecord>();
  readonly desktops = new MemoryRecords<DesktopRecord>();
  readonly assignments = new MemoryRecords<AssignmentRecord>();
  readonly sessions = new MemoryRecords<SessionRecord>();
  readonly tasks = new MemoryRecords<TaskRecord>();
  /** `action` of done entries, `!action` of refused ones. */
  readonly diary: string[] = [];
  readonly changed: string[] = [];
  readonly audit: Audit = {
    record: async (_ctx, action) => void this.diary.push(action),
    refused: async (_ctx, action) => void this.diary.push(`!${action}`),
    page: async () => ({ items: [], nextCursor: null }),
  };
  readonly changes: Changes = {
    mark: (kind, id) => void this.changed.push(`${kind} ${id}`),
    gone: (kind, id) => void this.changed.push(`gone ${kind} ${id}`),
    signedOut: (userId) => void this.changed.push(`signed-out ${userId}`),
  };
  readonly hostCommands = new HostCommands(
    this.transactions,
    this.commands,
    { wake: () => {}, drop: () => {} },
    this.identifiers,
    this.clock,
  );
  readonly access = new MachineAccess(this.machines, this.desktops, this.assignments);
  readonly placement = new Placement(this.hosts, this.machines, this.clock);
  readonly endSessions = new EndSessions(this.transactions, this.sessions, this.machines, this.hostCommands, this.changes, this.clock);

  readonly hostId = '10000000-0000-4000-8000-000000000001' as HostId;

  async host(change: Partial<HostRecord> = {}): Promise<void> {
    await this.hosts.save({
      id: this.hostId,
      name: 'host',
      secretHash: '',
      isLocal: false,
      facts: FACTS,
      load: null,
      connectedTo: 'link',
      enrolledAt: this.now,
      lastSeenAt: this.now,
      ...change,
    });
  }

  async machine(change: Partial<MachineRecord> = {}): Promise<MachineId> {
    const id = this.identifiers.next(MachineIdSchema);
    await this.machines.save({
      id,
      name: `machine ${id}`,
      spec: MachineSpecSchema.parse({ memoryMiB: 512 }),
      templateId: null,
      hostId: this.hostId,
      epoch: 1,
      wanted: 'stopped',
      generation: 1,
      condition: null,
      control: NOBODY,
      lastHandOver: null,
      createdBy: null,
      createdAt: this.now,
      trashedAt: null,
      ...change,
    });
    return id;
  }

  /** A person with this role, and what their requests carry. */
  async person(role: Role, change: Partial<UserRecord> = {}): Promise<RequestContext & { readonly userId: UserId }> {
    const id = this.identifiers.next(UserIdSchema);
    const user: UserRecord = {
      id,
      name: `user-${id}`,
      displayName: 'Somebody',
      roles: [role],
      passwordHash: 'plain:secret',
      mustChangePassword: false,
      hasStartPassword: false,
      disabled: false,
      createdAt: this.now,
      lastLoginAt: null,
      ...change,
    };
    await this.users.save(user);
    return {
      requestId: 'r',
      userId: id,
      userName: user.name,
      displayName: user.displayName,
      permissions: new Set<Permission>(permissionsOf(user.roles)),
      address: null,
    };
  }

  /** Commands that the host has not finished. */
  async waiting(): Promise<HostCommand[]> {
    return (await this.commands.where({ finishedAt: null })).map(({ command }) => command);
  }
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no failure',
    (error: { code?: string }) => error.code ?? String(error),
  );
}
