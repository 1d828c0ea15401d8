import { type BlockBackend, type Completions, SECTOR_BYTES } from '../../../bus/backends.js';

/** A medium for a device's test: an array of sectors. `fails` makes every access a medium error. */
export class MemoryDisk implements BlockBackend {
  readonly bytes: Uint8Array;
  fails = false;
  flushes = 0;

  constructor(
    readonly sectors: number,
    readonly readOnly = false,
  ) {
    this.bytes = new Uint8Array(sectors * SECTOR_BYTES);
  }

  async read(sector: number, into: Uint8Array): Promise<void> {
    this.#check(sector, into.length);
    into.set(this.bytes.subarray(sector * SECTOR_BYTES, sector * SECTOR_BYTES + into.length));
  }

  async write(sector: number, from: Uint8Array): Promise<void> {
    this.#check(sector, from.length);
    this.bytes.set(from, sector * SECTOR_BYTES);
  }

  async flush(): Promise<void> {
    this.flushes++;
  }

  #check(sector: number, bytes: number): void {
    if (this.fails || sector < 0 || sector * SECTOR_BYTES + bytes > this.bytes.length) throw new Error('medium error');
  }
}

/** Completions that come as soon as the work is done. */
export const immediateCompletions: Completions = {
  deliver(work, done) {
    work.then(
      () => done(),
      (failure: unknown) => done(failure ?? new Error('failed')),
    );
  },
};

/** Lets promised work and its completions finish. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
