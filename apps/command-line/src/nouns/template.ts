import type { Template } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { findNamed } from '../broker/find.js';
import { moment } from '../terminal/format.js';
import { textRecord, textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { hostNames } from './hosts.js';

export const findTemplate = async (client: BrokerClient, name: string): Promise<Template> =>
  findNamed('template', await client.list('listTemplates'), name, 'mw template list');

const sourceOf = ({ source }: Template): string =>
  source.kind === 'recipe' ? `guest ${source.recipe}` : source.kind === 'image' ? `image ${source.imageId}` : 'part of the product';

export const template: Noun = (program, tools) => {
  const noun = program.command('template').alias('templates').description('What machines are made from.');

  noun
    .command('list')
    .description('All templates.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listTemplates');
      const rows = items.map((each) => [each.id, each.name, `${each.defaultMemoryMiB} MiB`, sourceOf(each), String(each.hostIds.length)]);
      out.result({ items, nextCursor: null }, textTable(['ID', 'NAME', 'MEMORY', 'FROM', 'HOSTS'], rows));
    });

  noun
    .command('show <template>')
    .description('One template.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const found = await findTemplate(client, name);
      const hostName = await hostNames(client);
      const text = textRecord([
        ['Name', found.name],
        ['Id', found.id],
        ['About', found.description],
        ['Shown as', found.presentation],
        ['Memory', `${found.defaultMemoryMiB} MiB`],
        ['From', sourceOf(found)],
        ['On hosts', found.hostIds.map(hostName).join(', ') || 'none'],
        ['Made', moment(found.createdAt)],
      ]);
      out.result(found, text);
    });

  noun
    .command('rename <template> <name>')
    .description('Call a template something else.')
    .action(async (old: string, name: string) => {
      const { client, out } = tools();
      const { id } = await findTemplate(client, old);
      const changed = await client.call('updateTemplate', { id }, { name });
      out.result(changed, `The template is called ${changed.name}.`);
    });

  noun
    .command('delete <template>')
    .description('Remove a template and its files from all hosts.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const found = await findTemplate(client, name);
      await client.call('deleteTemplate', { id: found.id });
      out.result({ id: found.id }, `Template ${found.name} is gone.`);
    });
};
