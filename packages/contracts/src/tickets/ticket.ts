import { type HostId, HostIdSchema, type UserId, UserIdSchema } from '../ids.js';

/*
 * A ticket lets one person do one thing on one host, once, within 30 s. It is a compact JWS (RFC 7515, EdDSA over
 * Ed25519, protected header exactly {"alg":"EdDSA"}). The first message on /display is bounded to 256 bytes, of which
 * header and signature take 108; JSON claims with four UUIDs do not fit into the rest, so the payload is packed
 * (big-endian):
 *
 *   0  version u8 = 1     1  purpose u8 (index in TICKET_PURPOSES)     2  rights u8 (view 1, control 2, admin 4)
 *   3  detail u8 (serial: port)     4  expires u32, seconds since 1970     8  subject 16 bytes (machine; upload: image)
 *   24 user 16     40 host 16     56 session 16 (zero when none)     72 id 8, random
 *   80 display name, UTF-8, at most 30 bytes, cut at a character
 */
/** With the version byte before it, it fits the 256 bytes of the first message on /display. */
export const TICKET_MAX_BYTES = 255;
export const TICKET_LIFETIME_SECONDS = 30;
export const TICKET_PURPOSES = ['display', 'thumbnail', 'screenshot', 'serial', 'upload'] as const;
export type TicketPurpose = (typeof TICKET_PURPOSES)[number];

export interface TicketClaims {
  readonly purpose: TicketPurpose;
  readonly rights: { readonly view: boolean; readonly control: boolean; readonly admin: boolean };
  /** For `serial`: 0 is COM1. Otherwise 0. */
  readonly port: number;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** UUID of the machine; for `upload` of the image. */
  readonly subject: string;
  readonly userId: UserId;
  readonly hostId: HostId;
  /** UUID of the session a `display` ticket belongs to. */
  readonly sessionId: string | null;
  /** 16 hex digits; a host remembers it until `expiresAt` and refuses it the second time (`thumbnail` excepted). */
  readonly ticketId: string;
  readonly displayName: string;
}

const VERSION = 1;
const FIXED_BYTES = 80;
const NAME_BYTES = 30;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** The JWS payload of a ticket: 80 to 111 bytes. */
export function encodeTicketClaims(claims: TicketClaims): Uint8Array {
  const name = cutUtf8(claims.displayName, NAME_BYTES);
  const bytes = new Uint8Array(FIXED_BYTES + name.length);
  const { view, control, admin } = claims.rights;
  bytes[0] = VERSION;
  bytes[1] = TICKET_PURPOSES.indexOf(claims.purpose);
  bytes[2] = (view ? 1 : 0) | (control ? 2 : 0) | (admin ? 4 : 0);
  bytes[3] = claims.port;
  new DataView(bytes.buffer).setUint32(4, claims.expiresAt);
  bytes.set(hexBytes(claims.subject), 8);
  bytes.set(hexBytes(claims.userId), 24);
  bytes.set(hexBytes(claims.hostId), 40);
  bytes.set(hexBytes(claims.sessionId ?? NIL_UUID), 56);
  bytes.set(hexBytes(claims.ticketId), 72);
  bytes.set(name, FIXED_BYTES);
  return bytes;
}

/** Reads a payload whose signature has been verified; `undefined` when it is not a ticket of a version known here. */
export function decodeTicketClaims(bytes: Uint8Array): TicketClaims | undefined {
  const purpose = TICKET_PURPOSES[bytes[1] ?? 255];
  if (bytes[0] !== VERSION || !purpose || bytes.length < FIXED_BYTES || bytes.length > FIXED_BYTES + NAME_BYTES) return undefined;
  const rights = bytes[2]!;
  const userId = UserIdSchema.safeParse(uuidAt(bytes, 24));
  const hostId = HostIdSchema.safeParse(uuidAt(bytes, 40));
  if (!userId.success || !hostId.success) return undefined;
  const sessionId = uuidAt(bytes, 56);
  return {
    purpose,
    rights: { view: (rights & 1) !== 0, control: (rights & 2) !== 0, admin: (rights & 4) !== 0 },
    port: bytes[3]!,
    expiresAt: new DataView(bytes.buffer, bytes.byteOffset).getUint32(4),
    subject: uuidAt(bytes, 8),
    userId: userId.data,
    hostId: hostId.data,
    sessionId: sessionId === NIL_UUID ? null : sessionId,
    ticketId: hex(bytes.subarray(72, 80)),
    displayName: new TextDecoder().decode(bytes.subarray(FIXED_BYTES)),
  };
}

function cutUtf8(text: string, limit: number): Uint8Array {
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += new TextEncoder().encode(character).length;
    if (used > limit) break;
    cut += character;
  }
  return new TextEncoder().encode(cut);
}

function hexBytes(text: string): Uint8Array {
  const digits = text.replaceAll('-', '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function uuidAt(bytes: Uint8Array, at: number): string {
  const h = hex(bytes.subarray(at, at + 16));
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
