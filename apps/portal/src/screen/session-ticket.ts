import { type DesktopId, type DisplayGrant, type MachineId, PlatformError, type SessionId, SessionIdSchema } from '@millwright/contracts';
import { DisplayEndedError } from '@millwright/remote-display/client';
import { asPlatformError, callBroker } from '../platform/broker-client';

/** What is looked at: a desktop assigned to me, or as an administrator any machine. */
export type ScreenSource = { readonly kind: 'desktop'; readonly id: DesktopId } | { readonly kind: 'machine'; readonly id: MachineId };

const storageKey = ({ kind, id }: ScreenSource) => `millwright.session.${kind}.${id}`;

/**
 * Tickets for one screen: each connection needs a new one. The session lives through cuts and reloads of the tab,
 * so that control comes back to the same person.
 */
export class SessionTickets {
  #sessionId: SessionId | undefined;
  #isOwn = false;
  #displayUrl = '';

  constructor(
    private readonly source: ScreenSource,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  ) {
    const stored = SessionIdSchema.safeParse(storage.getItem(storageKey(source)));
    if (stored.success) this.#sessionId = stored.data;
  }

  /** Where the last ticket is to be shown. */
  get displayUrl(): string {
    return this.#displayUrl;
  }

  /** @throws DisplayEndedError when asking again cannot help */
  async next(): Promise<string> {
    try {
      const grant = await this.#grant();
      this.#sessionId = grant.session.id;
      this.#isOwn = true;
      this.#displayUrl = grant.displayUrl;
      this.storage.setItem(storageKey(this.source), grant.session.id);
      return grant.ticket;
    } catch (error) {
      const failure = asPlatformError(error);
      if (isFinal(failure)) throw new DisplayEndedError(failure.code);
      throw failure;
    }
  }

  /** The person looks elsewhere; a session that was ended for us is begun anew next time. */
  forget(): void {
    this.#sessionId = undefined;
    this.#isOwn = false;
    this.storage.removeItem(storageKey(this.source));
  }

  async #grant(): Promise<DisplayGrant> {
    if (this.#sessionId) {
      try {
        return await callBroker('resumeSession', { path: { id: this.#sessionId } });
      } catch (error) {
        // One left over from before a reload may be long gone; one that we have used was ended by somebody.
        const failure = asPlatformError(error);
        const isGone = failure.code === 'session.ended' || failure.code === 'session.missing';
        if (!isGone || this.#isOwn) throw failure;
      }
    }
    const { kind, id } = this.source;
    return callBroker(kind === 'desktop' ? 'openDesktop' : 'openMachine', { path: { id }, body: {} });
  }
}

function isFinal({ kind, code }: PlatformError): boolean {
  return kind === 'denied' || kind === 'missing' || kind === 'unauthenticated' || code === 'session.ended' || code === 'machine.trashed';
}
