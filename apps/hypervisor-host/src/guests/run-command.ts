import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A command that could not be started or ended with another status than 0. The message is for people. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

export interface RunOptions {
  readonly cwd?: string;
  /** On top of the few variables that are passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Every line of both outputs as it comes. */
  readonly line?: (line: string) => void;
}

/** Of our own environment only what finds programs and proxies; tools must not depend on whoever started the agent. */
const PASSED_ON = ['PATH', 'HOME', 'http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
/** Administrators' programs live here, and a login without them in its PATH is common. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Lines of error output kept for the message of a failure. */
const KEPT_LINES = 5;
/** A program that prints without line ends is cut here. */
const MAX_LINE_CHARACTERS = 2_000;

/** What commands are run with: English messages, a PATH with the administrators' programs. */
export function commandEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return { HOME: '/', ...passed, PATH: passed['PATH'] ? `${passed['PATH']}:${SYSTEM_PATH}` : SYSTEM_PATH, LC_ALL: 'C', ...env };
}

/**
 * Runs a program with its arguments, no shell between. It stays in our process group, so that whoever kills the group kills it too.
 * Resolves with its standard output.
 * @throws CommandFailed
 */
export async function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(command, args, { cwd: options.cwd, env: commandEnvironment(options.env), stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  const complaints: string[] = [];
  const take = (kept: (line: string) => void) => (line: string) => {
    const cut = line.slice(0, MAX_LINE_CHARACTERS);
    kept(line);
    options.line?.(cut);
  };
  createInterface({ input: child.stdout }).on(
    'line',
    take((line) => output.push(line)),
  );
  createInterface({ input: child.stderr }).on(
    'line',
    take((line) => {
      if (line.trim() === '') return;
      complaints.push(line.slice(0, MAX_LINE_CHARACTERS));
      if (complaints.length > KEPT_LINES) complaints.shift();
    }),
  );
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once('error', (error) => reject(new CommandFailed(`${command} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  if (status !== 0) throw new CommandFailed(`${command} ended with ${status}${complaints.length > 0 ? `: ${complaints.join(' / ')}` : ''}`);
  return output.join('\n');
}
