import { type EntityTarget, type FindOptionsWhere, In, IsNull } from 'typeorm';
import type { Match, Records } from '../records.js';
import type { TypeormTransactions } from './typeorm-transactions.js';

/** One table through TypeORM, inside whatever transaction is running. */
export class TypeormRecords<R extends { readonly id: string }> implements Records<R> {
  constructor(
    private readonly transactions: TypeormTransactions,
    private readonly entity: EntityTarget<R>,
  ) {}

  async find(id: string): Promise<R | undefined> {
    return (await this.transactions.manager.findOne(this.entity, { where: whereOf<R>({ id } as Match<R>) })) ?? undefined;
  }

  async lock(id: string): Promise<R | undefined> {
    const found = await this.transactions.manager.findOne(this.entity, {
      where: whereOf<R>({ id } as Match<R>),
      lock: { mode: 'pessimistic_write' },
    });
    return found ?? undefined;
  }

  where(match: Match<R>): Promise<R[]> {
    return this.transactions.manager.find(this.entity, { where: whereOf(match) });
  }

  async save(record: R): Promise<void> {
    await this.transactions.manager.save(this.entity, record);
  }

  async remove(id: string): Promise<void> {
    await this.transactions.manager.delete(this.entity, { id } as FindOptionsWhere<R>);
  }
}

function whereOf<R>(match: Match<R>): FindOptionsWhere<R> {
  const columns = Object.entries(match).map(([name, value]) => {
    if (value === null) return [name, IsNull()];
    return [name, Array.isArray(value) ? In(value) : value];
  });
  return Object.fromEntries(columns) as FindOptionsWhere<R>;
}
