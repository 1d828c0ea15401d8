/** Guest time in nanoseconds since power-on; it stops while the machine is paused and never runs backwards. */
export interface MachineClock {
  now(): bigint;
  /** Creates a timer that calls `expired` on the vCPU's turn, not before its deadline. Created disarmed. */
  createTimer(name: string, expired: () => void): Timer;
}

/**
 * One deadline in guest time. Devices save their own deadlines and arm their timers again in `restore`.
 * `expired` may arm the timer again, also in the past: it is then called again in the same turn, so that no tick is skipped.
 */
export interface Timer {
  arm(deadlineNs: bigint): void;
  cancel(): void;
  readonly deadlineNs: bigint | undefined;
}
