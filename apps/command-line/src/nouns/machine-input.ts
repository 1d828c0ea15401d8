import type { Machine } from '@millwright/contracts';
import { eventsForCombination, isKeyboardLayout, KEYBOARD_LAYOUTS, type KeyEvent, keysForText } from '@millwright/remote-display/protocol';
import type { Command } from 'commander';
import { CommandError, usage } from '../command-error.js';
import { DisplaySession, type Input } from '../display/display-session.js';
import { codesOfCombination } from '../display/key-names.js';
import { buttonBits, pointerAct } from '../display/pointer-acts.js';
import { wholeNumber } from '../terminal/format.js';
import type { Noun, Tools } from '../tools.js';
import { findMachine } from './machine.js';

interface ControlOptions {
  readonly take?: boolean;
  readonly wait: string;
}

const keyInputs = (events: readonly KeyEvent[]): Input[] => events.map(({ usage: key, down }) => ({ type: 'key', usage: key, down }));

function controlled(command: Command): Command {
  return command
    .option('--take', 'take control from whoever has it (administrators)')
    .option('--wait <seconds>', 'ask for control and wait so long', '0');
}

export const machineInput: Noun = (program, tools) => {
  const noun = program.commands.find((command) => command.name() === 'machine')!;

  controlled(noun.command('keys <machine> <combinations...>'))
    .description('Press key combinations one after the other: ctrl-alt-delete, alt-f4, enter.')
    .action(async (name: string, combinations: string[], options: ControlOptions) => {
      const events = combinations.flatMap((text) => eventsForCombination(codesOfCombination(text)));
      const { out } = tools();
      const machine = await operate(tools(), name, options, async (session) => session.send(keyInputs(events)));
      out.result({ machineId: machine.id, events: events.length }, `${machine.name} got ${combinations.join(' ')}.`);
    });

  controlled(noun.command('type <machine> <text>'))
    .description('Type a text as on the guest’s keyboard; - reads it from standard input. Line ends press Enter.')
    .option('--layout <layout>', `the guest’s keyboard layout: ${KEYBOARD_LAYOUTS.join(', ')}`, 'us')
    .option('--enter', 'press Enter at the end')
    .action(async (name: string, given: string, options: ControlOptions & { layout: string; enter?: boolean }) => {
      const { out, around } = tools();
      if (!isKeyboardLayout(options.layout)) throw usage(`--layout ${options.layout}: give one of ${KEYBOARD_LAYOUTS.join(', ')}.`);
      const text = (given === '-' ? await readAll(around.stdin) : given) + (options.enter ? '\n' : '');
      const { events, untypable } = keysForText(text, options.layout);
      if (untypable.length > 0)
        throw new CommandError(
          `The layout ${options.layout} has no key for ${untypable.join(' ')}. Nothing was typed; leave them out, or name the guest's layout with --layout.`,
        );
      const machine = await operate(tools(), name, options, async (session) => session.send(keyInputs(events)));
      out.result(
        { machineId: machine.id, characters: [...text].length, events: events.length },
        `${machine.name} got ${[...text].length} characters.`,
      );
    });

  controlled(noun.command('pointer <machine> <action> [numbers...]'))
    .description('move X Y, click [X Y], drag X Y X Y, scroll N [X Y]. Pixels where the guest has an absolute pointer, else differences.')
    .option('--button <button>', 'left, right, middle, back or forward', 'left')
    .option('--double', 'click twice')
    .action(async (name: string, action: string, numbers: string[], options: ControlOptions & { button: string; double?: boolean }) => {
      const act = pointerAct(action, numbers, buttonBits(options.button), options.double ? 2 : 1);
      const { out } = tools();
      let mode = '';
      const machine = await operate(tools(), name, options, async (session) => {
        mode = session.pointerMode;
        await act(session);
      });
      out.result({ machineId: machine.id, pointer: mode }, `${machine.name}: ${action} done (${mode} pointer).`);
    });
};

/** A session with control of a machine, ended whatever happens. */
async function operate(
  { client }: Tools,
  name: string,
  options: ControlOptions,
  act: (session: DisplaySession) => Promise<void>,
): Promise<Machine> {
  const waitSeconds = wholeNumber('--wait', options.wait, 0, 3600);
  const machine = await findMachine(client, name);
  const { session, ticket, displayUrl } = await client.call('openMachine', { id: machine.id }, {});
  try {
    const display = await DisplaySession.open(new URL(displayUrl, client.url).href.replace(/^http/, 'ws'), ticket);
    try {
      await display.obtainControl({ take: options.take ?? false, waitSeconds });
      await act(display);
    } finally {
      await display.close();
    }
  } finally {
    // The host has told already that we left; this only tidies the list of sessions.
    await client.call('endSession', { id: session.id }).catch(() => {});
  }
  return machine;
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}
