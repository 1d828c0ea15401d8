import { BootDeviceSchema, MACHINE_VERBS, type Machine, type MachineVerb } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { findNamed } from '../broker/find.js';
import { waitForMachine } from '../broker/wait.js';
import { usage } from '../command-error.js';
import { memoryMiB, moment, oneOf, wholeNumber } from '../terminal/format.js';
import { textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { findHost, hostNames } from './hosts.js';
import { findImage } from './image.js';
import { askedToShutDown, describeMachine, stateOf } from './machine-text.js';
import { findTemplate } from './template.js';

export const findMachine = async (client: BrokerClient, name: string): Promise<Machine> =>
  findNamed('machine', await client.list('listMachines'), name, 'mw machine list');

const findTrashed = async (client: BrokerClient, name: string): Promise<Machine> =>
  findNamed('machine in the trash', await client.list('listMachines', { trashed: 'true' }), name, 'mw machine list --trashed');

/** What each verb means, for the help. */
export const VERB_HELP: Readonly<Record<MachineVerb, string>> = {
  start: 'Switch on, or go on from the saved state.',
  stop: 'Pull the plug.',
  shutdown: 'Press the power button: the guest shuts down if it listens.',
  reset: 'Press the reset button.',
  pause: 'Stop time in the guest.',
  resume: 'End a pause.',
  save: 'Save the state and switch off; start goes on from it.',
};

interface CreateOptions {
  readonly template?: string;
  readonly image?: string;
  readonly memory?: string;
  readonly cdrom?: string;
  readonly floppy?: string;
  readonly boot?: string;
  readonly host?: string;
  readonly start?: boolean;
  readonly wait?: boolean;
}

export const machine: Noun = (program, tools) => {
  const noun = program.command('machine').alias('machines').description('Virtual machines.');

  noun
    .command('list')
    .description('All machines you may see.')
    .option('--trashed', 'those in the trash')
    .action(async ({ trashed }: { trashed?: boolean }) => {
      const { client, out } = tools();
      const items = await client.list('listMachines', trashed ? { trashed: 'true' } : {});
      const rows = items.map((each) => [
        each.name,
        stateOf(each),
        `${each.spec.memoryMiB} MiB`,
        each.templateId ?? '-',
        trashed ? moment(each.purgeAt) : (each.control.viewers.length || '-').toString(),
        each.id,
      ]);
      out.result(
        { items, nextCursor: null },
        textTable(['NAME', 'STATE', 'MEMORY', 'TEMPLATE', trashed ? 'REMOVED AT' : 'VIEWERS', 'ID'], rows),
      );
    });

  noun
    .command('show <machine>')
    .description('One machine in full.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const found = await findMachine(client, name);
      out.result(found, describeMachine(found, await hostNames(client)));
    });

  noun
    .command('create <name>')
    .description('Make a machine from a template or an uploaded image.')
    .option('--template <template>', 'what to copy')
    .option('--image <image>', 'an uploaded disk, CD or floppy')
    .option('--memory <size>', 'RAM: 256, 256M, 1G')
    .option('--cdrom <image>', 'image in the CD-ROM drive')
    .option('--floppy <image>', 'image in the floppy drive')
    .option('--boot <order>', 'boot order, e.g. cdrom,disk')
    .option('--host <host>', 'where it lives (default: chosen)')
    .option('--start', 'switch it on')
    .option('--wait', 'return when it runs')
    .action(async (name: string, options: CreateOptions) => {
      const { client, out } = tools();
      if ((options.template === undefined) === (options.image === undefined)) throw usage('Give either --template or --image.');
      const medium = async (text: string) => ({ from: 'image' as const, imageId: (await findImage(client, text)).id });
      const created = await client.call(
        'createMachine',
        {},
        {
          name,
          source:
            options.image !== undefined
              ? await medium(options.image)
              : { from: 'template', templateId: (await findTemplate(client, options.template!)).id },
          start: options.start ?? false,
          ...(options.memory === undefined ? {} : { memoryMiB: memoryMiB(options.memory) }),
          ...(options.cdrom === undefined ? {} : { cdrom: await medium(options.cdrom) }),
          ...(options.floppy === undefined ? {} : { floppy: await medium(options.floppy) }),
          ...(options.boot === undefined
            ? {}
            : { bootOrder: options.boot.split(',').map((word) => oneOf('--boot', word, BootDeviceSchema.options)) }),
          ...(options.host === undefined ? {} : { hostId: (await findHost(client, options.host)).id }),
        },
      );
      const settled = options.wait ? await waitForMachine(client, out, created) : created;
      out.result(settled, `Machine ${settled.name} is made: ${stateOf(settled)}.`);
    });

  noun
    .command('set <machine>')
    .description('Change name or memory; memory counts from the next start.')
    .option('--name <name>', 'new name')
    .option('--memory <size>', 'RAM: 256, 256M, 1G')
    .action(async (text: string, options: { name?: string; memory?: string }) => {
      const { client, out } = tools();
      if (options.name === undefined && options.memory === undefined) throw usage('Give --name or --memory.');
      const { id } = await findMachine(client, text);
      const change = {
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.memory === undefined ? {} : { memoryMiB: memoryMiB(options.memory) }),
      };
      const changed = await client.call('updateMachine', { id }, change);
      out.result(changed, describeMachine(changed, await hostNames(client)));
    });

  for (const verb of MACHINE_VERBS) {
    noun
      .command(`${verb} <machine>`)
      .description(VERB_HELP[verb])
      .option('--wait [seconds]', 'return when it has happened (default: 60 s)')
      .action(async (name: string, { wait }: { wait?: string | true }) => {
        const { client, out } = tools();
        const seconds = wait === undefined || wait === true ? 60 : wholeNumber('--wait', wait, 1, 86_400);
        const { id } = await findMachine(client, name);
        const now = await client.call('operateMachine', { id, verb });
        if (wait === undefined) {
          const text = verb === 'shutdown' ? askedToShutDown(now.name, 'mw machine show') : `${now.name}: ${stateOf(now)}`;
          out.result(now, text);
          return;
        }
        const settled = await waitForMachine(client, out, now, seconds, verb === 'shutdown' ? 'stopped' : undefined);
        out.result(settled, `${settled.name}: ${stateOf(settled)}`);
      });
  }

  noun
    .command('delete <machine>')
    .description('Put a machine into the trash, where it stays for 7 days.')
    .option('--for-good', 'remove it and its disks at once; nothing brings them back')
    .action(async (name: string, { forGood }: { forGood?: boolean }) => {
      const { client, out } = tools();
      const here = await findMachine(client, name).catch((error: unknown) => {
        if (!forGood) throw error;
        return undefined;
      });
      const { id, name: called } = here ?? (await findTrashed(client, name));
      if (here) await client.call('deleteMachine', { id });
      if (forGood) await client.call('deleteMachine', { id });
      out.result(
        { id },
        forGood ? `Machine ${called} and its disks are gone.` : `Machine ${called} is in the trash; mw machine restore brings it back.`,
      );
    });

  noun
    .command('restore <machine>')
    .description('Take a machine out of the trash.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const { id } = await findTrashed(client, name);
      const restored = await client.call('restoreMachine', { id });
      out.result(restored, `Machine ${restored.name} is back: ${stateOf(restored)}.`);
    });
};
