import { hash, verify } from '@node-rs/argon2';

/** Slow on purpose: argon2id with the library's parameters (19 MiB, 2 passes), off the main thread. */
export abstract class Passwords {
  abstract hash(password: string): Promise<string>;
  abstract verify(hash: string, password: string): Promise<boolean>;
  /** Takes as long as verify: an unknown name must not answer faster than a wrong password. */
  abstract pretend(password: string): Promise<false>;
}

export class Argon2Passwords implements Passwords {
  #decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return hash(password);
  }
  verify(stored: string, password: string): Promise<boolean> {
    return verify(stored, password).catch(() => false);
  }
  async pretend(password: string): Promise<false> {
    this.#decoy ??= this.hash('decoy');
    await this.verify(await this.#decoy, password);
    return false;
  }
}
