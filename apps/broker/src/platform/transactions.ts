/** Runs work in one database transaction. A nested run joins the outer one. */
export abstract class Transactions {
  abstract run<T>(work: () => Promise<T>): Promise<T>;
  /** Runs when the current transaction has committed (at once outside of one), in order, and never when it rolls back. */
  abstract afterCommit(act: () => void): void;
}
