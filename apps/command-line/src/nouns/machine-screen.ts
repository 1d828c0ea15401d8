import { writeFile } from 'node:fs/promises';
import { CommandError, usage } from '../command-error.js';
import { EscapeFilter, parseEscape } from '../serial/escape-filter.js';
import { runConsole, runRaw } from '../serial/serial-console.js';
import { SerialLine } from '../serial/serial-line.js';
import { bytes, wholeNumber } from '../terminal/format.js';
import type { Noun } from '../tools.js';
import { findMachine } from './machine.js';
import { findUser } from './users.js';

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export const machineScreen: Noun = (program, tools) => {
  const noun = program.commands.find((command) => command.name() === 'machine')!;

  noun
    .command('screenshot <machine> <file>')
    .description('Write the screen as PNG; - writes to standard output.')
    .action(async (name: string, file: string) => {
      const { client, out, around } = tools();
      const { id, name: called } = await findMachine(client, name);
      const { ticket, url } = await client.call('requestTicket', { id }, { purpose: 'screenshot' });
      const png = await client.fetchWithTicket(url, ticket);
      if (!png.subarray(0, 8).equals(PNG_SIGNATURE)) throw new CommandError('The host sent no picture. Repeat the command.');
      if (file === '-') return void around.stdout.write(png);
      await writeFile(file, png).catch((error: NodeJS.ErrnoException) => {
        throw new CommandError(`${file} cannot be written (${error.code}). Choose another file.`);
      });
      const [widthPx, heightPx] = [png.readUInt32BE(16), png.readUInt32BE(20)];
      out.result(
        { machineId: id, file, widthPx, heightPx, bytes: png.length },
        `${called}: ${file}, ${widthPx}x${heightPx}, ${bytes(png.length)}`,
      );
    });

  noun
    .command('serial <machine>')
    .description('Open a serial port: a console on this terminal, or with --raw bytes from standard input to standard output.')
    .option('--port <n>', '1 for COM1, 2 for COM2', '1')
    .option('--escape <key>', 'key that leaves the console, like ^] or ^A', '^]')
    .option('--raw', 'no terminal, no escape key: for a fieldbus master or a script')
    .option('--linger <ms>', 'with --raw: how long to listen after standard input has ended', '1000')
    .action(async (name: string, options: { port: string; escape: string; raw?: boolean; linger: string }) => {
      const { client, around, out } = tools();
      const port = wholeNumber('--port', options.port, 1, 2) - 1;
      const leaveKey = parseEscape(options.escape);
      const lingerMs = wholeNumber('--linger', options.linger, 0, 3_600_000);
      if (!options.raw && !around.stdin.isTTY) throw usage('A console needs a terminal. Use --raw for pipes.');
      const { id, name: called } = await findMachine(client, name);
      const { ticket, url } = await client.call('requestTicket', { id }, { purpose: 'serial', port });
      const line = await SerialLine.open(new URL(url, client.url).href.replace(/^http/, 'ws'), ticket);
      if (options.raw) return runRaw(line, around.stdin, around.stdout, lingerMs);
      out.note(`COM${port + 1} of ${called}. ${options.escape} leaves.`);
      await runConsole(line, around.stdin, around.stdout, new EscapeFilter(leaveKey));
      out.note('\nLeft the console.');
    });

  noun
    .command('control <machine>')
    .description('Who operates; with --give or --free hand it over.')
    .option('--give <user>', 'to somebody who is looking, by user name or session id')
    .option('--free', 'to nobody')
    .action(async (name: string, options: { give?: string; free?: boolean }) => {
      const { client, out } = tools();
      if (options.give !== undefined && options.free) throw usage('Give --give or --free, not both.');
      const { id, control } = await findMachine(client, name);
      if (options.give === undefined && !options.free) {
        const holder = control.viewers.find(({ sessionId }) => sessionId === control.holder);
        const lines = control.viewers.map(
          ({ displayName, sessionId, mayControl }) => `  ${displayName} (${mayControl ? 'may operate' : 'looks'})  ${sessionId}`,
        );
        return out.result(control, [`In control: ${holder?.displayName ?? 'nobody'}`, ...lines].join('\n'));
      }
      const wanted = options.give;
      const direct = control.viewers.find(({ sessionId, displayName }) => sessionId === wanted || displayName === wanted);
      const userId = wanted === undefined || direct ? undefined : (await findUser(client, wanted)).id;
      const viewer = direct ?? control.viewers.find((each) => each.userId === userId && each.mayControl);
      if (wanted !== undefined && !viewer)
        throw new CommandError(`${wanted} is not looking at this machine. mw machine control lists who is.`, 1, 'session.missing');
      await client.call('passControl', { id }, { sessionId: viewer?.sessionId ?? null });
      out.result({ holder: viewer?.sessionId ?? null }, viewer ? `${viewer.displayName} has control.` : 'Nobody has control.');
    });
};
