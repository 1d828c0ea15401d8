import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { z } from 'zod';

/** Fresh ids and secrets; the only source of randomness. */
export abstract class Identifiers {
  /** A random UUID of the given brand. */
  abstract next<S extends z.ZodType>(schema: S): z.output<S>;
  /** 256 random bits as base64url, with a prefix that tells people and scanners what it is. */
  abstract secret(prefix: string): string;
  /** 16 characters that are easy to type, 80 bits. */
  abstract oneTimePassword(): string;
  /** 16 hex digits. */
  abstract ticketId(): string;
}

/** Crockford's alphabet without the letters that look like digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export class RandomIdentifiers implements Identifiers {
  next<S extends z.ZodType>(schema: S): z.output<S> {
    return schema.parse(randomUUID());
  }
  secret(prefix: string): string {
    return `${prefix}_${randomBytes(32).toString('base64url')}`;
  }
  oneTimePassword(): string {
    const letters = Array.from(randomBytes(16), (byte) => ALPHABET[byte & 31]).join('');
    return letters.match(/.{4}/g)!.join('-');
  }
  ticketId(): string {
    return randomBytes(8).toString('hex');
  }
}

/** How a high-entropy secret is kept: no salt is needed against 256 random bits, and it can be looked up. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
