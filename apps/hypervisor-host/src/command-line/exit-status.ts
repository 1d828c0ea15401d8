/** Exit statuses of `x86-vmm`; odd ones come only from the guest's debug-exit port (2n + 1). */
export const ExitStatus = {
  /** The awaited text was seen, or the guest switched its power off. */
  success: 0,
  usage: 2,
  imageRefused: 4,
  /** The guest reset itself (triple fault) under --no-reboot. */
  guestReset: 6,
  engineDefect: 8,
  timeout: 124,
} as const;

/** A command line or an image that cannot be used: one line for the person, and the status to leave with. */
export class CommandError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
