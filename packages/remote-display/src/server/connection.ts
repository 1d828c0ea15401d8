import { type ClientMessage, clientMessages } from '../protocol/client-messages.js';
import { EnvelopeSplitter } from '../protocol/envelope.js';
import { CLOSE_CODE, MAX_CLIENT_PAYLOAD_BYTES } from '../protocol/limits.js';
import { MalformedMessage } from '../protocol/message-reader.js';
import { type ServerMessage, serverMessages } from '../protocol/server-messages.js';
import type { ViewerLine } from './viewer.js';

/** Any transport: a WebSocket, a Unix socket behind a relay, a test. Messages delimit themselves, so it may cut and join bytes. */
export interface DisplaySocket {
  send(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Bytes accepted by `send` and not yet given to the network. */
  readonly bufferedBytes: number;
}

/** One connection of a client: cuts the stream into messages, guards against nonsense, knows how to part. */
export class Connection implements ViewerLine {
  readonly #socket: DisplaySocket;
  readonly #splitter = new EnvelopeSplitter(MAX_CLIENT_PAYLOAD_BYTES);
  readonly #handle: (message: ClientMessage) => void;
  readonly #now: () => number;
  readonly #gone: (connection: Connection) => void;
  #isOpen = true;
  lastSentMs: number;
  lastReceivedMs: number;
  /** The client said that it will not come back. */
  saidBye = false;

  /** @param gone called once, when the transport is gone or this side has closed it. */
  constructor(socket: DisplaySocket, now: () => number, handle: (message: ClientMessage) => void, gone: (connection: Connection) => void) {
    this.#socket = socket;
    this.#handle = handle;
    this.#now = now;
    this.#gone = gone;
    this.lastSentMs = this.lastReceivedMs = now();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.lastSentMs = this.#now();
    this.#socket.send(bytes);
  }

  sendMessage(message: ServerMessage): void {
    this.send(serverMessages.encode(message));
  }

  /** Bytes from the peer. A broken protocol closes this connection and nothing else. */
  receive(bytes: Uint8Array): void {
    this.lastReceivedMs = this.#now();
    try {
      this.#splitter.push(bytes, (envelope) => {
        if (this.#isOpen) this.#handle(clientMessages.decode(envelope));
      });
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.close(CLOSE_CODE.malformed, error.message);
    }
  }

  /** Says why, then closes. Safe to call twice. */
  close(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.sendMessage({ type: 'bye', code, reason });
    this.lost();
    this.#socket.close(code, reason);
  }

  /** The transport is gone. */
  lost(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#gone(this);
  }
}
