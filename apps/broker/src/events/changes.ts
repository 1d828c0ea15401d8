import type { ChangedKind, UserId } from '@millwright/contracts';

/** Tells those who may know that an object has changed, once the transaction has committed. */
export abstract class Changes {
  abstract mark(kind: ChangedKind, id: string): void;
  /** The object is gone (or no longer theirs) for these users, and for everybody with the kind's read permission unless `users` is given. */
  abstract gone(kind: ChangedKind, id: string, users?: readonly UserId[]): void;
  /** A user's sign-ins ended. */
  abstract signedOut(userId: UserId): void;
}
