import { createCipheriv, timingSafeEqual } from 'node:crypto';

/*
 * VNC authentication, RFC 6143 §7.2.2: a 16-byte challenge encrypted with DES under the password. Weak by
 * today's measure (8 characters, 56 bits): offered because every viewer has it, on loopback or inside TLS.
 */

export const CHALLENGE_BYTES = 16;

/** What the right client answers to `challenge`. */
export function vncAuthResponse(challenge: Uint8Array, password: string): Uint8Array {
  const key = new Uint8Array(8);
  const bytes = Buffer.from(password, 'latin1');
  // The most significant bit comes last in each byte of the key, the reverse of DES's own order.
  for (let i = 0; i < Math.min(8, bytes.length); i++) key[i] = reverseBits(bytes[i]!);
  // DES-EDE3 with three equal keys is single DES; OpenSSL 3 no longer offers single DES by name.
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([key, key, key]), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

export function isRightResponse(response: Uint8Array, challenge: Uint8Array, password: string): boolean {
  return response.length === CHALLENGE_BYTES && timingSafeEqual(response, vncAuthResponse(challenge, password));
}

function reverseBits(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) reversed |= 0x80 >> bit;
  return reversed;
}
