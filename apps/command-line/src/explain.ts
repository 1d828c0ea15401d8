import { PlatformError } from '@millwright/contracts';
import { CommanderError } from 'commander';
import { CommandError, ExitStatus, usage } from './command-error.js';

/** What to do next, for failures whose own message speaks to somebody in the portal. */
const MENDS: Readonly<Record<string, string>> = {
  'auth.required': 'Run mw login.',
  'auth.wrong-credentials': 'Check the name, or ask an administrator for mw users reset-password.',
  'auth.password-change-required': 'Run mw password.',
  'auth.denied': 'Ask an administrator; mw whoami lists your permissions.',
  'machine.missing': 'mw machine list shows those you may see.',
  'machine.wrong-state': 'mw machine show tells its state.',
  'machine.trashed': 'Use mw machine restore.',
  'desktop.missing': 'mw desktop list shows yours.',
  'template.missing': 'mw template list shows them; mw guest build makes more.',
  'image.missing': 'mw image list shows them.',
  'task.missing': 'mw task list shows them.',
  'ticket.refused': 'Repeat the command.',
  'ticket.used': 'Repeat the command.',
  'ticket.expired': 'Repeat the command.',
  'guest.no-builder': 'mw guest list says what each host lacks.',
  'guest.already-building': 'mw task list shows the build.',
};

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'EPIPE',
]);
const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

/** Any error as one line and an exit status. */
export function explain(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof CommanderError) return usage(`${sentence(error)} Add --help to see what there is.`);
  if (error instanceof PlatformError) return new CommandError(sentenceOf(error), statusOf(error), error.code);
  const cause = causeOf(error);
  if (cause && CERTIFICATE_CODES.test(cause.code)) {
    return new CommandError(
      `The certificate of the server is not trusted (${cause.code}). Name it to Node: NODE_EXTRA_CA_CERTS=<the server's .crt file>.`,
      ExitStatus.unreachable,
    );
  }
  // fetch fails so for a connect timeout, a port that it never opens, a redirection: the reason is its cause.
  const isFetch = error instanceof TypeError && error.message === 'fetch failed' && error.cause instanceof Error;
  if (isFetch || (cause && NETWORK_CODES.has(cause.code))) {
    const why = cause?.code ?? (error as { cause: Error }).cause.message;
    return new CommandError(
      `Millwright does not answer (${why}). Start it with npm start, or give its address with --url or MILLWRIGHT_URL.`,
      ExitStatus.unreachable,
    );
  }
  return new CommandError(error instanceof Error ? error.message : String(error));
}

/** commander's `error: unknown option '--jsn'`, perhaps with a line `(Did you mean --json?)`. Some of its words have a full stop already. */
function sentence({ message }: CommanderError): string {
  return message
    .replace(/^error: /, '')
    .replace(/\.?(\n|$)/, '. ')
    .trimEnd();
}

function sentenceOf({ code, message, context }: PlatformError): string {
  const issues = (context['issues'] ?? []) as readonly { readonly path: readonly (string | number)[]; readonly message: string }[];
  // The server's sentence names the first of them already.
  const places = issues.map(({ path, message: what }) => `${path.join('.')}: ${what}`).filter((place) => !message.includes(place));
  const where = places.map((place) => ` ${place}.`).join('');
  const mend = MENDS[code];
  return `${message}${where}${mend && !message.endsWith(mend) ? ` ${mend}` : ''}`;
}

function statusOf({ code, kind }: PlatformError): ExitStatus {
  if (code === 'auth.required' || code === 'auth.wrong-credentials' || code === 'auth.password-change-required') return ExitStatus.signIn;
  return kind === 'unavailable' && code === 'platform.unavailable' ? ExitStatus.unreachable : ExitStatus.failed;
}

/** The system error behind fetch's and ws's wrappers. */
function causeOf(error: unknown): { readonly code: string } | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return { code };
    if (at instanceof AggregateError && at.errors[0] instanceof Error) return causeOf(at.errors[0]);
  }
  return undefined;
}
