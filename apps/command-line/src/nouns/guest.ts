import { GuestRecipeSchema } from '@millwright/contracts';
import { waitForTask } from '../broker/wait.js';
import { oneOf } from '../terminal/format.js';
import { textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { findHost } from './hosts.js';
import { demandSuccess } from './task.js';

export const guest: Noun = (program, tools) => {
  const noun = program.command('guest').alias('guests').description('Guests that a host can build from packages.');

  noun
    .command('list')
    .description('Recipes, and what hosts lack for them.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listGuests');
      const rows = items.map(({ recipe, name, built, taskId, hosts }) => [
        recipe,
        name,
        taskId ? 'being built' : built ? 'built' : '-',
        hosts.map(({ hostName, available, missing }) => (available ? hostName : `${hostName} lacks ${missing.join(', ')}`)).join('; ') ||
          'no host',
      ]);
      out.result({ items, nextCursor: null }, textTable(['RECIPE', 'NAME', 'STATE', 'CAN BE BUILT ON'], rows));
    });

  noun
    .command('build <recipe>')
    .description(`Build ${GuestRecipeSchema.options.join(' or ')}; it becomes a template.`)
    .option('--host <host>', 'where to build (default: chosen)')
    .option('--force', 'build again although the template exists')
    .option('--wait', 'stay until it is done, with its log')
    .action(async (recipe: string, options: { host?: string; force?: boolean; wait?: boolean }) => {
      const { client, out } = tools();
      const host = options.host === undefined ? {} : { hostId: (await findHost(client, options.host)).id };
      const known = oneOf('recipe', recipe, GuestRecipeSchema.options);
      const task = await client.call('buildGuest', { recipe: known }, { ...host, force: options.force ?? false });
      if (!options.wait) return out.result(task, `${task.title}: ${task.state}. mw task wait ${task.id} stays until it is done.`);
      const ended = demandSuccess(await waitForTask(client, out, task.id));
      out.result(ended, `${ended.title}: done. It is the template ${known}.`);
    });
};
