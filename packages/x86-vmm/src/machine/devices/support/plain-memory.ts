import type { GuestMemory } from '../../../bus/guest-memory.js';

/** Guest memory for a device's test: a plain array; outside it the bus is open. */
export class PlainMemory implements GuestMemory {
  readonly bytes: Uint8Array;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  read(physical: number, into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.bytes[physical + i] ?? 0xff;
  }

  write(physical: number, from: Uint8Array): void {
    for (let i = 0; i < from.length; i++) if (physical + i < this.bytes.length) this.bytes[physical + i] = from[i]!;
  }
}
