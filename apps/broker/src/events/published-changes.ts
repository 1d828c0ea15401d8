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
  #forward: ((announcement: Announcement) => void) | undefined;
  #isRunning = false;

  constructor(
    private readonly transactions: Transactions,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Who tells the clients of this broker, and who tells the other brokers; nothing is kept for one that comes later. */
  publishTo(publish: (announcement: Announcement) => Promise<void>, forward: (announcement: Announcement) => void): void {
    this.#publish = publish;
    this.#forward = forward;
  }

  /** Another broker announces a change; its own clients know already. */
  receive(announcement: Announcement): void {
    this.#enqueue(announcement);
  }

  mark(kind: ChangedKind, id: string): void {
    this.#afterCommit({ what: 'changed', kind, id });
  }
  gone(kind: ChangedKind, id: string, users?: readonly UserId[]): void {
    this.#afterCommit({ what: 'gone', kind, id, users });
  }
  signedOut(userId: UserId): void {
    this.#afterCommit({ what: 'signed-out', userId });
  }

  #afterCommit(announcement: Announcement): void {
    this.transactions.afterCommit(() => {
      this.#enqueue(announcement);
      this.#forward?.(announcement);
    });
  }

  #enqueue(announcement: Announcement): void {
    const key = JSON.stringify(announcement);
    // Deleting first moves a repeated one to the end: "gone, then changed" must stay in that order.
    this.#waiting.delete(key);
    this.#waiting.set(key, announcement);
    if (!this.#isRunning) void this.#run();
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
