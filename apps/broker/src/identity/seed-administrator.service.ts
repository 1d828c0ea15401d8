import { UserIdSchema } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Clock } from '../platform/clock.js';
import { Config } from '../platform/config.js';
import { Identifiers } from '../platform/identifiers.js';
import { systemContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Passwords } from './passwords.js';
import { Users } from './user.js';

/**
 * Use case, at each start: an empty database gets its administrator; one whose start password nobody has changed gets
 * a new one. Gives the password to show to the person at the terminal, if there is one to show.
 */
@Injectable()
export class SeedAdministrator {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly audit: Audit,
    private readonly config: Config,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<string | undefined> {
    return this.transactions.run(async () => {
      const everybody = await this.users.where({});
      if (everybody.length === 0) return this.#create();
      const waiting = everybody.find((user) => user.hasStartPassword && user.mustChangePassword);
      if (!waiting) return undefined;
      const password = this.identifiers.oneTimePassword();
      await this.users.save({ ...waiting, passwordHash: await this.passwords.hash(password) });
      return password;
    });
  }

  async #create(): Promise<string | undefined> {
    const given = this.config.adminPassword;
    const password = given ?? this.identifiers.oneTimePassword();
    const id = this.identifiers.next(UserIdSchema);
    await this.users.save({
      id,
      name: 'admin',
      displayName: 'Administrator',
      roles: ['admin'],
      passwordHash: await this.passwords.hash(password),
      mustChangePassword: given === undefined,
      hasStartPassword: given === undefined,
      disabled: false,
      createdAt: this.clock.now(),
      lastLoginAt: null,
    });
    await this.audit.record(systemContext('start'), 'user.create', { kind: 'user', id, name: 'admin' }, { roles: ['admin'] });
    return given === undefined ? password : undefined;
  }
}
