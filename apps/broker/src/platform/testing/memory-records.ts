import type { Match, Records } from '../records.js';
import { Transactions } from '../transactions.js';

/** A table in memory, for unit tests of use cases. Values are copied in and out, as a database does. */
export class MemoryRecords<R extends { readonly id: string }> implements Records<R> {
  readonly #rows = new Map<string, R>();

  async find(id: string): Promise<R | undefined> {
    return structuredClone(this.#rows.get(id));
  }
  lock(id: string): Promise<R | undefined> {
    return this.find(id);
  }
  async where(match: Match<R>): Promise<R[]> {
    const tests = Object.entries(match) as [keyof R, unknown][];
    const fits = (row: R) => tests.every(([name, value]) => (Array.isArray(value) ? value.includes(row[name]) : row[name] === value));
    return structuredClone([...this.#rows.values()].filter(fits));
  }
  async save(record: R): Promise<void> {
    this.#rows.set(record.id, structuredClone(record));
  }
  async remove(id: string): Promise<void> {
    this.#rows.delete(id);
  }
}

/** Without roll-back: what a use case throws, it throws before it writes. */
export class MemoryTransactions implements Transactions {
  run<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }
  afterCommit(act: () => void): void {
    act();
  }
}
