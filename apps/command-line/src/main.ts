import { CommanderError } from 'commander';
import { ExitStatus } from './command-error.js';
import { explain } from './explain.js';
import { createProgram } from './program.js';

// A reader that has seen enough (`mw audit | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? ExitStatus.done : ExitStatus.failed));

const program = createProgram({ env: process.env, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr });
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && isHelp(error)) process.exitCode = error.exitCode === 0 ? ExitStatus.done : ExitStatus.usage;
  else {
    const { message, status, code } = explain(error);
    const line = program.opts<{ json?: boolean }>().json ? JSON.stringify({ code: code ?? null, message }) : `mw: ${message}`;
    process.stderr.write(`${line}\n`);
    process.exitCode = status;
  }
}

/** What was asked for, or help in its place, has been printed. */
function isHelp({ exitCode, code }: CommanderError): boolean {
  return exitCode === 0 || code === 'commander.help';
}

// Standard input may still be open; everything else has been closed.
process.stdin.unref?.();
