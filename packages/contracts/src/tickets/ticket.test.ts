import { assert, test } from 'vitest';
import { HostIdSchema, UserIdSchema } from '../ids.js';
import { decodeTicketClaims, encodeTicketClaims, type TicketClaims } from './ticket.js';

const CLAIMS: TicketClaims = {
  purpose: 'display',
  rights: { view: true, control: true, admin: false },
  port: 0,
  expiresAt: 1_800_000_000,
  subject: '0b2a1c3d-1111-4222-8333-444455556666',
  userId: UserIdSchema.parse('1b2a1c3d-1111-4222-8333-444455556666'),
  hostId: HostIdSchema.parse('2b2a1c3d-1111-4222-8333-444455556666'),
  sessionId: '3b2a1c3d-1111-4222-8333-444455556666',
  ticketId: '00ff10203040a0b0',
  displayName: '王工 Ada',
};

test('claims survive the packing', () => {
  assert.deepEqual(decodeTicketClaims(encodeTicketClaims(CLAIMS)), CLAIMS);
});

test('a ticket without a session reads back as null', () => {
  const claims = { ...CLAIMS, purpose: 'upload', sessionId: null } as const;
  assert.deepEqual(decodeTicketClaims(encodeTicketClaims(claims)), claims);
});

test('the longest signed ticket is 255 characters', () => {
  const payload = encodeTicketClaims({ ...CLAIMS, displayName: 'n'.repeat(63) });
  const base64 = (bytes: number) => Math.ceil((bytes * 4) / 3);
  assert.equal(base64('{"alg":"EdDSA"}'.length) + 1 + base64(payload.length) + 1 + base64(64), 255);
});

test('a name is cut between characters', () => {
  const decoded = decodeTicketClaims(encodeTicketClaims({ ...CLAIMS, displayName: '工'.repeat(20) }));
  assert.equal(decoded?.displayName, '工'.repeat(10));
});

test('a payload cut at any length, of another version or with an unknown purpose is no ticket', () => {
  const whole = encodeTicketClaims({ ...CLAIMS, displayName: '' });
  const accepted = Array.from(whole, (_, length) => decodeTicketClaims(whole.subarray(0, length))).filter(Boolean);
  assert.deepEqual(accepted, []);
  assert.isUndefined(decodeTicketClaims(whole.with(0, 2)));
  assert.isUndefined(decodeTicketClaims(whole.with(1, 9)));
});
