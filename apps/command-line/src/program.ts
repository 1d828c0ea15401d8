import { createRequire } from 'node:module';
import { Command } from 'commander';
import { audit } from './nouns/audit.js';
import { desktop } from './nouns/desktop.js';
import { guest } from './nouns/guest.js';
import { hosts } from './nouns/hosts.js';
import { image } from './nouns/image.js';
import { machine } from './nouns/machine.js';
import { machineInput } from './nouns/machine-input.js';
import { machineScreen } from './nouns/machine-screen.js';
import { session } from './nouns/session.js';
import { signIn } from './nouns/sign-in.js';
import { task } from './nouns/task.js';
import { template } from './nouns/template.js';
import { token } from './nouns/token.js';
import { users } from './nouns/users.js';
import { type Noun, type Surroundings, toolsOf } from './tools.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const NOUNS: readonly Noun[] = [
  signIn,
  token,
  users,
  hosts,
  machine,
  machineScreen,
  machineInput,
  desktop,
  session,
  template,
  image,
  guest,
  task,
  audit,
];

/** The whole command line. Nothing is read or sent before `parseAsync`. */
export function createProgram(around: Surroundings): Command {
  const program = new Command('mw')
    .description('Millwright from the command line: what the portal does, for people and scripts. Names or ids are taken everywhere.')
    .version(version)
    .option('--url <address>', 'where Millwright is (MILLWRIGHT_URL, else the address of mw login)')
    .option('--json', 'answer in JSON, in the shapes of the API')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => around.stdout.write(text),
      writeErr: (text) => around.stderr.write(text),
      // main.ts says it, as all other failures.
      outputError: () => {},
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      '\nExit status: 0 done, 1 refused or failed, 2 wrong usage, 3 sign in first, 4 Millwright does not answer.\nMILLWRIGHT_URL and MILLWRIGHT_TOKEN stand in for mw login.',
    );
  for (const noun of NOUNS) noun(program, () => toolsOf(program, around));
  return program;
}
