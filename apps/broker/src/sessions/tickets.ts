import type { TicketClaims, TicketKey } from '@millwright/contracts';

export interface IssuedTicket {
  readonly ticket: string;
  readonly expiresAt: string;
}

/** Signs what a host will believe. */
export abstract class Tickets {
  abstract issue(claims: Omit<TicketClaims, 'ticketId' | 'expiresAt'>): Promise<IssuedTicket>;
  abstract publicKeys(): readonly TicketKey[];
}
