import { findNamed } from '../broker/find.js';
import { moment, wholeNumber } from '../terminal/format.js';
import { textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';

export const token: Noun = (program, tools) => {
  const noun = program.command('token').description('API tokens of yours, for programs.');

  noun
    .command('list')
    .description('Your tokens.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listApiTokens');
      const rows = items.map(({ id, label, createdAt, lastUsedAt, expiresAt }) => [
        label,
        moment(createdAt),
        moment(lastUsedAt),
        moment(expiresAt),
        id,
      ]);
      out.result({ items, nextCursor: null }, textTable(['LABEL', 'MADE', 'LAST USED', 'ENDS', 'ID'], rows));
    });

  noun
    .command('create <label>')
    .description('Make a token; its text is shown once.')
    .option('--days <n>', 'days until it ends (default: never)')
    .action(async (label: string, { days }: { days?: string }) => {
      const { client, out } = tools();
      const expiresInDays = days === undefined ? undefined : wholeNumber('--days', days, 1, 3650);
      const created = await client.call('createApiToken', {}, { label, ...(expiresInDays === undefined ? {} : { expiresInDays }) });
      out.result(created, created.token);
    });

  noun
    .command('delete <label>')
    .description('Make a token stop working.')
    .action(async (label: string) => {
      const { client, out } = tools();
      const named = (await client.list('listApiTokens')).map((each) => ({ ...each, name: each.label }));
      const { id } = findNamed('token', named, label, 'mw token list');
      await client.call('deleteApiToken', { id });
      out.result({ id }, `Token ${label} is gone.`);
    });
};
