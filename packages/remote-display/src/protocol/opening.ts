import { MAX_OPENING_BYTES, PROTOCOL_VERSION } from './limits.js';
import { MalformedMessage } from './message-reader.js';

/*
 * The opening message, before any envelope: `u8 version | ticket`, one WebSocket message of at most 256
 * bytes. The host checks the ticket (this package does not know what a ticket is) and only then attaches
 * the socket to a DisplayServer, which sees what follows.
 */

export interface Opening {
  readonly version: number;
  /** Printable ASCII, as the broker issued it. */
  readonly ticket: string;
}

/** @throws RangeError when the ticket does not fit the opening message. */
export function encodeOpening(ticket: string): Uint8Array<ArrayBuffer> {
  if (ticket.length === 0 || ticket.length > MAX_OPENING_BYTES - 1 || !PRINTABLE.test(ticket)) {
    throw new RangeError(`A ticket is 1 to ${MAX_OPENING_BYTES - 1} printable ASCII characters, this one has ${ticket.length}.`);
  }
  const bytes = new Uint8Array(1 + ticket.length);
  bytes[0] = PROTOCOL_VERSION;
  for (let i = 0; i < ticket.length; i++) bytes[1 + i] = ticket.charCodeAt(i);
  return bytes;
}

/** @throws MalformedMessage for another version, an empty or too long ticket, or bytes outside printable ASCII. */
export function decodeOpening(bytes: Uint8Array): Opening {
  if (bytes.length < 2 || bytes.length > MAX_OPENING_BYTES) throw new MalformedMessage(`opening message of ${bytes.length} bytes`);
  if (bytes[0] !== PROTOCOL_VERSION) throw new MalformedMessage(`protocol version ${bytes[0]} is not spoken here`);
  let ticket = '';
  for (let i = 1; i < bytes.length; i++) ticket += String.fromCharCode(bytes[i]!);
  if (!PRINTABLE.test(ticket)) throw new MalformedMessage('ticket has bytes outside printable ASCII', 1);
  return { version: bytes[0], ticket };
}

const PRINTABLE = /^[\x21-\x7e]+$/;
