import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { HOST_PATHS, PlatformError, TICKET_SCHEME, type TicketClaims, type TicketPurpose } from '@millwright/contracts';
import { decodeOpening } from '@millwright/remote-display/protocol';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MachineFiles } from '../machines/machine-files.js';
import { sendProblem } from './problem-response.js';
import { EarlyMessages, readPicture, relayDisplay, relaySerial } from './relay.js';
import type { TicketCheck } from './ticket-check.js';

/** The ticket is due within this time and this many bytes. */
const OPENING_MS = 2_000;
const MAX_CLIENT_MESSAGE_BYTES = 1 << 20;
const THUMBNAIL_PX = 320;
/** A thumbnail is drawn at most this often; in between the last one is served. */
const THUMBNAIL_MS = 1_000;
/** Private-use close codes of RFC 6455 §7.4.2. */
const CLOSE_REFUSED = 4401;

/** What else is served on the same listener (uploads). Returns whether it took the request. */
export type ExtraHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Thumbnail {
  readonly png: Promise<Buffer>;
  readonly madeMs: number;
}

/**
 * Where viewers arrive, behind the front door: checks the ticket, then relays bytes between the WebSocket and the machine's process
 * with back-pressure. Nothing of the picture is looked at here.
 */
export class DisplayEndpoint {
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_CLIENT_MESSAGE_BYTES });
  readonly #thumbnails = new Map<string, Thumbnail>();
  readonly #server: Server;

  constructor(
    private readonly tickets: TicketCheck,
    private readonly filesOf: (machineId: string) => MachineFiles | undefined,
    private readonly log: Logger,
    extra: ExtraHandler,
  ) {
    this.#server = createServer((request, response) => {
      if (!extra(request, response)) void this.#handle(request, response);
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head));
  }

  /** Resolves with the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve(this.port));
    });
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = request.url?.split('?', 1)[0];
    const purpose = path === HOST_PATHS.display ? 'display' : path === HOST_PATHS.serial ? 'serial' : undefined;
    if (purpose === undefined || !isSameOrigin(request)) {
      socket.end(`HTTP/1.1 ${purpose ? '403 Forbidden' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#awaitTicket(webSocket, purpose));
  }

  #awaitTicket(webSocket: WebSocket, purpose: 'display' | 'serial'): void {
    const late = setTimeout(() => webSocket.close(CLOSE_REFUSED, 'ticket.refused'), OPENING_MS);
    webSocket.on('error', () => webSocket.terminate());
    webSocket.once('close', () => clearTimeout(late));
    webSocket.once('message', (data: Buffer) => {
      clearTimeout(late);
      // What arrives while the ticket is checked waits: the client says hello without waiting for an answer.
      const early = new EarlyMessages(webSocket);
      webSocket.pause();
      this.#admit(webSocket, purpose, data, early).catch((error: unknown) => {
        const code = error instanceof PlatformError ? error.code : 'platform.unavailable';
        this.log.info({ code, purpose }, 'a viewer was refused');
        webSocket.resume();
        webSocket.close(CLOSE_REFUSED, code);
      });
    });
  }

  async #admit(webSocket: WebSocket, purpose: 'display' | 'serial', opening: Buffer, early: EarlyMessages): Promise<void> {
    const claims = await this.tickets.redeem(ticketOf(opening), purpose);
    const files = this.#running(claims);
    if (purpose === 'serial') return relaySerial(webSocket, files, claims.port, early);
    const session = {
      sessionId: claims.sessionId ?? claims.ticketId,
      userId: claims.userId,
      displayName: claims.displayName,
      rights: claims.rights,
    };
    return relayDisplay(webSocket, files, session, early);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    try {
      if (path === '/healthz') return void response.writeHead(204).end();
      if (request.method !== 'GET') throw new PlatformError('request.missing', 'missing', 'There is nothing at this address.');
      if (path === HOST_PATHS.thumbnail) return send(response, await this.#thumbnail(await this.#redeem(request, 'thumbnail')));
      if (path === HOST_PATHS.screenshot)
        return send(response, await readPicture(this.#running(await this.#redeem(request, 'screenshot'))));
      throw new PlatformError('request.missing', 'missing', 'There is nothing at this address.');
    } catch (error) {
      sendProblem(response, error, this.log);
    }
  }

  #redeem(request: IncomingMessage, purpose: TicketPurpose): Promise<TicketClaims> {
    const [scheme, ticket] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== TICKET_SCHEME || !ticket) throw new PlatformError('ticket.refused', 'unauthenticated', 'A ticket is needed.');
    return this.tickets.redeem(ticket, purpose);
  }

  #running({ subject }: TicketClaims): MachineFiles {
    const files = this.filesOf(subject);
    if (!files) throw new PlatformError('machine.wrong-state', 'conflict', 'The machine is not running.');
    return files;
  }

  #thumbnail(claims: TicketClaims): Promise<Buffer> {
    const files = this.#running(claims);
    const known = this.#thumbnails.get(claims.subject);
    const now = Date.now();
    if (known && now - known.madeMs < THUMBNAIL_MS) return known.png;
    const png = readPicture(files, THUMBNAIL_PX);
    this.#thumbnails.set(claims.subject, { png, madeMs: now });
    png.catch(() => this.#thumbnails.delete(claims.subject));
    return png;
  }
}

/** Browsers name the page's origin; it must be the host that was asked. Other clients send none. */
function isSameOrigin(request: IncomingMessage): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  const host = request.headers['x-forwarded-host'] ?? request.headers.host;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** The display protocol's opening, or a bare ticket on the serial channel. */
function ticketOf(opening: Buffer): string {
  try {
    return decodeOpening(opening).ticket;
  } catch {
    throw new PlatformError('ticket.refused', 'unauthenticated', 'The first message is not a ticket.');
  }
}

function send(response: ServerResponse, png: Buffer): void {
  response.writeHead(200, { 'content-type': 'image/png', 'content-length': png.length, 'cache-control': 'no-store' });
  response.end(png);
}
