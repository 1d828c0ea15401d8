import { ROLES, type Role, type User, userStateOf } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { findNamed } from '../broker/find.js';
import { moment, oneOf } from '../terminal/format.js';
import { textRecord, textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';

export const findUser = async (client: BrokerClient, name: string): Promise<User> =>
  findNamed('user', await client.list('listUsers'), name, 'mw users list');

const USER_STATES = { active: 'active', 'one-time-password': 'one-time password', disabled: 'disabled' } as const;

const rolesOf = (words: readonly string[]): Role[] => words.flatMap((word) => word.split(',')).map((word) => oneOf('role', word, ROLES));

export const users: Noun = (program, tools) => {
  const noun = program.command('users').alias('user').description('People and their roles.');

  noun
    .command('list')
    .description('Everybody.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listUsers');
      const rows = items.map((user) => [
        user.name,
        user.displayName,
        user.roles.join(','),
        USER_STATES[userStateOf(user)],
        moment(user.lastLoginAt),
        user.id,
      ]);
      out.result({ items, nextCursor: null }, textTable(['NAME', 'SHOWN AS', 'ROLES', 'STATE', 'LAST SIGN-IN', 'ID'], rows));
    });

  noun
    .command('show <user>')
    .description('One person.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const user = await findUser(client, name);
      out.result(user, describe(user));
    });

  noun
    .command('create <name>')
    .description('Make a user. Without --password-stdin a one-time password is made and shown.')
    .requiredOption('--roles <roles...>', ROLES.join(', '))
    .option('--display-name <text>', 'how others see them')
    .option('--password-stdin', 'read the password from standard input')
    .option('--keep-password', 'do not ask for a new password at the first sign-in')
    .action(async (name: string, options: { roles: string[]; displayName?: string; passwordStdin?: boolean; keepPassword?: boolean }) => {
      const { client, out, prompt } = tools();
      const created = await client.call(
        'createUser',
        {},
        {
          name,
          roles: rolesOf(options.roles),
          mustChangePassword: !options.keepPassword,
          ...(options.displayName === undefined ? {} : { displayName: options.displayName }),
          ...(options.passwordStdin ? { password: await prompt.secret('Password: ') } : {}),
        },
      );
      out.result(created, `User ${created.user.name} is made.${oneTime(created.oneTimePassword)}`);
    });

  for (const [verb, disabled, done] of [
    ['disable', true, 'is disabled; their sessions end'],
    ['enable', false, 'is active'],
  ] as const) {
    noun
      .command(`${verb} <user>`)
      .description(disabled ? 'Keep a user out.' : 'Let a user in again.')
      .action(async (name: string) => {
        const { client, out } = tools();
        const { id } = await findUser(client, name);
        const user = await client.call('updateUser', { id }, { disabled });
        out.result(user, `User ${user.name} ${done}.`);
      });
  }

  noun
    .command('roles <user> <roles...>')
    .description(`Set the roles: ${ROLES.join(', ')}.`)
    .action(async (name: string, roles: string[]) => {
      const { client, out } = tools();
      const { id } = await findUser(client, name);
      const user = await client.call('updateUser', { id }, { roles: rolesOf(roles) });
      out.result(user, `User ${user.name} is ${user.roles.join(', ')}.`);
    });

  noun
    .command('rename <user> <display-name>')
    .description('Change how others see a user.')
    .action(async (name: string, displayName: string) => {
      const { client, out } = tools();
      const { id } = await findUser(client, name);
      const user = await client.call('updateUser', { id }, { displayName });
      out.result(user, `User ${user.name} is shown as ${user.displayName}.`);
    });

  noun
    .command('reset-password <user>')
    .description('Give a user a new password; without --password-stdin a one-time password is made and shown.')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, options: { passwordStdin?: boolean }) => {
      const { client, out, prompt } = tools();
      const { id } = await findUser(client, name);
      const password = options.passwordStdin ? { password: await prompt.secret('Password: ') } : {};
      const reset = await client.call('resetPassword', { id }, password);
      out.result(reset, `User ${reset.user.name} has a new password.${oneTime(reset.oneTimePassword)}`);
    });

  noun
    .command('delete <user>')
    .description('Remove a user for good.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const user = await findUser(client, name);
      await client.call('deleteUser', { id: user.id });
      out.result({ id: user.id }, `User ${user.name} is gone.`);
    });
};

const oneTime = (password: string | undefined): string => (password === undefined ? '' : ` One-time password: ${password}`);

function describe(user: User): string {
  return textRecord([
    ['Name', user.name],
    ['Shown as', user.displayName],
    ['Roles', user.roles.join(', ')],
    ['State', USER_STATES[userStateOf(user)]],
    ['Made', moment(user.createdAt)],
    ['Last sign-in', moment(user.lastLoginAt)],
    ['Id', user.id],
  ]);
}
