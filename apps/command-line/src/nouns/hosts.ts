import type { EnrolmentToken, Host } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { findNamed } from '../broker/find.js';
import { bytes, moment } from '../terminal/format.js';
import { textRecord, textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';

export const findHost = async (client: BrokerClient, name: string): Promise<Host> =>
  findNamed('host', await client.list('listHosts'), name, 'mw hosts list');

/** Calls hosts by their names; by their ids for somebody who may not list them. */
export async function hostNames(client: BrokerClient): Promise<(id: string) => string> {
  const hosts = await client.list('listHosts').catch(() => []);
  return (id) => hosts.find((host) => host.id === id)?.name ?? id;
}

const MIB = 2 ** 20;

export const hosts: Noun = (program, tools) => {
  const noun = program.command('hosts').alias('host').description('Hypervisor hosts.');

  noun
    .command('list')
    .description('All hosts.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listHosts');
      const rows = items.map(({ name, state, machineCount, load, id }) => [
        name,
        state,
        String(machineCount),
        load ? `${Math.round(load.cpuPercent)} %` : '-',
        load ? bytes(load.memoryFreeMiB * MIB) : '-',
        load ? bytes(load.diskFreeMiB * MIB) : '-',
        id,
      ]);
      out.result({ items, nextCursor: null }, textTable(['NAME', 'STATE', 'MACHINES', 'CPU', 'FREE MEMORY', 'FREE DISK', 'ID'], rows));
    });

  noun
    .command('show <host>')
    .description('What a host is, can do, and how its machines are kept apart.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const host = await findHost(client, name);
      out.result(host, describe(host));
    });

  noun
    .command('token')
    .description('Make an enrolment token, good for one host, one hour, and say what to run on that host.')
    .action(async () => {
      const { client, out } = tools();
      const made = await client.call('createEnrolmentToken');
      out.result(made, enrolmentSteps(made));
    });

  noun
    .command('rename <host> <name>')
    .description('Call a host something else.')
    .action(async (old: string, name: string) => {
      const { client, out } = tools();
      const { id } = await findHost(client, old);
      const host = await client.call('updateHost', { id }, { name });
      out.result(host, `The host is called ${host.name}.`);
    });

  noun
    .command('delete <host>')
    .description('Remove a host; it must enrol again to come back.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const host = await findHost(client, name);
      await client.call('deleteHost', { id: host.id });
      out.result({ id: host.id }, `Host ${host.name} is removed.`);
    });
};

function enrolmentSteps({ command, certificatePath, isLocalOnly, expiresAt }: EnrolmentToken): string {
  return [
    `On the new host, in a clone of Millwright, until ${moment(expiresAt)}:`,
    '',
    `  ${command}`,
    '',
    ...(certificatePath ? [`Copy Millwright's certificate into the clone first: ${certificatePath}`] : []),
    ...(isLocalOnly
      ? ['Millwright listens on its own computer only: for another one, start it with MILLWRIGHT_LISTEN=0.0.0.0 and make a new token.']
      : []),
  ]
    .join('\n')
    .trimEnd();
}

function describe({ name, state, facts, load, machineCount, enrolledAt, lastSeenAt, id }: Host): string {
  return textRecord([
    ['Name', name],
    ['State', state],
    ['Machines', String(machineCount)],
    ['Agent', facts?.agentVersion],
    ['Engine', facts?.engineVersion],
    ['System', facts?.platform],
    ['CPU', facts ? `${facts.cpuModel} (${facts.cpuCount})` : undefined],
    ['Memory', facts ? bytes(facts.memoryMiB * MIB) : undefined],
    ['CPU load', load ? `${Math.round(load.cpuPercent)} %` : undefined],
    ['Free memory', load ? bytes(load.memoryFreeMiB * MIB) : undefined],
    ['Free disk', load ? bytes(load.diskFreeMiB * MIB) : undefined],
    ...(facts?.isolation ?? []).map(
      ({ name: what, applied, reason }) => [`Isolation: ${what}`, applied ? 'on' : `off${reason ? ` (${reason})` : ''}`] as const,
    ),
    ...(facts?.recipes ?? []).map(
      ({ recipe, available, missing }) => [`Builds ${recipe}`, available ? 'yes' : `no: ${missing.join(', ')}`] as const,
    ),
    ['Enrolled', moment(enrolledAt)],
    ['Last seen', moment(lastSeenAt)],
    ['Id', id],
  ]);
}
