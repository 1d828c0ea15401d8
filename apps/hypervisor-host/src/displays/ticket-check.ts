import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  decodeTicketClaims,
  PlatformError,
  TICKET_MAX_BYTES,
  type TicketClaims,
  type TicketKey,
  type TicketPurpose,
} from '@millwright/contracts';
import { compactVerify, importJWK } from 'jose';

/** Clocks of broker and host may differ by this much, seconds. */
const CLOCK_SKEW_SECONDS = 5;

const refused = (code: 'ticket.refused' | 'ticket.used' | 'ticket.expired', message: string): PlatformError =>
  new PlatformError(code, 'unauthenticated', message);

/**
 * Checks tickets: signature of one of the broker's keys, this host, the purpose, the time, and that it was not used before. Used ones
 * are remembered on disk until they expire, so that a restart does not let one in twice.
 */
export class TicketCheck {
  #keys: Awaited<ReturnType<typeof importJWK>>[] = [];
  readonly #used = new Map<string, number>();
  readonly #path: string;
  readonly #file: number;

  constructor(
    dataFolder: string,
    private readonly hostId: () => string | undefined,
    private readonly nowSeconds: () => number = () => Math.floor(Date.now() / 1000),
  ) {
    this.#path = join(dataFolder, 'used-tickets');
    for (const line of readLinesOf(this.#path)) {
      const [id, expiresAt] = line.split(' ');
      if (id && Number(expiresAt) + CLOCK_SKEW_SECONDS > this.nowSeconds()) this.#used.set(id, Number(expiresAt));
    }
    const kept = Array.from(this.#used, ([id, expiresAt]) => `${id} ${expiresAt}\n`).join('');
    writeFileSync(`${this.#path}.partial`, kept, { mode: 0o600 });
    renameSync(`${this.#path}.partial`, this.#path);
    this.#file = openSync(this.#path, 'a');
  }

  async setKeys(keys: readonly TicketKey[]): Promise<void> {
    this.#keys = await Promise.all(keys.map((key) => importJWK(key, 'EdDSA')));
  }

  /** @throws PlatformError ticket.refused, ticket.used, ticket.expired */
  async redeem(ticket: string, purpose: TicketPurpose): Promise<TicketClaims> {
    const claims = await this.#verify(ticket);
    if (!claims || claims.purpose !== purpose || claims.hostId !== this.hostId())
      throw refused('ticket.refused', 'The ticket is not valid here.');
    if (claims.expiresAt + CLOCK_SKEW_SECONDS < this.nowSeconds()) throw refused('ticket.expired', 'The ticket has expired.');
    if (purpose !== 'thumbnail') this.#use(claims);
    return claims;
  }

  #use({ ticketId, expiresAt }: TicketClaims): void {
    if (this.#used.has(ticketId)) throw refused('ticket.used', 'The ticket has been used.');
    for (const [id, expires] of this.#used) if (expires + CLOCK_SKEW_SECONDS < this.nowSeconds()) this.#used.delete(id);
    this.#used.set(ticketId, expiresAt);
    writeSync(this.#file, `${ticketId} ${expiresAt}\n`);
    fsyncSync(this.#file);
  }

  async #verify(ticket: string): Promise<TicketClaims | undefined> {
    if (ticket.length > TICKET_MAX_BYTES) return undefined;
    for (const key of this.#keys) {
      try {
        const { payload } = await compactVerify(ticket, key, { algorithms: ['EdDSA'] });
        return decodeTicketClaims(payload);
      } catch {
        // Another of the broker's keys may have signed it.
      }
    }
    return undefined;
  }

  close(): void {
    closeSync(this.#file);
  }
}

function readLinesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
