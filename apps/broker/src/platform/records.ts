/** Equality per column; an array means any of its values. */
export type Match<R> = { readonly [K in keyof R]?: R[K] | readonly R[K][] };

/**
 * The rows of one table as plain values. A use case reads a record, makes a changed copy and saves it: `{...record,
 * name}`. Ports of single tables are empty subclasses, because an abstract class is type and injection token in one.
 */
export abstract class Records<R extends { readonly id: string }> {
  abstract find(id: string): Promise<R | undefined>;
  /** Like find, and nobody else changes the row until this transaction ends. */
  abstract lock(id: string): Promise<R | undefined>;
  abstract where(match: Match<R>): Promise<R[]>;
  abstract save(record: R): Promise<void>;
  abstract remove(id: string): Promise<void>;
}
