import { hostname } from 'node:os';
import type { Me } from '@millwright/contracts';
import { BrokerClient } from '../broker/broker-client.js';
import { readLogin, removeLogin, writeLogin } from '../broker/credentials.js';
import { usage } from '../command-error.js';
import { textRecord } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';

export const signIn: Noun = (program, tools) => {
  program
    .command('login')
    .description('Sign in and remember it (0600, under ~/.config/millwright). The password is asked for, or read from standard input.')
    .option('--name <user>', 'user name')
    .option('--label <text>', 'name of the API token that is made', `mw on ${hostname()}`.slice(0, 63))
    .action(async (options: { name?: string; label: string }) => {
      const { client, out, prompt, around } = tools();
      if (options.name === undefined && !prompt.isTerminal) throw usage('Give --name, or run mw login in a terminal.');
      const name = options.name ?? (await prompt.line('Name: '));
      const password = await prompt.secret('Password: ');
      const { token, ...me } = await new BrokerClient(client.url, undefined).call(
        'login',
        {},
        { name, password, tokenLabel: options.label },
      );
      writeLogin(around.env, { url: client.url, name: me.user.name, token: token! });
      const next = me.mustChangePassword ? ' Change the one-time password now: mw password.' : '';
      out.result(me, `Signed in to ${client.url} as ${me.user.name}.${next}`);
    });

  program
    .command('logout')
    .description('Forget the sign-in; its token stops working.')
    .action(async () => {
      const { client, out, around } = tools();
      const stored = readLogin(around.env);
      // The token ends even when the server has already forgotten it; the file goes in any case.
      const failure = await (client.token === undefined ? undefined : client.call('logout').catch((error: Error) => error));
      if (stored?.url === client.url) removeLogin(around.env);
      const gone = (failure as { code?: string } | undefined)?.code === 'auth.required';
      if (failure !== undefined && !gone) throw failure;
      out.result({ url: client.url }, `Signed out of ${client.url}.`);
    });

  program
    .command('whoami')
    .description('Who is signed in, where, and what they may do.')
    .action(async () => {
      const { client, out } = tools();
      const me = await client.call('me');
      out.result(me, describe(me, client.url));
    });

  program
    .command('password')
    .description('Change your password. Asks for the current and the new one; from a pipe it reads two lines.')
    .action(async () => {
      const { client, out, prompt } = tools();
      const currentPassword = await prompt.secret('Current password: ');
      const newPassword = await prompt.secret('New password: ');
      if (prompt.isTerminal && (await prompt.secret('New password again: ')) !== newPassword)
        throw usage('The two new passwords differ. Try again.');
      const me = await client.call('changePassword', {}, { currentPassword, newPassword });
      out.result(me, 'Password changed.');
    });
};

function describe({ user, permissions, mustChangePassword }: Me, url: string): string {
  return textRecord([
    ['Name', user.name],
    ['Shown as', user.displayName],
    ['At', url],
    ['Roles', user.roles.join(', ')],
    ['May', permissions.join(', ')],
    ['To do', mustChangePassword ? 'change the one-time password: mw password' : undefined],
  ]);
}
