import { failure, HOST_PATHS, type MachineId, type TicketGrant, type TicketRequest } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { viewersUrl } from '../hosts/host.js';
import { MachineAccess } from '../machines/machine-access.js';
import { Placement } from '../machines/placement.js';
import type { RequestContext } from '../platform/request-context.js';
import { Tickets } from './tickets.js';

/** Use case: a ticket for a picture or a serial port of a machine. Writing to a serial port is control. */
@Injectable()
export class IssueMachineTicket {
  constructor(
    private readonly access: MachineAccess,
    private readonly placement: Placement,
    private readonly tickets: Tickets,
    private readonly audit: Audit,
  ) {}

  async execute(ctx: RequestContext, machineId: MachineId, request: TicketRequest): Promise<TicketGrant> {
    const { machine, rights } = await this.access.visible(ctx, machineId);
    const subject = { kind: 'machine', id: machineId, name: machine.name };
    if (request.purpose === 'serial' && !rights.control) {
      await this.audit.refused(ctx, 'ticket.issue', subject, { purpose: request.purpose });
      throw failure('auth.denied', undefined, { machineId });
    }
    const host = await this.placement.demandOnline(machine.hostId);
    const issued = await this.tickets.issue({
      purpose: request.purpose,
      rights: { view: true, control: request.purpose === 'serial', admin: false },
      port: request.purpose === 'serial' ? request.port : 0,
      subject: machineId,
      userId: ctx.userId!,
      hostId: host.id,
      sessionId: null,
      displayName: ctx.displayName,
    });
    // Thumbnails are asked for every few seconds by every open list: no diary could be read with them in it.
    if (request.purpose !== 'thumbnail')
      await this.audit.record(ctx, 'ticket.issue', subject, { purpose: request.purpose, port: request.port });
    return { ...issued, url: viewersUrl(HOST_PATHS[request.purpose], host) };
  }
}
