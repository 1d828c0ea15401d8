import type { TypeormTransactions } from './typeorm-transactions.js';

/** How long one broker leads the reconciling before another may. */
const LEASE_SECONDS = 10;

/** Rows whose time is over, and the lease that keeps two brokers from making the same round. */
export class OldRows {
  constructor(
    private readonly transactions: TypeormTransactions,
    private readonly brokerId: string,
  ) {}

  /** True while this broker holds the lease; it is renewed by asking. */
  async tryToLead(): Promise<boolean> {
    const rows: unknown[] = await this.transactions.manager.query(
      `INSERT INTO leases (name, holder, expires_at) VALUES ('reconcile', $1, now() + make_interval(secs => $2))
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
       WHERE leases.holder = excluded.holder OR leases.expires_at < now() RETURNING name`,
      [this.brokerId, LEASE_SECONDS],
    );
    return rows.length > 0;
  }

  /** At the end, so that the next broker need not wait. */
  async stopLeading(): Promise<void> {
    await this.transactions.manager.query(`DELETE FROM leases WHERE holder = $1`, [this.brokerId]);
  }

  async delete(): Promise<void> {
    await this.transactions.manager.query(`DELETE FROM commands WHERE finished_at < now() - interval '1 day'`);
    await this.transactions.manager.query(`DELETE FROM logins WHERE expires_at < now()`);
    await this.transactions.manager.query(`DELETE FROM enrolment_tokens WHERE expires_at < now()`);
    await this.transactions.manager.query(`DELETE FROM sessions WHERE ended_at < now() - interval '90 days'`);
    await this.transactions.manager.query(`DELETE FROM tasks WHERE finished_at < now() - interval '90 days'`);
  }
}
