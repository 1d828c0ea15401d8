import { encodeTicketClaims, TICKET_LIFETIME_SECONDS, type TicketClaims, type TicketKey, TicketKeySchema } from '@millwright/contracts';
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Clock } from '../platform/clock.js';
import type { Identifiers } from '../platform/identifiers.js';
import type { Settings } from '../platform/settings.js';
import type { Transactions } from '../platform/transactions.js';
import type { IssuedTicket, Tickets } from './tickets.js';

const SETTING = 'ticket-key';

/** Ed25519, one private key for all brokers of a database, made at the first start. */
export class SignedTickets implements Tickets {
  #key: CryptoKey | undefined;
  #publicKey: TicketKey | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  /** Before the first ticket. */
  async load(): Promise<void> {
    const fresh = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const jwk = await this.transactions.run(async () => {
      const kept = await this.settings.find(SETTING);
      if (kept) return kept.value as JWK;
      const value = await exportJWK(fresh.privateKey);
      await this.settings.save({ id: SETTING, value });
      return value;
    });
    this.#key = (await importJWK(jwk, 'EdDSA')) as CryptoKey;
    this.#publicKey = TicketKeySchema.parse({ kty: jwk.kty, crv: jwk.crv, x: jwk.x });
  }

  async issue(claims: Omit<TicketClaims, 'ticketId' | 'expiresAt'>): Promise<IssuedTicket> {
    if (!this.#key) throw new Error('the ticket key has not been loaded');
    const expiresAt = Math.floor(this.clock.now().getTime() / 1000) + TICKET_LIFETIME_SECONDS;
    const payload = encodeTicketClaims({ ...claims, expiresAt, ticketId: this.identifiers.ticketId() });
    const ticket = await new CompactSign(payload).setProtectedHeader({ alg: 'EdDSA' }).sign(this.#key);
    return { ticket, expiresAt: new Date(expiresAt * 1000).toISOString() };
  }

  publicKeys(): readonly TicketKey[] {
    return this.#publicKey ? [this.#publicKey] : [];
  }
}
