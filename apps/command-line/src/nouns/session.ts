import { moment } from '../terminal/format.js';
import { textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { findMachine } from './machine.js';

export const session: Noun = (program, tools) => {
  const noun = program.command('session').alias('sessions').description('Who is looking at which screen.');

  noun
    .command('list')
    .description('Open sessions: yours, or everybody’s if you may see them.')
    .option('--all', 'ended ones too')
    .option('--machine <machine>', 'of one machine')
    .action(async (options: { all?: boolean; machine?: string }) => {
      const { client, out } = tools();
      const machineId = options.machine === undefined ? undefined : (await findMachine(client, options.machine)).id;
      const items = await client.list('listSessions', { machineId, ...(options.all ? { state: 'all' } : {}) });
      const rows = items.map((each) => [
        each.userDisplayName,
        each.machineName,
        each.state,
        each.mayControl ? 'control' : 'view',
        moment(each.startedAt),
        each.endReason ?? '-',
        each.id,
      ]);
      out.result({ items, nextCursor: null }, textTable(['USER', 'MACHINE', 'STATE', 'MAY', 'SINCE', 'ENDED', 'ID'], rows));
    });

  noun
    .command('end <id>')
    .description('End a session: its screen closes.')
    .action(async (id: string) => {
      const { client, out } = tools();
      await client.call('endSession', { id });
      out.result({ id }, `Session ${id} has ended.`);
    });
};
