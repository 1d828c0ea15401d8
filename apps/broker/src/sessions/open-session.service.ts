import {
  type DesktopId,
  type DisplayGrant,
  failure,
  HOST_PATHS,
  type MachineId,
  type OpenSession as OpenSessionRequest,
  type SessionId,
  SessionIdSchema,
} from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { DesktopAccess } from '../desktops/desktop-access.js';
import { Changes } from '../events/changes.js';
import { viewersUrl } from '../hosts/host.js';
import type { MachineRecord } from '../machines/machine.js';
import { MachineAccess, type MachineRights } from '../machines/machine-access.js';
import { Placement } from '../machines/placement.js';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { type SessionRecord, Sessions, sessionView } from './session.js';
import { Tickets } from './tickets.js';

/** Use case: a person opens a screen, or comes back to it after a cut; gives a ticket for the host. */
@Injectable()
export class OpenSession {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly machineAccess: MachineAccess,
    private readonly desktopAccess: DesktopAccess,
    private readonly placement: Placement,
    private readonly tickets: Tickets,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async onMachine(ctx: RequestContext, machineId: MachineId, request: OpenSessionRequest): Promise<DisplayGrant> {
    const { machine, rights } = await this.machineAccess.visible(ctx, machineId);
    return this.#open(ctx, machine, null, rights, request.viewOnly);
  }

  async onDesktop(ctx: RequestContext, desktopId: DesktopId, request: OpenSessionRequest): Promise<DisplayGrant> {
    const desktop = await this.desktopAccess.visible(ctx, desktopId);
    const { machine, rights } = await this.machineAccess.visible(ctx, desktop.machineId);
    return this.#open(ctx, machine, desktopId, rights, request.viewOnly);
  }

  /** A new ticket for one's own open session. Rights are asked for again: they may have been taken away since. */
  async resume(ctx: RequestContext, sessionId: SessionId): Promise<DisplayGrant> {
    const session = await this.sessions.find(sessionId);
    if (!session || session.userId !== ctx.userId) throw failure('session.missing', undefined, { sessionId });
    if (session.state === 'ended') throw failure('session.ended', undefined, { sessionId });
    const { machine, rights } = await this.machineAccess.visible(ctx, session.machineId);
    const seen = {
      ...session,
      mayControl: session.mayControl && rights.control,
      mayOverride: rights.override,
      lastSeenAt: this.clock.now(),
    };
    return this.#grant(ctx, machine, seen);
  }

  async #open(
    ctx: RequestContext,
    machine: MachineRecord,
    desktopId: DesktopId | null,
    rights: MachineRights,
    viewOnly: boolean,
  ): Promise<DisplayGrant> {
    if (machine.trashedAt) throw failure('machine.trashed', undefined, { machineId: machine.id });
    const now = this.clock.now();
    return this.#grant(ctx, machine, {
      id: this.identifiers.next(SessionIdSchema),
      machineId: machine.id,
      desktopId,
      userId: ctx.userId!,
      userDisplayName: ctx.displayName,
      machineName: machine.name,
      mayControl: rights.control && !viewOnly,
      mayOverride: rights.override,
      state: 'waiting',
      startedAt: now,
      connectedAt: null,
      lastSeenAt: now,
      endedAt: null,
      endReason: null,
    });
  }

  async #grant(ctx: RequestContext, machine: MachineRecord, session: SessionRecord): Promise<DisplayGrant> {
    const host = await this.placement.demandOnline(machine.hostId);
    const issued = await this.tickets.issue({
      purpose: 'display',
      rights: { view: true, control: session.mayControl, admin: session.mayOverride },
      port: 0,
      subject: machine.id,
      userId: session.userId,
      hostId: host.id,
      sessionId: session.id,
      displayName: session.userDisplayName,
    });
    await this.transactions.run(async () => {
      await this.sessions.save(session);
      await this.audit.record(
        ctx,
        'ticket.issue',
        { kind: 'machine', id: machine.id, name: machine.name },
        { purpose: 'display', sessionId: session.id, control: session.mayControl },
      );
      this.changes.mark('session', session.id);
    });
    return { session: sessionView(session), displayUrl: viewersUrl(HOST_PATHS.display, host), ...issued };
  }
}
