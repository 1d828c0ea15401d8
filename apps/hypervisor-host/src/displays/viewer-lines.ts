import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { VIEWER_LINE_PATH } from '@millwright/contracts';
import type { Logger } from 'pino';
import WebSocket, { createWebSocketStream } from 'ws';

/** Lines that wait: so many viewers may come at once without waiting for one to be dialled. */
const SPARE_LINES = 4;
const RETRY_MS = 2_000;
/** The front door asks every 20 s; a line that hears nothing for so long is dead, unless its viewer's bytes are held up here. */
const SILENCE_MS = 60_000;

/**
 * Ways in for viewers of a host that is not beside the front door: the host dials, and each line carries one viewer's
 * connection to the endpoint that is on loopback here. The other end is the front door's viewer-lines.ts.
 */
export class ViewerLines {
  #token: string | undefined;
  #spare = 0;
  /** The log has it already that no line comes about. */
  #isWarned = false;
  readonly #lines = new Set<WebSocket>();

  constructor(
    private readonly brokerUrl: string,
    /** Where viewers arrive here. */
    private readonly portOf: () => number,
    private readonly log: Pick<Logger, 'warn' | 'debug'>,
    private readonly silenceMs = SILENCE_MS,
  ) {}

  /** The broker has let this host in; lines are dialled with this token from now on. */
  open(token: string | undefined): void {
    this.#token = token;
    this.#fill();
  }

  end(): void {
    this.#token = undefined;
    for (const line of this.#lines) line.terminate();
  }

  #fill(): void {
    while (this.#token !== undefined && this.#spare < SPARE_LINES) this.#dial(this.#token);
  }

  #dial(token: string): void {
    this.#spare++;
    const line = new WebSocket(new URL(VIEWER_LINE_PATH, this.brokerUrl), {
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
      headers: { authorization: `Bearer ${token}` },
    });
    this.#lines.add(line);
    let isSpare = true;
    const silence = setTimeout(() => (line.isPaused ? silence.refresh() : line.terminate()), this.silenceMs);
    for (const sign of ['ping', 'message']) line.on(sign, () => silence.refresh());
    line.on('error', (error) => {
      // Without lines nobody sees the machines here, while everything else goes well.
      this.log[this.#isWarned ? 'debug' : 'warn']({ error: error.message }, 'a line for viewers failed');
      this.#isWarned = true;
    });
    line.once('open', () => {
      this.#isWarned = false;
      const stream = createWebSocketStream(line);
      stream.on('error', () => stream.destroy());
      // A viewer came: its first bytes are the request.
      stream.once('readable', () => {
        if (!isSpare || line.readyState !== WebSocket.OPEN) return;
        isSpare = false;
        this.#spare--;
        this.#fill();
        pipeline(stream, connect(this.portOf(), '127.0.0.1'), stream, () => {});
      });
    });
    line.once('close', () => {
      clearTimeout(silence);
      this.#lines.delete(line);
      if (!isSpare) return;
      isSpare = false;
      this.#spare--;
      setTimeout(() => this.#fill(), RETRY_MS).unref();
    });
  }
}
