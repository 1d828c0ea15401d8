/** Exit statuses of `mw`; part of its interface, described in the README. */
export const ExitStatus = {
  done: 0,
  /** The system refused, or what was waited for did not come. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Nobody is signed in, or the sign-in is no longer good. */
  signIn: 3,
  /** Millwright, or the machine's host, does not answer. */
  unreachable: 4,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** What ends a command: one line that names the problem and the mend. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly status: ExitStatus = ExitStatus.failed,
    /** Failure code of the contract where there is one. */
    readonly code?: string,
  ) {
    super(message);
  }
}

export const usage = (message: string): CommandError => new CommandError(message, ExitStatus.usage);
