import { AsyncLocalStorage } from 'node:async_hooks';
import { type FailureCode, failure } from '@millwright/contracts';
import { type DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { Transactions } from '../transactions.js';

interface Open {
  readonly manager: EntityManager;
  readonly after: (() => void)[];
}

/** PostgreSQL's unique indexes, the last word when two requests race past the use case's own check. */
const CONFLICTS: Readonly<Record<string, FailureCode>> = {
  users_name: 'user.name-taken',
  machines_name: 'machine.name-taken',
  desktops_name: 'desktop.name-taken',
  tasks_active_recipe: 'guest.already-building',
};

export class TypeormTransactions implements Transactions {
  readonly #current = new AsyncLocalStorage<Open>();

  constructor(readonly source: DataSource) {}

  /** The manager of the running transaction, or the pool's. */
  get manager(): EntityManager {
    return this.#current.getStore()?.manager ?? this.source.manager;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#current.getStore()) return work();
    const after: (() => void)[] = [];
    const result = await this.source
      .transaction((manager) => this.#current.run({ manager, after }, work))
      .catch((error: unknown) => {
        throw translated(error);
      });
    for (const act of after) act();
    return result;
  }

  afterCommit(act: () => void): void {
    const open = this.#current.getStore();
    if (open) open.after.push(act);
    else act();
  }
}

function translated(error: unknown): unknown {
  if (!(error instanceof QueryFailedError)) return error;
  const { code, constraint } = error.driverError as { code?: string; constraint?: string };
  const conflict = code === '23505' && constraint ? CONFLICTS[constraint] : undefined;
  if (conflict) return failure(conflict, undefined, { cause: error });
  // Deadlock and serialization: the same request works when repeated.
  if (code === '40P01' || code === '40001') return failure('platform.unavailable', undefined, { cause: error });
  return error;
}
