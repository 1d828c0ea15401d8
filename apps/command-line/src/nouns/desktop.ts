import { type Desktop, MACHINE_VERBS, PresentationSchema } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { findNamed } from '../broker/find.js';
import { usage } from '../command-error.js';
import { moment, oneOf } from '../terminal/format.js';
import { textRecord, textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { findMachine, VERB_HELP } from './machine.js';
import { askedToShutDown, stateOf } from './machine-text.js';
import { findUser } from './users.js';

/** Mine first; those of others for who may read them. */
async function findDesktop(client: BrokerClient, name: string): Promise<Desktop> {
  const mine = await client.list('listDesktops');
  return findNamed('desktop', [...mine, ...(await othersThan(client, mine))], name, 'mw desktop list');
}

/** Desktops that are not among these; none for who may not read them. */
async function othersThan(client: BrokerClient, mine: readonly Desktop[]): Promise<Desktop[]> {
  const everybodys = await client.list('listDesktops', { scope: 'all' }).catch(() => []);
  return everybodys.filter(({ id }) => !mine.some((each) => each.id === id));
}

export const desktop: Noun = (program, tools) => {
  const noun = program.command('desktop').alias('desktops').description('Machines offered to people.');

  noun
    .command('list')
    .description('Desktops that are assigned to you.')
    .option('--all', 'those of everybody, for administrators')
    .action(async ({ all }: { all?: boolean }) => {
      const { client, out } = tools();
      const items = await client.list('listDesktops', all ? { scope: 'all' } : {});
      const rows = items.map((each) => [
        each.name,
        stateOf(each),
        each.presentation,
        each.assignments.map(({ userName }) => userName).join(',') || '-',
        each.id,
      ]);
      out.result({ items, nextCursor: null }, textTable(['NAME', 'STATE', 'SHOWN AS', 'ASSIGNED TO', 'ID'], rows));
      if (all || out.json) return;
      const others = (await othersThan(client, items)).length;
      if (others > 0) out.note(`${others} more ${others === 1 ? 'is' : 'are'} assigned to others or nobody: mw desktop list --all.`);
      else if (items.length === 0) out.note('No desktop is assigned to you; ask an administrator for one.');
    });

  noun
    .command('show <desktop>')
    .description('One desktop.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const found = await findDesktop(client, name);
      out.result(found, describe(found));
    });

  noun
    .command('create <name>')
    .description('Offer a machine to people.')
    .requiredOption('--machine <machine>', 'the machine')
    .option('--as <presentation>', PresentationSchema.options.join(' or '), 'desktop')
    .option('--user <users...>', 'who gets it')
    .action(async (name: string, options: { machine: string; as: string; user?: string[] }) => {
      const { client, out } = tools();
      const userIds = await Promise.all((options.user ?? []).map(async (each) => (await findUser(client, each)).id));
      const machineId = (await findMachine(client, options.machine)).id;
      const created = await client.call(
        'createDesktop',
        {},
        { name, machineId, presentation: oneOf('--as', options.as, PresentationSchema.options), userIds },
      );
      out.result(created, `Desktop ${created.name} is made.`);
    });

  noun
    .command('set <desktop>')
    .description('Change name or presentation.')
    .option('--name <name>', 'new name')
    .option('--as <presentation>', PresentationSchema.options.join(' or '))
    .action(async (text: string, options: { name?: string; as?: string }) => {
      const { client, out } = tools();
      if (options.name === undefined && options.as === undefined) throw usage('Give --name or --as.');
      const { id } = await findDesktop(client, text);
      const change = {
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.as === undefined ? {} : { presentation: oneOf('--as', options.as, PresentationSchema.options) }),
      };
      const changed = await client.call('updateDesktop', { id }, change);
      out.result(changed, describe(changed));
    });

  for (const [verb, route, done] of [
    ['assign', 'assignDesktop', 'is assigned to'],
    ['unassign', 'unassignDesktop', 'is taken from'],
  ] as const) {
    noun
      .command(`${verb} <desktop> <users...>`)
      .description(verb === 'assign' ? 'Give a desktop to users.' : 'Take a desktop from users; their sessions end.')
      .action(async (name: string, userNames: string[]) => {
        const { client, out } = tools();
        let changed = await findDesktop(client, name);
        // All are known before the first is served: a name that is wrong changes nothing.
        const users = await Promise.all(userNames.map((each) => findUser(client, each)));
        for (const user of users) changed = await client.call(route, { id: changed.id, userId: user.id });
        out.result(changed, `Desktop ${changed.name} ${done} ${users.map((user) => user.name).join(', ')}.`);
      });
  }

  for (const verb of MACHINE_VERBS) {
    noun
      .command(`${verb} <desktop>`)
      .description(VERB_HELP[verb])
      .action(async (name: string) => {
        const { client, out } = tools();
        const { id } = await findDesktop(client, name);
        const now = await client.call('operateDesktop', { id, verb });
        out.result(now, verb === 'shutdown' ? askedToShutDown(now.name, 'mw desktop show') : `${now.name}: ${stateOf(now)}`);
      });
  }

  noun
    .command('delete <desktop>')
    .description('Stop offering a machine; the machine stays.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const found = await findDesktop(client, name);
      await client.call('deleteDesktop', { id: found.id });
      out.result({ id: found.id }, `Desktop ${found.name} is gone.`);
    });
};

function describe(found: Desktop): string {
  const holder = found.control.viewers.find(({ sessionId }) => sessionId === found.control.holder);
  return textRecord([
    ['Name', found.name],
    ['State', stateOf(found)],
    ['Shown as', found.presentation],
    ['Assigned to', found.assignments.map(({ userName }) => userName).join(', ')],
    ['In control', holder?.displayName],
    ['Machine', found.machineId],
    ['Made', moment(found.createdAt)],
    ['Id', found.id],
  ]);
}
