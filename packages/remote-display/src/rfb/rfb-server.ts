import { type Clock, systemClock } from '../screen/clock.js';
import type { AuthorizedSession, DisplayServer } from '../server/display-server.js';
import type { ByteStream } from './byte-stream.js';
import type { RfbSecurity } from './handshake.js';
import { RfbSession } from './rfb-session.js';

export interface RfbServerOptions {
  /** The display to show; viewers of both protocols share its picture, input gate and control lease. */
  readonly display: DisplayServer;
  readonly security: RfbSecurity;
  /** Shown in the title of the viewer's window. */
  readonly desktopName?: string;
  readonly random?: (into: Uint8Array<ArrayBuffer>) => void;
  readonly clock?: Clock;
}

/** RFB says nothing about the person: everybody with the password may operate. */
const ANYBODY: AuthorizedSession = { user: 'vnc', name: 'VNC viewer', rights: { view: true, control: true, admin: false } };
/** A client that has not authenticated by then is dropped. */
const HANDSHAKE_DEADLINE_MS = 60_000;

/** Serves a display to RFB (VNC) clients: versions 3.3, 3.7 and 3.8 of RFC 6143, over any byte stream. */
export class RfbServer {
  readonly #options: RfbServerOptions;
  readonly #sessions = new Set<RfbSession>();

  constructor(options: RfbServerOptions) {
    this.#options = options;
  }

  /** A client connected. `session` says what it may do, where the host knows more than the password. */
  attach(stream: ByteStream, session: AuthorizedSession = ANYBODY): void {
    const { display, security, desktopName = 'Millwright', clock = systemClock } = this.#options;
    const random = this.#options.random ?? ((into: Uint8Array<ArrayBuffer>) => void crypto.getRandomValues(into));
    const rfb = new RfbSession(display, stream, session, { security, desktopName, random });
    this.#sessions.add(rfb);
    stream.on('close', () => this.#sessions.delete(rfb));
    clock.after(HANDSHAKE_DEADLINE_MS, () => {
      if (!rfb.isReady) rfb.close();
    });
  }

  close(): void {
    for (const session of this.#sessions) session.close();
    this.#sessions.clear();
  }
}
