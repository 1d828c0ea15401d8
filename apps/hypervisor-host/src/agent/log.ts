import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { AgentConfig } from './config.js';

/**
 * The agent's log. Under a starter, which keeps it, lines of JSON on standard output; a host that a person has started keeps it
 * itself, beside where `npm start` keeps those of its parts, and shows warnings and errors as sentences.
 */
export function logOf({ logLevel, dataFolder }: Pick<AgentConfig, 'logLevel' | 'dataFolder'>, hasStarter: boolean): Logger {
  const options = { level: logLevel, base: { part: 'hypervisor-host' } };
  if (hasStarter) return pino(options);
  // Synchronous: its last lines are those before an exit.
  const file = pino.destination({ dest: join(dataFolder, 'log', 'hypervisor-host.log'), mkdir: true, mode: 0o600, sync: true });
  const people = { write: (line: string) => console.error(sentenceOf(line)) };
  return pino(
    options,
    pino.multistream([
      { stream: file, level: 'trace' },
      { stream: people, level: 'warn' },
    ]),
  );
}

/** What a line of the log says to people: its message, and why. */
export function sentenceOf(line: string): string {
  const { msg, error } = JSON.parse(line) as { readonly msg: string; readonly error?: string | { readonly message?: string } };
  const why = typeof error === 'string' ? error : error?.message;
  const said = why ? `${msg}: ${why}` : msg;
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${/[.!?]$/.test(said) ? '' : '.'}`;
}
