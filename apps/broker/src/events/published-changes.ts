import type { ChangedKind, UserId } from '@millwright/contracts';
import type { Transactions } from '../platform/transactions.js';
import type { Changes } from './changes.js';

export type Announcement =
  | { readonly what: 'changed'; readonly kind: ChangedKind; readonly id: string }
  | { readonly what: 'gone'; readonly kind: ChangedKind; readonly id: string; readonly users: readonly UserId[] | undefined }
  | { readonly what: 'signed-out'; readonly userId: UserId };

/**
 * Collects what changed and hands it on after the commit. An object that changes ten times before its turn is
 * announced once, with the value it has then.
 */
export class PublishedChanges implements Changes {
  readonly #waiting = new Map<string, Announcement>();
  #publish: ((announcement: Announcement) => Promise<void>) | undefined;
  #isRunning = false;

  constructor(private readonly transactions: Transactions, private readonly onError: (error: unknown) => void) {}

  /** Who tells the clients; nothing is kept for one that comes later. */
  publishTo(publish: (announcement: Announcement) => Promise<void>): void {
    this.#publish = publish;
  }

  mark(kind: ChangedKind, id: string): void {
    this.#afterCommit(`changed ${kind} ${id}`, { what: 'changed', kind, id });
  }
  gone(kind: ChangedKind, id: string, users?: readonly UserId[]): void {
    this.#afterCommit(`gone ${kind} ${id} ${users?.join() ?? ''}`, { what: 'gone', kind, id, users });
  }
  signedOut(userId: UserId): void {
    this.#afterCommit(`signed-out ${userId}`, { what: 'signed-out', userId });
  }

  #afterCommit(key: string, announcement: Announcement): void {
    this.transactions.afterCommit(() => {
      // Deleting first moves a repeated one to the end: "gone, then changed" must stay in that order.
      this.#waiting.delete(key);
      this.#waiting.set(key, announcement);
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#take(); next; next = this.#take()) await this.#publish?.(next).catch(this.onError);
    this.#isRunning = false;
  }

  #take(): Announcement | undefined {
    const [first] = this.#waiting;
    if (!first) return undefined;
    this.#waiting.delete(first[0]);
    return first[1];
  }
}
